/*
 * OpenSSL's handles, memory and errors, in the terms of lib/. Memory that runs
 * out aborts, as in arenas.
 */
#include "certs/openssl.h"

#include <openssl/crypto.h>
#include <openssl/err.h>

void openssl_x509_drop(X509 **cert)
{
	X509_free(*cert);
	*cert = NULL;
}

void openssl_key_drop(EVP_PKEY **key)
{
	EVP_PKEY_free(*key);
	*key = NULL;
}

void openssl_bio_drop(BIO **bio)
{
	BIO_free_all(*bio);
	*bio = NULL;
}

void openssl_names_drop(GENERAL_NAMES **names)
{
	GENERAL_NAMES_free(*names);
	*names = NULL;
}

void openssl_store_drop(X509_STORE **store)
{
	X509_STORE_free(*store);
	*store = NULL;
}

void openssl_context_drop(X509_STORE_CTX **context)
{
	X509_STORE_CTX_free(*context);
	*context = NULL;
}

BIO *openssl_reader(struct str text)
{
	BIO *bio;

	if (text.n > INT32_MAX)
		BUG("text without a cap");
	bio = BIO_new_mem_buf(text.p ? text.p : "", (int)text.n);
	if (!bio)
		BUG("out of memory");
	return bio;
}

BIO *openssl_writer(void)
{
	BIO *bio = BIO_new(BIO_s_secmem());

	if (!bio)
		BUG("out of memory");
	return bio;
}

struct str openssl_written(struct arena *a, BIO *bio)
{
	char *p = NULL;
	long n = BIO_get_mem_data(bio, &p);

	return arena_str(a, (struct str){ p, n > 0 ? (size_t)n : 0 });
}

void openssl_wipe(struct str secret)
{
	if (secret.n)
		OPENSSL_cleanse((char *)(uintptr_t)secret.p, secret.n);
}

int openssl_error(struct error *err, enum error_code code, const char *fmt, ...)
{
	unsigned long last = ERR_peek_last_error();
	const char *reason = last ? ERR_reason_error_string(last) : NULL;
	struct error what = ERROR_INIT;
	va_list args;

	ERR_clear_error();
	va_start(args, fmt);
	error_vset(&what, code, fmt, args);
	va_end(args);
	return error_set(err, code, "%s%s%s", what.msg, reason ? ": " : "",
			 reason ? reason : "");
}
