/*
 * What all requests of a transport have in common: the address, TLS, the
 * connections. And whole answers.
 */
#include "kube/transport.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdlib.h>

#include "kube/transport_state.h"

enum {
	CONNECT_SECONDS = 10,
	KEEPALIVE_SECONDS = 20,
	CONNECTIONS_KEPT = 4,
	/* Where libcurl keeps the CAs it has read: a new ca.crt counts soon. */
	CA_CACHE_SECONDS = 60,
};

static void init_libcurl(void)
{
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		BUG("libcurl cannot be used");
}

/* ---- the address ---- */

/* Parts of "https://host:port/prefix"; the host of IPv6 is in brackets. */
struct address {
	bool tls;
	struct str host, port, prefix;
};

static bool address_read(struct str server, struct address *out)
{
	struct str rest, authority;
	size_t colon;

	out->tls = str_starts(server, STR("https://"));
	if (!out->tls && !str_starts(server, STR("http://")))
		return false;
	rest = str_sub(server, out->tls ? 8 : 7, server.n);
	authority = str_sub(rest, 0, str_find(rest, '/'));
	out->prefix = str_sub(rest, authority.n, rest.n);
	out->host = authority;
	out->port = out->tls ? STR("443") : STR("80");
	colon = authority.n;
	while (colon > 0 && authority.p[colon - 1] != ':' &&
	       authority.p[colon - 1] != ']')
		colon--;
	if (colon > 0 && authority.p[colon - 1] == ':') {
		out->host = str_sub(authority, 0, colon - 1);
		out->port = str_sub(authority, colon, authority.n);
	}
	return out->host.n > 0 && out->port.n > 0;
}

static bool is_loopback(struct arena *a, struct str host)
{
	struct in_addr address;

	if (str_is(host, "localhost") || str_is(host, "[::1]"))
		return true;
	return inet_pton(AF_INET, arena_str(a, host).p, &address) == 1 &&
	       ntohl(address.s_addr) >> 24 == IN_LOOPBACKNET;
}

/* A name of its own for TLS: connect there, but ask for and check that. */
static void reroute(struct kube_transport *t, const struct address *at,
		    struct str name)
{
	t->name = arena_str(&t->arena, name).p;
	/* As addresses stand in a URL. */
	if (str_find(name, ':') < name.n)
		name = arena_printf(&t->arena, "[%s]", t->name);
	t->base =
		arena_printf(&t->arena, "https://%.*s:%.*s%.*s", STR_ARG(name),
			     STR_ARG(at->port), STR_ARG(at->prefix))
			.p;
	t->reroute = arena_printf(&t->arena, "%.*s:%.*s:%.*s:%.*s",
				  STR_ARG(name), STR_ARG(at->port),
				  STR_ARG(at->host), STR_ARG(at->port))
			     .p;
	t->host = arena_printf(&t->arena, "%.*s:%.*s", STR_ARG(at->host),
			       STR_ARG(at->port))
			  .p;
}

static int set_address(struct kube_transport *t,
		       const struct kube_config *config, struct error *err)
{
	struct address at;

	t->server = arena_str(&t->arena, config->server).p;
	if (!address_read(config->server, &at))
		return error_set(err, ERR_CONFIG,
				 "server \"%s\": wanted https://HOST:PORT",
				 t->server);
	if (!at.tls && !is_loopback(&t->arena, at.host))
		return error_set(err, ERR_CONFIG,
				 "server \"%s\": without TLS anybody on the "
				 "way reads the token; wanted https://, or a "
				 "loopback address",
				 t->server);
	t->tls = at.tls;
	t->base = t->server;
	t->name = arena_str(&t->arena, at.host).p;
	if (at.tls && config->tls_server_name.n)
		reroute(t, &at, config->tls_server_name);
	return 0;
}

static void set_trust(struct kube_transport *t,
		      const struct kube_config *config)
{
	t->insecure = config->insecure;
	t->source = arena_str(&t->arena, config->source.n
						 ? config->source
						 : STR("the configuration"))
			    .p;
	t->trust = "the system's certificate authorities";
	if (config->ca_data.n)
		t->trust = arena_printf(&t->arena,
					"certificate-authority-data in %s",
					t->source)
				   .p;
	else if (config->ca_file.n)
		t->trust = arena_printf(&t->arena, "certificate authority %.*s",
					STR_ARG(config->ca_file))
				   .p;
}

/* ---- libcurl ---- */

