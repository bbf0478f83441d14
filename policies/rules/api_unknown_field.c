/*
 * api.unknownField: every field of a file is one that upstream's API knows.
 * In the cluster nothing is left to see: the API server has dropped or refused
 * it before anyone is asked.
 */
#include "policies/api_fields.h"
#include "policies/rules/all.h"
#include "policies/says.h"

/* A file of nothing but mistakes: enough are told. */
enum { FINDINGS_MAX = 50 };

struct walk {
	const struct check *check;
	const struct api_object *root;
	size_t left; /* findings yet to be told */
};

static void note(struct walk *w, const struct json_member *m,
		 const struct path *path, struct says says)
{
	const struct check *c = w->check;

	w->left--;
	check_note(c, c->action, path_field(c->target->arena, path), m->at,
		   says);
}

static struct str tell_fix(const struct walk *w,
			   const struct api_object *object, struct str name)
{
	struct arena *a = w->check->target->arena;
	struct str elsewhere = api_field_elsewhere(a, w->root, name);
	struct str names = api_field_names(a, object);

	if (elsewhere.n)
		return arena_printf(a,
				    "move it to %.*s, or remove it: here it "
				    "would be dropped",
				    STR_ARG(elsewhere));
	if (names.n)
		return arena_printf(a, "remove it; the fields here are %.*s",
				    STR_ARG(names));
	return STR("remove it: it would be dropped");
}

static void report(struct walk *w, const struct api_object *object,
		   const struct json_member *m, const struct path *path)
{
	const struct subject *s = w->check->target->subject;
	struct arena *a = w->check->target->arena;
	const char *meant = api_field_nearest(a, object, m->key);
	struct str found = arena_printf(a, "is not a field of a %.*s %.*s",
					STR_ARG(s->version), STR_ARG(s->kind));

	if (meant)
		note(w, m, path,
		     (struct says){ .found = arena_printf(
					    a, "%.*s, did you mean \"%s\"?",
					    STR_ARG(found), meant),
				    .fix = STR("correct or remove it: it "
					       "would be dropped") });
	else
		note(w, m, path,
		     (struct says){ .found = found,
				    .fix = tell_fix(w, object, m->key) });
}

static void walk_object(struct walk *w, const struct api_object *object,
			const struct json *v, const struct path *path);

/* A list stands for its items; a value of another type is not judged here. */
static void walk_value(struct walk *w, const struct api_object *object,
		       const struct json *v, const struct path *path)
{
	size_t i = 0;

	walk_object(w, object, v, path);
	if (!json_is(v, JSON_ARRAY))
		return;
	json_each_item(item, v) {
		struct path at = path_index(path, i++);

		walk_object(w, object, item, &at);
	}
}

/* As deep as the tables, whatever the document. */
static void walk_object(struct walk *w, const struct api_object *object,
			const struct json *v, const struct path *path)
{
	if (!json_is(v, JSON_OBJECT))
		return;
	json_each_member(m, v) {
		const struct api_field *field = api_field_find(object, m->key);
		struct path at = path_key(path, m->key);

		if (!w->left)
			return;
		if (!field)
			report(w, object, m, &at);
		else if (field->below)
			walk_value(w, field->below, &m->value, &at);
	}
}

/* No table, no judgement; but whoever relies on it has to know. */
static void report_version(const struct check *c)
{
	const struct subject *s = c->target->subject;
	struct arena *a = c->target->arena;

	check_object_as(
		c, ACTION_WARN, STR_NONE, &PATH_KEY(NULL, "apiVersion"),
		(struct says){
			arena_printf(a,
				     "is version %s, whose fields are not "
				     "known here",
				     says_quoted(a, s->version).p),
			arena_printf(a, "%.*s/v1beta1", STR_ARG(s->group)),
			STR("correct it; in a newer version no misspelled "
			    "field is found"),
		});
}

static void check(const struct check *c)
{
	const struct target *t = c->target;
	const struct subject *s = t->subject;
	struct walk w = { .check = c, .left = FINDINGS_MAX };

	/* The same for every tier that runs beside: said once. */
	if (!s->from_file || (t->tier && t->tier != t->selection->effective))
		return;
	w.root = api_object_find(s->kind, s->version);
	if (w.root)
		walk_object(&w, w.root, t->object, NULL);
	else
		report_version(c);
}

const struct rule rule_api_unknown_field = {
	.id = "api.unknownField",
	.kinds = SUBJECT_AGENT,
	.always = true,
	.title = "Every field of a file is one that the API knows",
	.doc = "A misspelled or misplaced field does nothing: "
	       "`runtimeClasName` "
	       "is no runtime class, `runAsNonRoot` beside `securityContext` "
	       "is no protection. `kubectl` 1.25 and later refuses such an "
	       "object; other clients, and `kubectl --validate=false`, have "
	       "the API server drop the field and say nothing. Files are "
	       "therefore refused for it. Correct the spelling, or move the "
	       "field to where the message says.\n\n"
	       "The fields known are those of upstream's `v1beta1`, and of "
	       "`v1alpha1` as releases v0.4 and v0.5 serve it; of another "
	       "version only the version itself is pointed at. Keys of labels, "
	       "annotations, limits and other free maps are not judged, nor "
	       "is `status`. In the cluster this rule has nothing to do. An "
	       "exception makes sense for a field that a newer release of "
	       "upstream has and this one does not know.",
	.fields = "apiVersion\nmetadata\nspec",
	.check = check,
};
