/*
 * An isolation tier, decoded (IsolationTier, bulkhead.dev/v1alpha1): one whole
 * answer to "how isolated". Immutable after loading; lives as long as the
 * snapshot that holds it. The fields mirror the YAML names; their meaning is
 * told once, in the help texts of tier_fields (tier.c), which docs print.
 */
#ifndef POLICIES_TIER_H
#define POLICIES_TIER_H

#include "lib/decode.h"
#include "lib/pattern.h"
#include "lib/quantity.h"

/* Also the order of force: the least of two modes wins. */
enum enforcement { ENFORCEMENT_AUDIT, ENFORCEMENT_WARN, ENFORCEMENT_ENFORCE };

enum pod_level { POD_PRIVILEGED, POD_BASELINE, POD_RESTRICTED };
enum on_missing { ON_MISSING_DENY, ON_MISSING_WARN };
enum permission { PERMISSION_DENY, PERMISSION_ALLOW };
enum egress_mode {
	EGRESS_NONE,
	EGRESS_ALLOW_LIST,
	EGRESS_INTERNET,
	EGRESS_UNRESTRICTED,
};
enum egress_dns { DNS_NONE, DNS_CLUSTER, DNS_NODE_LOCAL, DNS_EXTERNAL };
enum ingress_mode {
	INGRESS_NONE,
	INGRESS_ROUTER,
	INGRESS_NAMESPACE,
	INGRESS_UNRESTRICTED,
};
enum overdue { OVERDUE_REPORT, OVERDUE_END };
enum tracked { TRACKED_KEEP, TRACKED_END };
enum shutdown_policy {
	SHUTDOWN_RETAIN,
	SHUTDOWN_DELETE,
	SHUTDOWN_DELETE_FOREGROUND,
};

/* The names in YAML of each enum above, in its order. */
extern const char *const *const enforcement_names;
extern const char *const *const pod_level_names;
extern const char *const *const on_missing_names;
extern const char *const *const permission_names;
extern const char *const *const egress_mode_names;
extern const char *const *const egress_dns_names;
extern const char *const *const ingress_mode_names;
extern const char *const *const shutdown_policy_names;
extern const char *const *const overdue_names;
extern const char *const *const tracked_names;

struct patterns {
	struct pattern **v; /* owned by the snapshot */
	size_t n, cap;
};

struct named_quantity {
	struct str name; /* "cpu", "memory", "nvidia.com/gpu" */
	struct str text; /* as written, for filling */
	struct quantity quantity;
};
struct quantities {
	struct named_quantity *v;
	size_t n;
};

/* NULL when the name is not in the list. */
const struct named_quantity *quantities_find(const struct quantities *list,
					     struct str name);

/* Kubernetes 1.x; POD_VERSION_LATEST stands for "latest". */
enum { POD_VERSION_LATEST = 1000 };

enum team_operator {
	TEAM_MATCHES,
	TEAM_NOT_MATCHES,
	TEAM_IN,
	TEAM_NOT_IN,
	TEAM_EXISTS,
	TEAM_MIN,
	TEAM_MAX,
};

struct team_path; /* policies/team_path.h */

/* One assertion of the team's own (spec.rules[]). */
struct team_rule {
	struct str id;
	struct str path_text;
	struct team_path *path;
	bool from_pod;	 /* from: Pod: the path starts at the Pod template */
	int enforcement; /* enum enforcement */
	struct str message;
	struct pattern *matches, *not_matches; /* NULL: not given */
	struct strs in, not_in;
	const struct json *exists; /* a boolean, or missing */
	struct quantity min, max;  /* .set tells */
};

/* An entry of network.egress.allow: a cidr, or selectors; and ports. */
struct egress_allow {
	struct str cidr;
	struct strs except;
	const struct json *namespace_selector, *pod_selector;
	const struct json *ports; /* networking/v1 NetworkPolicyPort[] */
};

struct tier {
	struct str name, description;
	int64_t strength; /* 0..1000, unique */
	int enforcement;  /* enum enforcement */
	struct {
		struct strs class_names; /* "" is an unset runtimeClassName */
		int on_missing;		 /* enum on_missing */
		struct patterns allow_annotations;
	} runtime;
	struct {
		int level;	 /* enum pod_level */
		int64_t version; /* minor of Kubernetes 1.x */
		bool read_only_root_filesystem;
		int service_account_token; /* enum permission */
		struct strs volumes;	   /* types; empty with any_volume */
		bool any_volume;	   /* volumes was not given */
		struct {
			struct patterns allow, deny;
			bool require_digest;
		} images;
		int64_t max_containers;	     /* 0: any */
		struct strs scheduler_names; /* beside default-scheduler */
	} pod;
	struct {
		struct quantities default_requests, default_limits;
		/* Per Pod; "storage" of its claims, "replicas" of a pool. */
		struct quantities max;
	} resources;
	struct {
		struct {
			int mode; /* enum egress_mode */
			int dns;  /* enum egress_dns */
			bool block_private;
			struct egress_allow *allow;
			size_t n_allow;
			struct decoded_list allow_list; /* the same, untyped */
		} egress;
		struct {
			int mode; /* enum ingress_mode */
			struct str router_namespace;
			const struct json *router_labels;
		} ingress;
	} network;
	struct {
		int64_t ttl_default, ttl_max; /* ns; 0: none */
		int shutdown_policy;	      /* enum shutdown_policy: filled */
		struct strs shutdown_policies; /* further ones accepted */
		int overdue; /* enum overdue; deleting has to be asked for */
		int tracked; /* enum tracked */
	} lifecycle;
	struct {
		int exec, attach, port_forward, ephemeral_containers;
	} access; /* enum permission */
	struct team_rule *rules;
	size_t n_rules;
	struct decoded_list rule_list; /* the same, untyped */

	/* Compiled from the above when loaded. */
	const struct json *network_policy; /* NetworkPolicy spec, no selector */
	const struct egress_set *egress_set; /* policies/egress.h */
	const struct egress_set *ingress_set;

	const struct json *spec; /* as written */
	struct str source;	 /* file, or empty */
	struct json_mark at;
};

/*
 * Decodes and compiles doc (a whole IsolationTier) into *tier. Problems go to
 * d (d->context is unused). Patterns that were compiled are appended to
 * *owned, also on failure: the caller frees them.
 */
void tier_decode(struct decode *d, const struct json *doc, struct tier *tier,
		 struct patterns *owned);

/* The field table of spec, for the reference and the CRD test. */
extern const struct field tier_spec_fields[];

#endif
