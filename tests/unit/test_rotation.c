/* certs/rotation.c: years of rotations, with crashes and wrong clocks */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/cert_cluster.h"

static const struct certs_config seconds = {
	.names = { .dns = dns, .n_dns = 1 },
	.ca_life = 60,
	.leaf_life = 60,
	.wait = 2,
};

/* ---- life ---- */

static void first_step_makes_everything_and_the_next_nothing(void **state)
{
	struct cluster c = started(&years);
	struct certs_plan again = plan_of(&c);

	(void)state;
	assert_false(again.ca_changed);
	assert_false(again.leaf_changed);
	assert_int_equal(again.n_changes, 0);
	assert_int_equal(again.again, START + LOOK_MAX);
	assert_int_equal(again.ca_ends, START + CERTS_CA_LIFE);
	assert_int_equal(again.leaf_ends, START + CERTS_LEAF_LIFE);
	assert_int_equal(count_cas(&c, c.published), 1);
	arena_release(&c.arena);
}

static void a_rotation_publishes_waits_swaps_and_forgets(void **state)
{
	struct cluster c = started(&years);
	struct str old_leaf = c.stored.leaf.cert;
	struct certs_plan plan;

	(void)state;
	c.now += CERTS_CA_LIFE / 3 * 2;
	c.stored.leaf = (struct key_pair){ STR_NONE, STR_NONE };
	step(&c, 3); /* both were due; now the leaf is fresh */
	old_leaf = c.stored.leaf.cert;
	assert_int_equal(count_cas(&c, c.published), 2);
	plan = step(&c, 3); /* sees it published: the wait begins */
	assert_true(plan.ca_changed);
	assert_int_equal(plan.again, c.now + CERTS_WAIT + 1);
	c.now += CERTS_WAIT;
	plan = step(&c, 3);
	assert_false(plan.ca_changed || plan.leaf_changed);
	assert_true(str_eq(c.stored.leaf.cert, old_leaf));
	c.now += 1;
	plan = step(&c, 3);
	assert_true(plan.ca_changed && plan.leaf_changed);
	assert_false(str_eq(c.stored.leaf.cert, old_leaf));
	assert_int_equal(count_cas(&c, c.published), 2);
	assert_all_verify(&c);
	c.now += CERTS_WAIT;
	step(&c, 3);
	assert_int_equal(count_cas(&c, c.published), 2);
	c.now += 1;
	step(&c, 3);
	assert_int_equal(count_cas(&c, c.published), 1);
	assert_all_verify(&c);
	arena_release(&c.arena);
}

static void swap_waits_for_every_bundle(void **state)
{
	struct cluster c = started(&years);
	const char *const lost[] = { "", "Cg==", NULL };
	struct error err = ERROR_INIT;
	struct certs_plan plan;

	(void)state;
	c.now += CERTS_CA_LIFE / 3 * 2;
	step(&c, 3);
	for (size_t i = 0; i < ARRAY_LEN(lost); i++) {
		struct str old = c.bundles[c.n_bundles - 1].text;
		struct str two[] = { c.published,
				     lost[i] ? str_of(lost[i]) : old };
		const struct certs_seen seen = { two, 2 };

		for (int j = 0; j < 4; j++) {
			c.now += CERTS_WAIT + 1;
			assert_int_equal(certs_step(&c.arena, &c.stored,
						    &c.config, &seen, c.now,
						    &plan, &err),
					 0);
			store_ca(&c, &plan.state);
			assert_false(c.stored.published.n);
		}
	}
	assert_int_equal(c.rotations, 0);
	arena_release(&c.arena);
}

static void every_pair_verifies_through_five_years_of_crashes(void **state)
{
	struct cluster c = started(&years);

	(void)state;
	while (c.now < START + 5 * 365 * (int64_t)DAY)
		live(&c, 50, 9 * DAY);
	assert_true(c.rotations >= 3);
	assert_true(c.renewals >= 25);
	arena_release(&c.arena);
}

static void every_pair_verifies_with_lives_of_seconds(void **state)
{
	(void)state;
	for (unsigned seed = 1; seed <= 2; seed++) {
		struct cluster c = started(&seconds);

		c.random = seed;
		live(&c, 100, 3);
		assert_true(c.rotations >= 2);
		arena_release(&c.arena);
	}
}

