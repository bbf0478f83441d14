/*
 * Reading a Pod with the types that Kubernetes wants. A place is a value
 * together with where it stands, so that a finding on it is one call:
 *
 *	struct place pod = place_pod(c);
 *	struct place context = place_get(&pod, STR("securityContext"),
 *					 JSON_OBJECT);
 *	struct place user = place_get(&context, STR("runAsUser"), JSON_NUMBER);
 *
 * A value of another type is never taken for an absent one: it is reported as
 * soon as it is read, by the rule that reads it, and marked wrong.
 *
 * A place borrows the place it was reached from: keep both in one frame.
 */
#ifndef POLICIES_PLACE_H
#define POLICIES_PLACE_H

#include "policies/rule.h"

struct place {
	const struct check *check;
	const struct container *container; /* NULL: in the Pod spec */
	const struct json *json; /* missing when unset, null or wrong */
	struct path path;	 /* below the container or the Pod spec */
	bool root;		 /* is the container or the Pod spec itself */
	bool wrong; /* it, or what holds it, is of another type: reported */
};

struct place place_pod(const struct check *c);
struct place place_container(const struct check *c,
			     const struct container *container);

/* The member of an object, when it is set and of the type. */
struct place place_get(const struct place *up, struct str key,
		       enum json_type type);

/* The item of a list, likewise. */
struct place place_item(const struct place *up, size_t i, enum json_type type);

/* Neither set nor reported: nothing, or null, stands there. */
static inline bool place_is_unset(const struct place *at)
{
	return !at->wrong && !json_exists(at->json);
}

/* Reports a violation there; the container is named behind says.found. */
void place_report(const struct place *at, struct says says);

/* As place_report, with what stands there for what was found. */
void place_report_value(const struct place *at, struct str wanted,
			struct str fix);

/* What is said of a value of the wrong type. */
struct says place_wrong_type(struct arena *a, const struct json *v,
			     enum json_type type);

#endif
