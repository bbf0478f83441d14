/* Refusing a connection: the object is only its options, the Pod is a name. */
#include "policies/access.h"

#include "policies/says.h"

void access_deny(const struct check *c, const struct access_way *way)
{
	const struct subject *s = c->target->subject;
	struct arena *a = c->target->arena;

	if (!str_is(s->kind, way->kind))
		return;
	check_note(c, c->action, str_of(way->subresource),
		   (struct json_mark){ 0, 0 },
		   (struct says){
			   .found = arena_printf(a, "%s Pod %s", way->does,
						 says_quoted(a, s->name).p),
			   .wanted = str_of(way->wanted),
			   .fix = str_of(way->fix),
		   });
}
