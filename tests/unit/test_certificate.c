/* certs/certificate.c, key_pair.c, names.c, state.c: made, read, refused */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "certs/certificate.h"
#include "certs/state.h"

enum { NOW = 1800000000, LIFE = 1000 };

static const struct validity valid = { NOW, NOW + LIFE };

struct place {
	struct arena arena;
	struct error err;
	struct key_pair ca, leaf;
	struct certificate ca_cert, leaf_cert;
};

static int set_up(void **state)
{
	static struct place p;
	struct str dns[] = { STR_INIT("a.b.svc") };
	struct str ips[] = { STR_INIT("10.0.0.1"), STR_INIT("FD00:0::1") };
	const struct cert_names names = { dns, 1, ips, 2 };

	p = (struct place){ .arena = ARENA_INIT };
	if (key_pair_make_ca(&p.arena, valid, &p.ca, &p.err) < 0 ||
	    key_pair_make_leaf(&p.arena, &p.ca, &names, valid, &p.leaf,
			       &p.err) < 0 ||
	    certificate_read(&p.arena, p.ca.cert, &p.ca_cert, &p.err) < 0 ||
	    certificate_read(&p.arena, p.leaf.cert, &p.leaf_cert, &p.err) < 0)
		return -1;
	*state = &p;
	return 0;
}

static int tear_down(void **state)
{
	struct place *p = *state;

	arena_release(&p->arena);
	return 0;
}

static void assert_error(struct place *p, int result, const char *wanted)
{
	assert_int_equal(result, -1);
	if (!strstr(p->err.msg, wanted))
		fail_msg("\"%s\", wanted \"%s\"", p->err.msg, wanted);
	p->err = (struct error)ERROR_INIT;
}

/* ---- making and reading ---- */

static void what_is_made_reads_back(void **state)
{
	struct place *p = *state;
	const struct certificate *ca = &p->ca_cert, *leaf = &p->leaf_cert;

	assert_true(ca->is_ca && ca->is_rooted && ca->is_p256);
	assert_true(str_starts(ca->subject, STR("CN=bulkhead CA ")));
	assert_int_equal(ca->serial.n, 32);
	assert_int_equal(ca->fingerprint.n, 64);
	assert_false(leaf->is_ca || leaf->is_rooted);
	assert_true(leaf->is_p256);
	assert_true(str_is(leaf->subject, "CN=a.b.svc"));
	assert_true(str_eq(leaf->issuer, ca->subject));
	assert_int_equal(leaf->valid.not_before, NOW);
	assert_int_equal(leaf->valid.not_after, NOW + LIFE);
	assert_int_equal(leaf->names.n_dns, 1);
	assert_int_equal(leaf->names.n_ips, 2);
	assert_true(str_is(leaf->names.ips[1], "fd00::1"));
	assert_true(str_eq(leaf->pem, p->leaf.cert));
	assert_true(
		str_starts(p->leaf.key, STR("-----BEGIN PRIVATE KEY-----\n")));
}

static void no_two_are_the_same(void **state)
{
	struct place *p = *state;
	struct certificate other_cert;
	struct key_pair other;

	assert_int_equal(key_pair_make_ca(&p->arena, valid, &other, &p->err),
			 0);
	assert_int_equal(
		certificate_read(&p->arena, other.cert, &other_cert, &p->err),
		0);
	assert_false(str_eq(other_cert.subject, p->ca_cert.subject));
	assert_false(str_eq(other_cert.serial, p->ca_cert.serial));
	assert_false(str_eq(other.key, p->ca.key));
}

static void a_leaf_never_outlives_its_ca(void **state)
{
	struct place *p = *state;
	const struct validity longer = { NOW, NOW + LIFE + 1 };
	struct certificate cert;
	struct key_pair leaf;

	assert_int_equal(key_pair_make_leaf(&p->arena, &p->ca,
					    &p->leaf_cert.names, longer, &leaf,
					    &p->err),
			 0);
	assert_int_equal(certificate_read(&p->arena, leaf.cert, &cert, &p->err),
			 0);
	assert_int_equal(cert.valid.not_after, NOW + LIFE);
}

