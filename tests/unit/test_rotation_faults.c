/* certs/rotation.c: what is stored gets lost or damaged, at any stage */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/cert_cluster.h"

static struct str other_dns[] = { STR_INIT("hook.elsewhere.svc") };

/* ---- faults while servers and clients hold what they had ---- */

static struct str damaged(struct cluster *c, struct str text)
{
	char *p = (char *)(uintptr_t)arena_str(&c->arena, text).p;

	if (text.n > 200)
		memset(p + 100, '*', 20);
	return (struct str){ p, text.n };
}

static void lose_leaf(struct cluster *c)
{
	c->stored.leaf = (struct key_pair){ STR_NONE, STR_NONE };
	c->stored.bundle = STR_NONE;
}

static void damage_leaf_key(struct cluster *c)
{
	c->stored.leaf.key = damaged(c, c->stored.leaf.key);
}

static void swap_keys(struct cluster *c)
{
	struct str key = c->stored.leaf.key;

	c->stored.leaf.key = c->stored.ca.key;
	c->stored.ca.key = key;
}

static void cut_leaf(struct cluster *c)
{
	c->stored.leaf.cert.n /= 2;
}

static void lose_ca_key(struct cluster *c)
{
	c->stored.ca.key = STR_NONE;
}

static void damage_ca(struct cluster *c)
{
	c->stored.ca.cert = damaged(c, c->stored.ca.cert);
}

static void lose_ca_secret(struct cluster *c)
{
	struct certs_state kept = { .leaf = c->stored.leaf,
				    .bundle = c->stored.bundle };

	c->stored = kept;
}

static void damage_next(struct cluster *c)
{
	c->stored.next.cert = damaged(c, c->stored.next.cert);
}

static void lose_next_key(struct cluster *c)
{
	c->stored.next.key = STR("");
}

static void lose_record(struct cluster *c)
{
	c->stored.published = STR("yesterday, all of them");
}

static void lose_bundle(struct cluster *c)
{
	c->stored.bundle = STR("-----BEGIN CERTIFICATE-----\n");
}

static void rename_service(struct cluster *c)
{
	c->config.names.dns = c->config.names.dns == dns ? other_dns : dns;
}

/* A certificate for servers where the CA stands, and the other way round. */
static void mix_up(struct cluster *c)
{
	c->stored.ca = c->stored.leaf;
}

static const struct fault {
	const char *name;
	void (*happen)(struct cluster *c);
} faults[] = {
	{ "serving pair's Secret lost", lose_leaf },
	{ "serving key damaged", damage_leaf_key },
	{ "serving certificate cut off", cut_leaf },
	{ "CA's key lost", lose_ca_key },
	{ "CA damaged", damage_ca },
	{ "CA's Secret lost", lose_ca_secret },
	{ "next CA damaged", damage_next },
	{ "next CA's key lost", lose_next_key },
	{ "record lost", lose_record },
	{ "bundle damaged", lose_bundle },
	{ "Service renamed", rename_service },
	{ "serving pair where the CA stands", mix_up },
};

/* Servers go on with what they read: the fault is in what is stored. */
static void strike(struct cluster *c, const struct fault *f)
{
	struct str served = c->stored.leaf.cert;

	c->fault = f->name;
	f->happen(c);
	if (!str_eq(served, c->stored.leaf.cert))
		replaced(c->leaves, &c->n_leaves, served, c->now);
}

static void each_fault_heals_without_a_gap_at_each_stage(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(faults); i++)
		for (int stage = 0; stage < 5; stage++) {
			struct cluster c = started(&years);

			if (stage) /* one: due; two: published; ... */
				c.now += CERTS_CA_LIFE / 3 * 2 - DAY;
			step(&c, 3);
			c.now += stage ? DAY : 0;
			for (int s = 0; s < stage; s++) {
				step(&c, 3);
				c.now += CERTS_WAIT + 1;
			}
			strike(&c, &faults[i]);
			step(&c, 3);
			assert_all_verify(&c);
			settle(&c);
			if (!is_healthy(&c))
				fail_msg("%s, stage %d", faults[i].name, stage);
			assert_int_equal(count_cas(&c, c.published), 1);
			arena_release(&c.arena);
		}
}

static void faults_at_random_never_open_a_gap(void **state)
{
	(void)state;
	for (unsigned seed = 1; seed <= 8; seed++) {
		struct cluster c = started(&years);

		c.random = seed * 7919;
		for (int i = 0; i < 10; i++) {
			const struct fault *f =
				&faults[draw(&c, ARRAY_LEN(faults))];

			live(&c, 4, 20 * DAY / 4);
			settle(&c);
			for (unsigned n = draw(&c, 3); n > 0; n--) {
				step(&c, 3);
				c.now += CERTS_WAIT + 1;
			}
			strike(&c, f);
			step(&c, 3);
			assert_all_verify(&c);
			settle(&c);
		}
		arena_release(&c.arena);
	}
}

static void what_cannot_be_served_by_anyone_is_replaced_at_once(void **state)
{
	struct cluster c = started(&years);

	(void)state;
	swap_keys(&c);
	step(&c, 3);
	c.n_leaves = c.n_bundles = 0;
	assert_all_verify(&c);
	settle(&c);
	assert_true(is_healthy(&c));
	arena_release(&c.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_fault_heals_without_a_gap_at_each_stage),
		cmocka_unit_test(faults_at_random_never_open_a_gap),
		cmocka_unit_test(
			what_cannot_be_served_by_anyone_is_replaced_at_once),
	};

	return cmocka_run_group_tests_name("certs/rotation.c, faults", tests,
					   NULL, NULL)
		       ? 1
		       : 0;
}
