/* The field tables of an IsolationTier, with the decoders only they need. */
#include "policies/tier.h"

#include "policies/document_fields.h"
#include "policies/team_path.h"

#define NAMES(which, ...)                                                      \
	static const char *const which##_list[] = { __VA_ARGS__, NULL };       \
	const char *const *const which##_names = which##_list

NAMES(enforcement, "Audit", "Warn", "Enforce");
NAMES(pod_level, "Privileged", "Baseline", "Restricted");
NAMES(on_missing, "Deny", "Warn");
NAMES(permission, "Deny", "Allow");
NAMES(egress_mode, "None", "AllowList", "Internet", "Unrestricted");
NAMES(egress_dns, "None", "Cluster", "NodeLocal", "External");
NAMES(ingress_mode, "None", "Router", "Namespace", "Unrestricted");
NAMES(overdue, "Report", "End");
NAMES(tracked, "Keep", "End");
NAMES(shutdown_policy, "Retain", "Delete", "DeleteForeground");

/* A nested table whose offsets are those of the outer struct. */
#define GROUP(json_name, table, text)                                          \
	{                                                                      \
		.name = (json_name), .decode = decode_struct,                  \
		.param = (table), .help = (text)                               \
	}

static const struct decode_range strength_range = { 0, 1000 };
static const struct decode_range count_range = { 0, 100000 };

/* ---- decoders that only tiers need ---- */

static void decode_pattern_into(struct decode *d, const struct json *v,
				const struct path *path, struct pattern **out)
{
	struct patterns *owned = d->context;
	struct error err = ERROR_INIT;

	if (!json_is(v, JSON_STRING)) {
		decode_problem(d, v, path, "is a %s, wanted a pattern (PCRE2)",
			       json_type_name(json_type(v)));
		return;
	}
	if (pattern_compile(json_str(v), out, &err) < 0) {
		decode_problem(d, v, path, "%s", err.msg);
		return;
	}
	owned->v = arena_grow(d->arena, owned->v, owned->n, &owned->cap,
			      sizeof(struct pattern *));
	owned->v[owned->n++] = *out;
}

static void decode_pattern(struct decode *d, const struct json *v,
			   const struct path *path, const struct field *f,
			   void *out)
{
	(void)f;
	decode_pattern_into(d, v, path, out);
}

static void decode_patterns(struct decode *d, const struct json *v,
			    const struct path *path, const struct field *f,
			    void *out)
{
	struct patterns *list = out;
	size_t n = json_array_len(v);

	(void)f;
	if (!json_is(v, JSON_ARRAY)) {
		decode_problem(d, v, path, "is a %s, wanted a list of patterns",
			       json_type_name(json_type(v)));
		return;
	}
	list->v = arena_new(d->arena, struct pattern *, n);
	for (size_t i = 0; i < n; i++) {
		struct path item = path_index(path, i);
		struct pattern *p = NULL;

		decode_pattern_into(d, json_item(v, i), &item, &p);
		if (p)
			list->v[list->n++] = p;
	}
}

/*
 * An IntOrString, as custom resources hold quantities: a number with a
 * fraction would be refused when the tier is applied.
 */
static void decode_amount(struct decode *d, const struct json *v,
			  const struct path *path, const struct field *f,
			  void *out)
{
	int64_t whole;

	if (json_is(v, JSON_NUMBER) && !json_int(v, &whole))
		decode_wanted(d, v, path,
			      "a whole number, or a quantity in quotes such as "
			      "\"500m\"");
	else
		decode_quantity(d, v, path, f, out);
}

static void decode_quantities(struct decode *d, const struct json *v,
			      const struct path *path, const struct field *f,
			      void *out)
{
	struct quantities *q = out;

	if (!json_is(v, JSON_OBJECT)) {
		decode_problem(d, v, path,
			       "is a %s, wanted a map of resource names to "
			       "quantities",
			       json_type_name(json_type(v)));
		return;
	}
	q->v = arena_new(d->arena, struct named_quantity, json_len(v));
	json_each_member(m, v) {
		struct path at = path_key(path, m->key);
		struct named_quantity *one = &q->v[q->n++];

		one->name = m->key;
		one->text = json_text(&m->value);
		decode_amount(d, &m->value, &at, f, &one->quantity);
	}
}

