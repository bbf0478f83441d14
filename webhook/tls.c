/*
 * Pairs are counted: the one in use holds a reference, and so does each
 * connection. libmicrohttpd frees a session before it tells that the
 * connection has closed, so a pair outlives the sessions that use it.
 */
#include "webhook/tls.h"

#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "lib/file.h"

enum { FILE_MAX = 1 << 20, CHAIN_MAX = 16 };

struct pair {
	atomic_uint refs;
	gnutls_certificate_credentials_t credentials;
	int64_t expires_at;
};

struct tls {
	struct arena arena;
	struct tls_files files; /* copies in arena */
	struct http_tls hooks;
	pthread_mutex_t lock; /* guards current */
	struct pair *current; /* NULL: none yet */
};

/* What a session belongs to, from its start to its end. */
struct session {
	struct tls *tls;
	struct pair *pair;
	struct http_connection *connection;
};

/* ---- pairs ---- */

static struct pair *pair_take(struct tls *tls)
{
	struct pair *p;

	if (pthread_mutex_lock(&tls->lock))
		BUG("lock of the certificate");
	p = tls->current;
	if (p)
		atomic_fetch_add(&p->refs, 1);
	if (pthread_mutex_unlock(&tls->lock))
		BUG("lock of the certificate");
	return p;
}

static void pair_drop(struct pair **pair)
{
	struct pair *p = *pair;

	*pair = NULL;
	if (!p || atomic_fetch_sub(&p->refs, 1) > 1)
		return;
	gnutls_certificate_free_credentials(p->credentials);
	free(p);
}

/* Takes over p. */
static void pair_use(struct tls *tls, struct pair *p)
{
	struct pair *old;

	if (pthread_mutex_lock(&tls->lock))
		BUG("lock of the certificate");
	old = tls->current;
	tls->current = p;
	if (pthread_mutex_unlock(&tls->lock))
		BUG("lock of the certificate");
	pair_drop(&old);
}

static struct pair *pair_new(void)
{
	struct pair *p = calloc(1, sizeof(*p));

	if (!p || gnutls_certificate_allocate_credentials(&p->credentials) < 0)
		BUG("out of memory");
	atomic_init(&p->refs, 1);
	return p;
}

/* ---- checks ---- */

static gnutls_datum_t datum(struct str s)
{
	return (gnutls_datum_t){ (unsigned char *)(uintptr_t)s.p,
				 (unsigned)s.n };
}

static bool has_alternative_name(gnutls_x509_crt_t leaf)
{
	char name[512];
	size_t size = sizeof(name);
	int type = gnutls_x509_crt_get_subject_alt_name(leaf, 0, name, &size,
							NULL);

	return type >= 0 || type == GNUTLS_E_SHORT_MEMORY_BUFFER;
}

static int check_leaf(const struct tls *tls, gnutls_x509_crt_t leaf,
		      int64_t now, struct error *err)
{
	const char *file = tls->files.cert.p;
	int64_t begins = gnutls_x509_crt_get_activation_time(leaf);
	int64_t ends = gnutls_x509_crt_get_expiration_time(leaf);

	if (now < begins)
		return error_set(err, ERR_CONFIG,
				 "%s: the certificate is not valid yet, only "
				 "in %lld s; check the clock of this machine "
				 "and of the issuer",
				 file, (long long)(begins - now));
	if (now >= ends)
		return error_set(err, ERR_CONFIG,
				 "%s: the certificate expired %lld s ago; "
				 "renew it",
				 file, (long long)(now - ends));
	if (!has_alternative_name(leaf))
		return error_set(err, ERR_CONFIG,
				 "%s: the certificate has no subject "
				 "alternative name, wanted the DNS name of the "
				 "Service; API servers ignore the common name",
				 file);
	return 0;
}

static int check_certificate(const struct tls *tls, struct str text,
			     int64_t now, struct pair *pair, struct error *err)
{
	gnutls_x509_crt_t chain[CHAIN_MAX];
	unsigned n = CHAIN_MAX;
	const gnutls_datum_t pem = datum(text);
	int code = gnutls_x509_crt_list_import(chain, &n, &pem,
					       GNUTLS_X509_FMT_PEM, 0);
	int result;

	if (code == GNUTLS_E_SHORT_MEMORY_BUFFER)
		return error_set(err, ERR_CONFIG,
				 "%s: holds more than %d certificates",
				 tls->files.cert.p, CHAIN_MAX);
	if (code <= 0)
		return error_set(err, ERR_CONFIG,
				 "%s: holds no certificate in PEM: %s",
				 tls->files.cert.p, gnutls_strerror(code));
	result = check_leaf(tls, chain[0], now, err);
	pair->expires_at = gnutls_x509_crt_get_expiration_time(chain[0]);
	for (int i = 0; i < code; i++)
		gnutls_x509_crt_deinit(chain[i]);
	return result;
}

