/* bulkhead tiers: the set that is judged by: listed, shown, linted. */
#include "cli/reports/escape.h"
#include "cli/tier_list.h"
#include "cli/tier_page.h"
#include "cli/verbs/all.h"
#include "lib/json_write.h"
#include "policies/load.h"

enum { NAMES_MAX = 256 };
enum format { TEXT, JSON };
enum fail { FAIL_ON_ERROR, FAIL_ON_WARNING };

static struct json tier_json(struct arena *a, const struct tier *tier)
{
	struct json one = json_make_object();

	json_add(a, &one, STR("name"), json_make_string(tier->name));
	json_add(a, &one, STR("source"), json_make_string(tier->source));
	json_add(a, &one, STR("spec"), *tier->spec);
	json_add(a, &one, STR("networkPolicy"), *tier->network_policy);
	return one;
}

static void put_list(struct arena *a, struct buf *out, const struct snapshot *s,
		     enum format format)
{
	struct json list = json_make_array();

	switch (format) {
	case TEXT:
		tier_list(a, out, s);
		return;
	case JSON:
		for (size_t i = 0; i < s->n_tiers; i++)
			json_append(a, &list, tier_json(a, s->tiers[i]));
		json_write_pretty(out, &list);
		return;
	}
	BUG("format");
}

/* ---- show ---- */

static int unknown(const struct snapshot *s, struct arena *a, struct str name)
{
	const char *names[NAMES_MAX];
	struct str all = snapshot_tier_names(a, s);
	const char *near;
	size_t n = 0;

	for (; n < s->n_tiers && n + 1 < NAMES_MAX; n++)
		names[n] = arena_str(a, s->tiers[n]->name).p;
	names[n] = NULL;
	near = decode_nearest(name, names);
	return verb_usage(&verb_tiers,
			  "there is no tier \"%.*s\"%s%s%s; there are %.*s",
			  STR_ARG(name), near ? ", did you mean \"" : "",
			  near ? near : "", near ? "\"?" : "", STR_ARG(all));
}

static void show(struct arena *a, const struct settings *s, struct buf *out,
		 const struct tier *tier)
{
	struct json tree;

	if (s->network_policy) {
		tier_page_network(a, out, tier);
		return;
	}
	switch ((enum format)s->format) {
	case TEXT:
		tier_page(a, out, tier);
		return;
	case JSON:
		tree = tier_json(a, tier);
		json_write_pretty(out, &tree);
		return;
	}
	BUG("format");
}

/* ---- lint ---- */

static int lint(const struct settings *s, struct buf *out,
		const struct snapshot *set)
{
	int code;

	for (size_t i = 0; i < set->n_warnings; i++) {
		const struct snapshot_warning *w = &set->warnings[i];

		escape_line(out, w->source);
		if (w->at.line)
			buf_printf(out, ":%u:%u", w->at.line, w->at.column);
		buf_puts(out, ": warning: ");
		escape_line(out, w->msg);
		buf_putc(out, '\n');
	}
	buf_printf(out,
		   "tiers: %zu, policies: %zu, exceptions: %zu, warnings: "
		   "%zu\n",
		   set->n_tiers, set->n_policies, set->n_exceptions,
		   set->n_warnings);
	code = verb_print(out);
	if (code == EXIT_CLEAN && s->fail_on == FAIL_ON_WARNING &&
	    set->n_warnings)
		code = EXIT_FINDINGS;
	return code;
}

/* ---- the verb ---- */

enum action_word { LIST, SHOW, LINT };

static const char *const action_words[] = { "list", "show", "lint", NULL };

