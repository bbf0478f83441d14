/* The completion function of zsh. */
#include "cli/completion.h"

#include "cli/help.h"

/* Inside single quotes, inside the brackets of an _arguments spec. */
static void put_help(struct buf *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '\'')
			buf_puts(out, "'\\''");
		else if (strchr("[]:\\", *text))
			buf_printf(out, "\\%c", *text);
		else
			buf_putc(out, *text);
	}
}

static void put_argument(struct buf *out, const struct option *o)
{
	buf_putc(out, ':');
	put_help(out, o->argument);
	buf_putc(out, ':');
	if (completion_wants_path(o))
		buf_puts(out, "_files");
	if (!o->choices)
		return;
	buf_putc(out, '(');
	for (size_t i = 0; o->choices[i]; i++)
		buf_printf(out, "%s%s", i ? " " : "", o->choices[i]);
	buf_putc(out, ')');
}

static void put_spec(struct buf *out, const struct option *o, bool letter)
{
	bool often = o->type == OPTION_TEXTS;

	buf_puts(out, " \\\n\t\t\t'");
	if (often)
		buf_putc(out, '*');
	else if (o->letter)
		buf_printf(out, "(-%c --%s)", o->letter, o->name);
	if (letter)
		buf_printf(out, "-%c", o->letter);
	else
		buf_printf(out, "--%s%s", o->name,
			   o->type == OPTION_FLAG ? "" : "=");
	buf_putc(out, '[');
	put_help(out, o->help);
	buf_putc(out, ']');
	if (o->type != OPTION_FLAG)
		put_argument(out, o);
	buf_putc(out, '\'');
}

static void put_table(struct buf *out, const struct option *o)
{
	for (; o && o->name; o++) {
		put_spec(out, o, false);
		if (o->letter)
			put_spec(out, o, true);
	}
}

static void put_verb(struct buf *out, const struct verb *v)
{
	buf_printf(out, "\t\t%s)\n\t\t\t_arguments -s", v->name);
	put_table(out, v->options);
	put_table(out, v->reads_objects ? shared_options : help_options);
	if (v->completes_paths)
		buf_puts(out, " \\\n\t\t\t'*:path:_files'");
	if (v->operand_words) {
		buf_puts(out, " \\\n\t\t\t'1:operand:(");
		v->operand_words(out);
		buf_puts(out, ")'");
	}
	buf_puts(out, "\n\t\t\t;;\n");
}

void completion_zsh(struct buf *out)
{
	buf_puts(out, "#compdef bulkhead\n"
		      "# Completion of bulkhead for zsh, written by \"bulkhead "
		      "completion zsh\".\n"
		      "_bulkhead() {\n"
		      "\tlocal curcontext=$curcontext state line\n"
		      "\tlocal -a commands\n"
		      "\ttypeset -A opt_args\n"
		      "\t_arguments -C \\\n"
		      "\t\t'(- *)--help[show the commands]' \\\n"
		      "\t\t'(- *)--version[print the version]' \\\n"
		      "\t\t'1: :->command' '*:: :->rest' && return\n"
		      "\tcase $state in\n"
		      "\tcommand)\n"
		      "\t\tcommands=(\n");
	for (size_t i = 0; verbs[i]; i++) {
		buf_printf(out, "\t\t\t'%s:", verbs[i]->name);
		put_help(out, verbs[i]->title);
		buf_puts(out, "'\n");
	}
	buf_puts(out, "\t\t)\n"
		      "\t\t_describe -t commands 'bulkhead command' commands\n"
		      "\t\t;;\n"
		      "\trest)\n"
		      "\t\tcase $words[1] in\n");
	for (size_t i = 0; verbs[i]; i++)
		put_verb(out, verbs[i]);
	buf_puts(out, "\t\tesac\n"
		      "\t\t;;\n"
		      "\tesac\n"
		      "}\n"
		      "if [[ $funcstack[1] == _bulkhead ]]; then\n"
		      "\t_bulkhead \"$@\"\n"
		      "else\n"
		      "\tcompdef _bulkhead bulkhead\n"
		      "fi\n");
}
