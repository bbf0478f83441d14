/* Reading the state tolerantly, and the bundle of all its CAs. */
#include "certs/authority.h"

#include <stdlib.h>

#include "lib/buf.h"

/* Each of its parts has passed the cap of one text. */
enum { BUNDLE_TEXT_MAX = 4 * CERTIFICATE_TEXT_MAX };

void authority_read(struct arena *a, const struct key_pair *pem,
		    struct authority *out)
{
	struct error ignored = ERROR_INIT;

	*out = (struct authority){ .pem = *pem };
	out->reads = certificate_read(a, pem->cert, &out->cert, &ignored) == 0;
	out->has_key = out->reads && certificate_check_key(&out->cert, pem->key,
							   &ignored) == 0;
}

const char *authority_fault(const struct authority *one, int64_t now)
{
	if (!one->reads)
		return "no CA certificate could be read";
	if (!one->has_key)
		return "the CA's private key is missing, damaged or another's";
	if (now < one->cert.valid.not_before)
		return "the CA is not valid yet";
	if (now >= one->cert.valid.not_after)
		return "the CA has expired";
	return NULL;
}

/* ---- previous ones ---- */

static bool same(const struct certificate *x, const struct certificate *y)
{
	return str_eq(x->fingerprint, y->fingerprint);
}

/* When there is no room, the one that came first gives way. */
static void add_previous(struct authorities *all, const struct certificate *c)
{
	if (!c->is_ca)
		return;
	for (size_t i = 0; i < all->n_previous; i++)
		if (same(&all->previous[i], c))
			return;
	if (all->n_previous == AUTHORITIES_PREVIOUS_MAX) {
		all->n_previous--;
		memmove(all->previous, all->previous + 1,
			all->n_previous * sizeof(all->previous[0]));
	}
	all->previous[all->n_previous++] = *c;
}

static void read_previous(struct arena *a, struct str pem,
			  struct authorities *all)
{
	struct certificate_list list = { .n = 0 };
	struct error ignored = ERROR_INIT;

	if (certificate_read_all(a, pem, &list, &ignored) < 0)
		return;
	for (size_t i = 0; i < list.n; i++)
		add_previous(all, &list.v[i]);
}

void authorities_promote(struct authorities *all)
{
	if (all->ca.reads)
		add_previous(all, &all->ca.cert);
	all->ca = all->next;
	all->next = (struct authority){ .reads = false };
}

/* ---- reading ---- */

/* A CA that stands here instead of the leaf's own waits for its turn. */
static void take_over(struct authorities *all, const struct authority *ca)
{
	if (all->ca.reads)
		all->next = all->ca;
	all->ca = *ca;
}

static void adopt(struct arena *a, const struct certs_state *state,
		  struct authorities *all)
{
	struct certificate_list list = { .n = 0 };
	struct error ignored = ERROR_INIT;

	if (!all->leaf.reads ||
	    authorities_cover(all, authorities_bundle(a, all), 0) ||
	    certificate_read_all(a, state->bundle, &list, &ignored) < 0)
		return;
	for (size_t i = 0; i < list.n; i++) {
		const struct key_pair pem = { list.v[i].pem, state->ca.key };
		struct authority ca;

		if (!authorities_cover(all, pem.cert, 0))
			continue;
		authority_read(a, &pem, &ca);
		take_over(all, &ca);
		return;
	}
}

static void read_ca(struct arena *a, const struct key_pair *pem,
		    struct authority *out)
{
	authority_read(a, pem, out);
	if (!out->cert.is_ca)
		*out = (struct authority){ .pem = *pem };
}

void authorities_read(struct arena *a, const struct certs_state *state,
		      struct authorities *out)
{
	*out = (struct authorities){ .n_previous = 0 };
	read_ca(a, &state->ca, &out->ca);
	read_ca(a, &state->next, &out->next);
	authority_read(a, &state->leaf, &out->leaf);
	read_previous(a, state->previous, out);
	adopt(a, state, out);
	/* Nothing of next's is in use: dropping it is always safe. */
	if (out->n_previous == AUTHORITIES_PREVIOUS_MAX)
		out->next = (struct authority){ .reads = false };
}

/* ---- together ---- */

static int by_age(const void *x, const void *y)
{
	const struct certificate *const *a = x, *const *b = y;
	int64_t first = (*a)->valid.not_before, second = (*b)->valid.not_before;

	if (first != second)
		return first < second ? -1 : 1;
	return str_cmp((*a)->fingerprint, (*b)->fingerprint);
}

struct str authorities_bundle(struct arena *a, const struct authorities *all)
{
	const struct certificate *cas[AUTHORITIES_PREVIOUS_MAX + 2];
	CLEANUP(buf_release) struct buf text = BUF_INIT(BUNDLE_TEXT_MAX);
	size_t n = 0;

	for (size_t i = 0; i < all->n_previous; i++)
		cas[n++] = &all->previous[i];
	if (all->ca.reads)
		cas[n++] = &all->ca.cert;
	if (all->next.reads)
		cas[n++] = &all->next.cert;
	qsort(cas, n, sizeof(cas[0]), by_age);
	for (size_t i = 0; i < n; i++)
		if (!i || !same(cas[i - 1], cas[i]))
			buf_add(&text, cas[i]->pem);
	return arena_str(a, buf_str(&text));
}

struct str authorities_previous(struct arena *a, const struct authorities *all)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(BUNDLE_TEXT_MAX);

	for (size_t i = 0; i < all->n_previous; i++)
		buf_add(&text, all->previous[i].pem);
	return arena_str(a, buf_str(&text));
}

bool authorities_cover(const struct authorities *all, struct str bundle,
		       int64_t now)
{
	const struct authority *leaf = &all->leaf;
	struct error ignored = ERROR_INIT;

	if (!leaf->reads)
		return false;
	/* By a clock that was set back it is only too early, not wrong. */
	if (now < leaf->cert.valid.not_before)
		now = leaf->cert.valid.not_before;
	return certificate_verify(&leaf->cert, bundle, now, &ignored) == 0;
}