static void decode_team_path(struct decode *d, const struct json *v,
			     const struct path *path, const struct field *f,
			     void *out)
{
	struct error err = ERROR_INIT;

	(void)f;
	if (!json_is(v, JSON_STRING)) {
		decode_problem(d, v, path, "is a %s, wanted a path",
			       json_type_name(json_type(v)));
		return;
	}
	if (team_path_compile(d->arena, json_str(v), out, &err) < 0)
		decode_problem(d, v, path, "%s", err.msg);
}

static const char *const from_names[] = { "Object", "Pod", NULL };

static void decode_from(struct decode *d, const struct json *v,
			const struct path *path, const struct field *f,
			void *out)
{
	int from = 0;

	(void)f;
	decode_enum(d, v, path, &(struct field){ .param = from_names }, &from);
	*(bool *)out = from == 1;
}

static void decode_shutdown_policies(struct decode *d, const struct json *v,
				     const struct path *path,
				     const struct field *f, void *out)
{
	const struct field one = { .param = shutdown_policy_list };
	int unused = 0;

	decode_strs(d, v, path, f, out);
	for (size_t i = 0; i < json_array_len(v); i++) {
		struct path item = path_index(path, i);

		if (json_is(json_item(v, i), JSON_STRING))
			decode_enum(d, json_item(v, i), &item, &one, &unused);
	}
}

/* Absent means any type; an empty list means none. */
static void decode_volumes(struct decode *d, const struct json *v,
			   const struct path *path, const struct field *f,
			   void *out)
{
	struct tier *tier = (struct tier *)((char *)out -
					    offsetof(struct tier, pod.volumes));

	decode_strs(d, v, path, f, out);
	tier->pod.any_volume = false;
}

/* "latest", or "v1.29". */
static void decode_pod_version(struct decode *d, const struct json *v,
			       const struct path *path, const struct field *f,
			       void *out)
{
	struct str text = json_str(v);
	int64_t minor;
	struct json number;

	(void)f;
	if (str_is(text, "latest"))
		return;
	number = json_make_number(str_sub(text, 3, text.n));
	if (!str_starts(text, STR("v1.")) || !json_int(&number, &minor) ||
	    minor < 0 || minor >= POD_VERSION_LATEST) {
		decode_problem(d, v, path,
			       "is no version of the Pod Security Standards, "
			       "wanted \"latest\" or one such as \"v1.29\"");
		return;
	}
	*(int64_t *)out = minor;
}

static const struct field level_fields[] = {
	FIELD(struct tier, pod.level, "level", decode_enum, .required = true,
	      .param = pod_level_list),
	FIELD(struct tier, pod.version, "version", decode_pod_version),
	FIELD_END,
};

/* "Restricted", or {level: Restricted, version: v1.29}. */
static void decode_level(struct decode *d, const struct json *v,
			 const struct path *path, const struct field *f,
			 void *out)
{
	struct tier *tier =
		(struct tier *)((char *)out - offsetof(struct tier, pod.level));

	(void)f;
	if (json_is(v, JSON_OBJECT))
		decode_object(d, v, path, level_fields, tier);
	else
		decode_enum(d, v, path, &level_fields[0], out);
}

/* ---- tables ---- */

static const struct field runtime_fields[] = {
	FIELD(struct tier, runtime.class_names, "classNames", decode_strs,
	      .help = "RuntimeClasses this tier accepts; the first that exists "
		      "is filled in where none is set"),
	FIELD(struct tier, runtime.on_missing, "onMissing", decode_enum,
	      .param = on_missing_list,
	      .help = "what to do when the class is not in the cluster"),
	FIELD(struct tier, runtime.allow_annotations, "allowAnnotations",
	      decode_patterns,
	      .help = "patterns of runtime annotations that are let through"),
	FIELD_END,
};

static const struct field image_fields[] = {
	FIELD(struct tier, pod.images.allow, "allow", decode_patterns,
	      .help = "patterns an image must match one of; none: any image"),
	FIELD(struct tier, pod.images.deny, "deny", decode_patterns,
	      .help = "patterns an image must not match; wins over allow"),
	FIELD(struct tier, pod.images.require_digest, "requireDigest",
	      decode_bool, .help = "images must be pinned by digest"),
	FIELD_END,
};

