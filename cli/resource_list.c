/* Reading a ResourceList and its functionConfig. */
#include "cli/resource_list.h"

#include "cli/decode_texts.h"
#include "lib/yamldoc.h"

static const char *const mode_names[] = { "both", "fill", "validate", NULL };

static const struct json_limits limits = {
	.bytes = 64 << 20,
	.depth = 100,
	.nodes = 4000000,
};

/* ---- functionConfig ---- */

/* A folder, or the documents themselves. */
static void decode_tiers(struct decode *d, const struct json *v,
			 const struct path *path, const struct field *f,
			 void *out)
{
	struct function_config *config = out;

	if (json_is(v, JSON_ARRAY))
		config->tiers = v;
	else
		decode_str(d, v, path, f, &config->tiers_path);
}

static const struct field settings_fields[] = {
	{ .name = "tiers", .decode = decode_tiers },
	FIELD(struct function_config, namespace_labels, "namespaceLabels",
	      decode_texts),
	FIELD(struct function_config, namespace, "namespace", decode_str),
	FIELD(struct function_config, now, "now", decode_str),
	FIELD(struct function_config, mode, "mode", decode_enum,
	      .param = mode_names),
	FIELD_END,
};

static void read_config(struct decode *d, const struct json *v,
			struct function_config *out)
{
	struct path up = PATH_KEY(NULL, "functionConfig");
	struct path kind = PATH_KEY(&up, "kind");
	struct path data = PATH_KEY(&up, "data"), spec = PATH_KEY(&up, "spec");
	struct str name = json_str(json_get(v, STR("kind")));

	out->tiers = &json_missing;
	if (!json_is_set(v))
		return;
	if (str_is(name, "ConfigMap"))
		decode_object(d, json_get(v, STR("data")), &data,
			      settings_fields, out);
	else if (str_is(name, "BulkheadConfig"))
		decode_object(d, json_get(v, STR("spec")), &spec,
			      settings_fields, out);
	else
		decode_wanted(d, json_get(v, STR("kind")), &kind,
			      "ConfigMap or BulkheadConfig");
}

/* ---- the list ---- */

static void check_items(struct decode *d, const struct json *items)
{
	struct path up = PATH_KEY(NULL, "items");
	size_t i = 0;

	if (json_is_set(items) && !json_is(items, JSON_ARRAY))
		decode_wanted(d, items, &up, "a list of objects");
	json_each_item(item, items) {
		struct path at = path_index(&up, i++);

		if (!json_is(item, JSON_OBJECT))
			decode_wanted(d, item, &at, "an object");
	}
}

static int read_one(struct arena *a, struct str text, struct json *doc,
		    struct error *err)
{
	struct yamldoc *y = yamldoc_open(a, text, &limits);
	struct json more;
	int got = yamldoc_next(y, a, doc, err);

	if (got == 0)
		error_set(err, ERR_INPUT, "nothing to read");
	else if (got > 0 && yamldoc_next(y, a, &more, err) > 0)
		got = error_at(err, ERR_INPUT, more.start.line,
			       more.start.column,
			       "a second document, wanted one ResourceList");
	yamldoc_close(&y);
	return got > 0 ? 0 : -1;
}

int resource_list_parse(struct arena *a, struct str text,
			struct resource_list *out, struct error *err)
{
	struct decode d = DECODE_INIT(a);
	const struct json *doc = &out->doc;

	*out = (struct resource_list){ .items = &json_missing };
	if (read_one(a, text, &out->doc, err) < 0)
		return -1;
	if (!json_str_is(json_get(doc, STR("kind")), STR("ResourceList")) ||
	    !json_str_is(json_get(doc, STR("apiVersion")),
			 STR("config.kubernetes.io/v1")))
		return error_at(err, ERR_INPUT, doc->start.line,
				doc->start.column,
				"wanted kind ResourceList of "
				"config.kubernetes.io/v1");
	d.root = doc;
	out->items = json_get(doc, STR("items"));
	check_items(&d, out->items);
	read_config(&d, json_get(doc, STR("functionConfig")), &out->config);
	return decode_finish(&d, ERR_INPUT, err);
}

/* ---- annotations ---- */

static const struct json *annotation(const struct json *item, const char *name,
				     const char *older)
{
	const struct json *all = json_at(item, "metadata", "annotations");
	const struct json *v = json_get(all, str_of(name));

	return json_exists(v) ? v : json_get(all, str_of(older));
}

const struct json *resource_path(const struct json *item)
{
	return annotation(item, "internal.config.kubernetes.io/path",
			  "config.kubernetes.io/path");
}

const struct json *resource_index(const struct json *item)
{
	return annotation(item, "internal.config.kubernetes.io/index",
			  "config.kubernetes.io/index");
}
