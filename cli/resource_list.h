/*
 * The wire form of a KRM function: a ResourceList (config.kubernetes.io/v1) on
 * standard input, and what its functionConfig asks of us.
 *
 * functionConfig is a ConfigMap (settings in data, all of them text) or a
 * BulkheadConfig of bulkhead.dev/v1alpha1 (settings in spec); without one
 * everything has its default.
 */
#ifndef CLI_RESOURCE_LIST_H
#define CLI_RESOURCE_LIST_H

#include "lib/decode.h"
#include "lib/option.h"

enum function_mode { FUNCTION_BOTH, FUNCTION_FILL, FUNCTION_VALIDATE };

struct function_config {
	struct str tiers_path;	       /* empty: see tiers, or the shipped */
	const struct json *tiers;      /* inline documents; missing: none */
	struct texts namespace_labels; /* as --namespace-labels */
	struct str namespace, now;     /* empty: not given */
	int mode;		       /* enum function_mode */
};

struct resource_list {
	struct json doc; /* whole, as read */
	const struct json *items;
	struct function_config config;
};

/* YAML or JSON. ERR_INPUT with line and column when it is none. */
int resource_list_parse(struct arena *a, struct str text,
			struct resource_list *out,
			struct error *err) MUST_CHECK;

/* The annotation with one of the two names it may have; missing: none. */
const struct json *resource_path(const struct json *item);
const struct json *resource_index(const struct json *item);

#endif
