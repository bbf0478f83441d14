/*
 * A cluster for tests of rotation: what is stored and published, who still
 * holds what was, crashes between writes; and what must hold at each instant.
 */
#ifndef TESTS_UNIT_CERT_CLUSTER_H
#define TESTS_UNIT_CERT_CLUSTER_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "certs/certificate.h"
#include "certs/rotation.h"

enum { DAY = 86400, START = 1800000000, LOOK_MAX = 3600 };

static struct str dns[] = { STR_INIT("bulkhead-webhook.bulkhead-system.svc") };
static const struct certs_config years = {
	.names = { .dns = dns, .n_dns = 1 },
	.ca_life = CERTS_CA_LIFE,
	.leaf_life = CERTS_LEAF_LIFE,
	.wait = CERTS_WAIT,
};
/*
 * A cluster: what is stored and published, and what was until a moment ago.
 * API servers learn of a bundle, and servers of a pair, within config.wait.
 */
enum { KEPT = 64 };

struct past {
	struct str text;
	int64_t until; /* replaced then */
};

/* Checking takes long: each pair once, and again when it may have expired. */
struct verified {
	const char *leaf, *bundle;
	int64_t until;
};

struct cluster {
	struct arena arena;
	struct verified verified[KEPT];
	size_t n_verified;
	struct certs_config config;
	struct certs_state stored;
	struct str published;
	struct past leaves[KEPT], bundles[KEPT];
	size_t n_leaves, n_bundles;
	int64_t now;	     /* the true time */
	int64_t clock_error; /* of the planner */
	unsigned random;
	size_t rotations, renewals;
	const char *fault; /* the last one */
};

static inline unsigned draw(struct cluster *c, unsigned below)
{
	c->random = c->random * 1664525U + 1013904223U;
	return (c->random >> 8) % below;
}

static inline void replaced(struct past *list, size_t *n, struct str text,
			    int64_t now)
{
	if (!text.n)
		return;
	if (*n == KEPT)
		memmove(list, list + 1, --*n * sizeof(*list));
	list[(*n)++] = (struct past){ text, now };
}

static inline void publish(struct cluster *c, struct str bundle)
{
	if (str_eq(c->published, bundle))
		return;
	replaced(c->bundles, &c->n_bundles, c->published, c->now);
	c->published = bundle;
}

static inline void store_leaf(struct cluster *c, const struct certs_state *s)
{
	if (!str_eq(c->stored.leaf.cert, s->leaf.cert)) {
		replaced(c->leaves, &c->n_leaves, c->stored.leaf.cert, c->now);
		c->renewals++;
	}
	c->stored.leaf = s->leaf;
	c->stored.bundle = s->bundle;
}

static inline void store_ca(struct cluster *c, const struct certs_state *s)
{
	struct key_pair leaf = c->stored.leaf;
	struct str bundle = c->stored.bundle;

	if (!str_eq(c->stored.ca.cert, s->ca.cert))
		c->rotations++;
	c->stored = *s;
	c->stored.leaf = leaf;
	c->stored.bundle = bundle;
}

static inline struct certs_plan plan_of(struct cluster *c)
{
	const struct certs_seen seen = { &c->published, 1 };
	struct error err = ERROR_INIT;
	struct certs_plan plan;

	if (certs_step(&c->arena, &c->stored, &c->config, &seen,
		       c->now + c->clock_error, &plan, &err) < 0)
		fail_msg("%s", err.msg);
	assert_true(plan.again > c->now + c->clock_error);
	return plan;
}

/* Dies before write number writes; 3 are all. */
static inline struct certs_plan step(struct cluster *c, unsigned writes)
{
	struct certs_plan plan = plan_of(c);

	if (plan.ca_changed && writes > 0)
		store_ca(c, &plan.state);
	if (writes > 1)
		publish(c, plan.bundle);
	if (plan.leaf_changed && writes > 2)
		store_leaf(c, &plan.state);
	return plan;
}