static const struct field pod_fields[] = {
	FIELD(struct tier, pod.level, "level", decode_level,
	      .help = "Pod Security Standard: Privileged, Baseline or "
		      "Restricted, or {level, version}"),
	FIELD(struct tier, pod.read_only_root_filesystem,
	      "readOnlyRootFilesystem", decode_bool,
	      .help = "containers must have a read-only root file system"),
	FIELD(struct tier, pod.service_account_token, "serviceAccountToken",
	      decode_enum, .param = permission_list,
	      .help = "may the Pod hold a token of the API server"),
	FIELD(struct tier, pod.volumes, "volumes", decode_volumes,
	      .help = "volume types that may be used; absent: any"),
	GROUP("images", image_fields, "which images may run"),
	FIELD(struct tier, pod.max_containers, "maxContainers", decode_int,
	      .param = &count_range,
	      .help = "containers and sidecars of one Pod; 0: any number"),
	FIELD(struct tier, pod.scheduler_names, "schedulerNames", decode_strs,
	      .help = "schedulers beside default-scheduler"),
	FIELD_END,
};

static const struct field default_fields[] = {
	FIELD(struct tier, resources.default_requests, "requests",
	      decode_quantities, .help = "filled in per container where unset"),
	FIELD(struct tier, resources.default_limits, "limits",
	      decode_quantities,
	      .help = "filled in per container where unset; then required"),
	FIELD_END,
};

static const struct field resource_fields[] = {
	GROUP("defaults", default_fields, "per container"),
	FIELD(struct tier, resources.max, "max", decode_quantities,
	      .help = "limits of one Pod; \"storage\" of its volume claims, "
		      "\"replicas\" of a warm pool"),
	FIELD_END,
};

static const struct field allow_fields[] = {
	FIELD(struct egress_allow, cidr, "cidr", decode_str,
	      .help = "address block"),
	FIELD(struct egress_allow, except, "except", decode_strs,
	      .help = "blocks inside cidr that stay closed"),
	FIELD(struct egress_allow, namespace_selector, "namespaceSelector",
	      decode_selector, .help = "Pods in these namespaces"),
	FIELD(struct egress_allow, pod_selector, "podSelector", decode_selector,
	      .help = "these Pods"),
	FIELD(struct egress_allow, ports, "ports", decode_json,
	      .help = "as in NetworkPolicy; absent: every port"),
	FIELD_END,
};

static const struct decode_list allow_list = { allow_fields,
					       sizeof(struct egress_allow),
					       NULL };

static const struct field egress_fields[] = {
	FIELD(struct tier, network.egress.mode, "mode", decode_enum,
	      .param = egress_mode_list,
	      .help = "None, AllowList, Internet (public addresses and the "
		      "list), Unrestricted"),
	FIELD(struct tier, network.egress.dns, "dns", decode_enum,
	      .param = egress_dns_list, .help = "where names are resolved"),
	FIELD(struct tier, network.egress.block_private, "blockPrivate",
	      decode_bool,
	      .help = "keep private, special and metadata addresses closed"),
	FIELD(struct tier, network.egress.allow_list, "allow", decode_list,
	      .param = &allow_list, .help = "what AllowList opens"),
	FIELD_END,
};

static const struct field ingress_fields[] = {
	FIELD(struct tier, network.ingress.mode, "mode", decode_enum,
	      .param = ingress_mode_list,
	      .help = "None, Router, Namespace, Unrestricted"),
	FIELD(struct tier, network.ingress.router_namespace, "routerNamespace",
	      decode_str, .help = "where the sandbox router runs"),
	FIELD(struct tier, network.ingress.router_labels, "routerLabels",
	      decode_json, .help = "labels of the router's Pods"),
	FIELD_END,
};

static const struct field network_fields[] = {
	GROUP("egress", egress_fields, "what sandboxes may reach"),
	GROUP("ingress", ingress_fields, "who may reach sandboxes"),
	FIELD_END,
};

static const struct field ttl_fields[] = {
	FIELD(struct tier, lifecycle.ttl_default, "default", decode_duration,
	      .help = "filled in where no shutdown time is set"),
	FIELD(struct tier, lifecycle.ttl_max, "max", decode_duration,
	      .help = "longest life from creation"),
	FIELD_END,
};

