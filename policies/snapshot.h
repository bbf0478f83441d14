/*
 * The policy in force: tiers, IsolationPolicies and IsolationExceptions, loaded
 * together, checked together, immutable from then on. Replaced whole, never
 * changed. Reference-counted: hold a reference while a decision uses it.
 */
#ifndef POLICIES_SNAPSHOT_H
#define POLICIES_SNAPSHOT_H

#include "lib/map.h"
#include "policies/subject.h"
#include "policies/tier.h"

/* One row of IsolationPolicy.spec.rules. */
struct policy_rule {
	struct str name;
	const struct json *namespace_selector;
	struct str floor_name;
	const struct tier *floor; /* NULL: this row sets none */
	struct strs allowed;	  /* empty: any tier */
	struct str who;		  /* 'rule "agents" of IsolationPolicy x' */
};

struct policy {
	struct str name, source;
	struct str default_tier_name;
	const struct tier *default_tier; /* NULL: none */
	struct str who; /* "defaultTier of IsolationPolicy x" */
	struct policy_rule *rules;
	size_t n_rules;
	const struct json *spec; /* as written */
};

struct exception {
	struct str name, source;
	struct str ns;		     /* target.namespace */
	struct strs kinds;	     /* empty: any */
	const struct json *selector; /* missing: any object */
	struct strs rules;	     /* ids, or "prefix.*" */
	struct str reason, ticket;
	int64_t expires_at;	      /* seconds; required */
	const struct json *spec;      /* as written */
	const struct exception *next; /* of the same namespace */
};

/* A problem of the set that does not stop it from being used. */
struct snapshot_warning {
	struct str source;
	struct json_mark at;
	struct str msg;
	const struct tier *laxer; /* than the tier below it; NULL: no tier is */
};

struct snapshot {
	struct arena arena;
	struct tier **tiers; /* by strength, weakest first */
	size_t n_tiers;
	struct map by_name; /* struct tier */
	/* Class name to the weakest tier that lists it. */
	struct map by_class;
	struct policy *policies;
	size_t n_policies;
	struct exception *exceptions;
	size_t n_exceptions;
	struct map exceptions_by_ns; /* the first of each namespace */
	struct snapshot_warning *warnings;
	size_t n_warnings, warnings_cap;
	struct patterns patterns; /* every compiled pattern, for release */
	struct str digest;	  /* of all names and specs, 16 hex digits */
	unsigned refs;		  /* atomic */
};

/* One document that may belong to the set. */
struct snapshot_source {
	const struct json *doc;
	struct str name; /* file, or "" */
};

/*
 * Builds a snapshot from documents of group bulkhead.dev; others are an error.
 * The documents are copied. ERR_CONFIG names file, line, column and field of
 * the first problem. At least one tier is required. The result has one
 * reference, the caller's.
 */
int snapshot_load(const struct snapshot_source *sources, size_t n,
		  struct snapshot **out, struct error *err) MUST_CHECK;

/* The catalogue that is compiled in (policies/tiers/). */
int snapshot_load_shipped(struct snapshot **out, struct error *err) MUST_CHECK;

/* For the loader only: msg lives in s->arena. */
void snapshot_warn(struct snapshot *s, struct str source, struct json_mark at,
		   struct str msg);

struct snapshot *snapshot_ref(struct snapshot *s);
void snapshot_unref(struct snapshot **s);

const struct tier *snapshot_tier(const struct snapshot *s, struct str name);

/* "gvisor, kata-vm, ...": for messages that list what exists. */
struct str snapshot_tier_names(struct arena *a, const struct snapshot *s);

/* How to mend a label that names no tier; names the one that may be meant. */
struct str snapshot_tier_fix(struct arena *a, const struct snapshot *s,
			     struct str name);

#endif
