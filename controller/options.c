/* A table of options, and the checks of their values. */
#include "controller/options.h"

#include "certs/rotation.h"

/* As given, before the checks. */
struct given {
	struct options set;
	struct str workers, requests_per_second, lease;
	struct str ca_life, leaf_life, wait, audit_delay;
	struct texts certificate_names;
	bool no_leader_elect, no_certificates;
	int log_level;
};

static const char *const levels[] = { "debug", "info", "warn", "error", NULL };

#define TEXT(member, option, arg, text)                                        \
	OPTION(struct given, member, .name = (option), .type = OPTION_TEXT,    \
	       .argument = (arg), .help = (text))
#define FLAG(member, option, text)                                             \
	OPTION(struct given, member, .name = (option), .type = OPTION_FLAG,    \
	       .help = (text))

/* clang-format off */
static const struct option table[] = {
	FLAG(set.in_cluster, "in-cluster",
	     "keep the cluster that this Pod runs in"),
	TEXT(set.kubeconfig, "kubeconfig", "FILE",
	     "keep the cluster that this file leads to (default: as kubectl "
	     "finds it)"),
	TEXT(set.context, "context", "NAME",
	     "the context of the kubeconfig (default: its current one)"),
	TEXT(set.settings.ns, "namespace", "NAME",
	     "where the lease and the Secrets are (default: bulkhead-system)"),
	TEXT(set.settings.service, "service", "NAME",
	     "the Service of the webhook, for its certificate (default: "
	     "bulkhead-webhook)"),
	TEXT(set.settings.webhook_configuration, "webhook-configuration",
	     "NAME",
	     "name of both webhook configurations (default: bulkhead)"),
	FLAG(no_certificates, "no-certificates",
	     "leave certificates and caBundle to somebody else"),
	TEXT(ca_life, "ca-life", "DURATION",
	     "life of the CA (default: 17520h, two years)"),
	TEXT(leaf_life, "certificate-life", "DURATION",
	     "life of the serving certificate (default: 2160h, 90 days)"),
	TEXT(wait, "certificate-wait", "DURATION",
	     "time until all have what was published (default: 3m)"),
	OPTION(struct given, certificate_names, .name = "certificate-name",
	       .type = OPTION_TEXTS, .argument = "NAME,...",
	       .help = "more DNS names or addresses for the serving "
		       "certificate, besides the Service's own; may be given "
		       "more than once"),
	TEXT(audit_delay, "audit-delay", "DURATION",
	     "from a change in a namespace to its audit, so that changes are "
	     "audited together (default: 30s)"),
	FLAG(no_leader_elect, "no-leader-elect",
	     "work without a lease: for a single replica"),
	TEXT(lease, "lease-duration", "DURATION",
	     "after which a silent leader is replaced (default: 15s)"),
	TEXT(set.identity, "identity", "NAME",
	     "our name in the lease, which nobody else has while we run, such "
	     "as the Pod's; who led by it before is not waited for (default: "
	     "host name and a random part)"),
	TEXT(workers, "workers", "N", "threads that reconcile (default: 16)"),
	TEXT(requests_per_second, "requests-per-second", "N",
	     "to the API server at most (default: 500)"),
	TEXT(set.metrics_listen, "metrics-listen", "ADDRESS:PORT",
	     "where /healthz, /readyz and /metrics are, plain (default: "
	     ":8080)"),
	OPTION(struct given, log_level, .name = "log-level",
	       .type = OPTION_CHOICE, .argument = "LEVEL", .choices = levels,
	       .help = "least level that is logged (default: info)"),
	OPTION(struct given, set.help, .name = "help", .letter = 'h',
	       .type = OPTION_FLAG, .help = "show this help"),
	FLAG(set.version, "version", "print the version"),
	OPTION_END,
};
/* clang-format on */

enum { SERVICE_NAMES = 4 }; /* see controller/certificates.c */

static int add_name(struct arena *a, struct str name, struct cert_names *names,
		    struct error *err)
{
	unsigned char bytes[16];
	size_t n;
	bool is_address = cert_names_address(name, bytes, &n);
	struct str **list = is_address ? &names->ips : &names->dns;
	size_t *n_list = is_address ? &names->n_ips : &names->n_dns;

