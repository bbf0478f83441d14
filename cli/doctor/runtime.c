/* RuntimeClasses that tiers name, and nodes that can run them. */
#include "cli/doctor/all.h"

#define KATA_LABEL "katacontainers.io/kata-runtime"
#define GKE_LABEL "sandbox.gke.io/runtime"
#define GKE_NODE "cloud.google.com/gke-nodepool"

/* By the names that distributions and installers give (handler -> family). */
static const struct family {
	const char *class_prefix;
	const char *handlers[4];
} families[] = {
	{ "gvisor", { "runsc", "gvisor", "runsc-" } },
	{ "runsc", { "runsc", "gvisor", "runsc-" } },
	{ "kata", { "kata" } },
};

static const struct family *family_of(struct str class_name)
{
	for (size_t i = 0; i < ARRAY_LEN(families); i++)
		if (str_starts(class_name, str_of(families[i].class_prefix)))
			return &families[i];
	return NULL;
}

static bool fits(const struct family *family, struct str handler)
{
	for (size_t i = 0; i < ARRAY_LEN(family->handlers); i++)
		if (family->handlers[i] &&
		    str_starts(handler, str_of(family->handlers[i])))
			return true;
	return false;
}

static struct str handler_of(const struct json *class)
{
	return json_str(json_at(class, "handler"));
}

/* The class that Pods of the tier get here: the first there is. */
static const struct json *class_of(const struct doctor_facts *f,
				   const struct tier *tier)
{
	for (size_t i = 0; i < tier->runtime.class_names.n; i++) {
		const struct json *class =
			doctor_find(f, FACT_CLASSES, STR(""),
				    tier->runtime.class_names.v[i]);

		if (json_exists(class))
			return class;
	}
	return &json_missing;
}

static bool wants_class(const struct tier *tier)
{
	for (size_t i = 0; i < tier->runtime.class_names.n; i++)
		if (!tier->runtime.class_names.v[i].n)
			return false;
	return tier->runtime.class_names.n > 0;
}

static bool no_classes(struct arena *a, const struct doctor_facts *f,
		       struct doctor_result *r)
{
	if (doctor_unread(a, f, FACT_CLASSES, r))
		return true;
	if (!f->snapshot)
		doctor_skip(a, r, "no policy set is loaded: see tiers.load");
	return !f->snapshot;
}

/* ---- do they exist ---- */

#define CREATE                                                                 \
	"install the runtime on the nodes and create the RuntimeClass "        \
	"(gVisor: "                                                            \
	"name gvisor, handler runsc; Kata: the kata-deploy chart makes its "   \
	"own); 'kubectl get runtimeclass' lists what there is"

static struct str missing_class(struct arena *a, const struct tier *tier)
{
	return arena_printf(a, "%.*s (tier %.*s)",
			    STR_ARG(tier->runtime.class_names.v[0]),
			    STR_ARG(tier->name));
}

/* Returns how many tiers want a class. */
static size_t find_missing(const struct doctor_facts *f,
			   struct doctor_names *used,
			   struct doctor_names *unused)
{
	size_t n = 0;

	for (size_t i = 0; i < f->snapshot->n_tiers; i++) {
		const struct tier *tier = f->snapshot->tiers[i];

		if (!wants_class(tier))
			continue;
		n++;
		if (!json_exists(class_of(f, tier)))
			doctor_name(doctor_tier_is_used(f, tier) ? used
								 : unused,
				    missing_class(used->arena, tier));
	}
	return n;
}

static void check_classes(struct arena *a, const struct doctor_facts *f,
			  struct doctor_result *r)
{
	struct doctor_names used = { .arena = a }, unused = { .arena = a };
	size_t n;

	if (no_classes(a, f, r))
		return;
	n = find_missing(f, &used, &unused);
	if (used.n)
		doctor_fail(a, r, CREATE,
			    "RuntimeClass not found, so no sandbox of the tier "
			    "starts: %.*s",
			    STR_ARG(doctor_names_str(&used)));
	if (unused.n)
		doctor_warn(a, r, CREATE,
			    "RuntimeClass not found, for tiers that nobody "
			    "uses yet: %.*s",
			    STR_ARG(doctor_names_str(&unused)));
	doctor_pass(a, r, "%zu tiers, each with a RuntimeClass", n);
}

