/* bulkhead certs: certificates in files, made, renewed and looked at. */
#include "cli/cert_folder.h"
#include "cli/cert_list.h"
#include "cli/verbs/all.h"
#include "lib/clock.h"
#include "lib/duration.h"
#include "lib/json_write.h"
#include "lib/timestamp.h"

enum format { TEXT, JSON };

/* ---- options ---- */

static int read_now(const struct settings *s, int64_t *now, struct error *err)
{
	*now = clock_wall_seconds();
	if (!s->now.n || str_is(s->now, "now"))
		return 0;
	if (timestamp_parse(s->now, now, err) < 0)
		return error_wrap(err, "--now");
	return 0;
}

/* Whole seconds, which is what certificates know. */
static int read_life(const char *option, struct str text, int64_t *life,
		     struct error *err)
{
	int64_t ns;

	if (!text.n)
		return 0;
	if (duration_parse(text, &ns, err) < 0)
		return error_wrap(err, "--%s", option);
	if (ns < 0 || ns % DURATION_SECOND)
		return error_set(err, ERR_CONFIG,
				 "--%s: \"%.*s\", wanted whole seconds, such "
				 "as 2160h (90 days)",
				 option, STR_ARG(text));
	*life = ns / DURATION_SECOND;
	return 0;
}

static int read_config(const struct settings *s, struct certs_config *c,
		       struct error *err)
{
	*c = (struct certs_config){
		.names = { .dns = s->dns_names.v,
			   .n_dns = s->dns_names.n,
			   .ips = s->ips.v,
			   .n_ips = s->ips.n },
		.ca_life = CERTS_CA_LIFE,
		.leaf_life = CERTS_LEAF_LIFE,
		.wait = CERTS_WAIT,
	};
	if (read_life("ca-life", s->ca_life, &c->ca_life, err) < 0 ||
	    read_life("life", s->life, &c->leaf_life, err) < 0 ||
	    read_life("wait", s->wait, &c->wait, err) < 0)
		return -1;
	return 0;
}

/* ---- make ---- */

/* Without names the certificate that is there says them. */
static int keep_names(struct arena *a, const struct certs_state *state,
		      struct certs_config *c, struct error *err)
{
	struct certificate leaf;

	if (c->names.n_dns || c->names.n_ips || !state->leaf.cert.p)
		return 0;
	if (certificate_read(a, state->leaf.cert, &leaf, err) < 0)
		return error_wrap(err, "tls.crt does not say its names, give "
				       "--dns-name");
	c->names = leaf.names;
	return 0;
}

/*
 * What the folder's bundle holds counts as published since it was written, so
 * a second step, on the outcome of the first, begins the wait.
 */
static int plan(struct arena *a, const struct certs_state *state,
		const struct certs_config *config, int64_t now,
		struct certs_plan *first, struct error *err)
{
	struct certs_seen seen = { &state->bundle, 1 };
	struct certs_plan second;

	if (certs_step(a, state, config, &seen, now, first, err) < 0)
		return -1;
	seen.bundles = &first->bundle;
	if (certs_step(a, &first->state, config, &seen, now, &second, err) < 0)
		return -1;
	first->state = second.state;
	first->again = second.again;
	return 0;
}

static void put_changes(struct arena *a, struct buf *out, struct str folder,
			const struct certs_plan *p)
{
	struct str again = timestamp_str(a, p->again);
	bool is_between = p->state.next.cert.n || p->state.previous.n;

	for (size_t i = 0; i < p->n_changes; i++)
		buf_printf(out, "%.*s\n", STR_ARG(p->changes[i]));
	if (!p->n_changes)
		buf_puts(out, "nothing was due\n");
	if (is_between)
		buf_printf(out,
			   "give clients the CAs in %.*s/ca-bundle.crt now; "
			   "then, after %.*s, renew again\n",
			   STR_ARG(folder), STR_ARG(again));
}

static int store(struct arena *a, const struct settings *s,
		 const struct certs_state *before, const struct certs_plan *p)
{
	CLEANUP(buf_release) struct buf out = BUF_INIT(VERB_OUTPUT_MAX);
	struct error err = ERROR_INIT;

	if (cert_folder_write(a, s->out, before, &p->state, &err) < 0)
		return verb_fail(EXIT_INTERNAL, &err);
	put_changes(a, &out, s->out, p);
	return verb_print(&out);
}

static int make(struct arena *a, const struct settings *s, int64_t now)
{
	struct error err = ERROR_INIT;
	struct certs_state before;
	struct certs_config config;
	struct certs_plan p;
	int code;

	if (!s->out.n)
		return verb_usage(&verb_certs,
				  "make wants --out DIR, where to write");
	if (read_config(s, &config, &err) < 0)
		return verb_usage(&verb_certs, "%s", err.msg);
	if (cert_folder_read(a, s->out, &before, &err) < 0)
		return verb_fail(EXIT_UNREADABLE, &err);
	if (cert_folder_has_any(&before) && !s->renew)
		return verb_usage(&verb_certs,
				  "%.*s holds certificates already; give "
				  "--renew to renew what is due",
				  STR_ARG(s->out));
	if (keep_names(a, &before, &config, &err) < 0)
		return verb_fail(EXIT_UNREADABLE, &err);
	if (plan(a, &before, &config, now, &p, &err) < 0)
		return verb_usage(&verb_certs, "%s", err.msg);
	code = store(a, s, &before, &p);
	cert_folder_wipe(&before);
	cert_folder_wipe(&p.state);
	return code;
}

