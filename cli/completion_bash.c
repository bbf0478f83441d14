/* The completion script of bash; needs no bash-completion package. */
#include "cli/completion.h"

#include "cli/help.h"

bool completion_wants_path(const struct option *o)
{
	struct str argument = str_of(o->argument);

	return str_is(argument, "DIR") || str_is(argument, "FILE");
}

static const struct option *shared(const struct verb *v)
{
	return v->reads_objects ? shared_options : help_options;
}

static void put_words(struct buf *out, const char *const *words)
{
	for (size_t i = 0; words[i]; i++)
		buf_printf(out, "%s%s", i ? " " : "", words[i]);
}

/* One arm for an option that takes an argument. */
static void put_argument(struct buf *out, const struct verb *v,
			 const struct option *o)
{
	if (o->type == OPTION_FLAG)
		return;
	buf_printf(out, "\t%s:--%s", v->name, o->name);
	if (o->letter)
		buf_printf(out, " | %s:-%c", v->name, o->letter);
	buf_puts(out, ")\n");
	if (o->choices) {
		buf_puts(out, "\t\twords='");
		put_words(out, o->choices);
		buf_puts(out, "'\n");
	} else if (completion_wants_path(o)) {
		buf_puts(out, "\t\tfiles=yes\n");
	}
	buf_puts(out, "\t\tvalue=yes\n\t\t;;\n");
}

static void put_arguments(struct buf *out, const struct verb *v)
{
	const struct option *tables[] = { v->options, shared(v) };

	for (size_t t = 0; t < ARRAY_LEN(tables); t++)
		for (const struct option *o = tables[t]; o && o->name; o++)
			put_argument(out, v, o);
}

static void put_options(struct buf *out, const struct verb *v)
{
	const struct option *tables[] = { v->options, shared(v) };
	const char *between = "";

	buf_printf(out, "\t%s:-*) words='", v->name);
	for (size_t t = 0; t < ARRAY_LEN(tables); t++) {
		for (const struct option *o = tables[t]; o && o->name; o++) {
			buf_printf(out, "%s--%s", between, o->name);
			between = " ";
			if (o->letter)
				buf_printf(out, " -%c", o->letter);
		}
	}
	buf_puts(out, "' ;;\n");
}

static void put_operands(struct buf *out, const struct verb *v)
{
	if (v->completes_paths)
		buf_printf(out, "\t%s:*) files=yes ;;\n", v->name);
	if (!v->operand_words)
		return;
	buf_printf(out, "\t%s:*) words='", v->name);
	v->operand_words(out);
	buf_puts(out, "' ;;\n");
}

void completion_bash(struct buf *out)
{
	buf_puts(out,
		 "# Completion of bulkhead for bash, written by \"bulkhead "
		 "completion bash\".\n"
		 "_bulkhead() {\n"
		 "\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev verb i\n"
		 "\tlocal words='' files='' value=''\n"
		 "\tprev=${COMP_WORDS[COMP_CWORD - 1]}\n"
		 "\t# \"=\" stands as a word of its own.\n"
		 "\tif [[ $cur == = ]]; then\n"
		 "\t\tcur=''\n"
		 "\telif [[ $prev == = ]]; then\n"
		 "\t\tprev=${COMP_WORDS[COMP_CWORD - 2]}\n"
		 "\tfi\n"
		 "\tfor ((i = 1; i < COMP_CWORD; i++)); do\n"
		 "\t\t[[ ${COMP_WORDS[i]} == -* ]] && continue\n"
		 "\t\tverb=${COMP_WORDS[i]}\n"
		 "\t\tbreak\n"
		 "\tdone\n"
		 "\tcase $verb:$prev in\n"
		 "\t:*) words='");
	for (size_t i = 0; verbs[i]; i++)
		buf_printf(out, "%s ", verbs[i]->name);
	buf_puts(out, "--help --version' value=yes ;;\n");
	for (size_t i = 0; verbs[i]; i++)
		put_arguments(out, verbs[i]);
	buf_puts(out, "\tesac\n"
		      "\t[[ -n $value ]] || case $verb:$cur in\n");
	for (size_t i = 0; verbs[i]; i++) {
		put_options(out, verbs[i]);
		put_operands(out, verbs[i]);
	}
	buf_puts(out, "\tesac\n"
		      "\tCOMPREPLY=()\n"
		      "\tif [[ -n $files ]]; then\n"
		      "\t\tcompopt -o filenames 2>/dev/null\n"
		      "\t\tmapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n"
		      "\telif [[ -n $words ]]; then\n"
		      "\t\tmapfile -t COMPREPLY < <(compgen -W \"$words\" -- "
		      "\"$cur\")\n"
		      "\tfi\n"
		      "}\n"
		      "complete -F _bulkhead bulkhead\n");
}
