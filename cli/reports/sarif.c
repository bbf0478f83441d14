/*
 * SARIF 2.1.0, for code scanning. The rules are the table's, then the team's
 * own as they turn up; a result a line.
 */
#include "cli/reports/all.h"
#include "cli/reports/escape.h"
#include "cli/reports/wording.h"
#include "lib/json_write.h"
#include "lib/map.h"
#include "lib/timestamp.h"
#include "policies/rules.h"
#include "policies/snapshot.h"

struct sarif {
	struct buf *out;
	struct arena arena;   /* as long as the report */
	struct arena scratch; /* as long as a line */
	struct map index;     /* size_t * by rule id */
	size_t n_rules;
	bool first; /* in the list that is being written */
};

/* ---- small trees ---- */

static void add_text(struct sarif *s, struct json *to, const char *key,
		     struct str text)
{
	struct arena *a = &s->scratch;

	json_add(a, to, str_of(key), json_make_string(escape_utf8(a, text)));
}

static void add(struct sarif *s, struct json *to, const char *key,
		struct json value)
{
	json_add(&s->scratch, to, str_of(key), value);
}

static struct json list_of(struct sarif *s, struct json item)
{
	struct json list = json_make_array();

	json_append(&s->scratch, &list, item);
	return list;
}

static struct json message(struct sarif *s, struct str text)
{
	struct json v = json_make_object();

	add_text(s, &v, "text", text);
	return v;
}

static struct json location(struct sarif *s, struct str path,
			    struct json_mark at)
{
	CLEANUP(buf_release) struct buf uri = BUF_INIT(1 << 20);
	struct json artifact = json_make_object(), place = json_make_object();
	struct json region = json_make_object(), v = json_make_object();
	struct arena *a = &s->scratch;

	escape_uri(&uri, path);
	add_text(s, &artifact, "uri", arena_str(a, buf_str(&uri)));
	add(s, &place, "artifactLocation", artifact);
	if (at.line) {
		add(s, &region, "startLine", json_make_int(a, at.line));
		add(s, &region, "startColumn", json_make_int(a, at.column));
		add(s, &place, "region", region);
	}
	add(s, &v, "physicalLocation", place);
	return list_of(s, v);
}

/* An item of a list, on a line of its own. */
static void put_item(struct sarif *s, const struct json *v)
{
	buf_puts(s->out, s->first ? "\n" : ",\n");
	s->first = false;
	json_write(s->out, v);
	arena_reset(&s->scratch);
}

/* ---- rules ---- */

static void put_rule(struct sarif *s, struct str id, struct str title,
		     struct str doc)
{
	struct json v = json_make_object(), help = message(s, doc);
	size_t *index = arena_new(&s->arena, size_t, 1);

	*index = s->n_rules++;
	map_set(&s->index, id, index);
	add_text(s, &v, "id", id);
	add(s, &v, "shortDescription", message(s, title));
	add(s, &v, "fullDescription", message(s, doc));
	add_text(s, &help, "markdown", doc);
	add(s, &v, "help", help);
	put_item(s, &v);
}

static void put_rules(struct sarif *s, const struct report *r)
{
	s->first = true;
	for (size_t i = 0; rules[i]; i++)
		put_rule(s, str_of(rules[i]->id), str_of(rules[i]->title),
			 str_of(rules[i]->doc));
	for (size_t i = 0; i < r->n_objects; i++) {
		const struct report_object *o = &r->objects[i];

		for (size_t f = 0; f < o->n_findings; f++)
			if (!map_get(&s->index, o->findings[f].id))
				put_rule(s, o->findings[f].id,
					 STR("A rule of the team's own"),
					 STR("This rule stands in `spec.rules` "
					     "of an IsolationTier."));
	}
}

/* ---- results ---- */

static struct str level(enum action action)
{
	switch (action) {
	case ACTION_DENY:
		return STR("error");
	case ACTION_WARN:
		return STR("warning");
	case ACTION_AUDIT:
	case ACTION_EXCEPTED:
		return STR("note");
	}
	BUG("action");
}

static struct str title(struct arena *a, const struct report_object *o)
{
	return arena_printf(a, "%.*s %.*s%s%.*s", STR_ARG(o->kind),
			    STR_ARG(o->ns), o->ns.n ? "/" : "",
			    STR_ARG(o->name));
}

