/* kube/reflector.c, kube/reflector_mirror.c */
#include "tests/unit/reflector_script.h"

static struct str text_at(const struct inventory_object *object,
			  const char *key)
{
	return json_str(json_at(&object->doc, key));
}

static void objects_are_kept_with_kind_and_without_managed_fields(void **state)
{
	static const struct fake_step steps[] = {
		DISCOVER,
		LISTS(LIST("7", "",
			   "{\"metadata\":{\"namespace\":\"n\",\"name\":\"a\","
			   "\"resourceVersion\":\"5\",\"managedFields\":[1]},"
			   "\"spec\":{\"managedFields\":2}}")),
		LAST("7", ""), END
	};
	const struct inventory_object *object;
	struct fixture f;

	(void)state;
	set_up(&f, steps, (struct kube_reflector_options){ 0 });
	wait_for(&f, "kept", 3, "+a@5 = ");
	object = inventory_get(f.inventory, STR(GROUP), STR("Sandbox"),
			       STR("n"), STR("a"));
	assert_non_null(object);
	assert_true(str_is(text_at(object, "apiVersion"), GROUP "/v1beta1"));
	assert_true(str_is(text_at(object, "kind"), "Sandbox"));
	assert_false(json_exists(
		json_at(&object->doc, "metadata", "managedFields")));
	assert_true(
		json_exists(json_at(&object->doc, "spec", "managedFields")));
	inventory_object_unref(&object);
	assert_null(tear_down(&f));
}

static void keep_labels(struct arena *a, const struct json *doc,
			struct json *out)
{
	*out = json_make_object();
	json_add(a, out, STR("labels"),
		 json_copy(a, json_at(doc, "metadata", "labels")));
}

static void a_change_in_what_is_not_kept_is_not_told(void **state)
{
#define LABELLED(version, value)                                               \
	"{\"kind\":\"PartialObjectMetadata\",\"apiVersion\":"                  \
	"\"meta.k8s.io/v1\",\"metadata\":{\"namespace\":\"n\",\"name\":\"a\"," \
	"\"labels\":{\"l\":\"" value "\"},\"resourceVersion\":\"" version      \
	"\"}}"
	static const struct fake_step steps[] = {
		DISCOVER,
		{ .expect = "GET " BETA "/sandboxes?limit=500 HTTP",
		  .holds = "as=PartialObjectMetadataList;",
		  .answer = LIST("7", "", LABELLED("5", "x")),
		  .close = true },
		WATCH("7", HEAD EVENT("MODIFIED", LABELLED("8", "x"))
				   ERROR_EVENT("410", "Expired")),
		LISTS(LIST("9", "", LABELLED("9", "x"))),
		LAST("9", EVENT("MODIFIED", LABELLED("10", "y"))
				  EVENT("MODIFIED", LABELLED("11", "y")) EVENT(
					  "DELETED", LABELLED("12", "y"))),
		END
	};
	struct fixture f;

	(void)state;
	set_up(&f, steps,
	       (struct kube_reflector_options){ .keep = keep_labels,
						.metadata_only = true });
	wait_for(&f, "labels", 5, "+a@ = = +a@ -a@ ");
	assert_int_equal(kube_reflector_state(f.reflector).events, 4);
	assert_null(tear_down(&f));
}

static void the_state_says_what_goes_on(void **state)
{
	static const struct fake_step steps[] = {
		DISCOVER, LISTS(STATUS("403", "Forbidden")), END
	};
	const int64_t until =
		clock_monotonic_ns() + WAIT_S * INT64_C(1000000000);
	struct kube_reflector_state says;
	struct fixture f;

	(void)state;
	set_up(&f, steps, (struct kube_reflector_options){ 0 });
	do {
		assert_true(clock_monotonic_ns() < until);
		says = kube_reflector_state(f.reflector);
		kube_stop_wait(f.stop, 2);
	} while (!strstr(says.says, "trying again in"));
	assert_non_null(strstr(says.says, "list sandboxes"));
	assert_non_null(strstr(says.says, "403"));
	assert_false(says.synced);
	assert_false(says.watching);
	assert_false(
		inventory_is_known(f.inventory, STR(GROUP), STR("Sandbox")));
	assert_null(tear_down(&f));
}

