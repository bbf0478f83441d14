/* AdmissionReview in, AdmissionReview out. */
#include "policies/review.h"

#include "lib/base64.h"
#include "lib/json_diff.h"
#include "lib/json_read.h"
#include "lib/json_write.h"
#include "policies/kinds.h"

#define API_VERSION "admission.k8s.io/v1"

/* ---- in ---- */

static const struct {
	const char *name;
	enum operation operation;
} operations[] = {
	{ "CREATE", OPERATION_CREATE },
	{ "UPDATE", OPERATION_UPDATE },
	{ "DELETE", OPERATION_DELETE },
	{ "CONNECT", OPERATION_CONNECT },
};

static int parse_operation(const struct json *request, enum operation *out,
			   struct error *err)
{
	struct str name = json_str(json_get(request, STR("operation")));

	for (size_t i = 0; i < ARRAY_LEN(operations); i++)
		if (str_is(name, operations[i].name)) {
			*out = operations[i].operation;
			return 0;
		}
	return error_set(err, ERR_INPUT,
			 "request.operation is \"%.*s\", wanted CREATE, "
			 "UPDATE, DELETE or CONNECT",
			 STR_ARG(name));
}

/* null stands for "none" in oldObject and object. */
static const struct json *object_or_missing(const struct json *v)
{
	return json_is_set(v) ? v : &json_missing;
}

static int check_objects(const struct subject *s, struct error *err)
{
	const struct json *all[] = { s->object, s->old_object };
	const char *const names[] = { "object", "oldObject" };

	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		if (json_exists(all[i]) && !json_is(all[i], JSON_OBJECT))
			return error_set(err, ERR_INPUT,
					 "request.%s is a %s, wanted an object",
					 names[i],
					 json_type_name(json_type(all[i])));
	if (s->operation < OPERATION_DELETE && !json_exists(s->object))
		return error_set(err, ERR_INPUT, "request.object is missing");
	return 0;
}

static void read_names(const struct json *request, struct subject *s)
{
	const struct json *user = json_get(request, STR("userInfo"));

	s->group = json_str(json_at(request, "kind", "group"));
	s->version = json_str(json_at(request, "kind", "version"));
	s->kind = json_str(json_at(request, "kind", "kind"));
	s->resource = json_str(json_at(request, "resource", "resource"));
	s->subresource = json_str(json_get(request, STR("subResource")));
	s->ns = json_str(json_get(request, STR("namespace")));
	s->name = json_str(json_get(request, STR("name")));
	s->user.name = json_str(json_get(user, STR("username")));
	s->user.uid = json_str(json_get(user, STR("uid")));
	s->user.groups = json_get(user, STR("groups"));
	s->dry_run = json_is_true(json_get(request, STR("dryRun")));
}

/*
 * An object and its old one, each larger than any that etcd would keep in
 * values of a few bytes.
 */
static const struct json_limits limits = {
	.bytes = 8 << 20,
	.depth = 100,
	.nodes = 100000,
};

int review_parse(struct arena *a, struct str body, struct review *out,
		 struct error *err)
{
	struct json *doc = arena_new(a, struct json, 1);
	const struct json *request = &json_missing;
	struct subject *s = &out->subject;

	*out = (struct review){ .uid = STR("") };
	if (json_read(a, body, 0, &limits, doc, err) < 0)
		return error_wrap(err, "AdmissionReview");
	if (!json_str_is(json_get(doc, STR("kind")), STR("AdmissionReview")) ||
	    !json_str_is(json_get(doc, STR("apiVersion")), STR(API_VERSION)))
		return error_set(err, ERR_INPUT,
				 "wanted kind AdmissionReview of " API_VERSION);
	request = json_get(doc, STR("request"));
	out->uid = json_str(json_get(request, STR("uid")));
	if (!out->uid.n)
		return error_set(err, ERR_INPUT, "request.uid is missing");
	if (parse_operation(request, &s->operation, err) < 0)
		return -1;
	read_names(request, s);
	s->object = object_or_missing(json_get(request, STR("object")));
	s->old_object = object_or_missing(json_get(request, STR("oldObject")));
	return check_objects(s, err);
}

/* ---- out ---- */

struct answer {
	struct arena *arena;
	const struct subject *subject;
	const struct decision *d;
	struct json response;
};