/* ---- show ---- */

static int show(struct arena *a, const struct settings *s,
		const struct texts *paths, int64_t now)
{
	CLEANUP(buf_release) struct buf out = BUF_INIT(VERB_OUTPUT_MAX);
	struct cert_list list = { .arena = a };
	struct error err = ERROR_INIT;
	struct json tree;
	int code;

	for (size_t i = 1; i < paths->n; i++)
		if (cert_list_add(&list, paths->v[i], &err) < 0)
			return verb_fail(EXIT_UNREADABLE, &err);
	cert_list_judge(&list, now);
	switch ((enum format)s->format) {
	case TEXT:
		cert_list_text(&out, &list, now);
		break;
	case JSON:
		tree = cert_list_json(&list, now);
		json_write_pretty(&out, &tree);
		break;
	}
	code = verb_print(&out);
	return code == EXIT_CLEAN && list.n_problems ? EXIT_FINDINGS : code;
}

/* ---- the verb ---- */

static int run(struct arena *a, const struct settings *s,
	       const struct texts *operands)
{
	struct str action = operands->n ? operands->v[0] : STR("");
	struct error err = ERROR_INIT;
	int64_t now;

	if (read_now(s, &now, &err) < 0)
		return verb_usage(&verb_certs, "%s", err.msg);
	if (str_is(action, "make")) {
		if (operands->n > 1)
			return verb_usage(&verb_certs,
					  "make takes no operand, the folder "
					  "is given by --out");
		return make(a, s, now);
	}
	if (!str_is(action, "show"))
		return verb_usage(&verb_certs, "\"%.*s\" is none of make, show",
				  STR_ARG(action));
	if (operands->n < 2)
		return verb_usage(&verb_certs,
				  "show wants files or folders to look at");
	return show(a, s, operands, now);
}

static void operand_words(struct buf *out)
{
	buf_puts(out, "make show");
}

static const char *const format_names[] = { "text", "json", NULL };

static const struct option options[] = {
	OPTION(struct settings, out, .name = "out", .type = OPTION_TEXT,
	       .argument = "DIR", .help = "make: the folder to write into"),
	OPTION(struct settings, dns_names, .name = "dns-name",
	       .type = OPTION_TEXTS, .argument = "NAME",
	       .help = "make: a name that clients call the server by, such as "
		       "SERVICE.NAMESPACE.svc"),
	OPTION(struct settings, ips, .name = "ip", .type = OPTION_TEXTS,
	       .argument = "ADDRESS",
	       .help = "make: an IP address that clients call the server by"),
	OPTION(struct settings, ca_life, .name = "ca-life", .type = OPTION_TEXT,
	       .argument = "DURATION",
	       .help = "make: how long a CA lasts (default: 17520h, two "
		       "years)"),
	OPTION(struct settings, life, .name = "life", .type = OPTION_TEXT,
	       .argument = "DURATION",
	       .help = "make: how long a serving certificate lasts (default: "
		       "2160h, 90 days)"),
	OPTION(struct settings, wait, .name = "wait", .type = OPTION_TEXT,
	       .argument = "DURATION",
	       .help = "make: how long after a renewal began every client "
		       "trusts the new CA (default: 3m)"),
	OPTION(struct settings, renew, .name = "renew", .type = OPTION_FLAG,
	       .help = "make: renew what is due in a folder that holds "
		       "certificates, and mend what is damaged"),
	OPTION(struct settings, format, .name = "output", .letter = 'o',
	       .type = OPTION_CHOICE, .argument = "FORMAT",
	       .choices = format_names,
	       .help = "how show tells it (default: text)"),
	OPTION(struct settings, now, .name = "now", .type = OPTION_TEXT,
	       .argument = "TIME",
	       .help = "act as at this time (RFC 3339, or \"now\")"),
	OPTION_END,
};

const struct verb verb_certs = {
	.name = "certs",
	.operands = "make | show PATH...",
	.title = "Make, renew and show serving certificates",
	.doc = "make writes a CA (ca.crt, ca.key) and a serving pair that it "
	       "signs (tls.crt, tls.key)\n"
	       "into a folder, ECDSA P-256, and ca-bundle.crt, the CAs that "
	       "clients are to trust:\n"
	       "the caBundle of a webhook. With --renew it takes the step of "
	       "a rotation that is due,\n"
	       "as the controller does in Secrets: first the bundle gets a "
	       "second CA, then, when all\n"
	       "clients have it (--wait), a new serving pair is signed by it, "
	       "and later the first CA\n"
	       "leaves the bundle. Without --dns-name and --ip the names stay. "
	       "Nothing is half written.\n\n"
	       "show tells of each certificate whom it is for and from, how "
	       "long it is valid, where\n"
	       "its key is and whether a CA among the files covers it. It "
	       "never prints a private key.\n"
	       "Exit status 1 when something does not fit, has expired or is "
	       "not valid yet.",
	.examples = "  bulkhead certs make --out certs --dns-name "
		    "bulkhead-webhook.bulkhead-system.svc\n"
		    "  bulkhead certs make --out certs --renew\n"
		    "  bulkhead certs show certs/\n"
		    "  bulkhead certs show tls.crt ca.crt -o json",
	.options = options,
	.completes_paths = true,
	.operand_words = operand_words,
	.run = run,
};
