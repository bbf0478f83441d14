/* bulkhead doctor: what is wrong with a cluster, and what to do about it. */
#include <stdio.h>

#include "cli/doctor/report.h"
#include "cli/live.h"
#include "cli/terminal.h"
#include "cli/verbs/all.h"
#include "lib/clock.h"
#include "lib/json_write.h"
#include "lib/timestamp.h"
#include "lib/yamldoc.h"

enum format { TABLE, JSON, YAML };

enum { CHECKS_MAX = 64 };

/* Of all clusters that were asked for. */
struct round {
	const struct settings *settings;
	const struct texts *ids;
	int64_t now;
	struct buf *out;	/* of the table */
	struct json *documents; /* of the other formats */
	int code;
};

/* Whose server does not answer is still told of, like the others. */
static int read_facts(struct arena *a, const struct round *round,
		      struct str context, struct doctor_facts *f)
{
	struct live_connection c;
	struct error err = ERROR_INIT;
	int result = 0;

	*f = (struct doctor_facts){ .context = context, .now = round->now };
	if (live_connect(a, round->settings, context, &c, &err) == 0)
		doctor_facts_read(a, c.client, f);
	else if (err.code == ERR_IO)
		f->unreachable = arena_str(a, str_of(err.msg));
	else
		result = verb_fail(EXIT_USAGE, &err);
	if (c.config.context.n)
		f->context = c.config.context;
	live_disconnect(&c);
	return result;
}

static int worst(int x, int y)
{
	return x > y ? x : y;
}

static int examine(struct arena *a, struct round *round, struct str context,
		   bool titled)
{
	enum terminal_color color = (enum terminal_color)round->settings->color;
	struct doctor_facts f;
	struct doctor_report report;
	int code = read_facts(a, round, context, &f);

	if (code)
		return code;
	doctor_examine(a, &f, round->ids, &report);
	if (round->settings->format == TABLE)
		doctor_report_text(round->out, &report, titled,
				   terminal_wants_color(color));
	else
		json_append(a, round->documents,
			    doctor_report_json(a, &report));
	if (report.counts[DOCTOR_FAIL])
		round->code = worst(round->code, EXIT_FINDINGS);
	if (report.unreachable)
		round->code = EXIT_UNREADABLE;
	doctor_facts_release(&f);
	return EXIT_CLEAN;
}

static int unknown(struct str id)
{
	const char *ids[CHECKS_MAX], *near;
	size_t n = 0;

	for (; doctor_checks[n] && n + 1 < CHECKS_MAX; n++)
		ids[n] = doctor_checks[n]->id;
	ids[n] = NULL;
	near = decode_nearest(id, ids);
	return verb_usage(&verb_doctor,
			  "there is no check \"%.*s\"%s%s%s; --list tells all",
			  STR_ARG(id), near ? ", did you mean \"" : "",
			  near ? near : "", near ? "\"?" : "");
}

static int begin(const struct settings *s, const struct texts *ids,
		 struct round *round)
{
	struct error err = ERROR_INIT;

	for (size_t i = 0; i < ids->n; i++)
		if (!doctor_check_find(ids->v[i]))
			return unknown(ids->v[i]);
	round->now = clock_wall_seconds();
	if (s->now.n && !str_is(s->now, "now") &&
	    timestamp_parse(s->now, &round->now, &err) < 0)
		return verb_usage(&verb_doctor, "--now: %s", err.msg);
	return EXIT_CLEAN;
}

static int run(struct arena *a, const struct settings *s,
	       const struct texts *operands)
{
	CLEANUP(buf_release) struct buf out = BUF_INIT(VERB_OUTPUT_MAX);
	struct json documents = json_make_array();
	struct round round = { s, operands, 0, &out, &documents, EXIT_CLEAN };
	struct str current = STR("");
	struct texts contexts = { .v = &current, .n = 1 };
	int code = begin(s, operands, &round);

	if (s->list && code == EXIT_CLEAN) {
		doctor_list(&out);
		return verb_print(&out);
	}
	if (s->contexts.n)
		contexts = s->contexts;
	for (size_t i = 0; i < contexts.n && code == EXIT_CLEAN; i++) {
		if (i && s->format == TABLE)
			buf_putc(&out, '\n');
		code = examine(a, &round, contexts.v[i], contexts.n > 1);
	}
	if (s->format == JSON)
		json_write_pretty(&out, &documents);
	else if (s->format == YAML)
		yamldoc_write(&out, &documents);
	if (code == EXIT_CLEAN)
		code = verb_print(&out);
	return code == EXIT_CLEAN ? round.code : code;
}

static void operand_words(struct buf *out)
{
	for (size_t i = 0; doctor_checks[i]; i++)
		buf_printf(out, "%s%s", i ? " " : "", doctor_checks[i]->id);
}

static const char *const format_names[] = { "table", "json", "yaml", NULL };

static const struct option options[] = {
	OPTION(struct settings, contexts, .name = "context",
	       .type = OPTION_TEXTS, .argument = "NAME",
	       .help = "the cluster to look at; may be given more than once "
		       "(default: the current one)"),
	LIVE_ACCESS_OPTIONS,
	OPTION(struct settings, format, .name = "output", .letter = 'o',
	       .type = OPTION_CHOICE, .argument = "FORMAT",
	       .choices = format_names,
	       .help = "how it is told (default: table)"),
	OPTION(struct settings, list, .name = "list", .type = OPTION_FLAG,
	       .help = "only list the checks, and symptoms with the check that "
		       "finds their cause"),
	OPTION(struct settings, color, .name = "color", .type = OPTION_CHOICE,
	       .argument = "WHEN", .choices = terminal_color_names,
	       .help = "colours in the table (default: at a terminal)"),
	OPTION(struct settings, now, .name = "now", .type = OPTION_TEXT,
	       .argument = "TIME",
	       .help = "judge as at this time (RFC 3339, or \"now\")"),
	OPTION_END,
};

const struct verb verb_doctor = {
	.name = "doctor",
	.operands = "[CHECK]...",
	.title = "Tell what is wrong with a cluster, and what to do about it",
	.doc = "Looks at all that sandboxes need to run inside their tiers: "
	       "the API server, agent-sandbox\n"
	       "and its controller, the tiers, RuntimeClasses and nodes, the "
	       "webhooks with their\n"
	       "certificates, the controller, the network. A line for each "
	       "check, and what to do where\n"
	       "something is not as it should be. Nothing is changed: to see "
	       "whether the webhook\n"
	       "answers, a Sandbox is sent with dryRun=All. What may not be "
	       "read is skipped and told.\n\n"
	       "Exit status: 0 when nothing failed (warnings included), 1 "
	       "when something did, 3 when a\n"
	       "cluster cannot be read.",
	.examples = "  bulkhead doctor\n"
		    "  bulkhead doctor --context staging --context prod\n"
		    "  bulkhead doctor runtime.classes runtime.nodes\n"
		    "  bulkhead doctor --list",
	.options = options,
	.operand_words = operand_words,
	.run = run,
};
