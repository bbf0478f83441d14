/*
 * Certificates and keys in files, looked at together: each certificate, which
 * of the keys is its own, and whether the CAs among them cover it. Never shows
 * a private key.
 */
#ifndef CLI_CERT_LIST_H
#define CLI_CERT_LIST_H

#include "certs/certificate.h"
#include "lib/buf.h"
#include "lib/json.h"

enum { CERT_LIST_FILES_MAX = 256, CERT_LIST_MAX = 1024 };

struct cert_shown {
	struct str file;
	struct certificate cert;
	struct str key_file; /* that holds its key; empty: none of them */
	const char *trust;   /* in words */
	struct str problem;  /* empty: none */
};

struct cert_key {
	struct str file, text;
	bool is_used; /* a certificate is its own */
};

struct cert_list {
	struct arena *arena;
	struct cert_shown *certs;
	struct cert_key *keys;
	size_t n_certs, certs_cap, n_keys, keys_cap, n_files;
	size_t n_problems; /* set by cert_list_judge */
};

/* A file, or a folder of .crt, .cer, .pem and .key files. */
int cert_list_add(struct cert_list *list, struct str path,
		  struct error *err) MUST_CHECK;

/* Once, when all have been added; overwrites the keys in memory. */
void cert_list_judge(struct cert_list *list, int64_t now);

void cert_list_text(struct buf *out, const struct cert_list *list, int64_t now);
struct json cert_list_json(const struct cert_list *list, int64_t now);

#endif
