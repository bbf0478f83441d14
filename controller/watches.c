/* The table, what is kept of each kind, and which keys a change leads to. */
#include "controller/watches.h"

#include "controller/egress_policy.h"
#include "controller/gate.h"
#include "controller/reconcilers.h"
#include "lib/json_pick.h"
#include "policies/kinds.h"
#include "policies/selection.h"

#define SECOND INT64_C(1000000000)

/* What went may come again at once: policies are not made and unmade. */
#define AFTER_REMOVAL (60 * SECOND)

/* ---- what is kept ---- */

#define HEAD                                                                   \
	"/apiVersion", "/kind", "/metadata/name", "/metadata/namespace",       \
		"/metadata/uid", "/metadata/resourceVersion",                  \
		"/metadata/generation"
#define METADATA                                                               \
	HEAD, "/metadata/labels", "/metadata/ownerReferences",                 \
		"/metadata/creationTimestamp", "/metadata/deletionTimestamp",  \
		"/metadata/annotations/agents.x-k8s.io~1pod-name",             \
		"/metadata/annotations/agents.x-k8s.io~1sandbox-name",         \
		"/metadata/annotations/agents.x-k8s.io~1sandbox-template-ref", \
		"/metadata/annotations/argocd.argoproj.io~1tracking-id",       \
		"/metadata/annotations/bulkhead.dev~1ttl",                     \
		"/metadata/annotations/bulkhead.dev~1expires-at",              \
		"/metadata/annotations/bulkhead.dev~1unneeded"

#define KEEP(what, ...)                                                        \
	static void keep_##what(struct arena *a, const struct json *doc,       \
				struct json *out)                              \
	{                                                                      \
		static const char *const kept[] = { __VA_ARGS__, NULL };       \
                                                                               \
		*out = json_pick(a, doc, kept);                                \
	}

KEEP(policy, HEAD, "/spec", "/status")
KEEP(metadata, METADATA)
KEEP(spec, METADATA, "/spec")
/* Without a version: nodes report in all the time, and nobody needs to hear. */
KEEP(labels, "/apiVersion", "/kind", "/metadata/name", "/metadata/namespace",
     "/metadata/labels")
KEEP(runtime_class, HEAD, "/handler", "/scheduling")
KEEP(sandbox, METADATA, "/spec/shutdownTime", "/spec/shutdownPolicy",
     "/spec/ttl")
KEEP(claim, METADATA, "/spec/lifecycle", "/spec/shutdownTime",
     "/spec/shutdownPolicy", "/spec/ttl", "/spec/warmPoolRef",
     "/spec/sandboxTemplateRef", "/status/sandbox")
KEEP(pod, METADATA, "/spec/schedulingGates", "/spec/runtimeClassName",
     "/spec/nodeName")

/* ---- where changes lead ---- */

static void add(const struct watch_sink *sink, enum reconciler_kind kind,
		struct str ns, struct str name, int64_t after_ns)
{
	sink->add(sink->context, &(struct queue_key){ kind, ns, name },
		  after_ns);
}

static void add_audit(const struct watch_sink *sink, struct str ns)
{
	add(sink, RECONCILE_AUDIT, ns, STR(""),
	    sink->world->settings->audit_delay * SECOND);
}

static void map_tier(const struct watch_sink *sink,
		     const struct inventory_object *object, bool removed)
{
	if (!removed)
		add(sink, RECONCILE_TIER, STR(""), object->name, 0);
}

static void map_policy(const struct watch_sink *sink,
		       const struct inventory_object *object, bool removed)
{
	if (!removed)
		add(sink, RECONCILE_POLICY, STR(""), object->name, 0);
}

static void map_exception(const struct watch_sink *sink,
			  const struct inventory_object *object, bool removed)
{
	if (!removed)
		add(sink, RECONCILE_EXCEPTION, STR(""), object->name, 0);
}

/* The policy of the tier that the object has, or had. */
static void add_network(const struct watch_sink *sink,
			const struct inventory_object *object, struct str kind,
			bool removed)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct selection selection;
	struct subject subject = {
		.group = object->group,
		.kind = kind,
		.ns = object->ns,
		.name = object->name,
		.object = &object->doc,
		.old_object = &json_missing,
	};

	if (!sink->world->snapshot)
		return;
	selection_make(&a, sink->world->snapshot, sink->world->inventory,
		       &subject, &selection);
	if (selection.effective)
		add(sink, RECONCILE_NETWORK, object->ns,
		    selection.effective->name, removed ? AFTER_REMOVAL : 0);
}

