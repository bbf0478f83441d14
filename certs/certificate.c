/*
 * Certificates by OpenSSL's parser and verifier. The library never asks for a
 * password, opens no file and knows no system's trusted roots here: it gets
 * memory only.
 */
#include "certs/certificate.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>

#include "certs/openssl.h"
#include "lib/cidr.h"

enum { SECONDS_PER_DAY = 86400, KEY_TYPE_MAX = 64 };

/* ---- blocks of PEM ---- */

struct block {
	char *name, *header;
	unsigned char *bytes;
	long n;
};

static void block_drop(struct block *b)
{
	OPENSSL_free(b->name);
	OPENSSL_free(b->header);
	/* It may have been a private key that stood beside. */
	OPENSSL_clear_free(b->bytes, (size_t)b->n);
}

/* 1, 0 at the end of the text, -1. */
static int next_block(BIO *bio, struct block *b, struct error *err)
{
	unsigned long why;

	ERR_clear_error();
	if (PEM_read_bio(bio, &b->name, &b->header, &b->bytes, &b->n))
		return 1;
	why = ERR_peek_last_error();
	if (ERR_GET_LIB(why) == ERR_LIB_PEM &&
	    ERR_GET_REASON(why) == PEM_R_NO_START_LINE) {
		ERR_clear_error();
		return 0;
	}
	return openssl_error(err, ERR_INPUT,
			     "a block of PEM is damaged or cut off");
}

static int check_text(struct str pem, struct error *err)
{
	if (pem.n > CERTIFICATE_TEXT_MAX)
		return error_set(err, ERR_LIMIT,
				 "%zu bytes; certificates and keys may take at "
				 "most %d",
				 pem.n, CERTIFICATE_TEXT_MAX);
	if (!str_trim(pem).n)
		return error_set(err, ERR_INPUT, "empty, wanted PEM");
	if (pem.p[0] == '\x30' && str_find_str(pem, STR("-----")) == pem.n)
		return error_set(
			err, ERR_INPUT,
			"looks like DER, wanted PEM; \"openssl x509 "
			"-inform der\" or \"openssl pkey -inform der\" "
			"turns one into the other");
	return 0;
}

/* ---- fields ---- */

static struct str name_text(struct arena *a, const X509_NAME *name)
{
	CLEANUP(openssl_bio_drop) BIO *bio = openssl_writer();

	X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253);
	return openssl_written(a, bio);
}

static struct str hex(struct arena *a, const unsigned char *p, size_t n)
{
	static const char digits[] = "0123456789abcdef";
	char *out = arena_raw(a, 2 * n + 1, 1);

	for (size_t i = 0; i < n; i++) {
		out[2 * i] = digits[p[i] >> 4];
		out[2 * i + 1] = digits[p[i] & 15];
	}
	out[2 * n] = '\0';
	return (struct str){ out, 2 * n };
}

static struct str fingerprint(struct arena *a, const X509 *x)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned n = 0;

	if (!X509_digest(x, EVP_sha256(), digest, &n))
		BUG("SHA-256");
	return hex(a, digest, n);
}

static int read_time(const ASN1_TIME *t, int64_t *seconds, struct error *err)
{
	ASN1_TIME *epoch = ASN1_TIME_set(NULL, 0);
	int days = 0, rest = 0;
	bool ok = epoch && ASN1_TIME_diff(&days, &rest, epoch, t);

	ASN1_TIME_free(epoch);
	*seconds = (int64_t)days * SECONDS_PER_DAY + rest;
	/* Before 1970, or what no RFC 3339 text can tell. */
	if (!ok || *seconds < 0 || *seconds > INT64_C(253402300799))
		return openssl_error(err, ERR_INPUT,
				     "its time of validity cannot be read");
	return 0;
}

static struct str key_type(struct arena *a, const X509 *x, bool *is_p256)
{
	const EVP_PKEY *key = X509_get0_pubkey(x);
	char group[KEY_TYPE_MAX];
	const char *name = key ? EVP_PKEY_get0_type_name(key) : NULL;
	size_t n = 0;

	ERR_clear_error();
	if (!name)
		return STR("unknown");
	if (EVP_PKEY_get_base_id(key) != EVP_PKEY_EC)
		return arena_printf(a, "%s %d", name, EVP_PKEY_get_bits(key));
	if (!EVP_PKEY_get_group_name(key, group, sizeof(group), &n))
		return arena_printf(a, "%s of no named curve", name);
	*is_p256 = strcmp(group, "prime256v1") == 0;
	return *is_p256 ? STR("EC P-256")
			: arena_printf(a, "%s %s", name, group);
}

static struct str address_text(struct arena *a, struct str bytes)
{
	unsigned __int128 address = 0;

	for (size_t i = 0; i < bytes.n; i++)
		address = address << 8 | (unsigned char)bytes.p[i];
	return cidr_address_str(a, bytes.n == 4 ? IP_V4 : IP_V6, address);
}

