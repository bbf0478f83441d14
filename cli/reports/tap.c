/*
 * The Test Anything Protocol, version 13: a test for each object judged, and
 * one for each input that cannot be read. Findings are diagnostics, which
 * every reader of any version keeps.
 */
#include "cli/reports/all.h"
#include "cli/reports/escape.h"
#include "cli/reports/wording.h"

/* A "#" would begin a directive, a backslash an escape. */
static void put_description(struct buf *out, struct str text)
{
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '#' || text.p[i] == '\\')
			buf_putc(out, '\\');
		buf_putc(out, text.p[i]);
	}
}

static void put_finding(struct buf *out, const struct report_object *o,
			const struct finding *f)
{
	buf_puts(out, "# ");
	wording_finding(out, o, f);
	buf_putc(out, '\n');
	if (!f->exception && !f->fix.n)
		return;
	buf_puts(out, "#   ");
	wording_cure(out, f);
	buf_putc(out, '\n');
}

static void put_object(struct buf *out, struct buf *scratch,
		       const struct report_object *o, size_t number)
{
	enum fate fate = wording_fate(o);

	buf_clear(scratch);
	wording_title(scratch, o);
	buf_puts(scratch, " at ");
	wording_place(scratch, o->path, o->at);
	buf_printf(out, "%sok %zu - ", fate == FATE_DENY ? "not " : "", number);
	put_description(out, buf_str(scratch));
	if (fate == FATE_NO_TIER)
		buf_puts(out, " # SKIP no tier governs it");
	buf_putc(out, '\n');
	for (size_t i = 0; i < o->n_findings; i++)
		put_finding(out, o, &o->findings[i]);
}

static void put_problem(struct buf *out, struct buf *scratch,
			const struct input_problem *p, size_t number)
{
	buf_clear(scratch);
	wording_place(scratch, p->path, p->at);
	buf_printf(out, "not ok %zu - ", number);
	put_description(out, buf_str(scratch));
	buf_puts(out, " can be read\n# ");
	buf_add(out, buf_str(scratch));
	buf_puts(out, ": error: ");
	escape_line(out, p->msg);
	buf_putc(out, '\n');
}

static void write(struct buf *out, const struct report *r)
{
	CLEANUP(buf_release) struct buf scratch = BUF_INIT(REPORT_BYTES_MAX);
	size_t planned = wording_tally(r).judged + r->n_problems, number = 0;

	buf_printf(out, "TAP version 13\n1..%zu%s\n", planned,
		   planned ? "" : " # SKIP no objects to judge");
	for (size_t i = 0; i < r->n_objects; i++)
		if (r->objects[i].known)
			put_object(out, &scratch, &r->objects[i], ++number);
	for (size_t i = 0; i < r->n_problems; i++)
		put_problem(out, &scratch, &r->problems[i], ++number);
	buf_puts(out, "# ");
	wording_summary(out, r);
	buf_putc(out, '\n');
}

const struct report_format report_tap = {
	.name = "tap",
	.doc = "Test Anything Protocol: a test for each object",
	.write = write,
};
