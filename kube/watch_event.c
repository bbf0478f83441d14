/* Reads a line of a watch, and checks what a mirror of objects depends on. */
#include "kube/watch_event.h"

#include "lib/json_read.h"

/* As wide as those of lists (client.c): an odd object hides no others. */
static const struct json_limits limits = {
	.bytes = 8 << 20,
	.depth = 300,
	.nodes = 400000,
	.nul_keys = true,
};

static const char *const type_names[] = {
	[KUBE_ADDED] = "ADDED",
	[KUBE_MODIFIED] = "MODIFIED",
	[KUBE_DELETED] = "DELETED",
	[KUBE_BOOKMARK] = "BOOKMARK",
};

static struct str version_of(const struct json *object)
{
	return json_str(json_at(object, "metadata", "resourceVersion"));
}

int watch_identity_read(const struct json *object, struct watch_identity *out,
			struct error *err)
{
	const struct json *metadata = json_at(object, "metadata");

	out->ns = json_str(json_at(metadata, "namespace"));
	out->name = json_str(json_at(metadata, "name"));
	out->resource_version = version_of(object);
	if (!out->name.n)
		return error_set(err, ERR_INPUT,
				 "an object without metadata.name");
	if (!out->resource_version.n)
		return error_set(err, ERR_INPUT,
				 "object \"%.*s\" has no "
				 "metadata.resourceVersion",
				 STR_ARG(out->name));
	return 0;
}

static int read_type(const struct json *type, struct kube_event *event,
		     struct error *err)
{
	for (size_t i = 0; i < ARRAY_LEN(type_names); i++) {
		if (json_str_is(type, str_of(type_names[i]))) {
			event->type = (enum kube_event_type)i;
			return 0;
		}
	}
	if (!json_is(type, JSON_STRING))
		return error_set(err, ERR_INPUT,
				 "type is %s; a string is wanted",
				 json_type_name(json_type(type)));
	return error_set(err, ERR_INPUT,
			 "type is \"%.*s\"; wanted: ADDED, MODIFIED, DELETED, "
			 "BOOKMARK or ERROR",
			 STR_ARG(json_str(type)));
}

/* A bookmark's object has a kind and a resourceVersion, nothing else. */
static int read_version(struct kube_event *event, struct error *err)
{
	struct watch_identity identity;

	if (event->type != KUBE_BOOKMARK &&
	    watch_identity_read(&event->object, &identity, err) < 0)
		return -1;
	event->resource_version = version_of(&event->object);
	if (!event->resource_version.n)
		return error_set(err, ERR_INPUT,
				 "a bookmark without metadata.resourceVersion");
	return 1;
}

static int read_event(struct arena *a, struct str line,
		      struct kube_event *event, struct error *err)
{
	const struct json *type;
	struct json doc;

	if (json_read(a, line, 0, &limits, &doc, err) < 0)
		return -1;
	type = json_at(&doc, "type");
	event->object = *json_at(&doc, "object");
	if (!json_is(&event->object, JSON_OBJECT))
		return error_set(err, ERR_INPUT,
				 "object is %s; an object is wanted",
				 json_type_name(json_type(&event->object)));
	if (json_str_is(type, STR("ERROR")))
		return 0;
	if (read_type(type, event, err) < 0)
		return -1;
	return read_version(event, err);
}

int watch_event_read(struct arena *a, struct str line, struct kube_event *event,
		     struct error *err)
{
	const int result = read_event(a, line, event, err);

	return result < 0 ? error_wrap(err, "event") : result;
}
