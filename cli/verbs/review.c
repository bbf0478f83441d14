/* bulkhead review: one AdmissionReview in, its answer out, without a server. */
#include "policies/review.h"

#include "cli/verbs/all.h"
#include "cli/world.h"
#include "lib/file.h"
#include "lib/json_write.h"

enum { BODY_BYTES_MAX = 8 << 20 };

static const char *const phase_names[] = { "both", "mutate", "validate", NULL };
static const enum review_phase phases[] = { REVIEW_BOTH, REVIEW_MUTATE,
					    REVIEW_VALIDATE };

/* An answer from half of what was asked for would be a wrong answer. */
static int load(struct world *w, const struct settings *s)
{
	const struct texts none = { .n = 0 };
	int code = (int)world_load(w, s, &none);

	if (code)
		return code;
	world_tell_problems(w);
	return w->n_problems ? EXIT_UNREADABLE : EXIT_CLEAN;
}

static int answer(struct arena *a, const struct settings *s,
		  const struct engine *e)
{
	CLEANUP(buf_release) struct buf out = BUF_INIT(VERB_OUTPUT_MAX);
	struct error err = ERROR_INIT;
	struct review review;
	struct json response;
	bool allowed = false;
	struct str body;
	int code;

	if (file_read(a, "-", BODY_BYTES_MAX, &body, &err) < 0 ||
	    review_parse(a, body, &review, &err) < 0)
		return verb_fail(EXIT_UNREADABLE, &err);
	response = review_answer(a, e, &review, phases[s->phase], &allowed);
	json_write(&out, &response);
	buf_putc(&out, '\n');
	code = verb_print(&out);
	if (code)
		return code;
	return allowed ? EXIT_CLEAN : EXIT_FINDINGS;
}

static int run(struct arena *a, const struct settings *s,
	       const struct texts *operands)
{
	struct world w;
	int code;

	if (operands->n)
		return verb_usage(&verb_review,
				  "takes no operand, the review comes on "
				  "standard input");
	code = load(&w, s);
	if (code == EXIT_CLEAN)
		code = answer(a, s, &w.engine);
	world_release(&w);
	return code;
}

static const struct option options[] = {
	OPTION(struct settings, phase, .name = "phase", .type = OPTION_CHOICE,
	       .argument = "PHASE", .choices = phase_names,
	       .help = "which webhook answers (default: both)"),
	OPTION_END,
};

const struct verb verb_review = {
	.name = "review",
	.operands = "",
	.title = "Answer one AdmissionReview, as the webhook would",
	.doc = "Reads an AdmissionReview (admission.k8s.io/v1, JSON) from "
	       "standard input and prints\n"
	       "the answer on one line. \"mutate\" answers with a patch, "
	       "\"validate\" allows or refuses,\n"
	       "\"both\" fills in and then judges what came out. What the "
	       "cluster would know comes\n"
	       "from --cluster-objects and --namespace-labels. Exit status: 0 "
	       "allowed, 1 refused,\n"
	       "3 no AdmissionReview.",
	.examples = "  bulkhead review --phase both <review.json\n"
		    "  bulkhead review --phase validate --now "
		    "2026-11-21T06:00:00Z <review.json",
	.options = options,
	.reads_objects = true,
	.run = run,
};
