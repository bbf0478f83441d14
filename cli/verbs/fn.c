/* bulkhead fn: a KRM function, for kpt, kustomize and whatever speaks it. */
#include "cli/filled.h"
#include "cli/resource_list.h"
#include "cli/verbs/all.h"
#include "lib/file.h"
#include "lib/yamldoc.h"

enum { LIST_BYTES_MAX = 64 << 20, FILE_NAME_MAX = 4096 };

struct function {
	struct arena *arena;
	const struct resource_list *list;
	struct world world;
	struct str *paths; /* of each item, for titles */
	size_t *first;	   /* document of each item; [n] is the end */
	struct json items, results;
	bool refused;
};

/* ---- loading ---- */

static int inline_tiers(struct arena *a, const struct json *tiers,
			struct snapshot **out, struct error *err)
{
	size_t n = json_array_len(tiers);
	struct snapshot_source *sources =
		arena_new(a, struct snapshot_source, n + 1);

	for (size_t i = 0; i < n; i++) {
		sources[i].doc = json_item(tiers, i);
		sources[i].name = STR("functionConfig");
	}
	return snapshot_load(sources, n, out, err);
}

/* Options of the command line hold where the functionConfig says nothing. */
static struct settings merge(const struct settings *s,
			     const struct function_config *c)
{
	struct settings merged = *s;

	if (c->tiers_path.n)
		merged.tiers = c->tiers_path;
	if (c->namespace_labels.n)
		merged.namespace_labels = c->namespace_labels;
	if (c->namespace.n)
		merged.namespace = c->namespace;
	if (c->now.n)
		merged.now = c->now;
	return merged;
}

static void add_items(struct function *f, struct str ns)
{
	size_t n = json_array_len(f->list->items);
	struct file *files = arena_new(f->arena, struct file, n + 1);

	f->first = arena_new(f->arena, size_t, n + 1);
	for (size_t i = 0; i < n; i++) {
		const struct json *item = json_item(f->list->items, i);

		f->first[i] = f->world.n_documents;
		files[i].path = json_str(resource_path(item));
		world_add(&f->world, &files[i], item, ns);
	}
	f->first[n] = f->world.n_documents;
}

static int load(struct function *f, const struct settings *s, struct error *err)
{
	const struct function_config *config = &f->list->config;
	struct settings merged = merge(s, config);
	struct snapshot *set = NULL;

	if (json_exists(config->tiers) &&
	    inline_tiers(f->arena, config->tiers, &set, err) < 0)
		return -1;
	if (world_begin(&f->world, &merged, set, err) < 0)
		return -1;
	add_items(f, merged.namespace);
	return world_settle(&f->world, &merged, err);
}

/* ---- results ---- */

static void add(struct function *f, struct json *object, const char *key,
		struct str text)
{
	if (text.n)
		json_add(f->arena, object, str_of(key), json_make_string(text));
}

static void add_reference(struct function *f, struct json *result,
			  const struct document *d)
{
	struct json reference = json_make_object();
	struct json metadata = json_make_object();

	add(f, &reference, "apiVersion",
	    json_str(json_get(&d->written, STR("apiVersion"))));
	add(f, &reference, "kind",
	    json_str(json_get(&d->written, STR("kind"))));
	add(f, &metadata, "name",
	    json_str(json_at(&d->written, "metadata", "name")));
	add(f, &metadata, "namespace",
	    json_str(json_at(&d->written, "metadata", "namespace")));
	json_add(f->arena, &reference, STR("metadata"), metadata);
	json_add(f->arena, result, STR("resourceRef"), reference);
}

static void add_file(struct function *f, struct json *result,
		     const struct document *d)
{
	struct str index = json_text(resource_index(&d->written));
	struct json number = json_make_number(index);
	struct json file = json_make_object();
	int64_t n;

	if (!d->file->path.n)
		return;
	add(f, &file, "path", d->file->path);
	if (json_int(&number, &n))
		json_add(f->arena, &file, STR("index"),
			 json_make_int(f->arena, n));
	json_add(f->arena, result, STR("file"), file);
}

static void add_tags(struct function *f, struct json *result, struct str rule,
		     const struct tier *tier)
{
	struct json tags = json_make_object();

	add(f, &tags, "rule", rule);
	if (tier)
		add(f, &tags, "tier", tier->name);
	json_add(f->arena, result, STR("tags"), tags);
}

static struct json new_result(struct function *f, const struct document *d,
			      const char *severity, struct str message)
{
	struct json result = json_make_object();

	add(f, &result, "message", message);
	add(f, &result, "severity", str_of(severity));
	add_reference(f, &result, d);
	return result;
}

static const char *severity_of(enum action action)
{
	switch (action) {
	case ACTION_DENY:
		return "error";
	case ACTION_WARN:
		return "warning";
	case ACTION_AUDIT:
	case ACTION_EXCEPTED:
		return "info";
	}
	BUG("action");
}

static void tell_findings(struct function *f, const struct judgement *j)
{
	const struct verdict *v = &j->validation.verdict;

	for (size_t i = 0; i < v->n_findings; i++) {
		const struct finding *one = &v->findings[i];
		struct json field = json_make_object();
		struct json result =
			new_result(f, j->document, severity_of(one->action),
				   finding_message(f->arena, one));

		if (one->field.n && !one->origin.n) {
			add(f, &field, "path", one->field);
			json_add(f->arena, &result, STR("field"), field);
		}
		add_file(f, &result, j->document);
		add_tags(f, &result, one->id, one->tier);
		json_append(f->arena, &f->results, result);
		f->refused |= one->action == ACTION_DENY;
	}
}

