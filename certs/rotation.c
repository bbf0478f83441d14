/*
 * The plan of a rotation: the state is read (authority.h), then one step asks
 * after the other, and what has changed is written back.
 *
 * The CA's Secret is stored before the serving pair's, and the bundle is
 * published in between: what signs is stored before what it has signed, and
 * trusted before it is shown. A crash in between leaves a serving certificate
 * of a previous CA, which the next call renews.
 */
#include "certs/rotation.h"

#include "certs/authority.h"
#include "lib/timestamp.h"

enum {
	LOOK_MAX = 3600, /* that a clock was set is noticed within */
	LOOK_PUBLISHED = 10,
	WAITS_PER_LIFE = 6, /* a third of a life holds two waits */
};
static const int64_t time_max = INT64_C(253402300799); /* end of year 9999 */

struct rotation {
	struct arena *arena;
	const struct certs_config *config;
	int64_t now;
	int64_t latest; /* now, or later by a clock that was ahead */
	struct authorities all;
	const char *leaf_why; /* nobody can use the leaf; NULL: it is good */
	bool is_seen;	      /* all clients trust next */
	int64_t published_at; /* since then; -1: not yet */
	struct certs_plan *plan;
};

/* ---- questions ---- */

static int64_t issued_at(const struct certificate *c)
{
	return c->valid.not_before + KEY_PAIR_SKEW;
}

static int64_t due_at(const struct certificate *c)
{
	int64_t issued = issued_at(c);

	return issued + (c->valid.not_after - issued) / 3 * 2 +
	       (c->valid.not_after - issued) % 3 * 2 / 3;
}

/* Why the CA is to be replaced; NULL: it is not. */
static const char *ca_fault(const struct rotation *r)
{
	const struct authority *ca = &r->all.ca;
	const char *fault = authority_fault(ca, r->now);

	if (fault)
		return fault;
	if (!ca->cert.is_p256)
		return "the CA's key is not ECDSA P-256";
	if (r->now >= due_at(&ca->cert))
		return "two thirds of the CA's life are over";
	return NULL;
}

/* Why nobody can use the leaf; NULL: it is good for those who use it. */
static const char *leaf_fault(const struct rotation *r)
{
	const struct authority *leaf = &r->all.leaf;
	struct str bundle;

	if (!leaf->reads)
		return "there was none that can be read";
	if (!leaf->has_key)
		return "its private key was missing, damaged or another's";
	if (r->now >= leaf->cert.valid.not_after)
		return "it had expired";
	bundle = authorities_bundle(r->arena, &r->all);
	if (!authorities_cover(&r->all, bundle, r->now))
		return "no known CA had signed it for TLS servers";
	return NULL;
}

static bool is_of_ca(const struct rotation *r)
{
	return r->all.ca.reads &&
	       authorities_cover(&r->all, r->all.ca.cert.pem, r->now);
}

/* Why a good leaf is to be replaced; NULL: it is not. */
static const char *leaf_due(const struct rotation *r)
{
	const struct certificate *leaf = &r->all.leaf.cert;

	if (!cert_names_equal(&leaf->names, &r->config->names))
		return "it was for other names";
	if (!leaf->is_p256)
		return "its key was not ECDSA P-256";
	if (r->now < leaf->valid.not_before)
		return "it was not valid yet, a clock has been ahead";
	if (r->now >= due_at(leaf))
		return "two thirds of its life were over";
	if (!is_of_ca(r))
		return "its CA is no longer in use";
	return NULL;
}

/* ---- what happens ---- */

static void tell(struct rotation *r, struct str change)
{
	if (r->plan->n_changes < CERTS_CHANGES_MAX)
		r->plan->changes[r->plan->n_changes++] = change;
}

static struct validity validity(const struct rotation *r, int64_t life)
{
	struct validity v = { r->now - KEY_PAIR_SKEW, r->latest + life };

	if (v.not_before < 0)
		v.not_before = 0;
	if (v.not_after > time_max)
		v.not_after = time_max;
	return v;
}

static struct str until(struct rotation *r, const struct certificate *c)
{
	return timestamp_str(r->arena, c->valid.not_after);
}

