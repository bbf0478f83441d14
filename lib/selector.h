/*
 * Label selectors (metav1.LabelSelector): matchLabels and matchExpressions
 * with In, NotIn, Exists, DoesNotExist, all of them and-ed. An empty selector
 * matches everything; a missing one matches nothing or everything as the field
 * that holds it says, so callers ask json_is_set first.
 */
#ifndef LIB_SELECTOR_H
#define LIB_SELECTOR_H

#include "lib/error.h"
#include "lib/json.h"

/* labels is an object of strings, or missing. Malformed parts match nothing. */
bool selector_matches(const struct json *selector, const struct json *labels);

/* Is it well-formed (operators, values where they belong, label syntax)? */
int selector_check(const struct json *selector, struct error *err) MUST_CHECK;

/* Key and value syntax of Kubernetes labels. */
bool selector_label_key_valid(struct str key);
bool selector_label_value_valid(struct str value);

/* For messages: "app=web,tier in (a,b),!x"; "<all>" for the empty one. */
struct str selector_str(struct arena *a, const struct json *selector);

#endif