static struct json suppressions(struct sarif *s, const struct exception *e)
{
	struct json v = json_make_object();

	if (!e)
		return json_make_array();
	add_text(s, &v, "kind", STR("external"));
	add_text(s, &v, "status", STR("accepted"));
	add_text(s, &v, "justification",
		 arena_printf(&s->scratch,
			      "IsolationException %.*s until %s: %.*s%s%.*s",
			      STR_ARG(e->name),
			      timestamp_str(&s->scratch, e->expires_at).p,
			      STR_ARG(e->reason), e->ticket.n ? ", " : "",
			      STR_ARG(e->ticket)));
	return list_of(s, v);
}

/* Moves with neither lines nor what the field holds now. */
static struct json fingerprints(struct sarif *s, const struct report_object *o,
				const struct finding *f)
{
	struct json v = json_make_object();
	struct arena *a = &s->scratch;

	add_text(s, &v, "bulkheadFinding/v1",
		 arena_printf(a, "%.*s|%.*s|%.*s|%.*s", STR_ARG(f->id),
			      STR_ARG(title(a, o)), STR_ARG(f->origin),
			      STR_ARG(f->field)));
	return v;
}

static void put_result(struct sarif *s, const struct report_object *o,
		       const struct finding *f)
{
	const size_t *index = map_get(&s->index, f->id);
	struct json v = json_make_object();
	struct arena *a = &s->scratch;

	add_text(s, &v, "ruleId", f->id);
	add(s, &v, "ruleIndex", json_make_int(a, (int64_t)*index));
	add_text(s, &v, "level", level(f->action));
	add(s, &v, "message",
	    message(s, arena_printf(a, "%.*s: %.*s", STR_ARG(title(a, o)),
				    STR_ARG(finding_message(a, f)))));
	add(s, &v, "locations", location(s, o->path, wording_mark(o, f)));
	add(s, &v, "partialFingerprints", fingerprints(s, o, f));
	add(s, &v, "suppressions", suppressions(s, f->exception));
	put_item(s, &v);
}

static void put_results(struct sarif *s, const struct report *r)
{
	s->first = true;
	for (size_t i = 0; i < r->n_objects; i++) {
		const struct report_object *o = &r->objects[i];

		for (size_t f = 0; f < o->n_findings; f++)
			put_result(s, o, &o->findings[f]);
	}
}

static void put_notifications(struct sarif *s, const struct report *r)
{
	s->first = true;
	for (size_t i = 0; i < r->n_problems; i++) {
		const struct input_problem *p = &r->problems[i];
		struct json v = json_make_object();

		add_text(s, &v, "level", STR("error"));
		add(s, &v, "message", message(s, p->msg));
		add(s, &v, "locations", location(s, p->path, p->at));
		put_item(s, &v);
	}
}

static void write(struct buf *out, const struct report *r)
{
	struct sarif s = { .out = out };

	s.index = (struct map)MAP_INIT(&s.arena);
	buf_puts(out, "{\"version\":\"2.1.0\",\n\"$schema\":"
		      "\"https://docs.oasis-open.org/sarif/sarif/v2.1.0/"
		      "errata01/os/schemas/sarif-schema-2.1.0.json\",\n"
		      "\"runs\":[{\"tool\":{\"driver\":{\"name\":\"bulkhead\","
		      "\"version\":\"" BULKHEAD_VERSION "\",\"rules\":[");
	put_rules(&s, r);
	buf_printf(out,
		   "]}},\n\"columnKind\":\"unicodeCodePoints\",\n"
		   "\"invocations\":[{\"executionSuccessful\":%s,"
		   "\"toolExecutionNotifications\":[",
		   r->n_problems ? "false" : "true");
	put_notifications(&s, r);
	buf_puts(out, "]}],\n\"results\":[");
	put_results(&s, r);
	buf_puts(out, "]}]}\n");
	arena_release(&s.scratch);
	arena_release(&s.arena);
}

const struct report_format report_sarif = {
	.name = "sarif",
	.doc = "SARIF 2.1.0, for code scanning",
	.write = write,
};
