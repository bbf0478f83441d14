/* The words that the formats for people share. */
#include "cli/reports/wording.h"

#include "cli/reports/escape.h"
#include "lib/timestamp.h"
#include "policies/snapshot.h"

enum fate wording_fate(const struct report_object *o)
{
	switch (o->action) {
	case ACTION_DENY:
		return FATE_DENY;
	case ACTION_WARN:
		return FATE_WARN;
	case ACTION_EXCEPTED:
	case ACTION_AUDIT:
		break;
	}
	return o->governed ? FATE_PASS : FATE_NO_TIER;
}

const char *wording_fate_name(enum fate fate)
{
	switch (fate) {
	case FATE_PASS:
		return "pass";
	case FATE_NO_TIER:
		return "no tier";
	case FATE_WARN:
		return "warn";
	case FATE_DENY:
		return "deny";
	}
	BUG("fate");
}

struct tally wording_tally(const struct report *r)
{
	struct tally t = { .judged = 0 };

	for (size_t i = 0; i < r->n_objects; i++) {
		const struct report_object *o = &r->objects[i];

		if (!o->known) {
			t.other++;
			continue;
		}
		t.judged++;
		t.fates[wording_fate(o)]++;
		t.filled += o->n_fills;
	}
	return t;
}

/* text and what ends it, when there is a text. */
static void part(struct buf *out, struct str text, const char *end)
{
	if (!text.n)
		return;
	escape_line(out, text);
	buf_puts(out, end);
}

void wording_title(struct buf *out, const struct report_object *o)
{
	escape_line(out, o->kind.n ? o->kind : STR("object"));
	buf_putc(out, ' ');
	part(out, o->ns, "/");
	escape_line(out, o->name.n ? o->name : STR("(no name)"));
}

void wording_place(struct buf *out, struct str path, struct json_mark at)
{
	escape_line(out, str_is(path, "-") ? STR("<stdin>") : path);
	if (at.line)
		buf_printf(out, ":%u:%u", at.line, at.column);
}

struct json_mark wording_mark(const struct report_object *o,
			      const struct finding *f)
{
	return f->at.line ? f->at : o->at;
}

void wording_found(struct buf *out, const struct finding *f)
{
	buf_putc(out, '[');
	part(out, f->id, "] ");
	part(out, f->origin, ": ");
	part(out, f->field, ": ");
	part(out, f->found, "");
}

void wording_who(struct buf *out, const struct report_object *o,
		 const struct finding *f)
{
	if (!f->who.n || (f->tier && str_eq(f->tier->name, o->tier)))
		return;
	buf_puts(out, " (");
	part(out, f->who, ")");
}

static void put_exception(struct buf *out, const struct exception *e)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;

	buf_puts(out, "excepted by IsolationException ");
	escape_line(out, e->name);
	buf_puts(out, " until ");
	buf_add(out, timestamp_str(&a, e->expires_at));
	buf_puts(out, ": ");
	escape_line(out, e->reason);
	if (!e->ticket.n)
		return;
	buf_puts(out, " (ticket ");
	part(out, e->ticket, ")");
}

void wording_cure(struct buf *out, const struct finding *f)
{
	if (f->exception) {
		put_exception(out, f->exception);
	} else if (f->fix.n) {
		buf_puts(out, "fix: ");
		escape_line(out, f->fix);
	}
}

void wording_finding(struct buf *out, const struct report_object *o,
		     const struct finding *f)
{
	wording_place(out, o->path, wording_mark(o, f));
	buf_printf(out, ": %s ", action_name(f->action));
	wording_found(out, f);
	if (f->wanted.n)
		buf_puts(out, ", wanted ");
	part(out, f->wanted, "");
	wording_who(out, o, f);
}

/* "; 3 denials", and nothing for none. */
static void count(struct buf *out, const char *before, size_t n,
		  const char *what, const char *many)
{
	if (n)
		buf_printf(out, "%s%zu %s%s", before, n, what,
			   n == 1 ? "" : many);
}

void wording_summary(struct buf *out, const struct report *r)
{
	struct tally t = wording_tally(r);
	size_t found = r->denied + r->warned + r->excepted + r->audited;

	buf_printf(out, "%zu object%s judged", t.judged,
		   t.judged == 1 ? "" : "s");
	if (t.judged)
		buf_printf(out, ": %zu denied, %zu warned, %zu passed",
			   t.fates[FATE_DENY], t.fates[FATE_WARN],
			   t.fates[FATE_PASS]);
	count(out, ", ", t.fates[FATE_NO_TIER], "without a tier", "");
	if (found) {
		buf_printf(out, " (%zu denial%s, %zu warning%s", r->denied,
			   r->denied == 1 ? "" : "s", r->warned,
			   r->warned == 1 ? "" : "s");
		count(out, ", ", r->excepted, "excepted", "");
		count(out, ", ", r->audited, "audited", "");
		buf_putc(out, ')');
	}
	count(out, "; ", t.other, "other object", "s");
	if (t.other)
		buf_puts(out, " not judged");
	count(out, "; ", r->n_problems, "error", "s");
	if (r->n_problems)
		buf_puts(out, " in unreadable input");
}
