/*
 * Workflow commands of GitHub Actions: each finding is shown at its line of
 * the pull request. What is no command is plain text in the log.
 */
#include "cli/reports/all.h"
#include "cli/reports/escape.h"
#include "cli/reports/wording.h"

static const char *command(enum action action)
{
	switch (action) {
	case ACTION_DENY:
		return "error";
	case ACTION_WARN:
		return "warning";
	case ACTION_AUDIT:
	case ACTION_EXCEPTED:
		return "notice";
	}
	BUG("action");
}

/* Up to the title's value, which the caller writes. */
static void put_command(struct buf *out, const char *name, struct str path,
			struct json_mark at)
{
	buf_printf(out, "::%s file=", name);
	while (str_starts(path, STR("./")))
		path = str_sub(path, 2, path.n);
	escape_github_property(out, path);
	if (at.line)
		buf_printf(out, ",line=%u,col=%u", at.line, at.column);
	buf_puts(out, ",title=");
}

static void put_finding(struct buf *out, struct buf *scratch,
			const struct report_object *o, const struct finding *f)
{
	put_command(out, command(f->action), o->path, wording_mark(o, f));
	buf_clear(scratch);
	wording_title(scratch, o);
	buf_printf(scratch, ": %.*s", STR_ARG(f->id));
	escape_github_property(out, buf_str(scratch));
	buf_clear(scratch);
	wording_found(scratch, f);
	if (f->wanted.n)
		buf_puts(scratch, ", wanted ");
	escape_line(scratch, f->wanted);
	wording_who(scratch, o, f);
	if (f->exception || f->fix.n)
		buf_putc(scratch, '\n');
	wording_cure(scratch, f);
	buf_puts(out, "::");
	escape_github_message(out, buf_str(scratch));
	buf_putc(out, '\n');
}

static void put_problem(struct buf *out, const struct input_problem *p)
{
	put_command(out, "error", p->path, p->at);
	buf_puts(out, "cannot be read::");
	escape_github_message(out, p->msg);
	buf_putc(out, '\n');
}

static void write(struct buf *out, const struct report *r)
{
	CLEANUP(buf_release) struct buf scratch = BUF_INIT(REPORT_BYTES_MAX);

	for (size_t i = 0; i < r->n_objects; i++) {
		const struct report_object *o = &r->objects[i];

		for (size_t f = 0; f < o->n_findings; f++)
			put_finding(out, &scratch, o, &o->findings[f]);
	}
	for (size_t i = 0; i < r->n_problems; i++)
		put_problem(out, &r->problems[i]);
	wording_summary(out, r);
	buf_putc(out, '\n');
}

const struct report_format report_github = {
	.name = "github",
	.doc = "annotations in GitHub Actions",
	.write = write,
};
