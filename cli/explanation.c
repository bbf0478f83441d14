/* A judgement in full, as text and as JSON. */
#include "cli/explanation.h"

#include "cli/reports/escape.h"
#include "lib/json_write.h"
#include "policies/rules.h"

enum { STEP_COLUMN = 8, TIER_COLUMN = 20, RULE_COLUMN = 34 };

/* What one rule said of the object. */
struct word {
	const struct rule *rule;
	size_t n_fills, n_findings;
	enum action action; /* the strongest; when n_findings */
	bool applies;
};

static struct word word_of(const struct judgement *j, const struct rule *rule)
{
	const struct verdict *fills = &j->mutation.verdict;
	const struct verdict *found = &j->validation.verdict;
	const struct kind *kind = j->document->kind;
	struct word w = { .rule = rule, .action = ACTION_EXCEPTED };

	for (size_t i = 0; i < fills->n_fills; i++)
		w.n_fills += str_is(str_of(fills->fills[i].rule), rule->id);
	for (size_t i = 0; i < found->n_findings; i++) {
		const struct finding *f = &found->findings[i];

		if (!str_is(str_of(f->rule), rule->id))
			continue;
		w.n_findings++;
		if (f->action > w.action)
			w.action = f->action;
	}
	w.applies = kind && (rule->kinds & kind->subject) &&
		    (rule->always || j->validation.governed);
	return w;
}

/* "fills 2", "deny", "fills 1, warn", "ok", "does not apply". */
static struct str word_str(struct arena *a, const struct word *w)
{
	const char *said = w->n_findings ? action_name(w->action) : "";

	if (w->n_fills)
		return arena_printf(a, "fills %zu%s%s", w->n_fills,
				    *said ? ", " : "", said);
	if (w->n_findings)
		return str_of(said);
	return w->applies ? STR("ok") : STR("does not apply");
}

/* "gvisor" (label bulkhead.dev/enforce of Namespace a) */
static struct str named(struct arena *a, struct str tier, struct str who)
{
	return arena_printf(a, "\"%.*s\" (%.*s)", STR_ARG(tier), STR_ARG(who));
}

static struct str problem_str(struct arena *a, const struct selection *s)
{
	struct str wish = named(a, s->problem_tier, s->problem_who), floor;

	switch (s->problem) {
	case SELECTION_OK:
		return STR("");
	case SELECTION_UNKNOWN_TIER:
		return arena_printf(a, "%.*s is no tier", STR_ARG(wish));
	case SELECTION_TOO_WEAK:
		floor = named(a, s->floor->name, s->floor_who);
		return arena_printf(a, "%.*s is weaker than the floor %.*s",
				    STR_ARG(wish), STR_ARG(floor));
	case SELECTION_NOT_ALLOWED:
		return arena_printf(a, "%.*s is not allowed", STR_ARG(wish));
	}
	BUG("selection problem");
}

/* ---- text ---- */

static void put_selection(struct arena *a, struct buf *out,
			  const struct selection *s)
{
	struct str problem = problem_str(a, s);

	for (size_t i = 0; i < s->n_steps; i++) {
		const struct selection_step *step = &s->steps[i];

		buf_printf(out, "  %-*s ", STEP_COLUMN, step->what);
		escape_line(out, step->tier);
		buf_fill(out, ' ',
			 step->tier.n < TIER_COLUMN ? TIER_COLUMN - step->tier.n
						    : 0);
		buf_putc(out, ' ');
		escape_line(out, step->who);
		buf_putc(out, '\n');
	}
	if (problem.n) {
		buf_printf(out, "  %-*s ", STEP_COLUMN, "problem");
		escape_line(out, problem);
		buf_putc(out, '\n');
	}
	if (!s->effective) {
		buf_puts(out, "  no tier governs it\n");
		return;
	}
	buf_printf(out, "  %-*s %-*.*s strength %lld, %s, by ", STEP_COLUMN,
		   "tier", TIER_COLUMN, STR_ARG(s->effective->name),
		   (long long)s->effective->strength,
		   enforcement_names[s->effective->enforcement]);
	escape_line(out, s->effective_who);
	buf_putc(out, '\n');
}

static void put_rule(struct arena *a, struct buf *out,
		     const struct judgement *j, const struct word *w)
{
	const struct verdict *fills = &j->mutation.verdict;
	const struct verdict *found = &j->validation.verdict;

	buf_printf(out, "  %-*s ", RULE_COLUMN, w->rule->id);
	buf_add(out, word_str(a, w));
	buf_putc(out, '\n');
	for (size_t i = 0; w->n_fills && i < fills->n_fills; i++) {
		const struct filled *f = &fills->fills[i];

		if (!str_is(str_of(f->rule), w->rule->id))
			continue;
		buf_puts(out, "    ");
		escape_line(out, f->pointer);
		buf_puts(out, " = ");
		escape_line(out, json_to_str(a, &f->value));
		buf_putc(out, '\n');
	}
	for (size_t i = 0; w->n_findings && i < found->n_findings; i++) {
		const struct finding *f = &found->findings[i];

		if (!str_is(str_of(f->rule), w->rule->id))
			continue;
		buf_printf(out, "    %s: ", action_name(f->action));
		escape_line(out, finding_message(a, f));
		buf_putc(out, '\n');
	}
}