/* Empty because it was not served says nothing once it is. */
static void a_kind_that_is_served_now_is_unknown_until_its_list(void **state)
{
	static const struct fake_step steps[] = {
		NO_BETA,
		NO_ALPHA,
		DISCOVER,
		LISTS(STATUS("403", "Forbidden")),
		{ .expect = "GET ", .answer = HEAD, .hold_ms = 60000 },
		END
	};
	struct fixture f;

	(void)state;
	set_up(&f, steps,
	       (struct kube_reflector_options){ .optional = true,
						.wait_divisor = 50 });
	wait_for(&f, "unknown", 4, "= ");
	assert_false(kube_reflector_state(f.reflector).synced);
	assert_false(
		inventory_is_known(f.inventory, STR(GROUP), STR("Sandbox")));
	(void)tear_down(&f);
}

/* Each ends in a wait of a minute; the last two in one of ours. */
static const struct fake_step *const waits[] = {
	STEPS({ .expect = "GET " BETA, .answer = HEAD, .hold_ms = 60000 }),
	STEPS(DISCOVER, { .expect = "GET ", .answer = HEAD, .hold_ms = 60000 }),
	STEPS(DISCOVER, LISTS(LIST("7", "p", "")),
	      { .expect = "GET ", .answer = HEAD, .hold_ms = 60000 }),
	STEPS(DISCOVER, FIRST_LIST,
	      { .expect = "GET ", .answer = HEAD, .hold_ms = 60000 }),
	STEPS(DISCOVER, FIRST_LIST, LAST("7", "")),
	STEPS(DISCOVER, FIRST_LIST, LAST("7", "{\"type\":")),
	STEPS(DISCOVER, FIRST_LIST,
	      WATCH("7", HEAD ERROR_EVENT("429", "TooManyRequests"))),
	STEPS(NO_BETA, NO_ALPHA),
};

static void stop_ends_every_wait(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(waits); i++) {
		const size_t n = count(waits[i]);
		const size_t held = waits[i][n - 1].hold_ms ? 1 : 0;
		struct fixture f;
		int64_t start;

		set_up(&f, waits[i], (struct kube_reflector_options){ 0 });
		wait_for(&f, "stop", n - held, NULL);
		start = clock_monotonic_ns();
		/* Whether the held request was sent is a matter of chance. */
		(void)tear_down(&f);
		assert_true(clock_monotonic_ns() - start < INT64_C(8000000000));
	}
}

static void what_was_mirrored_stays(void **state)
{
	static const struct fake_step steps[] = { DISCOVER, FIRST_LIST,
						  LAST("7", ""), END };
	struct fixture f;

	(void)state;
	set_up(&f, steps, (struct kube_reflector_options){ 0 });
	wait_for(&f, "stays", 3, TOLD_FIRST);
	kube_stop_set(f.stop);
	kube_reflector_join(&f.reflector);
	assert_int_equal(inventory_count(f.inventory), 2);
	assert_true(
		inventory_is_known(f.inventory, STR(GROUP), STR("Sandbox")));
	assert_null(tear_down(&f));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			objects_are_kept_with_kind_and_without_managed_fields),
		cmocka_unit_test(a_change_in_what_is_not_kept_is_not_told),
		cmocka_unit_test(the_state_says_what_goes_on),
		cmocka_unit_test(
			a_kind_that_is_served_now_is_unknown_until_its_list),
		cmocka_unit_test(stop_ends_every_wait),
		cmocka_unit_test(what_was_mirrored_stays),
	};

	return cmocka_run_group_tests_name("kube/reflector.c", tests, NULL,
					   NULL)
		       ? 1
		       : 0;
}
