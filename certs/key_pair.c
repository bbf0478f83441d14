/*
 * Certificates by OpenSSL. The extensions that are the same for all are given
 * as text; names never are, since the library's text form knows commas.
 */
#include "certs/key_pair.h"

#include <openssl/ec.h>
#include <openssl/pem.h>

#include "certs/certificate.h"
#include "certs/openssl.h"

enum {
	SERIAL_BITS = 128,
	CN_MAX = 64, /* ub-common-name of RFC 5280 */
};
static const int64_t time_max = INT64_C(253402300799); /* end of year 9999 */

/* ---- fields ---- */

/* CA/Browser and RFC 5280 practice: unpredictable, positive, never zero. */
static bool set_serial(X509 *cert)
{
	BIGNUM *n = BN_new();
	bool ok =
		n &&
		BN_rand(n, SERIAL_BITS, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) &&
		BN_to_ASN1_INTEGER(n, X509_get_serialNumber(cert));

	BN_free(n);
	return ok;
}

static bool set_common_name(X509 *cert, struct str name)
{
	name = str_sub(name, 0, CN_MAX);
	return X509_NAME_add_entry_by_NID(
		X509_get_subject_name(cert), NID_commonName, MBSTRING_ASC,
		(const unsigned char *)name.p, (int)name.n, -1, 0);
}

static bool set_validity(X509 *cert, struct validity valid)
{
	return ASN1_TIME_set(X509_getm_notBefore(cert), valid.not_before) &&
	       ASN1_TIME_set(X509_getm_notAfter(cert), valid.not_after);
}

static bool add_extension(X509 *cert, X509 *issuer, int nid, const char *value)
{
	X509_EXTENSION *extension;
	X509V3_CTX context;
	bool ok;

	X509V3_set_ctx(&context, issuer, cert, NULL, NULL, 0);
	extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
	ok = extension && X509_add_ext(cert, extension, -1);
	X509_EXTENSION_free(extension);
	return ok;
}

static bool add_name(GENERAL_NAMES *names, int type, ASN1_STRING *value,
		     struct str bytes)
{
	GENERAL_NAME *name = GENERAL_NAME_new();

	if (!name || !value || !ASN1_STRING_set(value, bytes.p, (int)bytes.n) ||
	    !sk_GENERAL_NAME_push(names, name)) {
		GENERAL_NAME_free(name);
		ASN1_STRING_free(value);
		return false;
	}
	GENERAL_NAME_set0_value(name, type, value);
	return true;
}

static bool add_names(X509 *cert, const struct cert_names *names)
{
	CLEANUP(openssl_names_drop) GENERAL_NAMES *all = GENERAL_NAMES_new();
	unsigned char bytes[16];
	struct str address = { (const char *)bytes, 0 };

	if (!all)
		return false;
	for (size_t i = 0; i < names->n_dns; i++)
		if (!add_name(all, GEN_DNS, ASN1_IA5STRING_new(),
			      names->dns[i]))
			return false;
	for (size_t i = 0; i < names->n_ips; i++)
		if (!cert_names_address(names->ips[i], bytes, &address.n) ||
		    !add_name(all, GEN_IPADD, ASN1_OCTET_STRING_new(), address))
			return false;
	return X509_add1_ext_i2d(cert, NID_subject_alt_name, all, 0,
				 X509V3_ADD_DEFAULT) == 1;
}

/* ---- the whole ---- */

static int check_validity(struct validity valid, struct error *err)
{
	if (valid.not_before < 0 || valid.not_after > time_max ||
	    valid.not_after <= valid.not_before)
		return error_set(err, ERR_CONFIG,
				 "a certificate cannot be valid from %lld to "
				 "%lld (seconds since 1970); check the clock "
				 "and the lifetime that is asked for",
				 (long long)valid.not_before,
				 (long long)valid.not_after);
	return 0;
}

static int write_pair(struct arena *a, X509 *cert, EVP_PKEY *key,
		      struct key_pair *out, struct error *err)
{
	CLEANUP(openssl_bio_drop) BIO *c = openssl_writer();
	CLEANUP(openssl_bio_drop) BIO *k = openssl_writer();

	if (!PEM_write_bio_X509(c, cert) ||
	    !PEM_write_bio_PKCS8PrivateKey(k, key, NULL, NULL, 0, NULL, NULL))
		return openssl_error(err, ERR_INPUT,
				     "cannot write a certificate as PEM");
	out->cert = openssl_written(a, c);
	out->key = openssl_written(a, k);
	return 0;
}

static X509 *new_certificate(EVP_PKEY *key, struct validity valid)
{
	X509 *cert = X509_new();

	if (cert && X509_set_version(cert, X509_VERSION_3) &&
	    set_serial(cert) && set_validity(cert, valid) &&
	    X509_set_pubkey(cert, key))
		return cert;
	X509_free(cert);
	return NULL;
}