static const struct field lifecycle_fields[] = {
	GROUP("ttl", ttl_fields, "how long a sandbox may live"),
	FIELD(struct tier, lifecycle.shutdown_policy, "shutdownPolicy",
	      decode_enum, .param = shutdown_policy_list,
	      .help = "filled in where unset; stricter ones are accepted"),
	FIELD(struct tier, lifecycle.shutdown_policies, "shutdownPolicies",
	      decode_shutdown_policies,
	      .help = "further policies that are accepted"),
	FIELD(struct tier, lifecycle.overdue, "overdue", decode_enum,
	      .param = overdue_list,
	      .help = "Report or End what lives longer than ttl.max because it "
		      "is older than the tier"),
	FIELD(struct tier, lifecycle.tracked, "tracked", decode_enum,
	      .param = tracked_list,
	      .help = "Keep or End what Argo CD, Flux or Helm would make "
		      "again, when its time is over"),
	FIELD_END,
};

static const struct field access_fields[] = {
	FIELD(struct tier, access.exec, "exec", decode_enum,
	      .param = permission_list, .help = "kubectl exec"),
	FIELD(struct tier, access.attach, "attach", decode_enum,
	      .param = permission_list, .help = "kubectl attach"),
	FIELD(struct tier, access.port_forward, "portForward", decode_enum,
	      .param = permission_list, .help = "kubectl port-forward"),
	FIELD(struct tier, access.ephemeral_containers, "ephemeralContainers",
	      decode_enum, .param = permission_list, .help = "kubectl debug"),
	FIELD_END,
};

static const struct field team_fields[] = {
	FIELD(struct team_rule, id, "id", decode_str, .required = true,
	      .help = "name in messages and exceptions"),
	FIELD(struct team_rule, path, "path", decode_team_path,
	      .required = true, .help = "what to look at"),
	FIELD(struct team_rule, from_pod, "from", decode_from,
	      .help = "Object, or Pod: the path starts at the Pod template"),
	FIELD(struct team_rule, enforcement, "enforcement", decode_enum,
	      .param = enforcement_list, .help = "the most this rule may do"),
	FIELD(struct team_rule, message, "message", decode_str,
	      .help = "told to the person who applies"),
	FIELD(struct team_rule, matches, "matches", decode_pattern,
	      .help = "the value matches this pattern"),
	FIELD(struct team_rule, not_matches, "notMatches", decode_pattern,
	      .help = "the value does not match this pattern"),
	FIELD(struct team_rule, in, "in", decode_strs,
	      .help = "the value is one of these"),
	FIELD(struct team_rule, not_in, "notIn", decode_strs,
	      .help = "the value is none of these"),
	FIELD(struct team_rule, exists, "exists", decode_json,
	      .help = "the field is set (true) or is not (false)"),
	FIELD(struct team_rule, min, "min", decode_amount,
	      .help = "the value is at least this quantity"),
	FIELD(struct team_rule, max, "max", decode_amount,
	      .help = "the value is at most this quantity"),
	FIELD_END,
};

static const struct decode_list team_list = { team_fields,
					      sizeof(struct team_rule), "id" };

const struct field tier_spec_fields[] = {
	FIELD(struct tier, description, "description", decode_str,
	      .help = "for whom this tier is"),
	FIELD(struct tier, strength, "strength", decode_int, .required = true,
	      .param = &strength_range,
	      .help = "0..1000, unique; higher is stronger"),
	FIELD(struct tier, enforcement, "enforcement", decode_enum,
	      .param = enforcement_list, .help = "the most this tier may do"),
	GROUP("runtime", runtime_fields, "container runtime"),
	GROUP("pod", pod_fields, "hardening of the Pod"),
	GROUP("resources", resource_fields, "requests and limits"),
	GROUP("network", network_fields, "egress and ingress"),
	GROUP("lifecycle", lifecycle_fields, "how long, and what then"),
	GROUP("access", access_fields, "ways into a running Pod"),
	FIELD(struct tier, rule_list, "rules", decode_list, .param = &team_list,
	      .help = "the team's own assertions"),
	FIELD_END,
};
