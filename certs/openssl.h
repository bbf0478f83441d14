/*
 * What the sources of certs/ need of OpenSSL: its handles given back when they
 * leave scope, its memory as text in an arena, its errors in words. For certs/
 * only; nothing of OpenSSL shows in the other headers.
 *
 *	CLEANUP(openssl_x509_drop) X509 *cert = NULL;
 *
 * Any thread.
 */
#ifndef CERTS_OPENSSL_H
#define CERTS_OPENSSL_H

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "lib/arena.h"
#include "lib/error.h"

void openssl_x509_drop(X509 **cert);
void openssl_key_drop(EVP_PKEY **key);
void openssl_bio_drop(BIO **bio);
void openssl_names_drop(GENERAL_NAMES **names);
void openssl_store_drop(X509_STORE **store);
void openssl_context_drop(X509_STORE_CTX **context);

/* A reader of text, which must outlive it and fit an int. */
BIO *openssl_reader(struct str text);
/* A writer whose memory is wiped when it is freed. */
BIO *openssl_writer(void);
/* What was written, copied. */
struct str openssl_written(struct arena *a, BIO *bio);

/* Overwrites the bytes of a text that nobody needs any more. */
void openssl_wipe(struct str secret);

/*
 * As error_set, with ": " and the library's last reason behind, and empties
 * the library's queue of errors.
 */
int openssl_error(struct error *err, enum error_code code, const char *fmt, ...)
	PRINTF_LIKE(3, 4);

#endif
