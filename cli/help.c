/* Help texts, made from the verb and option tables. */
#include "cli/help.h"

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
	OPTION(struct settings, namespaces, .name = "namespace", .letter = 'n',
	       .type = OPTION_TEXTS, .argument = "NAME",
	       .help = "namespace of objects that name none (default: "
		       "default); of a live cluster look only there, may be "
		       "given more than once"),
	OPTION(struct settings, now, .name = "now", .type = OPTION_TEXT,
	       .argument = "TIME",
	       .help = "judge as at this time (RFC 3339, or \"now\")"),
	OPTION(struct settings, help, .name = "help", .letter = 'h',
	       .type = OPTION_FLAG, .help = "show this help"),
	OPTION_END,
};

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
	option_print(out, verb->options);
	option_print(out, verb->reads_objects ? shared_options : help_options);
	if (verb->examples)
		fprintf(out, "\nExamples:\n%s\n", verb->examples);
}