static void what_cannot_be_made_is_an_error(void **state)
{
	static const struct validity bad[] = {
		{ NOW, NOW },
		{ NOW, NOW - 1 },
		{ -1, NOW },
		{ NOW, INT64_C(253402300800) },
		{ INT64_MIN, INT64_MAX },
	};
	struct place *p = *state;
	const struct key_pair crossed = { p->ca.cert, p->leaf.key };
	const struct key_pair none = { STR_NONE, STR_NONE };
	struct cert_names nobody = { .n_dns = 0 };
	struct key_pair out;

	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_error(p,
			     key_pair_make_ca(&p->arena, bad[i], &out, &p->err),
			     "cannot be valid from");
	assert_error(p,
		     key_pair_make_leaf(&p->arena, &crossed,
					&p->leaf_cert.names, valid, &out,
					&p->err),
		     "another certificate");
	assert_error(p,
		     key_pair_make_leaf(&p->arena, &none, &p->leaf_cert.names,
					valid, &out, &p->err),
		     "the CA: empty");
	assert_error(p,
		     key_pair_make_leaf(&p->arena, &p->ca, &nobody, valid, &out,
					&p->err),
		     "at least one");
}

static void far_dates_are_kept(void **state)
{
	static const int64_t ends[] = { 2524607999, 2524608000, 4102444800,
					INT64_C(253402300799) };
	struct place *p = *state;

	for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
		const struct validity v = { 0, ends[i] };
		struct certificate cert;
		struct key_pair pair;

		assert_int_equal(key_pair_make_ca(&p->arena, v, &pair, &p->err),
				 0);
		assert_int_equal(
			certificate_read(&p->arena, pair.cert, &cert, &p->err),
			0);
		assert_int_equal(cert.valid.not_before, 0);
		assert_int_equal(cert.valid.not_after, ends[i]);
	}
}

/* ---- names ---- */

static void names_that_are_none_are_refused(void **state)
{
	static const struct str bad[] = {
		STR_INIT(""),		STR_INIT("a\0b.svc"),
		STR_INIT("a.svc\0"),	STR_INIT("a,DNS:b"),
		STR_INIT("a\nb"),	STR_INIT("DNS:x"),
		STR_INIT("*.svc"),	STR_INIT("*"),
		STR_INIT("a..b"),	STR_INIT("."),
		STR_INIT("a."),		STR_INIT("A.svc"),
		STR_INIT("a_b"),	STR_INIT("-a"),
		STR_INIT("a-.b"),	STR_INIT("a b"),
		STR_INIT("10.0.0.1"),	STR_INIT("::1"),
		STR_INIT("\xc3\xa4.b"), STR_INIT("a/b"),
		STR_INIT("a=b"),	STR_INIT("a;b"),
	};
	struct place *p = *state;
	struct cert_names out;

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct str name = bad[i];
		const struct cert_names names = { .dns = &name, .n_dns = 1 };

		assert_error(p,
			     cert_names_read(&p->arena, &names, &out, &p->err),
			     "no DNS name");
	}
}

static void names_are_kept_once_and_compared_in_any_order(void **state)
{
	struct str dns[] = { STR_INIT("b"), STR_INIT("a"), STR_INIT("b") };
	struct str turned[] = { STR_INIT("a"), STR_INIT("b") };
	struct str ips[] = { STR_INIT("0:0::1"), STR_INIT("::1") };
	const struct cert_names names = { dns, 3, ips, 2 };
	const struct cert_names same = { turned, 2, &ips[1], 1 };
	const struct cert_names fewer = { turned, 1, &ips[1], 1 };
	struct str many_dns[CERT_NAMES_MAX + 1];
	const struct cert_names many = { many_dns, CERT_NAMES_MAX + 1, NULL,
					 0 };
	struct place *p = *state;
	struct cert_names out;

	assert_int_equal(cert_names_read(&p->arena, &names, &out, &p->err), 0);
	assert_true(cert_names_equal(&out, &same));
	assert_false(cert_names_equal(&out, &fewer));
	for (size_t i = 0; i < ARRAY_LEN(many_dns); i++)
		many_dns[i] = STR("a");
	assert_error(p, cert_names_read(&p->arena, &many, &out, &p->err),
		     "at most 64");
}

/* ---- bad text ---- */

static struct str cut(struct str s, size_t n)
{
	return str_sub(s, 0, n);
}