static int set_pair(const struct tls *tls, struct str cert, struct str key,
		    struct pair *pair, struct error *err)
{
	const gnutls_datum_t c = datum(cert), k = datum(key);
	int code = gnutls_certificate_set_x509_key_mem2(
		pair->credentials, &c, &k, GNUTLS_X509_FMT_PEM, NULL, 0);

	if (code == GNUTLS_E_CERTIFICATE_KEY_MISMATCH)
		return error_set(err, ERR_CONFIG,
				 "%s: the key does not belong to the "
				 "certificate in %s",
				 tls->files.key.p, tls->files.cert.p);
	if (code < 0)
		return error_set(err, ERR_CONFIG,
				 "%s: holds no private key in PEM without a "
				 "password: %s",
				 tls->files.key.p, gnutls_strerror(code));
	return 0;
}

static int set_client_ca(const struct tls *tls, struct arena *a,
			 struct pair *pair, struct error *err)
{
	struct str text;
	gnutls_datum_t pem;

	if (!tls->files.client_ca.n)
		return 0;
	if (file_read(a, tls->files.client_ca.p, FILE_MAX, &text, err) < 0)
		return -1;
	pem = datum(text);
	if (gnutls_certificate_set_x509_trust_mem(pair->credentials, &pem,
						  GNUTLS_X509_FMT_PEM) <= 0)
		return error_set(err, ERR_CONFIG,
				 "%s: holds no CA certificate in PEM",
				 tls->files.client_ca.p);
	return 0;
}

static int fill_pair(struct tls *tls, struct pair *pair, int64_t now,
		     struct error *err)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct str cert, key;
	int result;

	if (file_read(&a, tls->files.cert.p, FILE_MAX, &cert, err) < 0 ||
	    check_certificate(tls, cert, now, pair, err) < 0 ||
	    file_read(&a, tls->files.key.p, FILE_MAX, &key, err) < 0)
		return -1;
	result = set_pair(tls, cert, key, pair, err);
	explicit_bzero((char *)(uintptr_t)key.p, key.n);
	if (result < 0)
		return -1;
	return set_client_ca(tls, &a, pair, err);
}

int tls_load(struct tls *tls, int64_t now, struct error *err)
{
	struct pair *pair = pair_new();

	if (fill_pair(tls, pair, now, err) < 0) {
		pair_drop(&pair);
		return -1;
	}
	pair_use(tls, pair);
	return 0;
}

int64_t tls_expires_at(struct tls *tls)
{
	struct pair *pair = pair_take(tls);
	int64_t at = pair ? pair->expires_at : 0;

	pair_drop(&pair);
	return at;
}

/* ---- clients ---- */