static void put(struct answer *w, struct json *object, const char *key,
		struct json value)
{
	json_add(w->arena, object, str_of(key), value);
}

static void put_text(struct answer *w, struct json *object, const char *key,
		     struct str text)
{
	if (text.n)
		put(w, object, key, json_make_string(text));
}

static void put_patch(struct answer *w, const struct json *filled)
{
	struct json patch = json_diff(w->arena, w->subject->object, filled);

	if (!json_len(&patch))
		return;
	put(w, &w->response, "patchType", json_make_string(STR("JSONPatch")));
	put(w, &w->response, "patch",
	    json_make_string(
		    base64_encode(w->arena, json_to_str(w->arena, &patch))));
}

/* At most max bytes, cut between characters. */
static struct str cut(struct arena *a, struct str s, size_t max)
{
	size_t n = max - 3;

	if (s.n <= max)
		return s;
	while (n && ((unsigned char)s.p[n] & 0xc0) == 0x80)
		n--;
	return arena_printf(a, "%.*s...", (int)n, s.p);
}

static void put_warnings(struct answer *w)
{
	const struct verdict *v = &w->d->verdict;
	struct json list = json_make_array();
	size_t total = 0;

	for (size_t i = 0; i < v->n_findings; i++) {
		struct str text;

		if (v->findings[i].action != ACTION_WARN)
			continue;
		text = cut(w->arena, finding_message(w->arena, &v->findings[i]),
			   REVIEW_WARNING_MAX);
		total += text.n;
		if (total > REVIEW_WARNINGS_TOTAL)
			break;
		json_append(w->arena, &list, json_make_string(text));
	}
	if (json_len(&list))
		put(w, &w->response, "warnings", list);
}

static void put_causes(struct answer *w, struct json *details)
{
	const struct verdict *v = &w->d->verdict;
	struct json causes = json_make_array();

	for (size_t i = 0; i < v->n_findings; i++) {
		const struct finding *f = &v->findings[i];
		struct json cause = json_make_object();

		if (f->action != ACTION_DENY ||
		    json_len(&causes) == REVIEW_CAUSES)
			break;
		put_text(w, &cause, "reason", STR("FieldValueInvalid"));
		put_text(w, &cause, "message", finding_message(w->arena, f));
		put_text(w, &cause, "field", f->field);
		json_append(w->arena, &causes, cause);
	}
	put(w, details, "causes", causes);
}

static size_t count_denials(const struct verdict *v)
{
	size_t n = 0;

	for (size_t i = 0; i < v->n_findings; i++)
		n += v->findings[i].action == ACTION_DENY;
	return n;
}

/* Denials are sorted to the front. */
static struct str refusal(struct answer *w, size_t n)
{
	const struct verdict *v = &w->d->verdict;
	size_t shown = n < REVIEW_SHOWN ? n : REVIEW_SHOWN;
	struct str text = arena_printf(w->arena, "%zu violation%s:", n,
				       n == 1 ? "" : "s");

	for (size_t i = 0; i < shown; i++) {
		struct str one = finding_message(w->arena, &v->findings[i]);

		text = arena_printf(w->arena, "%.*s\n- %.*s", (int)text.n,
				    text.p, STR_ARG(one));
	}
	if (n > shown)
		text = arena_printf(w->arena, "%.*s\n- and %zu more",
				    (int)text.n, text.p, n - shown);
	return text;
}

static void put_status(struct answer *w)
{
	struct json status = json_make_object();
	struct json details = json_make_object();
	const struct subject *s = w->subject;
	size_t n = count_denials(&w->d->verdict);

	put(w, &status, "code", json_make_int(w->arena, 403));
	put_text(w, &status, "reason", STR("Forbidden"));
	put_text(w, &status, "message", refusal(w, n));
	put_text(w, &details, "name", s->name);
	put_text(w, &details, "group", s->group);
	put_text(w, &details, "kind", s->kind);
	put_causes(w, &details);
	put(w, &status, "details", details);
	put(w, &w->response, "status", status);
}

static struct str rule_ids(struct answer *w)
{
	const struct verdict *v = &w->d->verdict;
	struct map seen = MAP_INIT(w->arena);
	struct str ids = STR("");