/* ---- what must hold ---- */

static inline size_t count_cas(struct cluster *c, struct str bundle)
{
	struct certificate_list list;
	struct error err = ERROR_INIT;

	if (certificate_read_all(&c->arena, bundle, &list, &err) < 0)
		fail_msg("%s", err.msg);
	return list.n;
}

static inline bool is_verified(const struct cluster *c, struct str leaf,
			       struct str bundle)
{
	for (size_t i = 0; i < ARRAY_LEN(c->verified); i++)
		if (c->verified[i].leaf == leaf.p &&
		    c->verified[i].bundle == bundle.p)
			return c->now < c->verified[i].until;
	return false;
}

static inline void assert_pair_verifies(struct cluster *c, struct str leaf,
					struct str bundle)
{
	struct error err = ERROR_INIT;
	struct certificate cert;

	if (is_verified(c, leaf, bundle))
		return;
	if (certificate_read(&c->arena, leaf, &cert, &err) < 0 ||
	    certificate_verify(&cert, bundle, c->now, &err) < 0)
		fail_msg("%s, at %lld: %s", c->fault ? c->fault : "no fault",
			 (long long)(c->now - START), err.msg);
	assert_in_range(count_cas(c, bundle), 1, 3);
	c->verified[c->n_verified++ % ARRAY_LEN(c->verified)] =
		(struct verified){ leaf.p, bundle.p, cert.valid.not_after };
}

/* Any server, old or new pair, with any API server, old or new bundle. */
static inline void assert_all_verify(struct cluster *c)
{
	struct str leaves[KEPT + 1] = { c->stored.leaf.cert };
	struct str bundles[KEPT + 1] = { c->published };
	size_t n_leaves = 1, n_bundles = 1;

	for (size_t i = 0; i < c->n_leaves; i++)
		if (c->leaves[i].until + c->config.wait > c->now)
			leaves[n_leaves++] = c->leaves[i].text;
	for (size_t i = 0; i < c->n_bundles; i++)
		if (c->bundles[i].until + c->config.wait > c->now)
			bundles[n_bundles++] = c->bundles[i].text;
	for (size_t i = 0; i < n_leaves; i++)
		for (size_t j = 0; j < n_bundles; j++)
			assert_pair_verifies(c, leaves[i], bundles[j]);
}

static inline struct cluster started(const struct certs_config *config)
{
	struct cluster c = { .config = *config, .now = START, .random = 1 };

	step(&c, 3);
	c.n_leaves = c.n_bundles = 0;
	c.rotations = c.renewals = 0;
	assert_all_verify(&c);
	return c;
}

/* Steps until nothing is to be done at the moment but wait. */
static inline void settle(struct cluster *c)
{
	for (int i = 0; i < 12; i++) {
		struct certs_plan plan = step(c, 3);

		assert_all_verify(c);
		if (!plan.n_changes &&
		    plan.again == c->now + c->clock_error + LOOK_MAX)
			return;
		c->now += c->config.wait + 1;
	}
}

/* Between 0 and a sixth of the shorter life at a time, and all orders. */
static inline void live(struct cluster *c, int steps, unsigned longest)
{
	for (int i = 0; i < steps; i++) {
		/* At most two crashes in a row. */
		struct certs_plan plan = step(c, i % 3 ? draw(c, 4) : 3);

		assert_all_verify(c);
		if (draw(c, 3) == 0) {
			step(c, draw(c, 4));
			assert_all_verify(c);
		}
		c->now += plan.again - c->now == LOOK_MAX || draw(c, 4) == 0
				  ? (int64_t)draw(c, longest)
				  : plan.again - c->now;
		assert_all_verify(c);
	}
}

static inline bool is_healthy(struct cluster *c)
{
	struct certs_plan plan = plan_of(c);

	return !plan.ca_changed && !plan.leaf_changed && !plan.n_changes;
}

#endif
