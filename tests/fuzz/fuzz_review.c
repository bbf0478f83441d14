/* A request body: any bytes are answered or refused, and filling ends. */
#include "lib/json_read.h"
#include "lib/json_write.h"
#include "policies/review.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct engine *engine(void)
{
	static struct snapshot *snapshot;
	static struct engine e = { .now = 1795240800 };
	struct error err = ERROR_INIT;

	if (!snapshot && snapshot_load_shipped(&snapshot, &err) < 0)
		BUG(err.msg);
	if (!e.inventory)
		e.inventory = inventory_new();
	e.snapshot = snapshot;
	return &e;
}

/* What mutation leaves is what a second one finds nothing to add to. */
static void check_filled(struct arena *a, const struct review *review)
{
	struct subject again = review->subject;
	struct decision first, second;

	engine_mutate(a, engine(), &review->subject, &first);
	again.object = &first.filled;
	engine_mutate(a, engine(), &again, &second);
	if (!json_equal(&first.filled, &second.filled))
		BUG("a second mutation changes something");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct str body =
		arena_str(&a, (struct str){ (const char *)data, size });
	struct error err = ERROR_INIT;
	struct json answer, back;
	struct review review;

	if (review_parse(&a, body, &review, &err) < 0)
		return 0;
	check_filled(&a, &review);
	answer = review_answer(&a, engine(), &review, REVIEW_BOTH, NULL);
	if (json_read(&a, json_to_str(&a, &answer), 0, NULL, &back, &err) < 0)
		BUG(err.msg);
	if (!json_equal(&answer, &back))
		BUG("the answer reads back as something else");
	return 0;
}