	for (size_t i = 0; i < v->n_findings; i++) {
		const struct finding *f = &v->findings[i];

		if (map_get(&seen, f->id))
			continue;
		map_set(&seen, f->id, w);
		ids = arena_printf(w->arena, "%.*s%s%.*s:%s", STR_ARG(ids),
				   ids.n ? "," : "", STR_ARG(f->id),
				   action_name(f->action));
	}
	return ids;
}

static struct str exception_names(struct answer *w)
{
	const struct verdict *v = &w->d->verdict;
	struct map seen = MAP_INIT(w->arena);
	struct str names = STR("");

	for (size_t i = 0; i < v->n_findings; i++) {
		const struct exception *e = v->findings[i].exception;

		if (!e || map_get(&seen, e->name))
			continue;
		map_set(&seen, e->name, w);
		names = arena_printf(w->arena, "%.*s%s%.*s", STR_ARG(names),
				     names.n ? "," : "", STR_ARG(e->name));
	}
	return names;
}

static void put_audit(struct answer *w, const struct snapshot *snapshot)
{
	const struct selection *s = &w->d->selection;
	struct json notes = json_make_object();

	if (s->effective)
		put_text(w, &notes, "tier", s->effective->name);
	if (s->floor)
		put_text(w, &notes, "floor",
			 arena_printf(w->arena, "%.*s by %.*s",
				      STR_ARG(s->floor->name),
				      STR_ARG(s->floor_who)));
	put_text(w, &notes, "rules", rule_ids(w));
	put_text(w, &notes, "exception", exception_names(w));
	put_text(w, &notes, "digest", snapshot->digest);
	put(w, &w->response, "auditAnnotations", notes);
}

static struct json envelope(struct answer *w)
{
	struct json review = json_make_object();

	put_text(w, &review, "apiVersion", STR(API_VERSION));
	put_text(w, &review, "kind", STR("AdmissionReview"));
	put(w, &review, "response", w->response);
	return review;
}

struct json review_answer(struct arena *a, const struct engine *e,
			  const struct review *review, enum review_phase phase,
			  bool *allowed)
{
	struct decision mutation, *d = arena_new(a, struct decision, 1);
	struct subject subject = review->subject;
	struct answer w = { .arena = a,
			    .subject = &review->subject,
			    .d = d,
			    .response = json_make_object() };
	bool ok = true;

	mutation.filled = *subject.object;
	put(&w, &w.response, "uid", json_make_string(review->uid));
	if (phase != REVIEW_VALIDATE) {
		engine_mutate(a, e, &subject, &mutation);
		*d = mutation;
		subject.object = &mutation.filled;
	}
	if (phase != REVIEW_MUTATE) {
		engine_validate(a, e, &subject, d);
		ok = verdict_action(&d->verdict) != ACTION_DENY;
	}
	put(&w, &w.response, "allowed", json_make_bool(ok));
	if (ok && phase != REVIEW_VALIDATE)
		put_patch(&w, &mutation.filled);
	put_warnings(&w);
	if (!ok)
		put_status(&w);
	put_audit(&w, e->snapshot);
	if (allowed)
		*allowed = ok;
	return envelope(&w);
}

static void put_unavailable(struct answer *w, struct str why)
{
	struct json status = json_make_object();

	put(w, &status, "code", json_make_int(w->arena, 503));
	put_text(w, &status, "reason", STR("ServiceUnavailable"));
	put_text(w, &status, "message",
		 arena_printf(w->arena,
			      "Bulkhead has no tiers in use, so that nothing "
			      "can be judged: %.*s",
			      STR_ARG(why)));
	put(w, &w->response, "status", status);
}

struct json review_answer_without_policy(struct arena *a,
					 const struct engine *e,
					 const struct review *review,
					 enum review_phase phase,
					 struct str why)
{
	static const struct snapshot none = { .tiers = NULL };
	struct engine bare = { &none, e->inventory, e->now };
	struct answer w = { .arena = a,
			    .subject = &review->subject,
			    .response = json_make_object() };
	bool mutates = phase == REVIEW_MUTATE;

	if (!mutates && (str_is(review->subject.group, GROUP_BULKHEAD) ||
			 review->subject.operation == OPERATION_DELETE))
		return review_answer(a, &bare, review, REVIEW_VALIDATE, NULL);
	put(&w, &w.response, "uid", json_make_string(review->uid));
	put(&w, &w.response, "allowed", json_make_bool(mutates));
	if (!mutates)
		put_unavailable(&w, why);
	return envelope(&w);
}
