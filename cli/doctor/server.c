/* The API server, and how much of it may be read. */
#include "cli/doctor/all.h"

enum { MINOR_MIN = 30 };

/* "v1.36.3": 36; -1 when it is no such version. */
static int64_t minor_of(struct str version)
{
	struct str rest = version, part;
	int64_t minor;
	size_t n = 0;

	if (!str_split(&rest, '.', &part) || !str_is(part, "v1") ||
	    !str_split(&rest, '.', &part))
		return -1;
	while (n < part.n && part.p[n] >= '0' && part.p[n] <= '9')
		n++;
	const struct json number = json_make_number(str_sub(part, 0, n));
	return n && json_int(&number, &minor) ? minor : -1;
}

static void version(struct arena *a, const struct doctor_facts *f,
		    struct doctor_result *r)
{
	int64_t minor = minor_of(f->version);

	if (f->unreachable.n)
		doctor_fail(a, r,
			    "look at the address in the kubeconfig, the way "
			    "there (VPN, firewall, proxy) and the API server",
			    "%.*s", STR_ARG(f->unreachable));
	else if (minor < 0)
		doctor_warn(a, r, "check that this is a Kubernetes API server",
			    "the server says version \"%.*s\"",
			    STR_ARG(f->version));
	else if (minor < MINOR_MIN)
		doctor_fail(a, r,
			    "upgrade to Kubernetes 1.30 or newer: the webhook "
			    "configurations use matchConditions (CEL)",
			    "the server is %.*s", STR_ARG(f->version));
	else
		doctor_pass(a, r, "the server is %.*s", STR_ARG(f->version));
}

const struct doctor_check doctor_server_version = {
	.id = "server.version",
	.title = "The API server answers and is Kubernetes 1.30 or newer",
	.run = version,
};

static void access(struct arena *a, const struct doctor_facts *f,
		   struct doctor_result *r)
{
	struct doctor_names names = { .arena = a };
	struct doctor_names failed = { .arena = a };

	for (size_t i = 0; i < FACTS; i++) {
		struct str name = str_of(doctor_fact_name((enum doctor_fact)i));

		if (f->lists[i].outcome == LIVE_FORBIDDEN)
			doctor_name(&names, name);
		if (f->lists[i].outcome == LIVE_FAILED)
			doctor_name(&failed, name);
	}
	if (failed.n)
		doctor_warn(a, r, "run it again, and look at the API server",
			    "reading failed: %.*s",
			    STR_ARG(doctor_names_str(&failed)));
	if (names.n)
		doctor_warn(a, r,
			    "ask with an account that may read these; checks "
			    "that need them were skipped",
			    "you may not read %.*s",
			    STR_ARG(doctor_names_str(&names)));
	doctor_pass(a, r, "all that the checks need could be read");
}

const struct doctor_check doctor_server_access = {
	.id = "server.access",
	.title = "What the checks need may be read",
	.run = access,
};
