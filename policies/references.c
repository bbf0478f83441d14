/* Following names through the inventory, as upstream's controllers do. */
#include "policies/references.h"

#include "policies/kinds.h"

/* v0.5's conversion names a pool after the template it stands for. */
#define SHADOW_POOL "shadow-pool-"

static const struct inventory_object *get(const struct inventory *inventory,
					  const char *group, const char *kind,
					  struct str ns, struct str name)
{
	if (!inventory || !name.n)
		return NULL;
	return inventory_get(inventory, str_of(group), str_of(kind), ns, name);
}

static void refer(struct references *refs, const char *field)
{
	refs->steps[0] = PATH_KEY(NULL, "spec");
	refs->steps[1] = path_key(&refs->steps[0], str_of(field));
	refs->steps[2] = PATH_KEY(&refs->steps[1], "name");
	refs->path = &refs->steps[2];
}

static void find_pool(struct references *refs,
		      const struct inventory *inventory, struct str ns)
{
	refs->pool = get(inventory, GROUP_EXTENSIONS, "SandboxWarmPool", ns,
			 refs->pool_name);
	if (refs->pool)
		refs->template_name =
			json_str(json_at(&refs->pool->doc, "spec",
					 "sandboxTemplateRef", "name"));
	else if (str_starts(refs->pool_name, STR(SHADOW_POOL)))
		refs->template_name =
			str_sub(refs->pool_name, strlen(SHADOW_POOL),
				refs->pool_name.n);
}

static void find_of_claim(struct references *refs,
			  const struct inventory *inventory,
			  const struct subject *s)
{
	const struct json *spec = json_get(s->object, STR("spec"));

	refs->pool_name = json_str(json_at(spec, "warmPoolRef", "name"));
	if (refs->pool_name.n) {
		refer(refs, "warmPoolRef");
		find_pool(refs, inventory, s->ns);
		return;
	}
	refs->template_name =
		json_str(json_at(spec, "sandboxTemplateRef", "name"));
	refer(refs, "sandboxTemplateRef");
}

static bool is_sandbox(const struct json *owner)
{
	struct str group, version;

	kind_split_api_version(json_str(json_get(owner, STR("apiVersion"))),
			       &group, &version);
	return str_is(group, GROUP_AGENTS) &&
	       json_str_is(json_get(owner, STR("kind")), STR("Sandbox"));
}

static struct str controlling_sandbox(const struct json *object)
{
	const struct json *owners =
		json_at(object, "metadata", "ownerReferences");

	json_each_item(owner, owners) {
		if (json_is_true(json_get(owner, STR("controller"))) &&
		    is_sandbox(owner))
			return json_str(json_get(owner, STR("name")));
	}
	return STR_NONE;
}

static void find_of_sandbox(struct references *refs, const struct json *object)
{
	refs->template_name =
		json_str(json_at(object, "metadata", "annotations",
				 "agents.x-k8s.io/sandbox-template-ref"));
}

void references_find(struct references *refs, const struct inventory *inventory,
		     const struct subject *s)
{
	const struct kind *kind = kind_find(s->group, s->kind);

	*refs = (struct references){ .path = NULL };
	refs->namespace = get(inventory, "", "Namespace", STR(""), s->ns);
	if (!kind)
		return;
	if (kind->subject == SUBJECT_CLAIM)
		find_of_claim(refs, inventory, s);
	if (kind->subject == SUBJECT_POOL) {
		refs->template_name = json_str(json_at(
			s->object, "spec", "sandboxTemplateRef", "name"));
		refer(refs, "sandboxTemplateRef");
	}
	if (kind->subject == SUBJECT_SANDBOX)
		find_of_sandbox(refs, s->object);
	if (kind->subject == SUBJECT_POD) {
		refs->sandbox_name = controlling_sandbox(s->object);
		refs->sandbox = get(inventory, GROUP_AGENTS, "Sandbox", s->ns,
				    refs->sandbox_name);
	}
	refs->template = get(inventory, GROUP_EXTENSIONS, "SandboxTemplate",
			     s->ns, refs->template_name);
}

void references_release(struct references *refs)
{
	const struct inventory_object **all[] = { &refs->namespace, &refs->pool,
						  &refs->template,
						  &refs->sandbox };

	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		if (*all[i])
			inventory_object_unref(all[i]);
}