static void add_name(struct arena *a, const GENERAL_NAME *name,
		     struct certificate *out)
{
	struct cert_names *to = &out->names;
	int type = 0;
	const ASN1_STRING *s = GENERAL_NAME_get0_value(name, &type);
	struct str bytes;

	if (type != GEN_DNS && type != GEN_IPADD) {
		out->n_other_names++;
		return;
	}
	bytes = (struct str){ (const char *)ASN1_STRING_get0_data(s),
			      (size_t)ASN1_STRING_length(s) };
	if (type == GEN_DNS)
		to->dns[to->n_dns++] = arena_str(a, bytes);
	else if (bytes.n == 4 || bytes.n == 16)
		to->ips[to->n_ips++] = address_text(a, bytes);
	else
		out->n_other_names++;
}

static void read_names(struct arena *a, const X509 *x, struct certificate *out)
{
	CLEANUP(openssl_names_drop)
	GENERAL_NAMES *all =
		X509_get_ext_d2i(x, NID_subject_alt_name, NULL, NULL);
	int n = all ? sk_GENERAL_NAME_num(all) : 0;

	out->names.dns = arena_new(a, struct str, (size_t)n);
	out->names.ips = arena_new(a, struct str, (size_t)n);
	for (int i = 0; i < n; i++)
		add_name(a, sk_GENERAL_NAME_value(all, i), out);
}

static struct str rewritten(struct arena *a, X509 *x)
{
	CLEANUP(openssl_bio_drop) BIO *bio = openssl_writer();

	if (!PEM_write_bio_X509(bio, x))
		BUG("PEM of a certificate");
	return openssl_written(a, bio);
}

static int read_fields(struct arena *a, X509 *x, struct certificate *out,
		       struct error *err)
{
	const ASN1_STRING *serial = X509_get0_serialNumber(x);

	*out = (struct certificate){ .is_ca = X509_check_ca(x) == 1 };
	if (read_time(X509_get0_notBefore(x), &out->valid.not_before, err) <
		    0 ||
	    read_time(X509_get0_notAfter(x), &out->valid.not_after, err) < 0)
		return -1;
	out->pem = rewritten(a, x);
	out->subject = name_text(a, X509_get_subject_name(x));
	out->issuer = name_text(a, X509_get_issuer_name(x));
	out->serial = hex(a, ASN1_STRING_get0_data(serial),
			  (size_t)ASN1_STRING_length(serial));
	out->fingerprint = fingerprint(a, x);
	out->key_type = key_type(a, x, &out->is_p256);
	out->is_rooted = X509_NAME_cmp(X509_get_subject_name(x),
				       X509_get_issuer_name(x)) == 0;
	read_names(a, x, out);
	ERR_clear_error();
	return 0;
}

/* ---- reading ---- */

static bool is_certificate(const struct block *b)
{
	return strcmp(b->name, PEM_STRING_X509) == 0;
}

/* NULL: damaged. */
static X509 *block_parse(const struct block *b)
{
	const unsigned char *p = b->bytes;
	X509 *x = d2i_X509(NULL, &p, b->n);

	if (x && p == b->bytes + b->n)
		return x;
	X509_free(x);
	return NULL;
}

static int add_block(struct arena *a, const struct block *b,
		     struct certificate_list *list, struct error *err)
{
	CLEANUP(openssl_x509_drop) X509 *x = NULL;

	if (!is_certificate(b))
		return 0;
	if (list->n == CERTIFICATES_MAX)
		return error_set(err, ERR_LIMIT,
				 "holds more than %d certificates",
				 CERTIFICATES_MAX);
	x = block_parse(b);
	if (!x)
		return openssl_error(err, ERR_INPUT,
				     "certificate %zu is damaged", list->n + 1);
	if (read_fields(a, x, &list->v[list->n], err) < 0)
		return error_wrap(err, "certificate %zu", list->n + 1);
	list->n++;
	return 0;
}

int certificate_read_all(struct arena *a, struct str pem,
			 struct certificate_list *list, struct error *err)
{
	CLEANUP(openssl_bio_drop) BIO *bio = NULL;
	int more = 1;

	if (check_text(pem, err) < 0)
		return -1;
	bio = openssl_reader(pem);
	*list = (struct certificate_list){
		.v = arena_new(a, struct certificate, CERTIFICATES_MAX),
	};
	while (more) {
		CLEANUP(block_drop) struct block b = { .n = 0 };

		more = next_block(bio, &b, err);
		if (more < 0 || (more && add_block(a, &b, list, err) < 0))
			return -1;
	}
	if (!list->n)
		return error_set(err, ERR_INPUT,
				 "holds no certificate in PEM; wanted a block "
				 "that begins with \"-----BEGIN "
				 "CERTIFICATE-----\"");
	return 0;
}

int certificate_read(struct arena *a, struct str pem, struct certificate *out,
		     struct error *err)
{
	struct certificate_list list;

	if (certificate_read_all(a, pem, &list, err) < 0)
		return -1;
	*out = list.v[0];
	return 0;
}

/* ---- keys ---- */