static void text_that_is_no_certificate_is_refused(void **state)
{
	struct place *p = *state;
	const struct {
		struct str text;
		const char *wanted;
	} rows[] = {
		{ STR(""), "empty" },
		{ STR(" \n\t\n"), "empty" },
		{ STR("junk"), "no certificate in PEM" },
		{ STR("\x30\x82\x01\x0a\x30"), "DER" },
		{ p->leaf.key, "no certificate in PEM" },
		{ cut(p->leaf.cert, 100), "cut off" },
		{ cut(p->leaf.cert, p->leaf.cert.n - 10), "cut off" },
		{ STR("-----BEGIN CERTIFICATE-----\n"
		      "-----END CERTIFICATE-----\n"),
		  "damaged" },
		{ STR("-----BEGIN CERTIFICATE-----\nAAAA\n"
		      "-----END CERTIFICATE-----\n"),
		  "damaged" },
		{ STR("-----BEGIN CERTIFICATE-----\n\0\0\0\n"
		      "-----END CERTIFICATE-----\n"),
		  "damaged" },
	};
	struct certificate cert;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_error(p,
			     certificate_read(&p->arena, rows[i].text, &cert,
					      &p->err),
			     rows[i].wanted);
}

static void too_much_text_is_refused(void **state)
{
	struct place *p = *state;
	size_t n = CERTIFICATE_TEXT_MAX + 1;
	struct str big = { arena_alloc(&p->arena, n, 1), n };
	struct certificate cert;

	assert_error(p, certificate_read(&p->arena, big, &cert, &p->err),
		     "at most 262144");
	big.n--;
	assert_error(p, certificate_read(&p->arena, big, &cert, &p->err),
		     "no certificate in PEM");
	assert_error(p, certificate_read_key(big, &p->err), "no private key");
}

/* Every prefix, and every byte turned: an answer, never a crash. */
static void damaged_text_never_crashes(void **state)
{
	struct place *p = *state;
	char *text = (char *)(uintptr_t)arena_str(&p->arena, p->leaf.cert).p;

	for (size_t i = 0; i < p->leaf.cert.n; i += 3) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		struct certificate cert;

		(void)!certificate_read(&a, cut(p->leaf.cert, i), &cert,
					&p->err);
		text[i] ^= 5;
		(void)!certificate_read(&a,
					(struct str){ text, p->leaf.cert.n },
					&cert, &p->err);
		text[i] ^= 5;
	}
}

/* ---- keys and trust ---- */

static void a_key_belongs_to_one_certificate(void **state)
{
	static const struct str locked = STR_INIT(
		"-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIGjMF8GCSqGSIb3\n"
		"-----END ENCRYPTED PRIVATE KEY-----\n");
	struct place *p = *state;

	assert_int_equal(
		certificate_check_key(&p->leaf_cert, p->leaf.key, &p->err), 0);
	assert_error(p,
		     certificate_check_key(&p->leaf_cert, p->ca.key, &p->err),
		     "another certificate");
	assert_error(p, certificate_read_key(p->leaf.cert, &p->err),
		     "no private key");
	assert_error(p, certificate_read_key(cut(p->leaf.key, 90), &p->err),
		     "no private key");
	assert_error(p, certificate_read_key(locked, &p->err), "password");
	assert_error(p, certificate_read_key(STR(""), &p->err), "empty");
	assert_null(strstr(p->err.msg, "MIG"));
}

static void a_bundle_covers_what_its_cas_signed_while_valid(void **state)
{
	struct place *p = *state;
	struct key_pair other;
	const struct certificate *leaf = &p->leaf_cert;
	struct str both;

	assert_int_equal(key_pair_make_ca(&p->arena, valid, &other, &p->err),
			 0);
	both = arena_printf(&p->arena, "%.*s%.*s", STR_ARG(other.cert),
			    STR_ARG(p->ca.cert));
	assert_int_equal(certificate_verify(leaf, both, NOW, &p->err), 0);
	assert_int_equal(
		certificate_verify(leaf, p->ca.cert, NOW + LIFE - 1, &p->err),
		0);
	assert_error(p, certificate_verify(leaf, other.cert, NOW, &p->err),
		     "no CA of the bundle");
	assert_error(p, certificate_verify(leaf, STR(""), NOW, &p->err),
		     "no CA of the bundle");
	assert_error(p, certificate_verify(leaf, p->leaf.cert, NOW, &p->err),
		     "no CA of the bundle");
	assert_error(p, certificate_verify(leaf, both, NOW - 1, &p->err),
		     "not valid yet");
	assert_error(p, certificate_verify(leaf, both, NOW + LIFE, &p->err),
		     "expired");
	assert_error(p, certificate_verify(leaf, STR("junk\n"), NOW, &p->err),
		     "no CA of the bundle");
	assert_error(p, certificate_verify(leaf, cut(both, 300), NOW, &p->err),
		     "bundle of CAs");
}

