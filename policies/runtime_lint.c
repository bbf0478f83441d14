/* Reporting of what a Pod asks in vain of gVisor or Kata. */
#include "policies/runtime_lint.h"

#include "policies/says.h"

static unsigned family_bit(enum runtime_family family)
{
	switch (family) {
	case RUNTIME_GVISOR:
		return LINT_GVISOR;
	case RUNTIME_KATA:
		return LINT_KATA;
	case RUNTIME_KATA_FC:
		return LINT_KATA_FC;
	case RUNTIME_RUNC:
	case RUNTIME_UNKNOWN:
		return 0;
	}
	BUG("unknown runtime family");
}

struct lint lint_start(const struct check *c)
{
	struct lint lint = {
		.check = c,
		.family = family_bit(target_runtime_family(c->target)),
		.privileged = c->target->tier->pod.level == POD_PRIVILEGED,
	};

	if (lint.family)
		lint.root = place_pod(c);
	return lint;
}

struct lint lint_inside(const struct lint *lint,
			const struct container *container)
{
	struct lint inner = *lint;

	inner.container = container;
	inner.root = place_container(lint->check, container);
	return inner;
}

static const char *name(const struct lint *lint)
{
	if (lint->family == LINT_GVISOR)
		return "gVisor";
	return lint->family == LINT_KATA ? "Kata" : "Kata with Firecracker";
}

void lint_report(const struct lint *lint, enum action action,
		 const struct path *path, struct says says)
{
	if (lint->container)
		check_container_as(lint->check, action, lint->container, path,
				   says);
	else
		check_pod_as(lint->check, action, STR_NONE, path, says);
}

struct str lint_because(const struct lint *lint, const struct json *v,
			const char *verb)
{
	struct arena *a = lint->check->target->arena;

	return arena_printf(a, "%s, which %s %s", says_is(a, v).p, name(lint),
			    verb);
}

void lint_content(const struct lint *lint, enum action action,
		  const struct json *v, const struct path *path,
		  const char *found)
{
	struct arena *a = lint->check->target->arena;

	if (!json_is_set(v) ||
	    ((json_is(v, JSON_ARRAY) || json_is(v, JSON_OBJECT)) && !v->n))
		return;
	lint_report(lint, action, path,
		    (struct says){ arena_printf(a, found, name(lint)),
				   STR("unset"), STR("remove it") });
}