static void a_crash_at_each_write_of_a_rotation_heals(void **state)
{
	(void)state;
	for (unsigned first = 0; first < 3; first++)
		for (unsigned second = 0; second < 3; second++) {
			struct cluster c = started(&years);

			c.now += CERTS_CA_LIFE / 3 * 2 - 10 * CERTS_WAIT;
			step(&c, 3);
			c.now += 10 * CERTS_WAIT;
			for (int i = 0; i < 6; i++) {
				step(&c, first);
				assert_all_verify(&c);
				step(&c, second);
				assert_all_verify(&c);
				step(&c, i % 2 ? 3 : first);
				assert_all_verify(&c);
				c.now += CERTS_WAIT + 1;
			}
			settle(&c);
			assert_int_equal(c.rotations, 1);
			assert_int_equal(count_cas(&c, c.published), 1);
			arena_release(&c.arena);
		}
}

/* ---- clocks and outages ---- */

static void a_wrong_clock_of_the_planner_opens_no_gap(void **state)
{
	static const int64_t errors[] = {
		-60,	-400, -3600, -30 * DAY, -80 * DAY, -3 * 365 * DAY,
		-START, 60,   280,
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(errors); i++) {
		struct cluster c = started(&years);

		c.now += 40 * DAY;
		settle(&c);
		c.clock_error = errors[i];
		settle(&c);
		c.clock_error = 0;
		settle(&c);
		if (!is_healthy(&c))
			fail_msg("clock wrong by %lld s", (long long)errors[i]);
		arena_release(&c.arena);
	}
}

static void an_outage_beyond_all_lives_ends_with_the_next_step(void **state)
{
	static const int64_t lengths[] = { CERTS_LEAF_LIFE + 1,
					   CERTS_CA_LIFE + 1,
					   50 * 365 * (int64_t)DAY };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(lengths); i++) {
		struct cluster c = started(&years);

		c.now += lengths[i];
		step(&c, 3);
		c.n_leaves = c.n_bundles = 0;
		assert_all_verify(&c);
		settle(&c);
		assert_true(is_healthy(&c));
		arena_release(&c.arena);
	}
}

static void losing_everything_starts_anew(void **state)
{
	struct cluster c = started(&years);

	(void)state;
	c.stored = (struct certs_state){ .bundle = STR("junk"),
					 .previous = STR("junk"),
					 .published = STR("junk") };
	step(&c, 3);
	c.n_leaves = c.n_bundles = 0;
	assert_all_verify(&c);
	assert_true(is_healthy(&c));
	arena_release(&c.arena);
}

static void a_restart_never_changes_anything(void **state)
{
	struct cluster c = started(&years);

	(void)state;
	for (int i = 0; i < 40; i++) {
		step(&c, 3);
		c.now += 3600;
	}
	assert_int_equal(c.rotations + c.renewals, 0);
	arena_release(&c.arena);
}

/* ---- configuration ---- */

static void a_config_that_cannot_work_is_refused(void **state)
{
	static const struct {
		int64_t ca, leaf, wait;
		const char *wanted;
	} rows[] = {
		{ 60, 60, 11, "six times the wait" },
		{ 60, 60, -1, "six times the wait" },
		{ 60, 0, 0, "six times the wait" },
		{ 60, 61, 1, "longer life" },
		{ INT64_MAX, 60, 1, "longer life" },
	};
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	const struct certs_state nothing = { .bundle = STR_NONE };
	const struct certs_seen seen = { NULL, 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct certs_config config = {
			.names = years.names,
			.ca_life = rows[i].ca,
			.leaf_life = rows[i].leaf,
			.wait = rows[i].wait,
		};
		struct error err = ERROR_INIT;
		struct certs_plan plan;

		assert_int_equal(certs_step(&a, &nothing, &config, &seen, START,
					    &plan, &err),
				 -1);
		assert_int_equal(err.code, ERR_CONFIG);
		assert_non_null(strstr(err.msg, rows[i].wanted));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			first_step_makes_everything_and_the_next_nothing),
		cmocka_unit_test(a_rotation_publishes_waits_swaps_and_forgets),
		cmocka_unit_test(swap_waits_for_every_bundle),
		cmocka_unit_test(
			every_pair_verifies_through_five_years_of_crashes),
		cmocka_unit_test(every_pair_verifies_with_lives_of_seconds),
		cmocka_unit_test(a_crash_at_each_write_of_a_rotation_heals),
		cmocka_unit_test(a_wrong_clock_of_the_planner_opens_no_gap),
		cmocka_unit_test(
			an_outage_beyond_all_lives_ends_with_the_next_step),
		cmocka_unit_test(losing_everything_starts_anew),
		cmocka_unit_test(a_restart_never_changes_anything),
		cmocka_unit_test(a_config_that_cannot_work_is_refused),
	};

	return cmocka_run_group_tests_name("certs/rotation.c", tests, NULL,
					   NULL)
		       ? 1
		       : 0;
}
