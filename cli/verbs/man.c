/* bulkhead man: the manual page (mdoc), from the tables of verbs and options.
 */
#include "cli/help.h"
#include "cli/verbs/all.h"

/*
 * A backslash starts an escape, a point or quote a request; a new sentence
 * wants a new line.
 */
static void put_line(struct buf *out, struct str line)
{
	bool start = true;

	for (size_t i = 0; i < line.n; i++) {
		bool end = i > 0 && line.p[i] == ' ' && line.p[i - 1] == '.';

		if (start && (line.p[i] == '.' || line.p[i] == '\''))
			buf_puts(out, "\\&");
		start = end;
		if (end)
			buf_putc(out, '\n');
		else if (line.p[i] == '\\')
			buf_puts(out, "\\e");
		else
			buf_putc(out, line.p[i]);
	}
	buf_putc(out, '\n');
}

static void put_text(struct buf *out, const char *text)
{
	struct str rest = str_of(text), line;

	while (str_split(&rest, '\n', &line)) {
		if (line.n)
			put_line(out, line);
		else
			buf_puts(out, ".Pp\n");
	}
}

/* As one argument of a macro. */
static void put_argument(struct buf *out, const char *text)
{
	buf_puts(out, " \"");
	for (; *text; text++) {
		if (*text == '"')
			buf_puts(out, "\\(dq");
		else
			buf_putc(out, *text);
	}
	buf_putc(out, '"');
}

static void put_option(struct buf *out, const struct option *o)
{
	buf_puts(out, ".It");
	if (o->letter)
		buf_printf(out, " Fl %c ,", o->letter);
	buf_printf(out, " Fl -%s", o->name);
	if (o->argument) {
		buf_puts(out, " Ar");
		put_argument(out, o->argument);
	}
	buf_putc(out, '\n');
	put_line(out, str_of(o->help));
	if (!o->choices)
		return;
	buf_puts(out, "\\(em\n");
	for (size_t i = 0; o->choices[i]; i++)
		buf_printf(out, ".Cm %s%s\n", o->choices[i],
			   o->choices[i + 1] ? " ," : " .");
}

static void put_options(struct buf *out, const struct option *table)
{
	if (!table || !table->name)
		return;
	buf_puts(out, ".Bl -tag -width Ds\n");
	for (; table->name; table++)
		put_option(out, table);
	buf_puts(out, ".El\n");
}

static void put_verb(struct buf *out, const struct verb *v)
{
	buf_printf(out, ".Ss bulkhead %s\n.Nm\n.Cm %s\n.Op Ar option ...\n",
		   v->name, v->name);
	if (*v->operands) {
		buf_puts(out, ".Ar");
		put_argument(out, v->operands);
		buf_putc(out, '\n');
	}
	buf_puts(out, ".Pp\n");
	put_line(out, str_of(v->title));
	buf_puts(out, ".Pp\n");
	put_text(out, v->doc);
	put_options(out, v->options);
	if (v->reads_objects)
		buf_puts(out, ".Pp\nTakes the shared options too.\n");
}

static void put_examples(struct buf *out)
{
	buf_puts(out, ".Sh EXAMPLES\n.Bd -literal\n");
	for (size_t i = 0; verbs[i]; i++) {
		struct str rest = str_of(verbs[i]->examples), line;

		while (rest.p && str_split(&rest, '\n', &line))
			put_line(out, str_trim(line));
	}
	buf_puts(out, ".Ed\n");
}

static void put_page(struct buf *out)
{
	buf_puts(out,
		 ".\\\" Written by \"bulkhead man\".\n"
		 ".Dd November 21, 2026\n"
		 ".Dt BULKHEAD 1\n"
		 ".Os \"Bulkhead " BULKHEAD_VERSION "\"\n"
		 ".Sh NAME\n"
		 ".Nm bulkhead\n"
		 ".Nd keep agent sandboxes inside their declared isolation\n"
		 ".Sh SYNOPSIS\n"
		 ".Nm\n"
		 ".Ar command\n"
		 ".Op Ar option ...\n"
		 ".Op Ar operand ...\n"
		 ".Nm\n"
		 ".Fl -help | -version\n"
		 ".Sh DESCRIPTION\n"
		 ".Nm\n"
		 "fills in and judges Kubernetes manifests of agent sandboxes "
		 "by isolation tiers,\n"
		 "as the admission webhook of a cluster does.\n"
		 "Results go to standard output, everything else to standard "
		 "error.\n"
		 ".Sh COMMANDS\n");
	for (size_t i = 0; verbs[i]; i++)
		put_verb(out, verbs[i]);
	buf_puts(out, ".Ss Shared options\n"
		      "Of the commands that judge objects:\n");
	put_options(out, shared_options);
	buf_puts(out,
		 ".Sh EXIT STATUS\n"
		 ".Bl -tag -width Ds -compact\n"
		 ".It 0\nclean\n"
		 ".It 1\nfindings\n"
		 ".It 2\nwrong usage, a policy set that cannot be loaded\n"
		 ".It 3\ninput that cannot be read\n"
		 ".It 4\nan internal error, output that cannot be written\n"
		 ".El\n");
	put_examples(out);
}

static int run(struct arena *a, const struct settings *s,
	       const struct texts *operands)
{
	CLEANUP(buf_release) struct buf out = BUF_INIT(VERB_OUTPUT_MAX);

	(void)a;
	(void)s;
	if (operands->n)
		return verb_usage(&verb_man, "takes no operand");
	put_page(&out);
	return verb_print(&out);
}

const struct verb verb_man = {
	.name = "man",
	.operands = "",
	.title = "Print the manual page",
	.doc = "In the mdoc language of man(1); \"make install\" puts it where "
	       "man looks for it.",
	.examples = "  bulkhead man | man -l -",
	.run = run,
};
