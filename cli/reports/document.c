/* The report as data, for the formats that other programs read. */
#include "cli/reports/document.h"

#include "cli/reports/escape.h"
#include "cli/reports/wording.h"
#include "lib/timestamp.h"
#include "policies/snapshot.h"

static void add_text(struct arena *a, struct json *to, const char *key,
		     struct str text)
{
	json_add(a, to, str_of(key), json_make_string(escape_utf8(a, text)));
}

static void add_count(struct arena *a, struct json *to, const char *key,
		      size_t n)
{
	json_add(a, to, str_of(key), json_make_int(a, (int64_t)n));
}

static void add_mark(struct arena *a, struct json *to, struct json_mark at)
{
	add_count(a, to, "line", at.line);
	add_count(a, to, "column", at.column);
}

static struct json summary(struct arena *a, const struct report *r)
{
	struct tally t = wording_tally(r);
	struct json v = json_make_object();

	add_count(a, &v, "judged", t.judged);
	add_count(a, &v, "governed", r->objects_governed);
	add_count(a, &v, "denied", t.fates[FATE_DENY]);
	add_count(a, &v, "warned", t.fates[FATE_WARN]);
	add_count(a, &v, "passed", t.fates[FATE_PASS]);
	add_count(a, &v, "withoutTier", t.fates[FATE_NO_TIER]);
	add_count(a, &v, "notJudged", t.other);
	add_count(a, &v, "denials", r->denied);
	add_count(a, &v, "warnings", r->warned);
	add_count(a, &v, "audits", r->audited);
	add_count(a, &v, "excepted", r->excepted);
	add_count(a, &v, "filled", t.filled);
	add_count(a, &v, "problems", r->n_problems);
	return v;
}

struct json document_head(struct arena *a, const struct report *r)
{
	struct json v = json_make_object(), policy = json_make_object();

	add_text(a, &v, "apiVersion", STR("bulkhead.dev/v1alpha1"));
	add_text(a, &v, "kind", STR("Report"));
	add_text(a, &policy, "digest", r->policy_digest);
	json_add(a, &v, STR("policy"), policy);
	json_add(a, &v, STR("summary"), summary(a, r));
	return v;
}

static struct json exception(struct arena *a, const struct exception *e)
{
	struct json v = json_make_object();

	add_text(a, &v, "name", e->name);
	add_text(a, &v, "reason", e->reason);
	add_text(a, &v, "ticket", e->ticket);
	add_text(a, &v, "expiresAt", timestamp_str(a, e->expires_at));
	return v;
}

static struct json finding(struct arena *a, const struct report_object *o,
			   const struct finding *f)
{
	struct json v = json_make_object();

	add_text(a, &v, "action", str_of(action_name(f->action)));
	add_text(a, &v, "rule", str_of(f->rule));
	add_text(a, &v, "id", f->id);
	add_text(a, &v, "tier", f->tier ? f->tier->name : STR(""));
	if (f->origin.n)
		add_text(a, &v, "origin", f->origin);
	add_text(a, &v, "field", f->field);
	add_mark(a, &v, wording_mark(o, f));
	add_text(a, &v, "found", f->found);
	add_text(a, &v, "wanted", f->wanted);
	add_text(a, &v, "fix", f->fix);
	add_text(a, &v, "message", finding_message(a, f));
	if (f->exception)
		json_add(a, &v, STR("exception"), exception(a, f->exception));
	return v;
}

static struct json filled(struct arena *a, const struct filled *f)
{
	struct json v = json_make_object();

	add_text(a, &v, "rule", str_of(f->rule));
	add_text(a, &v, "field", f->field);
	add_text(a, &v, "pointer", f->pointer);
	json_add(a, &v, STR("value"), f->value);
	return v;
}

static struct str verdict(const struct report_object *o)
{
	enum fate fate = wording_fate(o);

	return fate == FATE_NO_TIER ? STR("withoutTier")
				    : str_of(wording_fate_name(fate));
}

struct json document_object(struct arena *a, const struct report_object *o)
{
	struct json v = json_make_object();
	struct json findings = json_make_array(), fills = json_make_array();

	for (size_t i = 0; i < o->n_findings; i++)
		json_append(a, &findings, finding(a, o, &o->findings[i]));
	for (size_t i = 0; i < o->n_fills; i++)
		json_append(a, &fills, filled(a, &o->fills[i]));
	add_text(a, &v, "file", o->path);
	add_mark(a, &v, o->at);
	add_text(a, &v, "apiVersion", o->api_version);
	add_text(a, &v, "kind", o->kind);
	add_text(a, &v, "namespace", o->ns);
	add_text(a, &v, "name", o->name);
	add_text(a, &v, "tier", o->tier);
	add_text(a, &v, "tierBy", o->tier_who);
	add_text(a, &v, "verdict", verdict(o));
	json_add(a, &v, STR("findings"), findings);
	json_add(a, &v, STR("filled"), fills);
	return v;
}

struct json document_problem(struct arena *a, const struct input_problem *p)
{
	struct json v = json_make_object();

	add_text(a, &v, "file", p->path);
	add_mark(a, &v, p->at);
	add_text(a, &v, "message", p->msg);
	return v;
}