/* The library would ask on the terminal. The signature is its own. */
/* NOLINTNEXTLINE(readability-non-const-parameter) */
static int no_password(char *buffer, int size, int writing, void *context)
{
	(void)buffer;
	(void)size;
	(void)writing;
	(void)context;
	return -1;
}

static EVP_PKEY *read_key(struct str text, struct error *err)
{
	CLEANUP(openssl_bio_drop) BIO *bio = NULL;
	EVP_PKEY *key;

	if (check_text(text, err) < 0)
		return NULL;
	bio = openssl_reader(text);
	ERR_clear_error();
	key = PEM_read_bio_PrivateKey(bio, NULL, no_password, NULL);
	if (key)
		return key;
	if (str_find_str(text, STR("ENCRYPTED")) < text.n) {
		ERR_clear_error();
		error_set(err, ERR_INPUT,
			  "the private key has a password, wanted one without; "
			  "\"openssl pkey\" takes it off");
		return NULL;
	}
	openssl_error(err, ERR_INPUT, "holds no private key in PEM");
	return NULL;
}

int certificate_read_key(struct str text, struct error *err)
{
	CLEANUP(openssl_key_drop) EVP_PKEY *key = read_key(text, err);

	return key ? 0 : -1;
}

static X509 *parse(const struct certificate *cert)
{
	CLEANUP(openssl_bio_drop) BIO *bio = openssl_reader(cert->pem);
	X509 *x = PEM_read_bio_X509(bio, NULL, no_password, NULL);

	if (!x)
		BUG("a certificate that was read cannot be read again");
	return x;
}

int certificate_check_key(const struct certificate *cert, struct str text,
			  struct error *err)
{
	CLEANUP(openssl_key_drop) EVP_PKEY *key = read_key(text, err);
	CLEANUP(openssl_x509_drop) X509 *x = NULL;
	bool same;

	if (!key)
		return -1;
	x = parse(cert);
	same = X509_check_private_key(x, key) == 1;
	ERR_clear_error();
	if (!same)
		return error_set(err, ERR_INPUT,
				 "the private key belongs to another "
				 "certificate");
	return 0;
}

/* ---- trust ---- */

static int fill_store(X509_STORE *store, struct str bundle, struct error *err)
{
	CLEANUP(openssl_bio_drop) BIO *bio = NULL;
	int more = 1;

	if (check_text(bundle, err) < 0)
		return error_wrap(err, "the bundle of CAs");
	bio = openssl_reader(bundle);
	while (more) {
		CLEANUP(block_drop) struct block b = { .n = 0 };
		CLEANUP(openssl_x509_drop) X509 *x = NULL;

		more = next_block(bio, &b, err);
		if (more < 0)
			return error_wrap(err, "the bundle of CAs");
		if (!more || !is_certificate(&b))
			continue;
		x = block_parse(&b);
		if (!x)
			return openssl_error(err, ERR_INPUT,
					     "the bundle of CAs holds a "
					     "damaged certificate");
		if (X509_check_ca(x) == 1 && !X509_STORE_add_cert(store, x))
			BUG("out of memory");
	}
	return 0;
}

static const char *verdict(int code)
{
	switch (code) {
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
	case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
	case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
	case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
		return "no CA of the bundle has issued it";
	case X509_V_ERR_CERT_HAS_EXPIRED:
		return "it or its CA has expired";
	case X509_V_ERR_CERT_NOT_YET_VALID:
		return "it or its CA is not valid yet";
	case X509_V_ERR_INVALID_PURPOSE:
		return "it is not for TLS servers";
	default:
		return X509_verify_cert_error_string(code);
	}
}

int certificate_verify(const struct certificate *cert, struct str bundle,
		       int64_t now, struct error *err)
{
	CLEANUP(openssl_store_drop) X509_STORE *store = X509_STORE_new();
	CLEANUP(openssl_context_drop)
	X509_STORE_CTX *context = X509_STORE_CTX_new();
	CLEANUP(openssl_x509_drop) X509 *x = parse(cert);
	int code;

	if (!store || !context)
		BUG("out of memory");
	if (str_trim(bundle).n && fill_store(store, bundle, err) < 0)
		return -1;
	if (!X509_STORE_CTX_init(context, store, x, NULL) ||
	    !X509_STORE_CTX_set_default(context, "ssl_server"))
		BUG("a verification cannot begin");
	X509_VERIFY_PARAM_set_time(X509_STORE_CTX_get0_param(context), now);
	/* As Go: whatever stands in the bundle is trusted itself. */
	X509_VERIFY_PARAM_set_flags(X509_STORE_CTX_get0_param(context),
				    X509_V_FLAG_PARTIAL_CHAIN);
	code = X509_verify_cert(context) == 1
		       ? X509_V_OK
		       : X509_STORE_CTX_get_error(context);
	ERR_clear_error();
	if (code != X509_V_OK)
		return error_set(err, ERR_INPUT,
				 "the certificate cannot be verified: %s",
				 verdict(code));
	return 0;
}