void explanation_text(struct arena *a, struct buf *out,
		      const struct judgement *j)
{
	const struct document *d = j->document;

	escape_line(out, document_title(a, d));
	buf_puts(out, " (");
	escape_line(out, d->file->path);
	if (d->written.start.line)
		buf_printf(out, ":%u", d->written.start.line);
	buf_puts(out, ")\n");
	put_selection(a, out, &j->validation.selection);
	buf_putc(out, '\n');
	for (size_t i = 0; rules[i]; i++) {
		struct word w = word_of(j, rules[i]);

		put_rule(a, out, j, &w);
	}
}

/* ---- JSON ---- */

static void add(struct arena *a, struct json *object, const char *key,
		struct str text)
{
	if (text.n)
		json_add(a, object, str_of(key), json_make_string(text));
}

static struct json steps_json(struct arena *a, const struct selection *s)
{
	struct json list = json_make_array();

	for (size_t i = 0; i < s->n_steps; i++) {
		struct json step = json_make_object();

		add(a, &step, "step", str_of(s->steps[i].what));
		add(a, &step, "tier", s->steps[i].tier);
		add(a, &step, "who", s->steps[i].who);
		json_append(a, &list, step);
	}
	return list;
}

static struct json tier_json(struct arena *a, const struct selection *s)
{
	struct json tier = json_make_object();

	if (!s->effective)
		return (struct json){ .type = JSON_NULL };
	add(a, &tier, "name", s->effective->name);
	json_add(a, &tier, STR("strength"),
		 json_make_int(a, s->effective->strength));
	add(a, &tier, "enforcement",
	    str_of(enforcement_names[s->effective->enforcement]));
	add(a, &tier, "who", s->effective_who);
	return tier;
}

static struct json fills_json(struct arena *a, const struct judgement *j,
			      const struct rule *rule)
{
	const struct verdict *v = &j->mutation.verdict;
	struct json list = json_make_array();

	for (size_t i = 0; i < v->n_fills; i++) {
		struct json one = json_make_object();

		if (!str_is(str_of(v->fills[i].rule), rule->id))
			continue;
		add(a, &one, "pointer", v->fills[i].pointer);
		json_add(a, &one, STR("value"), v->fills[i].value);
		json_append(a, &list, one);
	}
	return list;
}

static struct json finding_json(struct arena *a, const struct finding *f)
{
	struct json one = json_make_object();

	add(a, &one, "action", str_of(action_name(f->action)));
	add(a, &one, "id", f->id);
	if (f->tier)
		add(a, &one, "tier", f->tier->name);
	if (f->exception)
		add(a, &one, "exception", f->exception->name);
	add(a, &one, "origin", f->origin);
	add(a, &one, "field", f->field);
	if (f->at.line) {
		json_add(a, &one, STR("line"), json_make_int(a, f->at.line));
		json_add(a, &one, STR("column"),
			 json_make_int(a, f->at.column));
	}
	add(a, &one, "message", finding_message(a, f));
	return one;
}

static struct json findings_json(struct arena *a, const struct judgement *j,
				 const struct rule *rule)
{
	const struct verdict *v = &j->validation.verdict;
	struct json list = json_make_array();

	for (size_t i = 0; i < v->n_findings; i++)
		if (str_is(str_of(v->findings[i].rule), rule->id))
			json_append(a, &list, finding_json(a, &v->findings[i]));
	return list;
}

static struct json rules_json(struct arena *a, const struct judgement *j)
{
	struct json list = json_make_array();

	for (size_t i = 0; rules[i]; i++) {
		struct word w = word_of(j, rules[i]);
		struct json one = json_make_object();

		add(a, &one, "rule", str_of(rules[i]->id));
		add(a, &one, "said", word_str(a, &w));
		json_add(a, &one, STR("applies"), json_make_bool(w.applies));
		json_add(a, &one, STR("fills"), fills_json(a, j, rules[i]));
		json_add(a, &one, STR("findings"),
			 findings_json(a, j, rules[i]));
		json_append(a, &list, one);
	}
	return list;
}

struct json explanation_json(struct arena *a, const struct judgement *j)
{
	const struct selection *s = &j->validation.selection;
	const struct document *d = j->document;
	struct json all = json_make_object();

	add(a, &all, "file", d->file->path);
	if (d->written.start.line)
		json_add(a, &all, STR("line"),
			 json_make_int(a, d->written.start.line));
	add(a, &all, "apiVersion",
	    json_str(json_get(d->subject.object, STR("apiVersion"))));
	add(a, &all, "kind", d->subject.kind);
	add(a, &all, "namespace", d->subject.ns);
	add(a, &all, "name", d->subject.name);
	json_add(a, &all, STR("selection"), steps_json(a, s));
	json_add(a, &all, STR("tier"), tier_json(a, s));
	add(a, &all, "problem", problem_str(a, s));
	json_add(a, &all, STR("rules"), rules_json(a, j));
	return all;
}