static int set_connection(const struct kube_transport *t)
{
	CURL *easy = t->settings;
	int bad = 0;

	bad |= curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	bad |= curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR,
				t->tls ? "https" : "http");
	bad |= curl_easy_setopt(easy, CURLOPT_HTTP_VERSION,
				(long)CURL_HTTP_VERSION_1_1);
	bad |= curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	bad |= curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
	bad |= curl_easy_setopt(easy, CURLOPT_PROXY, "");
	bad |= curl_easy_setopt(easy, CURLOPT_USERAGENT, t->user_agent);
	bad |= curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
	bad |= curl_easy_setopt(easy, CURLOPT_TCP_KEEPIDLE,
				(long)KEEPALIVE_SECONDS);
	bad |= curl_easy_setopt(easy, CURLOPT_TCP_KEEPINTVL,
				(long)KEEPALIVE_SECONDS);
	bad |= curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT,
				(long)CONNECT_SECONDS);
	/* Giving up does not wait for a name server that is silent. */
	bad |= curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
	return bad;
}

static int set_tls(const struct kube_transport *t)
{
	const struct kube_credentials *c = &t->credentials;
	CURL *easy = t->settings;
	int bad = 0;

	bad |= curl_easy_setopt(easy, CURLOPT_SSLVERSION,
				(long)CURL_SSLVERSION_TLSv1_2);
	bad |= curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER,
				t->insecure ? 0L : 1L);
	bad |= curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST,
				t->insecure ? 0L : 2L);
	if (c->ca) {
		bad |= curl_easy_setopt(easy, CURLOPT_CAINFO, c->ca);
		/* Else the system's would be trusted besides. */
		bad |= curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
	}
	if (c->cert) {
		bad |= curl_easy_setopt(easy, CURLOPT_SSLCERT, c->cert);
		bad |= curl_easy_setopt(easy, CURLOPT_SSLKEY, c->key);
	}
	/* Not every TLS library keeps any. */
	(void)curl_easy_setopt(easy, CURLOPT_CA_CACHE_TIMEOUT,
			       (long)CA_CACHE_SECONDS);
	return bad;
}

static int transport_init(struct kube_transport *t,
			  const struct kube_config *config, struct error *err)
{
	if (set_address(t, config, err) < 0)
		return -1;
	set_trust(t, config);
	if (kube_credentials_init(&t->credentials, config, err) < 0)
		return error_wrap(err, "%s", t->source);
	t->settings = curl_easy_init();
	t->multi = curl_multi_init();
	if (!t->settings || !t->multi)
		BUG("out of memory");
	if (set_connection(t) || (t->tls && set_tls(t)) ||
	    curl_multi_setopt(t->multi, CURLMOPT_MAXCONNECTS,
			      (long)CONNECTIONS_KEPT) != CURLM_OK)
		BUG("libcurl lacks what is needed");
	return 0;
}

/* ---- public ---- */

int kube_transport_new(const struct kube_config *config,
		       const struct kube_stop *stop, const char *user_agent,
		       struct kube_transport **out, struct error *err)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct kube_transport *t = calloc(1, sizeof(*t));

	if (!t || pthread_once(&once, init_libcurl))
		BUG("out of memory");
	t->stop = stop;
	t->credentials = KUBE_CREDENTIALS_NONE;
	t->user_agent = arena_str(&t->arena, str_of(user_agent)).p;
	*out = t;
	if (transport_init(t, config, err) == 0)
		return 0;
	kube_transport_free(out);
	return -1;
}

void kube_transport_free(struct kube_transport **transport)
{
	struct kube_transport *t = *transport;

	if (!t)
		return;
	if (t->streaming)
		BUG("a stream outlives its transport");
	curl_easy_cleanup(t->settings);
	(void)curl_multi_cleanup(t->multi);
	kube_credentials_release(&t->credentials);
	arena_release(&t->arena);
	free(t);
	*transport = NULL;
}

enum kube_transport_outcome
kube_transport_send(struct kube_transport *transport, struct arena *a,
		    const struct kube_transport_request *request,
		    struct kube_transport_answer *answer, struct error *err)
{
	CLEANUP(exchange_release) struct exchange x;

	if (exchange_begin(&x, transport, request, NULL, err) < 0)
		return TRANSPORT_REFUSED;
	exchange_run(&x, NULL, request->timeout_ms);
	if (x.end != EXCHANGE_DONE || x.result != CURLE_OK)
		return exchange_failure(&x, err);
	exchange_answer(&x, a, answer);
	return TRANSPORT_ANSWERED;
}