static int make_next(struct rotation *r, const char *why, struct error *err)
{
	struct authority *next = &r->all.next;
	struct key_pair pem;

	if (key_pair_make_ca(r->arena, validity(r, r->config->ca_life), &pem,
			     err) < 0)
		return -1;
	authority_read(r->arena, &pem, next);
	r->is_seen = false;
	r->published_at = -1;
	tell(r, arena_printf(r->arena, "made the CA %.*s, valid until %.*s: %s",
			     STR_ARG(next->cert.subject),
			     STR_ARG(until(r, &next->cert)), why));
	return 0;
}

static void promote(struct rotation *r, const char *why)
{
	tell(r, arena_printf(r->arena, "took the CA %.*s into use: %s",
			     STR_ARG(r->all.next.cert.subject), why));
	authorities_promote(&r->all);
	r->is_seen = false;
	r->published_at = -1;
}

static int make_leaf(struct rotation *r, const char *why, struct error *err)
{
	struct authority *leaf = &r->all.leaf;
	struct key_pair pem;

	if (key_pair_make_leaf(r->arena, &r->all.ca.pem, &r->config->names,
			       validity(r, r->config->leaf_life), &pem,
			       err) < 0)
		return -1;
	authority_read(r->arena, &pem, leaf);
	r->leaf_why = NULL;
	tell(r, arena_printf(r->arena,
			     "made a serving certificate %.*s, valid until "
			     "%.*s: %s",
			     STR_ARG(leaf->cert.subject),
			     STR_ARG(until(r, &leaf->cert)), why));
	return 0;
}

/* ---- steps ---- */

/*
 * At once only when there is nothing to lose: no server shows anything that
 * clients take, and the CA in use cannot sign.
 */
static int step_ca(struct rotation *r, struct error *err)
{
	const char *cannot_sign = authority_fault(&r->all.ca, r->now);
	const char *why;

	if (cannot_sign && r->leaf_why) {
		if (!r->all.next.reads && make_next(r, cannot_sign, err) < 0)
			return -1;
		promote(r, "at once, no server has a certificate that clients "
			   "take");
		return 0;
	}
	/* Whole seconds: one more, for the parts that were cut off. */
	if (r->published_at >= 0 && r->now - r->published_at > r->config->wait)
		promote(r, "clients have trusted it for long enough");
	why = ca_fault(r);
	if (why && !r->all.next.reads &&
	    r->all.n_previous < AUTHORITIES_PREVIOUS_MAX)
		return make_next(r, why, err);
	return 0;
}

static int step_leaf(struct rotation *r, struct error *err)
{
	const char *why = r->leaf_why ? r->leaf_why : leaf_due(r);

	if (!why || authority_fault(&r->all.ca, r->now))
		return 0;
	return make_leaf(r, why, err);
}

static void step_forget(struct rotation *r)
{
	if (!r->all.n_previous || r->leaf_why || !is_of_ca(r) ||
	    r->now - issued_at(&r->all.leaf.cert) <= r->config->wait)
		return;
	for (size_t i = 0; i < r->all.n_previous; i++)
		tell(r, arena_printf(r->arena,
				     "the CA %.*s left the bundle: no server "
				     "shows a certificate of its own any more",
				     STR_ARG(r->all.previous[i].subject)));
	r->all.n_previous = 0;
}

/* ---- before ---- */

static int check_config(const struct certs_config *c, struct error *err)
{
	if (c->wait < 0 || c->leaf_life < 1 ||
	    c->leaf_life / WAITS_PER_LIFE < c->wait)
		return error_set(err, ERR_CONFIG,
				 "serving certificates that last %lld s and a "
				 "wait of %lld s; the life must be at least "
				 "six times the wait",
				 (long long)c->leaf_life, (long long)c->wait);
	if (c->ca_life < c->leaf_life || c->ca_life > time_max)
		return error_set(err, ERR_CONFIG,
				 "a CA that lasts %lld s cannot sign "
				 "certificates that last %lld s; give it a "
				 "longer life",
				 (long long)c->ca_life,
				 (long long)c->leaf_life);
	return 0;
}

static void look_at_clocks(struct rotation *r)
{
	const struct authority *const pairs[] = { &r->all.ca, &r->all.next,
						  &r->all.leaf };

	r->latest = r->now;
	for (size_t i = 0; i < ARRAY_LEN(pairs); i++)
		if (pairs[i]->reads && issued_at(&pairs[i]->cert) > r->latest)
			r->latest = issued_at(&pairs[i]->cert);
}

