/* A sorted array with a bound, and its JSON. */
#include "controller/report.h"

#include "controller/egress_policy.h"

const struct kube_resource report_apis[REPORT_APIS] = {
	{ "openreports.io", "v1alpha1", "reports", "Report", true },
	{ "wgpolicyk8s.io", "v1alpha2", "policyreports", "PolicyReport", true },
};

static const char *const result_names[AUDIT_RESULTS] = {
	[AUDIT_FAIL] = "fail",
	[AUDIT_WARN] = "warn",
	[AUDIT_SKIP] = "skip",
};

/* ---- gathering ---- */

void report_init(struct arena *a, struct report *r)
{
	*r = (struct report){
		.arena = a,
		.findings =
			arena_new(a, struct audit_finding, REPORT_RESULTS_MAX),
	};
}

static int compare(const struct audit_finding *x, const struct audit_finding *y)
{
	int c = (int)x->result - (int)y->result;

	if (!c)
		c = str_cmp(x->object.kind, y->object.kind);
	if (!c)
		c = str_cmp(x->object.name, y->object.name);
	if (!c)
		c = str_cmp(x->rule, y->rule);
	if (!c)
		c = str_cmp(x->message, y->message);
	return c;
}

/* Where f goes: behind all that are not greater. */
static size_t place_of(const struct report *r, const struct audit_finding *f)
{
	size_t low = 0, high = r->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare(&r->findings[middle], f) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct audit_object copy_object(struct arena *a, struct audit_object o)
{
	return (struct audit_object){
		.api_version = arena_str(a, o.api_version),
		.kind = arena_str(a, o.kind),
		.ns = arena_str(a, o.ns),
		.name = arena_str(a, o.name),
		.uid = arena_str(a, o.uid),
	};
}

/* Not in the middle of a character. */
static struct str cut(struct arena *a, struct str text)
{
	size_t end = REPORT_MESSAGE_MAX - 3;

	if (text.n <= REPORT_MESSAGE_MAX)
		return arena_str(a, text);
	while (end && ((unsigned char)text.p[end] & 0xc0) == 0x80)
		end--;
	return arena_printf(a, "%.*s...", (int)end, text.p);
}

static void keep(struct report *r, const struct audit_finding *f)
{
	size_t at = place_of(r, f);
	struct audit_finding *slot = &r->findings[at];

	if (at == REPORT_RESULTS_MAX)
		return;
	if (r->n < REPORT_RESULTS_MAX)
		r->n++;
	memmove(slot + 1, slot, (r->n - 1 - at) * sizeof(*slot));
	*slot = (struct audit_finding){
		.result = f->result,
		.object = copy_object(r->arena, f->object),
		.told_at = copy_object(r->arena, f->told_at),
		.rule = arena_str(r->arena, f->rule),
		.tier = arena_str(r->arena, f->tier),
		.message = cut(r->arena, f->message),
	};
}

void report_add(struct report *r, const struct audit_verdict *v)
{
	for (size_t i = 0; i < AUDIT_RESULTS; i++)
		r->counts[i] += v->counts[i];
	for (size_t i = 0; i < v->n; i++)
		keep(r, &v->findings[i]);
}

/* ---- the object ---- */

static void add_text(struct arena *a, struct json *to, const char *key,
		     struct str text)
{
	if (text.n)
		json_add(a, to, str_of(key), json_make_string(text));
}

static struct json reference(struct arena *a, const struct audit_object *o)
{
	struct json v = json_make_object();

	add_text(a, &v, "apiVersion", o->api_version);
	add_text(a, &v, "kind", o->kind);
	add_text(a, &v, "namespace", o->ns);
	add_text(a, &v, "name", o->name);
	add_text(a, &v, "uid", o->uid);
	return v;
}

/* source stands here because only the newer API has it for all results. */
static struct json result(struct arena *a, enum audit_result result,
			  struct str tier, struct str rule, struct str message)
{
	struct json v = json_make_object();

	add_text(a, &v, "source", STR(REPORT_NAME));
	add_text(a, &v, "policy", tier.n ? tier : STR(REPORT_NAME));
	add_text(a, &v, "rule", rule);
	add_text(a, &v, "category", STR("Isolation"));
	add_text(a, &v, "result", str_of(result_names[result]));
	add_text(a, &v, "message", message);
	return v;
}

static struct json result_of(struct arena *a, const struct audit_finding *f)
{
	struct json v = result(a, f->result, f->tier, f->rule, f->message);
	struct json resources = json_make_array();

	json_append(a, &resources, reference(a, &f->object));
	json_add(a, &v, STR("resources"), resources);
	return v;
}

static size_t total(const struct report *r)
{
	size_t n = 0;

	for (size_t i = 0; i < AUDIT_RESULTS; i++)
		n += r->counts[i];
	return n;
}

/* Of what is not told, the worst. */
static enum audit_result worst_untold(const struct report *r, size_t told)
{
	size_t left[AUDIT_RESULTS];

	memcpy(left, r->counts, sizeof(left));
	for (size_t i = 0; i < told; i++)
		left[r->findings[i].result]--;
	for (size_t i = 0; i < AUDIT_RESULTS; i++)
		if (left[i])
			return (enum audit_result)i;
	return AUDIT_SKIP;
}

static struct json results(struct arena *a, const struct report *r)
{
	struct json list = json_make_array();
	size_t n = r->n, rest = total(r) - n;

	if (rest && n == REPORT_RESULTS_MAX) {
		n--;
		rest++;
	}
	for (size_t i = 0; i < n; i++)
		json_append(a, &list, result_of(a, &r->findings[i]));
	if (rest)
		json_append(a, &list,
			    result(a, worst_untold(r, n), STR(""), STR(""),
				   arena_printf(a,
						"and %zu more, which are not "
						"told one by one",
						rest)));
	return list;
}

static struct json summary(struct arena *a, const struct report *r)
{
	struct json v = json_make_object();

	for (size_t i = 0; i < AUDIT_RESULTS; i++)
		json_add(a, &v, str_of(result_names[i]),
			 json_make_int(a, (int64_t)r->counts[i]));
	return v;
}

static struct json metadata(struct arena *a, struct str ns)
{
	struct json v = json_make_object(), labels = json_make_object();

	add_text(a, &labels, LABEL_MANAGED_BY, STR(MANAGED_BY_US));
	add_text(a, &v, "name", STR(REPORT_NAME));
	add_text(a, &v, "namespace", ns);
	json_add(a, &v, STR("labels"), labels);
	return v;
}

struct json report_object(struct arena *a, const struct report *r,
			  const struct kube_resource *api, struct str ns)
{
	const struct audit_object scope = { .api_version = STR("v1"),
					    .kind = STR("Namespace"),
					    .name = ns };
	struct json v = json_make_object();

	add_text(a, &v, "apiVersion", kube_resource_api_version(a, api));
	add_text(a, &v, "kind", str_of(api->kind));
	json_add(a, &v, STR("metadata"), metadata(a, ns));
	json_add(a, &v, STR("scope"), reference(a, &scope));
	json_add(a, &v, STR("summary"), summary(a, r));
	json_add(a, &v, STR("results"), results(a, r));
	return v;
}

/* ---- what is there ---- */

bool report_is_ours(const struct json *there)
{
	return json_str_is(
		json_at(there, "metadata", "labels", LABEL_MANAGED_BY),
		STR(MANAGED_BY_US));
}

bool report_is_same(const struct json *desired, const struct json *there)
{
	static const char *const keys[] = { "scope", "summary", "results" };

	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		if (!json_equal(json_get(desired, str_of(keys[i])),
				json_get(there, str_of(keys[i]))))
			return false;
	return report_is_ours(there);
}
