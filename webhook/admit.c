/* From an error to a status, from a decision to an answer. */
#include "webhook/admit.h"

#include "lib/json_write.h"
#include "policies/kinds.h"
#include "policies/parent.h"
#include "policies/references.h"

static int64_t elapsed(const struct admit *c, int64_t *since)
{
	int64_t now = c->clock_ns(), spent = now - *since;

	*since = now;
	return spent;
}

static void time_phase(const struct admit *c, enum measure_phase phase,
		       int64_t *since)
{
	int64_t spent = elapsed(c, since);

	if (c->metrics)
		metrics_observe(c->metrics, MEASURE_REVIEW_SECONDS,
				METRIC_LABELS(phase), spent);
}

static void refuse(const struct admit *c, struct admit_answer *out,
		   unsigned status, enum measure_error why)
{
	out->status = status;
	if (c->metrics)
		metrics_add(c->metrics, MEASURE_REVIEW_ERRORS,
			    METRIC_LABELS(why), 1);
}

/* What the API server is told for an error; nothing here allows anything. */
static void refuse_error(struct arena *a, const struct admit *c,
			 struct admit_answer *out, const struct error *err)
{
	out->body = arena_printf(a, "%s\n", err->msg);
	switch (err->code) {
	case ERR_INPUT:
		refuse(c, out, 400, REVIEW_UNDECODABLE);
		return;
	case ERR_LIMIT:
		refuse(c, out, 413, REVIEW_TOO_LARGE);
		return;
	case ERR_NONE:
	case ERR_CONFIG:
	case ERR_IO:
	case ERR_AWAY:
	case ERR_CONFLICT:
	case ERR_GONE:
		break;
	}
	BUG("an error that reading a review cannot have");
}

static bool may_judge(const struct admit *c, struct admit_answer *out)
{
	if ((!c->snapshot && !c->no_policy.n) || !c->inventory) {
		out->body = STR("the policy is not loaded yet, try again\n");
		out->retry_after = 1;
		refuse(c, out, 503, REVIEW_NOT_READY);
		return false;
	}
	if (c->deadline_ns && c->clock_ns() > c->deadline_ns) {
		out->body = STR("the time-out of the request has passed\n");
		refuse(c, out, 504, REVIEW_TOO_LATE);
		return false;
	}
	return true;
}

static void ask(const struct admit *c, struct str group, struct str kind,
		struct str ns, struct str name, enum lookup_advice *advice)
{
	enum lookup_advice one = c->ask(c->ask_context, group, kind, ns, name);

	if (one > *advice)
		*advice = one;
}

/* The namespace, the Sandbox of a Pod, what a subresource belongs to. */
static enum lookup_advice ask_for_what_lacks(const struct admit *c,
					     const struct subject *s)
{
	struct references refs;
	struct parent parent;
	enum lookup_advice advice = LOOKUP_GO_ON;

	parent_find(&parent, c->inventory, s);
	references_find(&refs, c->inventory, &parent.subject);
	if (s->ns.n && !refs.namespace && !str_is(s->kind, "Namespace"))
		ask(c, STR(""), STR("Namespace"), STR(""), s->ns, &advice);
	if (refs.sandbox_name.n && !refs.sandbox)
		ask(c, STR(GROUP_AGENTS), STR("Sandbox"), s->ns,
		    refs.sandbox_name, &advice);
	if (!parent.object && !str_eq(parent.subject.kind, s->kind))
		ask(c, parent.subject.group, parent.subject.kind, s->ns,
		    s->name, &advice);
	references_release(&refs);
	parent_release(&parent);
	return advice;
}

static bool may_answer(const struct admit *c, const struct subject *s,
		       struct admit_answer *out)
{
	enum lookup_advice advice =
		c->ask ? ask_for_what_lacks(c, s) : LOOKUP_GO_ON;

	switch (advice) {
	case LOOKUP_GO_ON:
		return true;
	case LOOKUP_WAIT:
		out->waits = true;
		if (c->metrics)
			metrics_add(c->metrics, MEASURE_REVIEW_WAITS,
				    METRIC_NO_LABELS, 1);
		return false;
	case LOOKUP_COME_AGAIN:
		out->body = STR("an object that decides about this one is not "
				"known yet, try again\n");
		out->retry_after = 1;
		refuse(c, out, 503, REVIEW_NOT_READY);
		return false;
	}
	BUG("advice");
}

static enum measure_verdict verdict_of(const struct json *response)
{
	if (!json_is_true(json_get(response, STR("allowed"))))
		return VERDICT_DENIED;
	if (json_exists(json_get(response, STR("patch"))))
		return VERDICT_PATCHED;
	if (json_exists(json_get(response, STR("warnings"))))
		return VERDICT_WARNED;
	return VERDICT_ALLOWED;
}

static void describe(const struct json *answer, struct admit_answer *out)
{
	const struct json *response = json_get(answer, STR("response"));
	const struct json *notes = json_get(response, STR("auditAnnotations"));

	out->verdict = verdict_of(response);
	out->tier = json_str(json_get(notes, STR("tier")));
	out->rules = json_str(json_get(notes, STR("rules")));
}

static void count(const struct admit *c, enum measure_path path,
		  struct str body, const struct json *answer,
		  const struct admit_answer *out)
{
	struct str patch = json_str(json_at(answer, "response", "patch"));

	if (!c->metrics)
		return;
	metrics_add(c->metrics, MEASURE_REVIEWS,
		    METRIC_LABELS(path, measure_kind(&out->review.subject),
				  out->review.subject.operation, out->verdict),
		    1);
	metrics_observe(c->metrics, MEASURE_BODY_BYTES, METRIC_NO_LABELS,
			(int64_t)body.n);
	if (patch.n)
		metrics_observe(c->metrics, MEASURE_PATCH_BYTES,
				METRIC_NO_LABELS, (int64_t)patch.n);
}

static struct json judge(struct arena *a, const struct admit *c,
			 const struct review *review, enum review_phase phase)
{
	const struct engine engine = { c->snapshot, c->inventory, c->now };

	if (!c->snapshot)
		return review_answer_without_policy(a, &engine, review, phase,
						    c->no_policy);
	return review_answer(a, &engine, review, phase, NULL);
}

void admit_review(struct arena *a, const struct admit *c, struct str path,
		  struct str body, struct admit_answer *out)
{
	bool mutate = str_is(path, "/mutate");
	int64_t since = c->clock_ns();
	struct error err = ERROR_INIT;
	struct json answer;

	*out = (struct admit_answer){ .status = 200 };
	if (!may_judge(c, out))
		return;
	if (review_parse(a, body, &out->review, &err) < 0) {
		refuse_error(a, c, out, &err);
		return;
	}
	time_phase(c, PHASE_PARSE, &since);
	if (!may_answer(c, &out->review.subject, out))
		return;
	answer = judge(a, c, &out->review,
		       mutate ? REVIEW_MUTATE : REVIEW_VALIDATE);
	time_phase(c, PHASE_JUDGE, &since);
	out->body = json_to_str(a, &answer);
	time_phase(c, PHASE_WRITE, &since);
	describe(&answer, out);
	count(c, mutate ? PATH_MUTATE : PATH_VALIDATE, body, &answer, out);
}
