/* A table of options, and the checks of their values. */
#include "webhook/options.h"

#include "lib/quantity.h"
#include "lib/timestamp.h"

/* As given, before the checks. */
struct given {
	struct options set;
	struct str now, grace, log_allowed, max_body, body_budget,
		max_in_flight;
	struct str max_connections, max_per_address, threads, request_timeout;
	int log_level;
};

static const char *const levels[] = { "debug", "info", "warn", "error", NULL };

#define TEXT(member, option, arg, text)                                        \
	OPTION(struct given, member, .name = (option), .type = OPTION_TEXT,    \
	       .argument = (arg), .help = (text))

/* clang-format off */
static const struct option table[] = {
	TEXT(set.listen, "listen", "ADDRESS:PORT",
	     "where reviews arrive, over TLS (default: :9443)"),
	TEXT(set.metrics_listen, "metrics-listen", "ADDRESS:PORT",
	     "where /healthz, /readyz and /metrics are, plain "
	     "(default: :8080)"),
	TEXT(set.cert_file, "cert-file", "FILE",
	     "serving certificate with its chain, PEM; read again on change"),
	TEXT(set.key_file, "key-file", "FILE", "its private key, PEM"),
	TEXT(set.client_ca_file, "client-ca-file", "FILE",
	     "clients must show a certificate that this CA has signed"),
	OPTION(struct given, set.allowed_names, .name = "allowed-names",
	       .type = OPTION_TEXTS, .argument = "NAME,...",
	       .help = "and it must have one of these names"),
	TEXT(set.tiers, "tiers", "DIR",
	     "tiers, policies and exceptions, read again on change, in place "
	     "of the shipped catalogue"),
	TEXT(set.cluster_objects, "cluster-objects", "DIR",
	     "objects the cluster has (namespaces, RuntimeClasses, templates, "
	     "pools), read again on change"),
	OPTION(struct given, set.in_cluster, .name = "in-cluster",
	       .type = OPTION_FLAG,
	       .help = "watch the cluster that this Pod runs in: its objects, "
		       "and its tiers unless --tiers is given"),
	TEXT(set.kubeconfig, "kubeconfig", "FILE",
	     "watch the cluster that this file leads to"),
	TEXT(set.context, "context", "NAME",
	     "the context of the kubeconfig (default: its current one)"),
	TEXT(now, "now", "TIME",
	     "judge as at this time (RFC 3339): for rehearsals"),
	TEXT(grace, "grace", "DURATION",
	     "how long to serve on after SIGTERM (default: 10s)"),
	OPTION(struct given, log_level, .name = "log-level",
	       .type = OPTION_CHOICE, .argument = "LEVEL", .choices = levels,
	       .help = "least level that is logged (default: info)"),
	TEXT(log_allowed, "log-allowed", "N",
	     "log one in N reviews that were allowed, 0 for none "
	     "(default: 100)"),
	TEXT(max_body, "max-body", "SIZE",
	     "largest review taken (default: 8Mi)"),
	TEXT(body_budget, "body-budget", "SIZE",
	     "memory for all bodies beyond 64Ki each (default: 64Mi)"),
	TEXT(max_in_flight, "max-in-flight", "N",
	     "reviews under way before 503 (default: 256)"),
	TEXT(max_connections, "max-connections", "N",
	     "connections in all (default: 512)"),
	TEXT(max_per_address, "max-per-address", "N",
	     "connections from one address (default: 128)"),
	TEXT(threads, "threads", "N",
	     "threads that serve (default: the cores, 2 to 4)"),
	TEXT(request_timeout, "request-timeout", "DURATION",
	     "for a handshake, for a request to arrive, for an answer to be "
	     "taken (default: 10s)"),
	OPTION(struct given, set.help, .name = "help", .letter = 'h',
	       .type = OPTION_FLAG, .help = "show this help"),
	OPTION(struct given, set.version, .name = "version",
	       .type = OPTION_FLAG, .help = "print the version"),
	OPTION_END,
};
/* clang-format on */

static int read_size(const char *name, struct str text, const char *most,
		     size_t *out, struct error *err)
{
	struct quantity q, limit;
	const __int128 nano = 1000000000;

	if (quantity_parse(str_of(most), &limit, err) < 0 ||
	    quantity_parse(text, &q, err) < 0)
		return error_wrap(err, "--%s", name);
	if (quantity_cmp(q, quantity_of_int(1)) < 0 ||
	    quantity_cmp(q, limit) > 0)
		return error_set(err, ERR_CONFIG,
				 "--%s is \"%.*s\", wanted 1 to %s", name,
				 STR_ARG(text), most);
	*out = (size_t)(q.nano / nano);
	return 0;
}

