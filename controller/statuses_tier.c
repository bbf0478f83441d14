/* IsolationTier: whether what it asks for can be had in this cluster. */
#include "controller/status_body.h"
#include "controller/statuses.h"
#include "kube/network_plugins.h"
#include "policies/kinds.h"
#include "policies/selection.h"

/* What stands in one condition. */
struct finding {
	enum condition_status is;
	const char *reason;
	struct str message;
};

static void add(struct status *s, const char *type, const struct finding *f)
{
	status_add(s, type, f->is, f->reason, f->message);
}

/* ---- RuntimeClassAvailable ---- */

struct node_search {
	const struct json *selector;
	bool found;
};

/* As the RuntimeClass admission plug-in adds it to the Pod: all of it. */
static bool is_allowed(const struct inventory_object *node, void *context)
{
	struct node_search *search = context;
	const struct json *labels = json_at(&node->doc, "metadata", "labels");

	json_each_member(m, search->selector) {
		if (!json_equal(json_get(labels, m->key), &m->value))
			return true;
	}
	search->found = true;
	return false;
}

enum available { NO_CLASS, NO_NODE, AVAILABLE };

static enum available look_for(const struct world *world, struct str name)
{
	const struct inventory_object *class =
		inventory_get(world->inventory, STR("node.k8s.io"),
			      STR("RuntimeClass"), STR(""), name);
	struct node_search search = { .found = false };

	if (!class)
		return NO_CLASS;
	search.selector = json_at(&class->doc, "scheduling", "nodeSelector");
	inventory_each(world->inventory, STR(""), STR("Node"), STR(""),
		       is_allowed, &search);
	inventory_object_unref(&class);
	return search.found ? AVAILABLE : NO_NODE;
}

static struct str listed(struct arena *a, const struct strs *names)
{
	struct str out = STR("");

	for (size_t i = 0; i < names->n; i++)
		out = arena_printf(a, "%.*s%s%.*s", STR_ARG(out), i ? ", " : "",
				   STR_ARG(names->v[i]));
	return out;
}

static struct finding runtime_missing(const struct status *s,
				      const struct tier *tier,
				      enum available best, struct str class)
{
	struct arena *a = s->plan->arena;

	if (best == NO_NODE)
		return (struct finding){
			CONDITION_FALSE, "NoNode",
			arena_printf(a,
				     "RuntimeClass \"%.*s\" is there, but no "
				     "node has the labels of its "
				     "scheduling.nodeSelector",
				     STR_ARG(class))
		};
	return (struct finding){
		CONDITION_FALSE, "NoRuntimeClass",
		arena_printf(a,
			     "no RuntimeClass of this tier is in the cluster: "
			     "install one of %.*s",
			     STR_ARG(listed(a, &tier->runtime.class_names)))
	};
}

static struct finding runtime_of(const struct status *s,
				 const struct tier *tier)
{
	const struct strs *names = &tier->runtime.class_names;
	enum available best = NO_CLASS, is;
	struct str class = STR("");

	if (!names->n)
		return (struct finding){ CONDITION_TRUE, "AnyRuntime",
					 STR("any RuntimeClass will do") };
	for (size_t i = 0; i < names->n; i++) {
		if (!names->v[i].n)
			return (struct finding){
				CONDITION_TRUE, "DefaultRuntime",
				STR("the nodes' default runtime will do")
			};
		is = look_for(s->world, names->v[i]);
		if (is == AVAILABLE)
			return (struct finding){
				CONDITION_TRUE, "Available",
				arena_printf(s->plan->arena,
					     "RuntimeClass \"%.*s\" is there, "
					     "and a node for it",
					     STR_ARG(names->v[i]))
			};
		if (is > best) {
			best = is;
			class = names->v[i];
		}
	}
	return runtime_missing(s, tier, best, class);
}

/* ---- EgressEnforceable ---- */

static bool is_running(const struct world *world,
		       const struct network_plugin *p)
{
	const struct inventory_object *object =
		inventory_get(world->inventory, STR("apps"), STR("DaemonSet"),
			      str_of(p->ns), str_of(p->daemon_set));
	bool found = object != NULL;

	inventory_object_unref(&object);
	return found;
}

static struct finding egress_of(const struct status *s)
{
	const struct network_plugin *p = network_plugins;
	struct arena *a = s->plan->arena;

