/* Help texts, made from the verb and option tables. */
#include "cli/help.h"

enum { COLUMN = 30 };

const struct option help_options[] = {
	OPTION(struct settings, help, .name = "help", .letter = 'h',
	       .type = OPTION_FLAG, .help = "show this help"),
	OPTION_END,
};

const struct option shared_options[] = {
	OPTION(struct settings, tiers, .name = "tiers", .type = OPTION_TEXT,
	       .argument = "DIR",
	       .help = "tiers, policies and exceptions to judge by, in place "
		       "of the shipped catalogue"),
	OPTION(struct settings, cluster_objects, .name = "cluster-objects",
	       .type = OPTION_TEXTS, .argument = "DIR",
	       .help = "objects the cluster has (namespaces, RuntimeClasses, "
		       "templates, pools): looked up, not judged"),
	OPTION(struct settings, namespace_labels, .name = "namespace-labels",
	       .type = OPTION_TEXTS, .argument = "[NAMESPACE:]KEY=VALUE,...",
	       .help = "labels of a namespace, over those that files give it"),
	OPTION(struct settings, namespace, .name = "namespace", .letter = 'n',
	       .type = OPTION_TEXT, .argument = "NAME",
	       .help = "namespace of objects that name none (default: "
		       "default)"),
	OPTION(struct settings, now, .name = "now", .type = OPTION_TEXT,
	       .argument = "TIME",
	       .help = "judge as at this time (RFC 3339, or \"now\")"),
	OPTION(struct settings, help, .name = "help", .letter = 'h',
	       .type = OPTION_FLAG, .help = "show this help"),
	OPTION_END,
};

static void put_option(FILE *out, const struct option *o)
{
	char left[128];
	int n;

	n = snprintf(left, sizeof(left), "  %c%c%s--%s%s%s",
		     o->letter ? '-' : ' ', o->letter ? o->letter : ' ',
		     o->letter ? ", " : "  ", o->name, o->argument ? " " : "",
		     o->argument ? o->argument : "");
	if (n < COLUMN)
		fprintf(out, "%-*s%s\n", COLUMN, left, o->help);
	else
		fprintf(out, "%s\n%*s%s\n", left, COLUMN, "", o->help);
	if (!o->choices)
		return;
	fprintf(out, "%*s(", COLUMN, "");
	for (size_t i = 0; o->choices[i]; i++)
		fprintf(out, "%s%s", i ? ", " : "", o->choices[i]);
	fputs(")\n", out);
}

static void put_options(FILE *out, const struct option *table)
{
	for (; table && table->name; table++)
		put_option(out, table);
}

void help_program(FILE *out)
{
	fputs("bulkhead keeps agent sandboxes inside the isolation that their "
	      "platform team declared.\n\n"
	      "Usage: bulkhead COMMAND [OPTION...] [OPERAND...]\n\n"
	      "Commands:\n",
	      out);
	for (size_t i = 0; verbs[i]; i++)
		fprintf(out, "  %-12s%s\n", verbs[i]->name, verbs[i]->title);
	fputs("\n'bulkhead COMMAND --help' tells more. 'bulkhead --version' "
	      "prints the version.\n"
	      "Exit status: 0 clean, 1 findings, 2 usage, 3 unreadable input, "
	      "4 internal error.\n",
	      out);
}

void help_verb(FILE *out, const struct verb *verb)
{
	fprintf(out,
		"Usage: bulkhead %s [OPTION...]%s%s\n\n%s.\n\n%s\n\n"
		"Options:\n",
		verb->name, *verb->operands ? " " : "", verb->operands,
		verb->title, verb->doc);
	put_options(out, verb->options);
	put_options(out, verb->reads_objects ? shared_options : help_options);
	if (verb->examples)
		fprintf(out, "\nExamples:\n%s\n", verb->examples);
}