static void wiping_leaves_no_key(void **state)
{
	struct place *p = *state;
	struct str key = p->leaf.key;

	key_pair_wipe(&p->leaf);
	assert_int_equal(p->leaf.key.n, 0);
	for (size_t i = 0; i < key.n; i++)
		assert_int_equal(key.p[i], 0);
}

/* ---- Secrets ---- */

static void state_survives_its_secrets(void **state)
{
	struct place *p = *state;
	const struct certs_state before = {
		.ca = p->ca,
		.leaf = p->leaf,
		.previous = p->ca.cert,
		.published = STR("2030-01-01T00:00:00Z 00"),
		.bundle = p->ca.cert,
	};
	struct json ca = certs_state_data(&p->arena, &before, CERTS_SECRET_CA);
	struct json leaf =
		certs_state_data(&p->arena, &before, CERTS_SECRET_LEAF);
	struct certs_state after = { .bundle = STR_NONE };

	assert_int_equal(ca.n, 4);
	assert_int_equal(leaf.n, 3);
	assert_true(json_exists(json_at(&leaf, "tls.crt")));
	assert_false(json_exists(json_at(&leaf, "ca.key")));
	certs_state_read(&p->arena, &ca, CERTS_SECRET_CA, &after);
	assert_true(certs_state_equal(&before, &after, CERTS_SECRET_CA));
	assert_false(certs_state_equal(&before, &after, CERTS_SECRET_LEAF));
	certs_state_read(&p->arena, &leaf, CERTS_SECRET_LEAF, &after);
	assert_true(certs_state_equal(&before, &after, CERTS_SECRET_LEAF));
}

static void data_that_is_no_base64_is_empty(void **state)
{
	static const struct {
		struct str text;
		const char *wanted;
	} rows[] = {
		{ STR_INIT("YWJj"), "abc" },  { STR_INIT("YWI="), "ab" },
		{ STR_INIT("YQ=="), "a" },    { STR_INIT(""), "" },
		{ STR_INIT("YQ="), "" },      { STR_INIT("YWJ"), "" },
		{ STR_INIT("!!!!"), "" },     { STR_INIT("YW\0j"), "" },
		{ STR_INIT("===="), "" },     { STR_INIT("YQ=A"), "" },
		{ STR_INIT("YQ==YQ=="), "" }, { STR_INIT("YR=="), "" },
		{ STR_INIT("YWJj\n"), "" },   { STR_INIT(" YWJj"), "" },
	};
	struct place *p = *state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct json data = json_make_object();
		struct certs_state s = { .bundle = STR("x") };

		json_add(&p->arena, &data, STR("ca.crt"),
			 json_make_string(rows[i].text));
		certs_state_read(&p->arena, &data, CERTS_SECRET_LEAF, &s);
		if (!str_is(s.bundle, rows[i].wanted))
			fail_msg("row %zu: \"%.*s\"", i, STR_ARG(s.bundle));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_made_reads_back),
		cmocka_unit_test(no_two_are_the_same),
		cmocka_unit_test(a_leaf_never_outlives_its_ca),
		cmocka_unit_test(what_cannot_be_made_is_an_error),
		cmocka_unit_test(far_dates_are_kept),
		cmocka_unit_test(names_that_are_none_are_refused),
		cmocka_unit_test(names_are_kept_once_and_compared_in_any_order),
		cmocka_unit_test(text_that_is_no_certificate_is_refused),
		cmocka_unit_test(too_much_text_is_refused),
		cmocka_unit_test(damaged_text_never_crashes),
		cmocka_unit_test(a_key_belongs_to_one_certificate),
		cmocka_unit_test(
			a_bundle_covers_what_its_cas_signed_while_valid),
		cmocka_unit_test(state_survives_its_secrets),
		cmocka_unit_test(data_that_is_no_base64_is_empty),
		cmocka_unit_test(wiping_leaves_no_key),
	};

	return cmocka_run_group_tests_name("certs/certificate.c", tests, set_up,
					   tear_down)
		       ? 1
		       : 0;
}