	if (names->n_dns + names->n_ips == CERT_NAMES_MAX - SERVICE_NAMES)
		return error_set(err, ERR_CONFIG, "more than %d names",
				 CERT_NAMES_MAX - SERVICE_NAMES);
	if (!*list)
		*list = arena_new(a, struct str, CERT_NAMES_MAX);
	(*list)[(*n_list)++] = name;
	return 0;
}

static int read_names(struct arena *a, const struct texts *given,
		      struct cert_names *out, struct error *err)
{
	struct cert_names names = { .n_dns = 0 };

	for (size_t i = 0; i < given->n; i++) {
		struct str rest = given->v[i], name;

		while (str_split(&rest, ',', &name))
			if (add_name(a, str_trim(name), &names, err) < 0)
				return error_wrap(err, "--certificate-name");
	}
	if (given->n && cert_names_read(a, &names, out, err) < 0)
		return error_wrap(err, "--certificate-name");
	return 0;
}

/* As certs/rotation.h wants them, told at the start. */
static int check_lives(const struct settings *s, struct error *err)
{
	enum { WAITS_PER_LIFE = 6 };

	if (s->leaf_life / WAITS_PER_LIFE < s->wait)
		return error_set(err, ERR_CONFIG,
				 "--certificate-life is %llds, wanted at least "
				 "six times --certificate-wait, which is %llds",
				 (long long)s->leaf_life, (long long)s->wait);
	if (s->ca_life < s->leaf_life)
		return error_set(err, ERR_CONFIG,
				 "--ca-life is %llds, wanted at least "
				 "--certificate-life, which is %llds",
				 (long long)s->ca_life,
				 (long long)s->leaf_life);
	return 0;
}

static int check_values(struct arena *a, struct given *g, struct error *err)
{
	const int64_t years = INT64_C(20) * 365 * 86400;
	struct options *o = &g->set;
	int64_t lease = 0;

	if (option_number("workers", g->workers, 1, 64, &o->workers, err) < 0 ||
	    option_number("requests-per-second", g->requests_per_second, 1,
			  100000, &o->requests_per_second, err) < 0 ||
	    option_seconds("lease-duration", g->lease, 3, 3600, &lease, err) <
		    0 ||
	    option_seconds("audit-delay", g->audit_delay, 1, 3600,
			   &o->settings.audit_delay, err) < 0 ||
	    option_seconds("ca-life", g->ca_life, 30, years,
			   &o->settings.ca_life, err) < 0 ||
	    option_seconds("certificate-life", g->leaf_life, 30, years,
			   &o->settings.leaf_life, err) < 0 ||
	    option_seconds("certificate-wait", g->wait, 1, 86400,
			   &o->settings.wait, err) < 0 ||
	    check_lives(&o->settings, err) < 0 ||
	    read_names(a, &g->certificate_names, &o->settings.certificate_names,
		       err) < 0)
		return -1;
	if (o->in_cluster && (o->kubeconfig.n || o->context.n))
		return error_set(err, ERR_CONFIG,
				 "--in-cluster and --kubeconfig name two "
				 "clusters: give one");
	o->lease_seconds = (unsigned)lease;
	o->leader_elect = !g->no_leader_elect;
	o->settings.certificates = !g->no_certificates;
	o->log_level = (enum log_level)g->log_level;
	return 0;
}

int options_parse(struct arena *a, int argc, char *const *argv,
		  struct options *out, struct error *err)
{
	struct given g = {
		.set = { .metrics_listen = STR(":8080"),
			 .settings = { .ns = STR("bulkhead-system"),
				       .service = STR("bulkhead-webhook"),
				       .webhook_configuration =
					       STR("bulkhead") } },
		.workers = STR("16"),
		.requests_per_second = STR("500"),
		.lease = STR("15s"),
		.ca_life = STR("17520h"),
		.leaf_life = STR("2160h"),
		.wait = STR("3m"),
		.audit_delay = STR("30s"),
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
	fputs("bulkhead-controller keeps sandboxes inside their tiers while "
	      "they live.\n\n"
	      "Usage: bulkhead-controller [OPTION...]\n\nOptions:\n",
	      out);
	option_print(out, table);
	fputs("\nSIGTERM gives the lease back and exits.\n", out);
}
