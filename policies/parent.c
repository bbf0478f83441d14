/* From a subresource to the object that it belongs to. */
#include "policies/parent.h"

#include "policies/kinds.h"

static const struct {
	enum subject_kind kind;
	const char *resource; /* NULL: any */
	const char *group, *parent;
} parents[] = {
	{ SUBJECT_SCALE, "sandboxes", GROUP_AGENTS, "Sandbox" },
	{ SUBJECT_SCALE, "sandboxwarmpools", GROUP_EXTENSIONS,
	  "SandboxWarmPool" },
	{ SUBJECT_CONNECT, NULL, "", "Pod" },
};

static void look_up(struct parent *p, const struct inventory *inventory,
		    const char *group, const char *kind)
{
	struct subject *s = &p->subject;

	s->group = str_of(group);
	s->kind = str_of(kind);
	s->subresource = STR("");
	s->object = s->old_object = &json_missing;
	if (inventory && s->name.n)
		p->object = inventory_get(inventory, s->group, s->kind, s->ns,
					  s->name);
	if (p->object)
		s->object = &p->object->doc;
}

void parent_find(struct parent *out, const struct inventory *inventory,
		 const struct subject *subject)
{
	const struct kind *kind = kind_find(subject->group, subject->kind);

	*out = (struct parent){ .subject = *subject };
	for (size_t i = 0; kind && i < ARRAY_LEN(parents); i++)
		if (kind->subject == parents[i].kind &&
		    (!parents[i].resource ||
		     str_is(subject->resource, parents[i].resource))) {
			look_up(out, inventory, parents[i].group,
				parents[i].parent);
			return;
		}
}

void parent_release(struct parent *parent)
{
	if (parent->object)
		inventory_object_unref(&parent->object);
}
