/*
 * JUnit XML: a suite for each file, a test case for each object. A denial is a
 * failure, input that cannot be read an error, an object that no tier governs
 * skipped; what lets the object through stands in system-out. Nothing here
 * takes time, so no time is given.
 */
#include "cli/reports/all.h"

#include <stdlib.h>

#include "cli/reports/escape.h"
#include "cli/reports/wording.h"

/* An object or a problem: exactly one of them is set. */
struct item {
	struct str path;
	const struct report_object *object;
	const struct input_problem *problem;
	size_t rank; /* keeps the order within a file */
};

struct totals {
	size_t tests, failures, errors, skipped;
};

struct xml {
	struct buf *out;
	struct buf text; /* scratch: what is to be escaped */
};

static int compare(const void *a, const void *b)
{
	const struct item *x = a, *y = b;
	int c = str_cmp(x->path, y->path);

	if (!c)
		c = x->rank < y->rank ? -1 : 1;
	return c;
}

/* Everything that is a test case, by file. */
static struct item *items(struct arena *a, const struct report *r, size_t *n)
{
	struct item *v =
		arena_new(a, struct item, r->n_objects + r->n_problems);

	*n = 0;
	for (size_t i = 0; i < r->n_objects; i++)
		if (r->objects[i].known)
			v[(*n)++] = (struct item){ .path = r->objects[i].path,
						   .object = &r->objects[i],
						   .rank = i };
	for (size_t i = 0; i < r->n_problems; i++)
		v[(*n)++] = (struct item){ .path = r->problems[i].path,
					   .problem = &r->problems[i],
					   .rank = r->n_objects + i };
	if (*n > 1)
		qsort(v, *n, sizeof(*v), compare);
	return v;
}

static struct totals totals(const struct item *v, size_t n)
{
	struct totals t = { .tests = n };

	for (size_t i = 0; i < n; i++) {
		if (v[i].problem) {
			t.errors++;
			continue;
		}
		t.failures += wording_fate(v[i].object) == FATE_DENY;
		t.skipped += wording_fate(v[i].object) == FATE_NO_TIER;
	}
	return t;
}

static void put_totals(struct xml *x, const struct totals *t)
{
	buf_printf(x->out,
		   " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" "
		   "skipped=\"%zu\"",
		   t->tests, t->failures, t->errors, t->skipped);
}

/* What gathered in x->text, escaped. */
static void put_text(struct xml *x)
{
	escape_xml(x->out, buf_str(&x->text));
	buf_clear(&x->text);
}

/* The findings of one action and stronger, or weaker, a line or two each. */
static void put_findings(struct xml *x, const struct report_object *o,
			 bool denials)
{
	for (size_t i = 0; i < o->n_findings; i++) {
		const struct finding *f = &o->findings[i];

		if ((f->action == ACTION_DENY) != denials)
			continue;
		wording_finding(&x->text, o, f);
		put_text(x);
		buf_putc(x->out, '\n');
		if (!f->exception && !f->fix.n)
			continue;
		buf_puts(x->out, "  ");
		wording_cure(&x->text, f);
		put_text(x);
		buf_putc(x->out, '\n');
	}
}

static size_t denials(const struct report_object *o)
{
	size_t n = 0;

	for (size_t i = 0; i < o->n_findings; i++)
		n += o->findings[i].action == ACTION_DENY;
	return n;
}

static void put_result(struct xml *x, const struct report_object *o)
{
	size_t n = denials(o);

	if (n) {
		buf_printf(x->out,
			   "      <failure type=\"deny\" message=\"%zu "
			   "denial%s\">",
			   n, n == 1 ? "" : "s");
		put_findings(x, o, true);
		buf_puts(x->out, "</failure>\n");
	} else if (wording_fate(o) == FATE_NO_TIER) {
		buf_puts(x->out,
			 "      <skipped message=\"no tier governs it\"/>\n");
	}
	if (n < o->n_findings) {
		buf_puts(x->out, "      <system-out>");
		put_findings(x, o, false);
		buf_puts(x->out, "</system-out>\n");
	}
}

static void put_object(struct xml *x, const struct report_object *o)
{
	buf_puts(x->out, "    <testcase classname=\"");
	escape_xml(x->out, o->kind);
	buf_puts(x->out, "\" name=\"");
	escape_xml(x->out, o->ns);
	if (o->ns.n)
		buf_putc(x->out, '/');
	escape_xml(x->out, o->name.n ? o->name : STR("(no name)"));
	buf_puts(x->out, "\"");
	if (wording_fate(o) == FATE_PASS && !o->n_findings) {
		buf_puts(x->out, "/>\n");
		return;
	}
	buf_puts(x->out, ">\n");
	put_result(x, o);
	buf_puts(x->out, "    </testcase>\n");
}

static void put_problem(struct xml *x, const struct input_problem *p)
{
	buf_puts(x->out, "    <testcase classname=\"input\" name=\"");
	wording_place(&x->text, p->path, p->at);
	put_text(x);
	buf_puts(x->out, "\">\n      <error type=\"unreadable\" message=\"");
	escape_xml(x->out, p->msg);
	buf_puts(x->out, "\">");
	wording_place(&x->text, p->path, p->at);
	buf_puts(&x->text, ": error: ");
	escape_line(&x->text, p->msg);
	put_text(x);
	buf_puts(x->out, "</error>\n    </testcase>\n");
}

static void put_suite(struct xml *x, const struct item *v, size_t n)
{
	struct totals t = totals(v, n);

	buf_puts(x->out, "  <testsuite name=\"");
	escape_xml(x->out, v[0].path);
	buf_putc(x->out, '"');
	put_totals(x, &t);
	buf_puts(x->out, ">\n");
	for (size_t i = 0; i < n; i++) {
		if (v[i].problem)
			put_problem(x, v[i].problem);
		else
			put_object(x, v[i].object);
	}
	buf_puts(x->out, "  </testsuite>\n");
}

static void write(struct buf *out, const struct report *r)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct xml x = { .out = out, .text = BUF_INIT(REPORT_BYTES_MAX) };
	size_t n, end;
	struct item *v = items(&a, r, &n);
	struct totals t = totals(v, n);

	buf_puts(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		      "<testsuites name=\"bulkhead\"");
	put_totals(&x, &t);
	buf_puts(out, ">\n");
	for (size_t i = 0; i < n; i = end) {
		for (end = i + 1; end < n && str_eq(v[end].path, v[i].path);)
			end++;
		put_suite(&x, v + i, end - i);
	}
	buf_puts(out, "</testsuites>\n");
	buf_release(&x.text);
}

const struct report_format report_junit = {
	.name = "junit",
	.doc = "JUnit XML: a suite for each file, a case for each object",
	.write = write,
};