static void map_agent(const struct watch_sink *sink,
		      const struct inventory_object *object, bool removed)
{
	add_network(sink, object, object->kind, removed);
	add_audit(sink, object->ns);
}

static void map_claim(const struct watch_sink *sink,
		      const struct inventory_object *object, bool removed)
{
	if (!removed)
		add(sink, RECONCILE_CLAIM, object->ns, object->name, 0);
	map_agent(sink, object, removed);
}

static void map_sandbox(const struct watch_sink *sink,
			const struct inventory_object *object, bool removed)
{
	if (!removed)
		add(sink, RECONCILE_SANDBOX, object->ns, object->name, 0);
	map_agent(sink, object, removed);
}

static void map_pod(const struct watch_sink *sink,
		    const struct inventory_object *object, bool removed)
{
	struct str tier = json_str(
		json_at(&object->doc, "metadata", "labels", LABEL_TIER));

	if (!removed && gate_index(&object->doc) >= 0)
		add(sink, RECONCILE_GATE, object->ns, object->name, 0);
	else if (tier.n)
		add(sink, RECONCILE_NETWORK, object->ns, tier,
		    removed ? AFTER_REMOVAL : 0);
	add_audit(sink, object->ns);
}

static bool map_gated(const struct inventory_object *pod, void *context)
{
	const struct watch_sink *sink = context;

	if (gate_index(&pod->doc) >= 0)
		add(sink, RECONCILE_GATE, pod->ns, pod->name, 0);
	return true;
}

/*
 * By its name, whatever its labels say by now: they may be what somebody has
 * changed. Whoever waits for it looks again.
 */
static void map_network_policy(const struct watch_sink *sink,
			       const struct inventory_object *object,
			       bool removed)
{
	struct str tier = egress_policy_tier(object->name);

	(void)removed;
	add_audit(sink, object->ns);
	if (!tier.n)
		return;
	add(sink, RECONCILE_NETWORK, object->ns, tier, 0);
	inventory_each(sink->world->inventory, STR(""), STR("Pod"), object->ns,
		       map_gated, (void *)(uintptr_t)sink);
}

/* Its policies of before, too: a label may have been taken away. */
static bool map_ours(const struct inventory_object *policy, void *context)
{
	const struct watch_sink *sink = context;
	struct str tier = egress_policy_tier(policy->name);

	if (tier.n)
		add(sink, RECONCILE_NETWORK, policy->ns, tier, 0);
	return true;
}

/* Its tier may have changed, and with it how long they may live. */
static bool map_lifetime(const struct inventory_object *object, void *context)
{
	add(context,
	    str_is(object->kind, "SandboxClaim") ? RECONCILE_CLAIM
						 : RECONCILE_SANDBOX,
	    object->ns, object->name, 0);
	return true;
}

static void map_namespace(const struct watch_sink *sink,
			  const struct inventory_object *object, bool removed)
{
	struct inventory_object pod = {
		.group = STR(""),
		.ns = object->name,
		.name = STR(""),
		.doc = json_missing,
	};

	if (removed)
		return;
	add_network(sink, &pod, STR("Pod"), false);
	inventory_each(sink->world->inventory, STR("networking.k8s.io"),
		       STR("NetworkPolicy"), object->name, map_ours,
		       (void *)(uintptr_t)sink);
	inventory_each(sink->world->inventory, STR(GROUP_EXTENSIONS),
		       STR("SandboxClaim"), object->name, map_lifetime,
		       (void *)(uintptr_t)sink);
	inventory_each(sink->world->inventory, STR(GROUP_AGENTS),
		       STR("Sandbox"), object->name, map_lifetime,
		       (void *)(uintptr_t)sink);
	add_audit(sink, object->name);
}

static bool map_each_tier(const struct inventory_object *tier, void *context)
{
	map_tier(context, tier, false);
	return true;
}

/* Which classes there are, and which nodes run them. */
static void map_to_tiers(const struct watch_sink *sink,
			 const struct inventory_object *object, bool removed)
{
	(void)object;
	(void)removed;
	inventory_each(sink->world->inventory, STR(GROUP_BULKHEAD),
		       STR("IsolationTier"), STR_NONE, map_each_tier,
		       (void *)(uintptr_t)sink);
}

