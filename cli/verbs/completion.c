/* bulkhead completion: the script that a shell completes by. */
#include "cli/completion.h"

#include "cli/verbs/all.h"

static const struct {
	const char *name;
	void (*write)(struct buf *out);
} shells[] = {
	{ "bash", completion_bash },
	{ "zsh", completion_zsh },
};

static void operand_words(struct buf *out)
{
	for (size_t i = 0; i < ARRAY_LEN(shells); i++)
		buf_printf(out, "%s%s", i ? " " : "", shells[i].name);
}

static int run(struct arena *a, const struct settings *s,
	       const struct texts *operands)
{
	CLEANUP(buf_release) struct buf out = BUF_INIT(VERB_OUTPUT_MAX);

	(void)a;
	(void)s;
	if (operands->n != 1)
		return verb_usage(&verb_completion, "wanted bash or zsh");
	for (size_t i = 0; i < ARRAY_LEN(shells); i++) {
		if (!str_is(operands->v[0], shells[i].name))
			continue;
		shells[i].write(&out);
		return verb_print(&out);
	}
	return verb_usage(&verb_completion, "\"%.*s\" is none of bash, zsh",
			  STR_ARG(operands->v[0]));
}

const struct verb verb_completion = {
	.name = "completion",
	.operands = "bash|zsh",
	.title = "Print the completion script of a shell",
	.doc = "The script completes commands, options, the values of options "
	       "that have a few, and\n"
	       "files. \"make install\" puts both scripts where the shells "
	       "look for them.",
	.examples = "  source <(bulkhead completion bash)\n"
		    "  bulkhead completion zsh >~/.zsh/functions/_bulkhead",
	.operand_words = operand_words,
	.run = run,
};