static struct str ca_name(struct arena *a, X509 *cert)
{
	const ASN1_STRING *serial = X509_get0_serialNumber(cert);
	const unsigned char *p = ASN1_STRING_get0_data(serial);
	struct str name = STR("bulkhead CA ");

	for (int i = 0; i < 8 && i < ASN1_STRING_length(serial); i++)
		name = arena_printf(a, "%.*s%02x", STR_ARG(name), p[i]);
	return name;
}

static bool fill_ca(struct arena *a, X509 *cert, EVP_PKEY *key)
{
	return set_common_name(cert, ca_name(a, cert)) &&
	       X509_set_issuer_name(cert, X509_get_subject_name(cert)) &&
	       add_extension(cert, cert, NID_basic_constraints,
			     "critical,CA:TRUE,pathlen:0") &&
	       add_extension(cert, cert, NID_key_usage,
			     "critical,keyCertSign,cRLSign") &&
	       add_extension(cert, cert, NID_subject_key_identifier, "hash") &&
	       add_extension(cert, cert, NID_authority_key_identifier,
			     "keyid:always") &&
	       X509_sign(cert, key, EVP_sha256()) > 0;
}

int key_pair_make_ca(struct arena *a, struct validity valid,
		     struct key_pair *out, struct error *err)
{
	CLEANUP(openssl_key_drop) EVP_PKEY *key = NULL;
	CLEANUP(openssl_x509_drop) X509 *cert = NULL;

	if (check_validity(valid, err) < 0)
		return -1;
	key = EVP_EC_gen("P-256");
	cert = key ? new_certificate(key, valid) : NULL;
	if (!cert || !fill_ca(a, cert, key))
		return openssl_error(err, ERR_INPUT,
				     "cannot make a CA certificate");
	return write_pair(a, cert, key, out, err);
}

static bool fill_leaf(X509 *cert, const struct cert_names *names, X509 *ca,
		      EVP_PKEY *ca_key)
{
	return set_common_name(cert,
			       names->n_dns ? names->dns[0] : names->ips[0]) &&
	       X509_set_issuer_name(cert, X509_get_subject_name(ca)) &&
	       add_names(cert, names) &&
	       add_extension(cert, ca, NID_basic_constraints,
			     "critical,CA:FALSE") &&
	       add_extension(cert, ca, NID_key_usage,
			     "critical,digitalSignature") &&
	       add_extension(cert, ca, NID_ext_key_usage, "serverAuth") &&
	       add_extension(cert, ca, NID_subject_key_identifier, "hash") &&
	       add_extension(cert, ca, NID_authority_key_identifier,
			     "keyid:always") &&
	       X509_sign(cert, ca_key, EVP_sha256()) > 0;
}

static int make_leaf(struct arena *a, const struct key_pair *ca,
		     const struct cert_names *names, struct validity valid,
		     struct key_pair *out, struct error *err)
{
	CLEANUP(openssl_bio_drop) BIO *c = openssl_reader(ca->cert);
	CLEANUP(openssl_bio_drop) BIO *k = openssl_reader(ca->key);
	CLEANUP(openssl_x509_drop)
	X509 *ca_cert = PEM_read_bio_X509(c, NULL, NULL, NULL);
	CLEANUP(openssl_key_drop)
	EVP_PKEY *ca_key = PEM_read_bio_PrivateKey(k, NULL, NULL, NULL);
	CLEANUP(openssl_key_drop) EVP_PKEY *key = EVP_EC_gen("P-256");
	CLEANUP(openssl_x509_drop)
	X509 *cert = key ? new_certificate(key, valid) : NULL;

	if (!ca_cert || !ca_key || !cert ||
	    !fill_leaf(cert, names, ca_cert, ca_key))
		return openssl_error(err, ERR_INPUT,
				     "cannot make a serving certificate");
	return write_pair(a, cert, key, out, err);
}

int key_pair_make_leaf(struct arena *a, const struct key_pair *ca,
		       const struct cert_names *names, struct validity valid,
		       struct key_pair *out, struct error *err)
{
	struct certificate issuer;
	struct cert_names checked;

	if (cert_names_read(a, names, &checked, err) < 0)
		return -1;
	if (certificate_read(a, ca->cert, &issuer, err) < 0 ||
	    certificate_check_key(&issuer, ca->key, err) < 0)
		return error_wrap(err, "the CA");
	if (valid.not_after > issuer.valid.not_after)
		valid.not_after = issuer.valid.not_after;
	if (check_validity(valid, err) < 0)
		return -1;
	return make_leaf(a, ca, &checked, valid, out, err);
}

void key_pair_wipe(struct key_pair *pair)
{
	openssl_wipe(pair->key);
	pair->key = STR_NONE;
}