/* "a,b" given once counts as "a" and "b" given one by one. */
static void split_names(struct arena *a, struct texts *names)
{
	struct texts split = { .n = 0 };
	struct str one;

	for (size_t i = 0; i < names->n; i++) {
		struct str rest = names->v[i];

		while (str_split(&rest, ',', &one)) {
			one = str_trim(one);
			if (!one.n)
				continue;
			split.v = arena_grow(a, split.v, split.n, &split.cap,
					     sizeof(*split.v));
			split.v[split.n++] = one;
		}
	}
	*names = split;
}

static int check_files(const struct options *o, struct error *err)
{
	if (!o->cert_file.n || !o->key_file.n)
		return error_set(err, ERR_CONFIG,
				 "--cert-file and --key-file are wanted: "
				 "reviews come over TLS only");
	if (o->in_cluster && (o->kubeconfig.n || o->context.n))
		return error_set(err, ERR_CONFIG,
				 "--in-cluster and --kubeconfig name two "
				 "clusters: give one");
	if (options_watch(o) && o->cluster_objects.n)
		return error_set(err, ERR_CONFIG,
				 "--cluster-objects stands for a cluster, and "
				 "one is watched: give one of both");
	if (o->allowed_names.n && !o->client_ca_file.n)
		return error_set(err, ERR_CONFIG,
				 "--allowed-names says nothing without "
				 "--client-ca-file");
	return 0;
}

static int read_time(struct str text, int64_t *out, struct error *err)
{
	if (text.n && timestamp_parse(text, out, err) < 0)
		return error_wrap(err, "--now");
	return 0;
}

static int check_values(struct arena *a, struct given *g, struct error *err)
{
	struct options *o = &g->set;

	if (read_time(g->now, &o->now, err) < 0 ||
	    option_seconds("grace", g->grace, 0, 3600, &o->grace_seconds, err) <
		    0 ||
	    option_seconds("request-timeout", g->request_timeout, 0, 3600,
			   &o->request_seconds, err) < 0 ||
	    read_size("max-body", g->max_body, "8Mi", &o->max_body, err) < 0 ||
	    read_size("body-budget", g->body_budget, "16Gi", &o->body_budget,
		      err) < 0 ||
	    option_number("log-allowed", g->log_allowed, 0, 1000000000,
			  &o->log_allowed, err) < 0 ||
	    option_number("max-in-flight", g->max_in_flight, 0, 100000,
			  &o->max_in_flight, err) < 0 ||
	    option_number("max-connections", g->max_connections, 0, 100000,
			  &o->max_connections, err) < 0 ||
	    option_number("max-per-address", g->max_per_address, 0, 100000,
			  &o->max_per_address, err) < 0 ||
	    option_number("threads", g->threads, 0, 256, &o->threads, err) < 0)
		return -1;
	o->log_level = (enum log_level)g->log_level;
	split_names(a, &o->allowed_names);
	return check_files(o, err);
}

int options_parse(struct arena *a, int argc, char *const *argv,
		  struct options *out, struct error *err)
{
	struct given g = {
		.set = { .listen = STR(":9443"),
			 .metrics_listen = STR(":8080") },
		.grace = STR("10s"),
		.log_allowed = STR("100"),
		.max_body = STR("8Mi"),
		.body_budget = STR("64Mi"),
		.max_in_flight = STR("256"),
		.max_connections = STR("512"),
		.max_per_address = STR("128"),
		.threads = STR("0"),
		.request_timeout = STR("10s"),
		.log_level = LOG_INFO,
	};

	if (option_parse_all(a, argc, argv, table, &g, err) < 0)
		return -1;
	if (!g.set.help && !g.set.version && check_values(a, &g, err) < 0)
		return -1;
	*out = g.set;
	return 0;
}

void options_help(FILE *out)
{
	fputs("bulkhead-webhook answers the API server's admission reviews by "
	      "the tiers.\n\n"
	      "Usage: bulkhead-webhook --cert-file FILE --key-file FILE "
	      "[OPTION...]\n\nOptions:\n",
	      out);
	option_print(out, table);
	fputs("\nSIGTERM drains and exits, SIGHUP reads all files again.\n",
	      out);
}