static bool is_named(gnutls_x509_crt_t leaf, struct str name)
{
	char text[256];
	size_t size = sizeof(text);
	int code = gnutls_x509_crt_get_dn_by_oid(
		leaf, GNUTLS_OID_X520_COMMON_NAME, 0, 0, text, &size);

	if (code == 0 && str_eq((struct str){ text, size }, name))
		return true;
	for (unsigned i = 0; i < 64; i++) {
		size = sizeof(text);
		code = gnutls_x509_crt_get_subject_alt_name(leaf, i, text,
							    &size, NULL);
		if (code == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
			return false;
		if (code == GNUTLS_SAN_DNSNAME &&
		    str_eq((struct str){ text, size }, name))
			return true;
	}
	return false;
}

static bool is_allowed(const struct tls_files *files, gnutls_x509_crt_t leaf)
{
	for (size_t i = 0; i < files->n_allowed_names; i++)
		if (is_named(leaf, files->allowed_names[i]))
			return true;
	return files->n_allowed_names == 0;
}

static bool peer_is_allowed(gnutls_session_t session,
			    const struct tls_files *files)
{
	unsigned n = 0;
	const gnutls_datum_t *chain = gnutls_certificate_get_peers(session, &n);
	gnutls_x509_crt_t leaf;
	bool ok;

	if (!chain || !n || gnutls_x509_crt_init(&leaf) < 0)
		return false;
	ok = gnutls_x509_crt_import(leaf, chain, GNUTLS_X509_FMT_DER) == 0 &&
	     is_allowed(files, leaf);
	gnutls_x509_crt_deinit(leaf);
	return ok;
}

/*
 * libmicrohttpd has taken the session's own pointer. Sessions are not stored
 * for resumption, so the pointer of that store is free for us.
 */
static struct session *session_of(gnutls_session_t session)
{
	return gnutls_db_get_ptr(session);
}

/* Within the handshake; anything but 0 ends it. */
static int verify_client(gnutls_session_t session)
{
	char purpose[] = GNUTLS_KP_TLS_WWW_CLIENT;
	gnutls_typed_vdata_st wanted = {
		.type = GNUTLS_DT_KEY_PURPOSE_OID,
		.data = (unsigned char *)purpose,
	};
	unsigned status = 0;

	if (gnutls_certificate_verify_peers(session, &wanted, 1, &status) < 0 ||
	    status)
		return GNUTLS_E_CERTIFICATE_ERROR;
	return peer_is_allowed(session, &session_of(session)->tls->files)
		       ? 0
		       : GNUTLS_E_CERTIFICATE_ERROR;
}

/* ---- connections ---- */

static int handshake_finished(gnutls_session_t session, unsigned type,
			      unsigned when, unsigned incoming,
			      const gnutls_datum_t *message)
{
	(void)type;
	(void)when;
	(void)message;
	/* The client's comes last in TLS 1.3, and last but one in 1.2. */
	if (incoming)
		http_handshake_done(session_of(session)->connection);
	return 0;
}

static void *session_started(void *context, void *library_session,
			     struct http_connection *connection)
{
	struct tls *tls = context;
	gnutls_session_t session = library_session;
	struct session *s = calloc(1, sizeof(*s));

	if (!s)
		BUG("out of memory");
	s->tls = tls;
	s->connection = connection;
	s->pair = pair_take(tls);
	gnutls_db_set_ptr(session, s);
	gnutls_handshake_set_hook_function(session, GNUTLS_HANDSHAKE_FINISHED,
					   GNUTLS_HOOK_POST,
					   handshake_finished);
	/* Without a pair the handshake fails: there is nothing to show. */
	if (!s->pair)
		return s;
	if (gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE,
				   s->pair->credentials) < 0)
		BUG("a session without its certificate");
	if (tls->files.client_ca.n) {
		gnutls_certificate_server_set_request(session,
						      GNUTLS_CERT_REQUIRE);
		gnutls_session_set_verify_function(session, verify_client);
	}
	return s;
}

static void session_ended(void *context, void *state)
{
	struct session *s = state;

	(void)context;
	pair_drop(&s->pair);
	free(s);
}

/*
 * The daemon wants one of its own; no session uses it. The signature is the
 * library's.
 */
/* NOLINTBEGIN(readability-function-size, readability-non-const-parameter) */
static int no_certificate(gnutls_session_t session,
			  const gnutls_datum_t *requested, int n_requested,
			  const gnutls_pk_algorithm_t *algorithms,
			  int n_algorithms, gnutls_pcert_st **chain,
			  unsigned *n_chain, gnutls_privkey_t *key)
{
	(void)session;
	(void)requested;
	(void)n_requested;
	(void)algorithms;
	(void)n_algorithms;
	(void)chain;
	(void)n_chain;
	(void)key;
	return -1;
}
/* NOLINTEND(readability-function-size, readability-non-const-parameter) */

/* ---- life ---- */

static void copy_files(struct tls *tls, const struct tls_files *files)
{
	struct str *names =
		arena_new(&tls->arena, struct str, files->n_allowed_names);

	for (size_t i = 0; i < files->n_allowed_names; i++)
		names[i] = arena_str(&tls->arena, files->allowed_names[i]);
	tls->files = (struct tls_files){
		.cert = arena_str(&tls->arena, files->cert),
		.key = arena_str(&tls->arena, files->key),
		.client_ca = arena_str(&tls->arena, files->client_ca),
		.allowed_names = names,
		.n_allowed_names = files->n_allowed_names,
	};
}

struct tls *tls_new(const struct tls_files *files)
{
	struct tls *tls = calloc(1, sizeof(*tls));

	if (!tls || pthread_mutex_init(&tls->lock, NULL))
		BUG("out of memory");
	copy_files(tls, files);
	tls->hooks = (struct http_tls){
		.priorities = "SECURE128:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:"
			      "%SERVER_PRECEDENCE",
		.no_certificate = (void (*)(void))no_certificate,
		.started = session_started,
		.ended = session_ended,
		.context = tls,
	};
	return tls;
}

void tls_free(struct tls **tls)
{
	struct tls *t = *tls;

	if (!t)
		return;
	pair_drop(&t->current);
	pthread_mutex_destroy(&t->lock);
	arena_release(&t->arena);
	free(t);
	*tls = NULL;
}

const struct http_tls *tls_hooks(struct tls *tls)
{
	return &tls->hooks;
}