	while (p->name && !is_running(s->world, p))
		p++;
	if (!p->name)
		return (struct finding){
			CONDITION_UNKNOWN, "NotRecognized",
			STR("no DaemonSet that is known to enforce "
			    "NetworkPolicies was found: make sure that the "
			    "network does")
		};
	if (p->enforces)
		return (struct finding){
			CONDITION_TRUE, "Enforced",
			arena_printf(a,
				     "%s enforces NetworkPolicies (DaemonSet "
				     "%s/%s)",
				     p->name, p->ns, p->daemon_set)
		};
	return (struct finding){
		CONDITION_FALSE, "NotEnforced",
		arena_printf(a,
			     "%s (DaemonSet %s/%s) does not enforce "
			     "NetworkPolicies by itself: nothing keeps "
			     "sandboxes to their egress; run "
			     "kube-network-policies or Calico beside it",
			     p->name, p->ns, p->daemon_set)
	};
}

/* ---- Conflicted ---- */

enum { CONFLICTS_MAX = 5 };

static struct str also(struct arena *a, struct str says, struct str more)
{
	return says.n ? arena_printf(a, "%.*s; %.*s", STR_ARG(says),
				     STR_ARG(more))
		      : more;
}

static struct finding conflicts_of(const struct status *s,
				   const struct tier *tier)
{
	const struct snapshot *set = s->world->snapshot;
	struct arena *a = s->plan->arena;
	struct str says = STR("");
	size_t n = 0;

	for (size_t i = 0; i < set->n_warnings; i++)
		if (set->warnings[i].laxer == tier && n++ < CONFLICTS_MAX)
			says = also(a, says, set->warnings[i].msg);
	if (!n)
		return (struct finding){
			CONDITION_FALSE, "Ordered",
			STR("nowhere laxer than the tier below it")
		};
	if (n > CONFLICTS_MAX)
		says = also(a, says,
			    arena_printf(a, "and %zu more", n - CONFLICTS_MAX));
	return (struct finding){ CONDITION_TRUE, "Laxer", says };
}

/* ---- namespaces ---- */

struct names {
	struct arena *arena;
	struct str *v;
	size_t n, cap;
};

static bool collect(const struct inventory_object *ns, void *context)
{
	struct names *names = context;

	names->v = arena_grow(names->arena, names->v, names->n, &names->cap,
			      sizeof(*names->v));
	names->v[names->n++] = arena_str(names->arena, ns->name);
	return true;
}

/* What any Sandbox gets there. */
static const struct tier *floor_of(struct arena *a, const struct world *world,
				   struct str ns)
{
	struct selection selection;
	const struct subject sandbox = {
		.group = STR(GROUP_AGENTS),
		.kind = STR("Sandbox"),
		.version = STR("v1beta1"),
		.ns = ns,
		.object = &json_missing,
		.old_object = &json_missing,
	};

	selection_make(a, world->snapshot, world->inventory, &sandbox,
		       &selection);
	return selection.floor;
}

static int64_t count_namespaces(const struct world *world,
				const struct tier *tier)
{
	CLEANUP(arena_release) struct arena kept = ARENA_INIT;
	CLEANUP(arena_release) struct arena scratch = ARENA_INIT;
	struct names names = { .arena = &kept };
	int64_t n = 0;

	inventory_each(world->inventory, STR(""), STR("Namespace"), STR_NONE,
		       collect, &names);
	for (size_t i = 0; i < names.n; i++) {
		n += floor_of(&scratch, world, names.v[i]) == tier;
		arena_reset(&scratch);
	}
	return n;
}

/* ---- the whole ---- */

/* It is not in the set that is in use. */
static void add_unknown(struct status *s)
{
	static const char *const types[] = { "RuntimeClassAvailable",
					     "EgressEnforceable",
					     "Conflicted" };

	status_add_ready(s, false, "InUse", STR("it is in use"));
	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		status_add(s, types[i], CONDITION_UNKNOWN, "NotInUse",
			   STR("the tier is not in use"));
	s->namespaces = 0;
}

static void add_known(struct status *s, const struct tier *tier)
{
	const struct finding runtime = runtime_of(s, tier);
	const struct finding egress = egress_of(s);
	const struct finding conflicts = conflicts_of(s, tier);
	bool pending = runtime.is == CONDITION_FALSE;

	status_add_ready(s, pending, pending ? runtime.reason : "InUse",
			 pending ? runtime.message : STR("it is in use"));
	add(s, "RuntimeClassAvailable", &runtime);
	add(s, "EgressEnforceable", &egress);
	add(s, "Conflicted", &conflicts);
	s->namespaces = count_namespaces(s->world, tier);
}

void statuses_plan_tier(const struct world *world, const struct queue_key *key,
			struct plan *plan)
{
	const struct tier *tier = NULL;
	struct status s;

	if (!status_open(&s, world, key, "IsolationTier", plan))
		return;
	if (world->snapshot)
		tier = snapshot_tier(world->snapshot, key->name);
	status_stand(&s, tier ? tier->spec : &json_missing);
	if (tier)
		add_known(&s, tier);
	else
		add_unknown(&s);
	status_write(&s);
	status_close(&s);
}