const struct doctor_check doctor_runtime_classes = {
	.id = "runtime.classes",
	.title = "The RuntimeClasses that tiers name exist",
	.run = check_classes,
};

/* ---- do their handlers ---- */

static bool runs_handler(const struct json *node, struct str handler)
{
	json_each_item(h, json_at(node, "status", "runtimeHandlers"))
		if (json_str_is(json_at(h, "name"), handler))
			return true;
	return false;
}

/* Since Kubernetes 1.30 nodes tell; those that do not prove nothing. */
static bool is_configured(const struct doctor_facts *f, struct str handler,
			  bool *told)
{
	*told = false;
	json_each_item(node, &f->lists[FACT_NODES].items) {
		const struct json *handlers =
			json_at(node, "status", "runtimeHandlers");

		*told = *told || json_len(handlers) > 0;
		if (runs_handler(node, handler))
			return true;
	}
	return false;
}

static void check_handler(struct arena *a, const struct doctor_facts *f,
			  const struct json *class, struct doctor_result *r)
{
	struct str name = json_str(json_at(class, "metadata", "name"));
	struct str handler = handler_of(class);
	const struct family *family = family_of(name);
	bool told;

	if (family && !fits(family, handler))
		doctor_fail(a, r,
			    "create the RuntimeClass anew with the handler of "
			    "its runtime (a handler cannot be changed)",
			    "RuntimeClass %.*s has handler \"%.*s\", which is "
			    "another runtime: its name promises isolation that "
			    "it does not give",
			    STR_ARG(name), STR_ARG(handler));
	if (is_configured(f, handler, &told) || !told)
		return;
	doctor_fail(a, r,
		    "on the nodes: gVisor needs runsc and "
		    "containerd-shim-runsc-v1 in /usr/local/bin and "
		    "[...containerd.runtimes.runsc] in containerd's "
		    "config.toml; Kata needs kata-deploy; then restart "
		    "containerd",
		    "no node's container runtime has the handler \"%.*s\" of "
		    "RuntimeClass %.*s",
		    STR_ARG(handler), STR_ARG(name));
}

static void check_handlers(struct arena *a, const struct doctor_facts *f,
			   struct doctor_result *r)
{
	struct doctor_names names = { .arena = a };

	if (no_classes(a, f, r))
		return;
	for (size_t i = 0; i < f->snapshot->n_tiers; i++) {
		const struct json *class = class_of(f, f->snapshot->tiers[i]);

		if (!json_exists(class))
			continue;
		check_handler(a, f, class, r);
		doctor_name(&names,
			    arena_printf(a, "%.*s: %.*s",
					 STR_ARG(f->snapshot->tiers[i]->name),
					 STR_ARG(handler_of(class))));
	}
	if (!names.n)
		doctor_skip(a, r, "none of the tiers' RuntimeClasses exist");
	doctor_pass(a, r, "%.*s", STR_ARG(doctor_names_str(&names)));
}

const struct doctor_check doctor_runtime_handlers = {
	.id = "runtime.handlers",
	.title = "Their handlers are those of the runtime, and configured",
	.run = check_handlers,
};

/* ---- do Pods get to the right nodes ---- */

static bool is_on_gke(const struct doctor_facts *f)
{
	json_each_item(node, &f->lists[FACT_NODES].items)
		if (json_exists(json_at(node, "metadata", "labels", GKE_NODE)))
			return true;
	return false;
}

static void check_class_scheduling(struct arena *a,
				   const struct doctor_facts *f,
				   const struct json *class,
				   struct doctor_result *r)
{
	struct str name = json_str(json_at(class, "metadata", "name"));
	const struct json *selector =
		json_at(class, "scheduling", "nodeSelector");