static bool has(struct arena *a, struct str bundle, const struct certificate *c)
{
	struct certificate_list list = { .n = 0 };
	struct error ignored = ERROR_INIT;

	if (certificate_read_all(a, bundle, &list, &ignored) < 0)
		return false;
	for (size_t i = 0; i < list.n; i++)
		if (str_eq(list.v[i].fingerprint, c->fingerprint))
			return true;
	return false;
}

static int64_t recorded(const struct rotation *r, struct str text)
{
	struct error ignored = ERROR_INIT;
	struct str time, fingerprint = text;
	int64_t at;

	if (!str_split(&fingerprint, ' ', &time) ||
	    !str_eq(fingerprint, r->all.next.cert.fingerprint) ||
	    timestamp_parse(time, &at, &ignored) < 0 || at < 0 || at > r->now)
		return -1;
	return at;
}

/* What is not seen any more counts as never published. */
static void look_at_published(struct rotation *r, struct str record,
			      const struct certs_seen *seen)
{
	r->published_at = -1;
	r->is_seen = r->all.next.reads;
	for (size_t i = 0; r->is_seen && i < seen->n; i++)
		r->is_seen = has(r->arena, seen->bundles[i], &r->all.next.cert);
	if (r->is_seen)
		r->published_at = recorded(r, record);
}

/* ---- after ---- */

static struct str record(struct rotation *r)
{
	if (!r->is_seen)
		return STR("");
	if (r->published_at < 0)
		r->published_at = r->now;
	return arena_printf(r->arena, "%.*s %.*s",
			    STR_ARG(timestamp_str(r->arena, r->published_at)),
			    STR_ARG(r->all.next.cert.fingerprint));
}

static void sooner(int64_t *at, int64_t other)
{
	if (other < *at)
		*at = other;
}

static int64_t look_again(const struct rotation *r)
{
	const struct certs_config *c = r->config;
	int64_t at = r->now + LOOK_MAX;

	if (r->all.leaf.reads)
		sooner(&at, due_at(&r->all.leaf.cert));
	if (r->all.ca.reads && !r->all.next.reads)
		sooner(&at, due_at(&r->all.ca.cert));
	if (r->all.next.reads)
		sooner(&at, r->published_at >= 0
				    ? r->published_at + c->wait + 1
				    : r->now + (c->wait < LOOK_PUBLISHED
							? c->wait
							: LOOK_PUBLISHED));
	if (r->all.n_previous && r->all.leaf.reads)
		sooner(&at, issued_at(&r->all.leaf.cert) + c->wait + 1);
	return at > r->now ? at : r->now + 1;
}

static void write_plan(struct rotation *r, const struct certs_state *before)
{
	struct certs_plan *p = r->plan;

	p->bundle = authorities_bundle(r->arena, &r->all);
	p->state = (struct certs_state){
		.ca = r->all.ca.pem,
		.next = r->all.next.pem,
		.previous = authorities_previous(r->arena, &r->all),
		.published = record(r),
		.leaf = r->all.leaf.pem,
		.bundle = p->bundle,
	};
	p->ca_changed = !certs_state_equal(before, &p->state, CERTS_SECRET_CA);
	p->leaf_changed =
		!certs_state_equal(before, &p->state, CERTS_SECRET_LEAF);
	p->ca_ends = r->all.ca.cert.valid.not_after;
	p->leaf_ends = r->all.leaf.cert.valid.not_after;
	p->again = look_again(r);
}

int certs_step(struct arena *a, const struct certs_state *state,
	       const struct certs_config *config, const struct certs_seen *seen,
	       int64_t now, struct certs_plan *plan, struct error *err)
{
	struct certs_config checked = *config;
	struct rotation r = {
		.arena = a,
		.config = &checked,
		.now = now,
		.plan = plan,
	};

	*plan = (struct certs_plan){ .n_changes = 0 };
	if (check_config(config, err) < 0 ||
	    cert_names_read(a, &config->names, &checked.names, err) < 0)
		return -1;
	authorities_read(a, state, &r.all);
	/* Nothing of its own is in use: one that cannot sign is dropped. */
	if (authority_fault(&r.all.next, now))
		r.all.next = (struct authority){ .reads = false };
	look_at_clocks(&r);
	look_at_published(&r, state->published, seen);
	r.leaf_why = leaf_fault(&r);
	if (step_ca(&r, err) < 0 || step_leaf(&r, err) < 0)
		return -1;
	step_forget(&r);
	write_plan(&r, state);
	return 0;
}