static int read_action(const struct texts *operands, enum action_word *action)
{
	static const size_t wanted[] = { 1, 2, 1 };
	struct str word = operands->n ? operands->v[0] : STR("list");
	int i = 0;

	while (action_words[i] && !str_is(word, action_words[i]))
		i++;
	if (!action_words[i])
		return verb_usage(&verb_tiers,
				  "\"%.*s\" is none of list, show, lint",
				  STR_ARG(word));
	*action = (enum action_word)i;
	if (operands->n && operands->n != wanted[i])
		return verb_usage(&verb_tiers, "%s takes %s", action_words[i],
				  *action == SHOW ? "the name of a tier"
						  : "no operand");
	return EXIT_CLEAN;
}

static int run_with(struct arena *a, const struct settings *s,
		    enum action_word action, struct str name,
		    const struct snapshot *set)
{
	CLEANUP(buf_release) struct buf out = BUF_INIT(VERB_OUTPUT_MAX);
	const struct tier *tier;

	switch (action) {
	case LIST:
		put_list(a, &out, set, (enum format)s->format);
		return verb_print(&out);
	case SHOW:
		tier = snapshot_tier(set, name);
		if (!tier)
			return unknown(set, a, name);
		show(a, s, &out, tier);
		return verb_print(&out);
	case LINT:
		return lint(s, &out, set);
	}
	BUG("action");
}

static int run(struct arena *a, const struct settings *s,
	       const struct texts *operands)
{
	struct error err = ERROR_INIT;
	struct snapshot *set = NULL;
	enum action_word action = LIST;
	int code = read_action(operands, &action);

	if (code)
		return code;
	/* For lint the set is the input; elsewhere it is an option. */
	if (load_policies(s->tiers, &set, &err) < 0)
		return verb_fail(action == LINT ? EXIT_UNREADABLE : EXIT_USAGE,
				 &err);
	code = run_with(a, s, action,
			operands->n == 2 ? operands->v[1] : STR(""), set);
	snapshot_unref(&set);
	return code;
}

static void operand_words(struct buf *out)
{
	for (size_t i = 0; action_words[i]; i++)
		buf_printf(out, "%s%s", i ? " " : "", action_words[i]);
}

static const char *const format_names[] = { "text", "json", NULL };
static const char *const fail_names[] = { "error", "warning", NULL };

static const struct option options[] = {
	OPTION(struct settings, tiers, .name = "tiers", .type = OPTION_TEXT,
	       .argument = "DIR",
	       .help = "the set to look at, in place of the shipped "
		       "catalogue"),
	OPTION(struct settings, format, .name = "output", .letter = 'o',
	       .type = OPTION_CHOICE, .argument = "FORMAT",
	       .choices = format_names,
	       .help = "how list and show tell it (default: text; a tier is "
		       "shown as YAML)"),
	OPTION(struct settings, network_policy, .name = "network-policy",
	       .type = OPTION_FLAG,
	       .help = "show the spec of the NetworkPolicy that the tier "
		       "becomes"),
	OPTION(struct settings, fail_on, .name = "fail-on",
	       .type = OPTION_CHOICE, .argument = "WHAT", .choices = fail_names,
	       .help = "what makes lint fail (default: error)"),
	OPTION_END,
};

const struct verb verb_tiers = {
	.name = "tiers",
	.operands = "[list | show NAME | lint]",
	.title = "List, show and lint isolation tiers",
	.doc = "list (the default) prints the tiers by strength, the policies "
	       "that hand them out and\n"
	       "the exceptions. show prints every setting of one tier with "
	       "what it means, defaults\n"
	       "included, as YAML that can be loaded again. lint loads a set "
	       "and tells what is wrong\n"
	       "or surprising in it: exit status 3 when it cannot be loaded; "
	       "with --fail-on warning\n"
	       "1 when there are warnings, such as a stronger tier that is "
	       "laxer in some way.",
	.examples = "  bulkhead tiers\n"
		    "  bulkhead tiers show gvisor\n"
		    "  bulkhead tiers show gvisor --network-policy\n"
		    "  bulkhead tiers lint --tiers policy/",
	.options = options,
	.operand_words = operand_words,
	.run = run,
};
