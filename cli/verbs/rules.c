/* bulkhead rules: what every rule says, from the table of rules. */
#include "policies/rules.h"

#include "cli/verbs/all.h"
#include "lib/json_write.h"

enum format { TEXT, MARKDOWN, JSON };

enum { ID_COLUMN = 34, NAMES_MAX = 128, WIDTH = 79 };

static const struct {
	enum subject_kind bit;
	const char *name;
} kinds[] = {
	{ SUBJECT_SANDBOX, "Sandbox" },
	{ SUBJECT_TEMPLATE, "SandboxTemplate" },
	{ SUBJECT_CLAIM, "SandboxClaim" },
	{ SUBJECT_POOL, "SandboxWarmPool" },
	{ SUBJECT_POD, "Pod" },
	{ SUBJECT_WORKLOAD, "workloads (Deployment, Job and the like)" },
	{ SUBJECT_NETWORK_POLICY, "NetworkPolicy" },
	{ SUBJECT_NAMESPACE, "Namespace" },
	{ SUBJECT_CONFIG, "IsolationTier" },
	{ SUBJECT_CONFIG, "IsolationPolicy" },
	{ SUBJECT_CONFIG, "IsolationException" },
	{ SUBJECT_SCALE, "Scale" },
	{ SUBJECT_CONNECT, "Pod (CONNECT)" },
};

static void put_kinds(struct buf *out, unsigned bits)
{
	const char *between = "";

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		if (!(bits & kinds[i].bit))
			continue;
		buf_printf(out, "%s%s", between, kinds[i].name);
		between = ", ";
	}
}

static const char *does(const struct rule *r)
{
	if (r->fill && r->check)
		return "fills in and checks";
	return r->fill ? "fills in" : "checks";
}

static void put_list(struct buf *out)
{
	for (size_t i = 0; rules[i]; i++)
		buf_printf(out, "%-*s %s\n", ID_COLUMN, rules[i]->id,
			   rules[i]->title);
}

/* Paragraphs, broken between words. */
static void put_wrapped(struct buf *out, const char *text)
{
	struct str rest = str_of(text), line, word;

	while (str_split(&rest, '\n', &line)) {
		size_t column = 0;

		while (str_split(&line, ' ', &word)) {
			bool fits = column + word.n < WIDTH;

			if (column)
				buf_putc(out, fits ? ' ' : '\n');
			column = (fits ? column : 0) + word.n + 1;
			buf_add(out, word);
		}
		buf_putc(out, '\n');
	}
}

static void put_text(struct buf *out, const struct rule *r)
{
	struct str rest = str_of(r->fields), line;

	buf_printf(out, "%s: %s\n\n", r->id, r->title);
	put_wrapped(out, r->doc);
	buf_puts(out, "\nKinds:  ");
	put_kinds(out, r->kinds);
	buf_printf(out, "\nDoes:   %s%s\n", does(r),
		   r->always ? ", also where no tier applies" : "");
	for (bool first = true; str_split(&rest, '\n', &line); first = false)
		buf_printf(out, "%s%.*s\n", first ? "Fields: " : "        ",
			   STR_ARG(line));
}

/* ---- Markdown ---- */

static void put_section(struct buf *out, const struct rule *r)
{
	struct str rest = str_of(r->fields), line;

	buf_printf(out, "\n## %s\n\n**%s.** %s\n\n- Kinds: ", r->id, r->title,
		   r->doc);
	put_kinds(out, r->kinds);
	buf_printf(out, "\n- It %s%s.\n", does(r),
		   r->always ? ", also where no tier applies" : "");
	while (str_split(&rest, '\n', &line))
		buf_printf(out, "- Field: `%.*s`\n", STR_ARG(line));
}

/* Of a heading: small letters, no points. */
static void put_anchor(struct buf *out, const char *id)
{
	for (; *id; id++) {
		if (*id >= 'A' && *id <= 'Z')
			buf_putc(out, (char)(*id + ('a' - 'A')));
		else if (*id != '.')
			buf_putc(out, *id);
	}
}

