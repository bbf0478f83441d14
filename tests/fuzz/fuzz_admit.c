/* Bytes to an HTTP answer: both paths refuse or answer alike, and to form. */
#include "lib/clock.h"
#include "lib/json_read.h"
#include "webhook/admit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct admit *admit(void)
{
	static struct admit all = { .now = 1795240800,
				    .clock_ns = clock_monotonic_ns };
	static struct snapshot *snapshot;
	struct error err = ERROR_INIT;

	if (snapshot)
		return &all;
	if (snapshot_load_shipped(&snapshot, &err) < 0)
		BUG(err.msg);
	all.snapshot = snapshot;
	all.inventory = inventory_new();
	all.metrics = metrics_new(measures, MEASURES);
	return &all;
}

static struct json read_back(struct arena *a, struct str text)
{
	struct error err = ERROR_INIT;
	struct json tree;

	if (json_read(a, text, 0, NULL, &tree, &err) < 0)
		BUG(err.msg);
	return tree;
}

static void check(struct arena *a, struct str path, struct str body,
		  struct admit_answer *out)
{
	bool mutate = str_is(path, "/mutate");
	struct json asked, answer;
	const struct json *r;
	struct str uid;

	admit_review(a, admit(), path, body, out);
	if (!out->body.n ||
	    (out->status != 200 && out->status != 400 && out->status != 413))
		BUG("not an answer");
	if (out->status != 200)
		return;
	asked = read_back(a, body);
	answer = read_back(a, out->body);
	r = json_get(&answer, STR("response"));
	uid = json_str(json_at(&asked, "request", "uid"));
	if (!uid.n || !str_eq(uid, json_str(json_get(r, STR("uid")))))
		BUG("not the uid that was asked with");
	if (json_exists(json_get(r, STR("patch"))) !=
	    json_exists(json_get(r, STR("patchType"))))
		BUG("a patch without its type, or a type without one");
	if (mutate && !json_is_true(json_get(r, STR("allowed"))))
		BUG("/mutate refuses");
	if (!mutate && json_exists(json_get(r, STR("patch"))))
		BUG("/validate patches");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct str body =
		arena_str(&a, (struct str){ (const char *)data, size });
	struct admit_answer mutated, validated;

	check(&a, STR("/mutate"), body, &mutated);
	check(&a, STR("/validate"), body, &validated);
	if (mutated.status != validated.status)
		BUG("a review that one path can read and the other cannot");
	return 0;
}
