/*
 * Values of a Pod and where they stand: look-ups that check the type, and the
 * wording of findings that every rule about Pods shares.
 */
#include "policies/place.h"

#include "policies/says.h"

static const char *const type_names[] = {
	[JSON_MISSING] = "nothing",  [JSON_NULL] = "null",
	[JSON_BOOL] = "a boolean",   [JSON_NUMBER] = "a number",
	[JSON_STRING] = "a string",  [JSON_ARRAY] = "a list",
	[JSON_OBJECT] = "an object",
};

struct says place_wrong_type(struct arena *a, const struct json *v,
			     enum json_type type)
{
	return (struct says){
		arena_printf(a, "is %s", type_names[v->type]),
		str_of(type_names[type]),
		arena_printf(a, "write it as %s, or remove it",
			     type_names[type]),
	};
}

static const char *container_word(enum container_type type)
{
	switch (type) {
	case CONTAINER_MAIN:
		return "container";
	case CONTAINER_INIT:
		return "init container";
	case CONTAINER_SIDECAR:
		return "sidecar";
	case CONTAINER_EPHEMERAL:
		return "ephemeral container";
	}
	BUG("container type");
}

void place_report(const struct place *at, struct says says)
{
	struct arena *a = at->check->target->arena;
	const struct path *path = at->root ? NULL : &at->path;
	const struct container *k = at->container;

	if (!k) {
		check_pod(at->check, path, says);
		return;
	}
	says.found = arena_printf(a, "%.*s in %s %s", STR_ARG(says.found),
				  container_word(k->type),
				  says_quoted(a, k->name).p);
	check_container(at->check, k, path, says);
}

void place_report_value(const struct place *at, struct str wanted,
			struct str fix)
{
	struct str found = says_is(at->check->target->arena, at->json);

	place_report(at, (struct says){ found, wanted, fix });
}

/* Takes v when it is set and of the type. */
static void place_take(struct place *at, const struct json *v,
		       enum json_type type)
{
	if (json_is(v, type)) {
		at->json = v;
		return;
	}
	if (at->wrong || !json_is_set(v))
		return;
	at->wrong = true;
	place_report(at, place_wrong_type(at->check->target->arena, v, type));
}

struct place place_pod(const struct check *c)
{
	struct place at = { .check = c, .json = &json_missing, .root = true };

	place_take(&at, c->target->pod_spec, JSON_OBJECT);
	return at;
}

struct place place_container(const struct check *c,
			     const struct container *container)
{
	struct place at = {
		.check = c,
		.container = container,
		.json = &json_missing,
		.root = true,
	};

	place_take(&at, container->json, JSON_OBJECT);
	return at;
}

static struct place place_below(const struct place *up)
{
	return (struct place){
		.check = up->check,
		.container = up->container,
		.json = &json_missing,
		.path.parent = up->root ? NULL : &up->path,
		.wrong = up->wrong,
	};
}

struct place place_get(const struct place *up, struct str key,
		       enum json_type type)
{
	struct place at = place_below(up);

	at.path.key = key;
	place_take(&at, json_get(up->json, key), type);
	return at;
}

struct place place_item(const struct place *up, size_t i, enum json_type type)
{
	struct place at = place_below(up);

	at.path.index = i;
	place_take(&at, json_item(up->json, i), type);
	return at;
}