	if (json_len(selector))
		return;
	if (str_starts(handler_of(class), STR("kata")))
		doctor_warn(a, r,
			    "set scheduling.nodeSelector to {" KATA_LABEL
			    ": \"true\"} and label the nodes that have "
			    "/dev/kvm",
			    "RuntimeClass %.*s has no scheduling.nodeSelector: "
			    "its Pods may land on nodes without KVM and stay "
			    "in ContainerCreating",
			    STR_ARG(name));
	else if (is_on_gke(f) && str_starts(name, STR("gvisor")))
		doctor_warn(a, r,
			    "make a node pool with GKE Sandbox: GKE then makes "
			    "the RuntimeClass, which selects " GKE_LABEL
			    "=gvisor",
			    "RuntimeClass %.*s selects no nodes of GKE Sandbox",
			    STR_ARG(name));
}

static void check_scheduling(struct arena *a, const struct doctor_facts *f,
			     struct doctor_result *r)
{
	if (no_classes(a, f, r))
		return;
	for (size_t i = 0; i < f->snapshot->n_tiers; i++) {
		const struct json *class = class_of(f, f->snapshot->tiers[i]);

		if (json_exists(class))
			check_class_scheduling(a, f, class, r);
	}
	doctor_pass(a, r,
		    "classes whose runtime not every node has select "
		    "nodes");
}

const struct doctor_check doctor_runtime_scheduling = {
	.id = "runtime.scheduling",
	.title = "RuntimeClasses lead Pods to nodes that can run them",
	.run = check_scheduling,
};

/* ---- are there nodes ---- */

static bool selects(const struct json *selector, const struct json *node)
{
	const struct json *node_labels = json_at(node, "metadata", "labels");

	json_each_member(m, selector)
		if (!json_str_is(json_get(node_labels, m->key),
				 json_str(&m->value)))
			return false;
	return true;
}

static bool is_ready(const struct json *node)
{
	return str_is(doctor_condition(node, "Ready"), "True") &&
	       !json_is_true(json_at(node, "spec", "unschedulable"));
}

struct nodes {
	size_t selected, ready;
};

static struct nodes nodes_of(const struct doctor_facts *f,
			     const struct json *class)
{
	const struct json *selector =
		json_at(class, "scheduling", "nodeSelector");
	struct nodes n = { 0, 0 };

	json_each_item(node, &f->lists[FACT_NODES].items) {
		bool selected = selects(selector, node);

		n.selected += selected;
		n.ready += selected && is_ready(node);
	}
	return n;
}

static void check_class_nodes(struct arena *a, const struct doctor_facts *f,
			      const struct tier *tier, const struct json *class,
			      struct doctor_result *r)
{
	struct str name = json_str(json_at(class, "metadata", "name"));
	struct nodes n = nodes_of(f, class);

	if (n.ready)
		return;
	if (!doctor_tier_is_used(f, tier))
		doctor_warn(a, r,
			    "label nodes that have the runtime (Kata: "
			    "/dev/kvm, " KATA_LABEL "=true) before the tier is "
			    "used",
			    "no Ready node for RuntimeClass %.*s (tier %.*s, "
			    "unused so far)",
			    STR_ARG(name), STR_ARG(tier->name));
	else
		doctor_fail(a, r,
			    "kubectl get nodes; those that have the runtime "
			    "need the labels that the RuntimeClass selects: "
			    "for Kata, where /dev/kvm exists, " KATA_LABEL
			    "=true",
			    "%zu nodes match RuntimeClass %.*s (tier %.*s), "
			    "none is Ready: its Pods stay Pending",
			    n.selected, STR_ARG(name), STR_ARG(tier->name));
}

static void check_nodes(struct arena *a, const struct doctor_facts *f,
			struct doctor_result *r)
{
	if (no_classes(a, f, r) || doctor_unread(a, f, FACT_NODES, r))
		return;
	if (!json_len(&f->lists[FACT_NODES].items))
		doctor_fail(a, r, "add nodes", "the cluster has no node");
	for (size_t i = 0; i < f->snapshot->n_tiers; i++) {
		const struct tier *tier = f->snapshot->tiers[i];
		const struct json *class = class_of(f, tier);

		if (json_exists(class))
			check_class_nodes(a, f, tier, class, r);
	}
	doctor_pass(a, r,
		    "every RuntimeClass of a tier has Ready nodes (of "
		    "%zu)",
		    json_len(&f->lists[FACT_NODES].items));
}

const struct doctor_check doctor_runtime_nodes = {
	.id = "runtime.nodes",
	.title = "There are Ready nodes for them",
	.run = check_nodes,
};
