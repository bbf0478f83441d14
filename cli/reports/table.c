/*
 * The format for people: a block for each object, a line for each finding that
 * begins, as a compiler's, with a place that editors open, its cure below it.
 */
#include "cli/reports/all.h"
#include "cli/reports/escape.h"
#include "cli/reports/wording.h"

#define INDENT "      "

enum tint { RED, YELLOW, GREEN, DIM, BOLD, RESET };

static const char *const codes[] = {
	[RED] = "\033[1;31m", [YELLOW] = "\033[33m", [GREEN] = "\033[32m",
	[DIM] = "\033[2m",    [BOLD] = "\033[1m",    [RESET] = "\033[0m",
};

static void tint(struct buf *out, const struct report *r, enum tint t)
{
	if (r->color)
		buf_puts(out, codes[t]);
}

static enum tint tint_of(enum action action)
{
	switch (action) {
	case ACTION_DENY:
		return RED;
	case ACTION_WARN:
		return YELLOW;
	case ACTION_AUDIT:
	case ACTION_EXCEPTED:
		return DIM;
	}
	BUG("action");
}

static enum tint tint_of_fate(enum fate fate)
{
	switch (fate) {
	case FATE_DENY:
		return RED;
	case FATE_WARN:
		return YELLOW;
	case FATE_PASS:
		return GREEN;
	case FATE_NO_TIER:
		return DIM;
	}
	BUG("fate");
}

static void put_title(struct buf *out, const struct report *r,
		      const struct report_object *o)
{
	enum fate fate = wording_fate(o);

	tint(out, r, tint_of_fate(fate));
	buf_printf(out, "%-4s", wording_fate_name(fate));
	tint(out, r, RESET);
	buf_puts(out, "  ");
	tint(out, r, BOLD);
	wording_title(out, o);
	tint(out, r, RESET);
	if (o->tier.n) {
		buf_puts(out, "  tier ");
		escape_line(out, o->tier);
		buf_puts(out, " (");
		escape_line(out, o->tier_who);
		buf_putc(out, ')');
	}
	buf_puts(out, "  ");
	tint(out, r, DIM);
	wording_place(out, o->path, o->at);
	tint(out, r, RESET);
	buf_putc(out, '\n');
}

/* A line of its own where the terminal is known to be too narrow. */
static void put_wanted(struct buf *out, const struct report *r,
		       const struct finding *f, size_t line)
{
	if (!f->wanted.n)
		return;
	if (r->width && out->n - line + f->wanted.n > r->width)
		buf_puts(out, "\n" INDENT "wanted ");
	else
		buf_puts(out, ", wanted ");
	escape_line(out, f->wanted);
}

static void put_finding(struct buf *out, const struct report *r,
			const struct report_object *o, const struct finding *f)
{
	size_t line = out->n;

	wording_place(out, o->path, wording_mark(o, f));
	buf_puts(out, ": ");
	tint(out, r, tint_of(f->action));
	buf_puts(out, action_name(f->action));
	tint(out, r, RESET);
	buf_putc(out, ' ');
	wording_found(out, f);
	put_wanted(out, r, f, line);
	wording_who(out, o, f);
	buf_putc(out, '\n');
	if (!f->exception && !f->fix.n)
		return;
	buf_puts(out, INDENT);
	wording_cure(out, f);
	buf_putc(out, '\n');
}

static void put_object(struct buf *out, const struct report *r,
		       const struct report_object *o)
{
	put_title(out, r, o);
	for (size_t i = 0; i < o->n_findings; i++)
		put_finding(out, r, o, &o->findings[i]);
	if (!o->n_fills)
		return;
	tint(out, r, DIM);
	buf_printf(out,
		   INDENT "+ %zu value%s filled in (bulkhead diff shows %s)",
		   o->n_fills, o->n_fills == 1 ? "" : "s",
		   o->n_fills == 1 ? "it" : "them");
	tint(out, r, RESET);
	buf_putc(out, '\n');
}

static void put_problem(struct buf *out, const struct report *r,
			const struct input_problem *p)
{
	wording_place(out, p->path, p->at);
	buf_puts(out, ": ");
	tint(out, r, RED);
	buf_puts(out, "error");
	tint(out, r, RESET);
	buf_puts(out, ": ");
	escape_line(out, p->msg);
	buf_putc(out, '\n');
}

/* Blocks with findings stand apart; the clean ones make a list. */
static void write(struct buf *out, const struct report *r)
{
	size_t start = out->n;
	bool apart = false;

	for (size_t i = 0; i < r->n_objects; i++) {
		const struct report_object *o = &r->objects[i];

		if (!o->known)
			continue;
		if (out->n > start && (apart || o->n_findings))
			buf_putc(out, '\n');
		put_object(out, r, o);
		apart = o->n_findings > 0;
	}
	if (out->n > start && r->n_problems)
		buf_putc(out, '\n');
	for (size_t i = 0; i < r->n_problems; i++)
		put_problem(out, r, &r->problems[i]);
	if (out->n > start)
		buf_putc(out, '\n');
	tint(out, r, BOLD);
	wording_summary(out, r);
	tint(out, r, RESET);
	buf_putc(out, '\n');
}

const struct report_format report_table = {
	.name = "table",
	.doc = "for people",
	.write = write,
};