static void put_markdown(struct buf *out)
{
	buf_puts(out,
		 "<!-- Written by \"bulkhead rules -o markdown\" (make docs). "
		 "Do not edit: change policies/rules/. -->\n\n"
		 "# Rules\n\n"
		 "Every finding names its rule in brackets, and an "
		 "IsolationException names the rules it lifts\n"
		 "by the same ids. Rules run in this order; all of them run, "
		 "and all violations are told at once.\n\n"
		 "| rule | what it holds |\n|---|---|\n");
	for (size_t i = 0; rules[i]; i++) {
		buf_printf(out, "| [%s](#", rules[i]->id);
		put_anchor(out, rules[i]->id);
		buf_printf(out, ") | %s |\n", rules[i]->title);
	}
	for (size_t i = 0; rules[i]; i++)
		put_section(out, rules[i]);
}

/* ---- JSON ---- */

static void add(struct arena *a, struct json *object, const char *key,
		struct str text)
{
	json_add(a, object, str_of(key), json_make_string(text));
}

static struct json rule_json(struct arena *a, const struct rule *r)
{
	struct json rule = json_make_object();
	struct json list = json_make_array(), fields = json_make_array();
	struct str rest = str_of(r->fields), line;

	add(a, &rule, "id", str_of(r->id));
	add(a, &rule, "title", str_of(r->title));
	add(a, &rule, "doc", str_of(r->doc));
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (r->kinds & kinds[i].bit)
			json_append(a, &list,
				    json_make_string(
					    kinds[i].bit == SUBJECT_WORKLOAD
						    ? STR("workload")
						    : str_of(kinds[i].name)));
	while (str_split(&rest, '\n', &line))
		json_append(a, &fields, json_make_string(line));
	json_add(a, &rule, STR("kinds"), list);
	json_add(a, &rule, STR("fields"), fields);
	json_add(a, &rule, STR("fills"), json_make_bool(r->fill != NULL));
	json_add(a, &rule, STR("checks"), json_make_bool(r->check != NULL));
	json_add(a, &rule, STR("always"), json_make_bool(r->always));
	return rule;
}

static void put_json(struct arena *a, struct buf *out, const struct rule *one)
{
	struct json list = json_make_array();

	for (size_t i = 0; rules[i]; i++)
		if (!one || rules[i] == one)
			json_append(a, &list, rule_json(a, rules[i]));
	json_write_pretty(out, &list);
}

static int unknown(struct str id)
{
	const char *names[NAMES_MAX];
	const char *near;
	size_t n = 0;

	for (; rules[n] && n + 1 < NAMES_MAX; n++)
		names[n] = rules[n]->id;
	names[n] = NULL;
	near = decode_nearest(id, names);
	return verb_usage(&verb_rules, "there is no rule \"%.*s\"%s%s%s",
			  STR_ARG(id), near ? ", did you mean \"" : "",
			  near ? near : "", near ? "\"?" : "");
}

static int run(struct arena *a, const struct settings *s,
	       const struct texts *operands)
{
	CLEANUP(buf_release) struct buf out = BUF_INIT(VERB_OUTPUT_MAX);
	const struct rule *one = NULL;

	if (operands->n > 1)
		return verb_usage(&verb_rules, "wanted one rule at most");
	if (operands->n) {
		one = rules_find(operands->v[0]);
		if (!one)
			return unknown(operands->v[0]);
	}
	switch ((enum format)s->format) {
	case TEXT:
		if (one)
			put_text(&out, one);
		else
			put_list(&out);
		break;
	case MARKDOWN:
		if (one)
			put_section(&out, one);
		else
			put_markdown(&out);
		break;
	case JSON:
		put_json(a, &out, one);
		break;
	}
	return verb_print(&out);
}

static void operand_words(struct buf *out)
{
	for (size_t i = 0; rules[i]; i++)
		buf_printf(out, "%s%s", i ? " " : "", rules[i]->id);
}

static const char *const format_names[] = { "text", "markdown", "json", NULL };

static const struct option options[] = {
	OPTION(struct settings, format, .name = "output", .letter = 'o',
	       .type = OPTION_CHOICE, .argument = "FORMAT",
	       .choices = format_names,
	       .help = "how it is told (default: text)"),
	OPTION_END,
};

const struct verb verb_rules = {
	.name = "rules",
	.operands = "[RULE]",
	.title = "List the rules, or explain one",
	.doc = "Without an operand: every rule with what it holds, in the "
	       "order in which they run.\n"
	       "With the id of a rule: its whole description, the kinds and "
	       "the fields it looks at.\n"
	       "\"-o markdown\" is what docs/rules.md is made of.",
	.examples = "  bulkhead rules\n"
		    "  bulkhead rules runtime.class",
	.options = options,
	.operand_words = operand_words,
	.run = run,
};