/* ---- the table ---- */

static const char *const v1[] = { "v1", NULL };
static const char *const v1alpha1[] = { "v1alpha1", NULL };
static const char *const agents[] = { "v1beta1", "v1alpha1", NULL };

#define ROW(plural_name, kind_name, group_name, served, to, ...)               \
	{                                                                      \
		.plural = (plural_name), .map = (to),                          \
		.reflect = { .name = STR_INIT(plural_name),                    \
			     .group = (group_name),                            \
			     .kind = (kind_name),                              \
			     .versions = (served),                             \
			     __VA_ARGS__ },                                    \
	}

const struct watch watches[WATCHES] = {
	ROW("isolationtiers", "IsolationTier", GROUP_BULKHEAD, v1alpha1,
	    map_tier, .keep = keep_policy),
	ROW("isolationpolicies", "IsolationPolicy", GROUP_BULKHEAD, v1alpha1,
	    map_policy, .keep = keep_policy),
	ROW("isolationexceptions", "IsolationException", GROUP_BULKHEAD,
	    v1alpha1, map_exception, .keep = keep_policy),
	ROW("namespaces", "Namespace", "", v1, map_namespace,
	    .metadata_only = true, .keep = keep_metadata),
	ROW("runtimeclasses", "RuntimeClass", "node.k8s.io", v1, map_to_tiers,
	    .keep = keep_runtime_class),
	ROW("nodes", "Node", "", v1, map_to_tiers, .metadata_only = true,
	    .keep = keep_labels),
	ROW("daemonsets", "DaemonSet", "apps", v1, map_to_tiers,
	    .metadata_only = true, .keep = keep_labels),
	ROW("networkpolicies", "NetworkPolicy", "networking.k8s.io", v1,
	    map_network_policy, .keep = keep_spec),
	ROW("sandboxtemplates", "SandboxTemplate", GROUP_EXTENSIONS, agents,
	    map_agent, .optional = true, .keep = keep_spec),
	ROW("sandboxwarmpools", "SandboxWarmPool", GROUP_EXTENSIONS, agents,
	    map_agent, .optional = true, .keep = keep_spec),
	ROW("sandboxclaims", "SandboxClaim", GROUP_EXTENSIONS, agents,
	    map_claim, .optional = true, .keep = keep_claim),
	ROW("sandboxes", "Sandbox", GROUP_AGENTS, agents, map_sandbox,
	    .optional = true, .keep = keep_sandbox),
	ROW("pods", "Pod", "", v1, map_pod,
	    .label_selector = STR_INIT(LABEL_TIER), .keep = keep_pod),
};

/* ---- everything ---- */

struct everything {
	const struct inventory_object **objects;
	size_t n, cap;
	struct arena arena;
};

static bool hold(const struct inventory_object *object, void *context)
{
	struct everything *e = context;

	e->objects = arena_grow(&e->arena, e->objects, e->n, &e->cap,
				sizeof(struct inventory_object *));
	e->objects[e->n++] = inventory_object_ref(object);
	return true;
}

/* Held first: where a change leads is looked up in the inventory. */
static void resync_kind(const struct watch_sink *sink, const struct watch *w)
{
	struct everything e = { .n = 0 };

	inventory_each(sink->world->inventory, str_of(w->reflect.group),
		       str_of(w->reflect.kind), STR_NONE, hold, &e);
	for (size_t i = 0; i < e.n; i++) {
		w->map(sink, e.objects[i], false);
		inventory_object_unref(&e.objects[i]);
	}
	arena_release(&e.arena);
}

void watches_resync(const struct watch_sink *sink)
{
	for (size_t i = 0; i < WATCHES; i++)
		resync_kind(sink, &watches[i]);
	if (sink->world->settings->certificates)
		add(sink, RECONCILE_CERTIFICATES, STR(""), STR(""), 0);
}

const struct watch *watch_find(struct str group, struct str kind)
{
	for (size_t i = 0; i < WATCHES; i++)
		if (str_is(group, watches[i].reflect.group) &&
		    str_is(kind, watches[i].reflect.kind))
			return &watches[i];
	return NULL;
}