static void tell_fills(struct function *f, const struct judgement *j)
{
	const struct verdict *v = &j->mutation.verdict;

	for (size_t i = 0; i < v->n_fills; i++) {
		const struct filled *one = &v->fills[i];
		struct json field = json_make_object(), result;

		if (!f->world.now_given && filled_is_time(one))
			continue;
		result = new_result(
			f, j->document, "info",
			arena_printf(f->arena, "[%s] %.*s: is filled in",
				     one->rule, STR_ARG(one->field)));
		add(f, &field, "path", one->field);
		json_add(f->arena, &field, STR("proposedValue"), one->value);
		json_add(f->arena, &result, STR("field"), field);
		add_file(f, &result, j->document);
		add_tags(f, &result, str_of(one->rule),
			 j->mutation.selection.effective);
		json_append(f->arena, &f->results, result);
	}
}

/* ---- items ---- */

static struct json judge(struct function *f, const struct document *d)
{
	struct judgement j;

	world_judge(f->arena, &f->world, d, &j);
	if (f->list->config.mode != FUNCTION_VALIDATE)
		tell_fills(f, &j);
	if (f->list->config.mode != FUNCTION_FILL)
		tell_findings(f, &j);
	if (f->list->config.mode == FUNCTION_VALIDATE)
		return d->written;
	return f->world.now_given ? j.mutation.filled
				  : filled_without_times(f->arena, &j);
}

/* An item that is a List is judged by its own items, and stays as it is. */
static void run_item(struct function *f, size_t i)
{
	struct json item = *json_item(f->list->items, i);

	for (size_t k = f->first[i]; k < f->first[i + 1]; k++) {
		const struct document *d = &f->world.documents[k];
		struct json filled = judge(f, d);

		if (!d->in_list)
			item = filled;
	}
	json_append(f->arena, &f->items, item);
}

/* What the older spelling of a claim needs besides. */
static void run_generated(struct function *f)
{
	size_t n = json_array_len(f->list->items);

	for (size_t k = f->first[n]; k < f->world.n_documents; k++) {
		struct json made = judge(f, &f->world.documents[k]);

		if (f->list->config.mode != FUNCTION_VALIDATE)
			json_append(f->arena, &f->items, made);
	}
}

static int write_list(struct function *f)
{
	CLEANUP(buf_release) struct buf out = BUF_INIT(VERB_OUTPUT_MAX);
	struct json list = json_make_object();

	json_each_member(m, &f->list->doc) {
		if (str_is(m->key, "items") || str_is(m->key, "results"))
			continue;
		json_add(f->arena, &list, m->key, m->value);
	}
	json_add(f->arena, &list, STR("items"), f->items);
	if (json_len(&f->results))
		json_add(f->arena, &list, STR("results"), f->results);
	yamldoc_write(&out, &list);
	return verb_print(&out);
}

static int run_function(struct function *f, const struct settings *s)
{
	struct error err = ERROR_INIT;
	int code;

	f->items = json_make_array();
	f->results = json_make_array();
	if (load(f, s, &err) < 0)
		return verb_fail(EXIT_USAGE, &err);
	world_tell_problems(&f->world);
	if (f->world.n_problems)
		return EXIT_UNREADABLE;
	for (size_t i = 0; i < json_array_len(f->list->items); i++)
		run_item(f, i);
	run_generated(f);
	code = write_list(f);
	if (code)
		return code;
	return f->refused ? EXIT_FINDINGS : EXIT_CLEAN;
}

static int run(struct arena *a, const struct settings *s,
	       const struct texts *operands)
{
	struct function f = { .arena = a };
	struct error err = ERROR_INIT;
	struct resource_list list;
	struct str text;
	int code;

	if (operands->n)
		return verb_usage(&verb_fn,
				  "takes no operand, the ResourceList comes on "
				  "standard input");
	if (file_read(a, "-", LIST_BYTES_MAX, &text, &err) < 0)
		return verb_fail(EXIT_UNREADABLE, &err);
	if (resource_list_parse(a, text, &list, &err) < 0) {
		if (err.line)
			error_wrap(&err, "standard input:%u:%u", err.line,
				   err.column);
		return verb_fail(EXIT_UNREADABLE, &err);
	}
	f.list = &list;
	code = run_function(&f, s);
	world_release(&f.world);
	return code;
}

const struct verb verb_fn = {
	.name = "fn",
	.operands = "",
	.title = "Fill in and judge a ResourceList, as a KRM function",
	.doc = "Reads a ResourceList (config.kubernetes.io/v1) from standard "
	       "input, prints it with\n"
	       "its items filled in and with results. Items with the "
	       "annotation\n"
	       "config.kubernetes.io/local-config: \"true\" are left alone. A "
	       "shutdown time is filled in\n"
	       "only when \"now\" is given: it would differ with every run.\n\n"
	       "functionConfig: a ConfigMap (in data) or a BulkheadConfig of "
	       "bulkhead.dev/v1alpha1 (in\n"
	       "spec) with tiers (a folder; in BulkheadConfig also a list of "
	       "documents),\n"
	       "namespaceLabels ([NAMESPACE:]KEY=VALUE,...), namespace, now, "
	       "and mode: both, fill or\n"
	       "validate. Exit status 1 when a result is an error.",
	.examples = "  kpt fn eval --exec \"bulkhead fn\" manifests/\n"
		    "  kpt fn source manifests/ | bulkhead fn | kpt fn sink "
		    "filled/",
	.reads_objects = true,
	.run = run,
};
