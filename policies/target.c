/* The view of one object: where its Pod stands, its containers, its runtime. */
#include "policies/target.h"

#include "policies/claim_pod.h"
#include "policies/references.h"

static void add_containers(struct target *t, struct container *out, size_t *n,
			   const char *list, enum container_type type)
{
	const struct json *items = json_get(t->pod_spec, str_of(list));
	size_t i = 0;

	json_each_item(item, items) {
		bool sidecar = type == CONTAINER_INIT &&
			       json_str_is(json_get(item, STR("restartPolicy")),
					   STR("Always"));

		out[*n] = (struct container){
			.json = item,
			.type = sidecar ? CONTAINER_SIDECAR : type,
			.list = { NULL, str_of(list), 0 },
			.index = i++,
			.name = json_str(json_get(item, STR("name"))),
		};
		++*n;
	}
}

static void find_containers(struct target *t)
{
	const struct json *spec = t->pod_spec;
	size_t n = json_array_len(json_get(spec, STR("containers"))) +
		   json_array_len(json_get(spec, STR("initContainers"))) +
		   json_array_len(json_get(spec, STR("ephemeralContainers")));
	struct container *all;

	t->too_many = n > TARGET_CONTAINERS_MAX ? n : 0;
	if (!n || t->too_many)
		return;
	all = arena_raw(t->arena, n, sizeof(*all));
	t->n_containers = 0;
	t->containers = all;
	add_containers(t, all, &t->n_containers, "containers", CONTAINER_MAIN);
	add_containers(t, all, &t->n_containers, "initContainers",
		       CONTAINER_INIT);
	add_containers(t, all, &t->n_containers, "ephemeralContainers",
		       CONTAINER_EPHEMERAL);
}

static void find_own_pod(struct target *t, const struct kind *kind)
{
	const struct json *holder = t->object;

	for (size_t i = 0; kind->pod[i]; i++) {
		t->pod_steps[i] = path_key(t->pod_path, str_of(kind->pod[i]));
		t->pod_path = &t->pod_steps[i];
		holder = json_get(holder, str_of(kind->pod[i]));
	}
	t->pod_metadata = json_get(holder, STR("metadata"));
	t->pod_spec = json_get(holder, STR("spec"));
}

static void find_referred_pod(struct target *t, const struct references *refs)
{
	const struct json *holder;

	t->pod_ref = refs->path;
	if (!refs->template)
		return;
	t->template = &refs->template->doc;
	holder = json_at(&refs->template->doc, "spec", "podTemplate");
	if (t->kind == SUBJECT_CLAIM)
		holder = claim_pod(t->arena, holder, t->object);
	t->pod_steps[0] = PATH_KEY(NULL, "spec");
	t->pod_steps[1] = PATH_KEY(&t->pod_steps[0], "podTemplate");
	t->pod_path = &t->pod_steps[1];
	t->pod_metadata = json_get(holder, STR("metadata"));
	t->pod_spec = json_get(holder, STR("spec"));
	t->pod_origin = arena_printf(t->arena, "SandboxTemplate %.*s/%.*s",
				     STR_ARG(refs->template->ns),
				     STR_ARG(refs->template->name));
}

void target_view(struct target *t, const struct references *refs)
{
	const struct kind *kind =
		kind_find(t->subject->group, t->subject->kind);

	t->kind = kind ? kind->subject : SUBJECT_OTHER;
	t->object = t->subject->object;
	t->spec = json_get(t->object, STR("spec"));
	t->pod_path = NULL;
	t->pod_ref = NULL;
	t->pod_origin = STR_NONE;
	t->pod_metadata = t->pod_spec = t->template = &json_missing;
	t->containers = NULL;
	t->n_containers = 0;
	if (kind && kind->has_pod)
		find_own_pod(t, kind);
	else if (t->kind & (SUBJECT_CLAIM | SUBJECT_POOL))
		find_referred_pod(t, refs);
	if (t->kind == SUBJECT_TEMPLATE)
		t->template = t->object;
	find_containers(t);
	t->windows =
		json_str_is(json_at(t->pod_spec, "os", "name"), STR("windows"));
}

struct str target_runtime_class(const struct target *t)
{
	struct str class =
		json_str(json_get(t->pod_spec, STR("runtimeClassName")));

	return class.n ? class : STR("");
}

/* The handler of a RuntimeClass that the inventory has, copied. */
static struct str handler_of(const struct target *t, struct str class)
{
	const struct inventory_object *object =
		inventory_get(t->inventory, STR("node.k8s.io"),
			      STR("RuntimeClass"), STR(""), class);
	struct str handler = class;

	if (!object)
		return class;
	if (json_is(json_get(&object->doc, STR("handler")), JSON_STRING))
		handler = arena_str(
			t->arena,
			json_str(json_get(&object->doc, STR("handler"))));
	inventory_object_unref(&object);
	return handler;
}

static enum runtime_family family_of_name(struct str name)
{
	if (name.n == 0 || str_is(name, "runc") || str_is(name, "crun"))
		return RUNTIME_RUNC;
	if (str_is(name, "gvisor") || str_starts(name, STR("gvisor-")) ||
	    str_is(name, "runsc") || str_starts(name, STR("runsc-")))
		return RUNTIME_GVISOR;
	if (str_is(name, "kata-fc") || str_starts(name, STR("kata-fc-")))
		return RUNTIME_KATA_FC;
	if (str_is(name, "kata") || str_starts(name, STR("kata-")))
		return RUNTIME_KATA;
	return RUNTIME_UNKNOWN;
}

enum runtime_family target_runtime_family(const struct target *t)
{
	struct str class = target_runtime_class(t);
	enum runtime_family family = family_of_name(class);

	/* The handler tells what really runs; names like GKE's tell more. */
	if (family == RUNTIME_UNKNOWN || family == RUNTIME_KATA) {
		enum runtime_family handler =
			family_of_name(handler_of(t, class));

		if (handler != RUNTIME_UNKNOWN)
			return handler;
	}
	return family;
}

static bool is_group(struct str api_version, struct str group)
{
	struct str found, version;

	kind_split_api_version(api_version, &found, &version);
	return str_eq(found, group);
}

bool target_owned_by(const struct target *t, struct str group, struct str kind)
{
	const struct json *owners =
		json_at(t->object, "metadata", "ownerReferences");

	json_each_item(owner, owners) {
		if (json_is_true(json_get(owner, STR("controller"))) &&
		    json_str_is(json_get(owner, STR("kind")), kind) &&
		    is_group(json_str(json_get(owner, STR("apiVersion"))),
			     group))
			return true;
	}
	return false;
}
