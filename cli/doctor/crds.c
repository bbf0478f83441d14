/* Custom resource definitions: ours, and agent-sandbox's of all releases. */
#include "cli/doctor/all.h"

static bool serves(const struct json *crd, const char *version)
{
	json_each_item(v, json_at(crd, "spec", "versions"))
		if (json_str_is(json_at(v, "name"), str_of(version)) &&
		    json_is_true(json_at(v, "served")))
			return true;
	return false;
}

static bool stores(const struct json *crd, const char *version)
{
	json_each_item(v, json_at(crd, "status", "storedVersions"))
		if (json_str_is(v, str_of(version)))
			return true;
	return false;
}

static bool is_established(const struct json *crd)
{
	return str_is(doctor_condition(crd, "Established"), "True");
}

/* ---- ours ---- */

static const char *const own[] = {
	"isolationtiers." GROUP_BULKHEAD,
	"isolationpolicies." GROUP_BULKHEAD,
	"isolationexceptions." GROUP_BULKHEAD,
};

static void check_own(struct arena *a, const struct doctor_facts *f,
		      struct doctor_result *r)
{
	if (doctor_unread(a, f, FACT_CRDS, r))
		return;
	for (size_t i = 0; i < ARRAY_LEN(own); i++) {
		const struct json *crd =
			doctor_find(f, FACT_CRDS, STR(""), str_of(own[i]));

		if (!json_exists(crd))
			doctor_fail(a, r, "apply deploy/crds",
				    "there is no CustomResourceDefinition %s",
				    own[i]);
		else if (!is_established(crd))
			doctor_fail(a, r,
				    "kubectl describe crd tells what its names "
				    "conflict with",
				    "%s is not established", own[i]);
		else if (!serves(crd, "v1alpha1"))
			doctor_fail(a, r,
				    "apply deploy/crds of this release of "
				    "Bulkhead",
				    "%s does not serve v1alpha1", own[i]);
	}
	doctor_pass(a, r, "installed, established, serving v1alpha1");
}

const struct doctor_check doctor_bulkhead_crds = {
	.id = "bulkhead.crds",
	.title = "Bulkhead's own kinds are installed",
	.run = check_own,
};

/* ---- agent-sandbox's ---- */

static const char *const agents[] = {
	"sandboxes." GROUP_AGENTS,
	"sandboxtemplates." GROUP_EXTENSIONS,
	"sandboxclaims." GROUP_EXTENSIONS,
	"sandboxwarmpools." GROUP_EXTENSIONS,
};

struct versions {
	size_t n, alpha, beta, stored_alpha;
	struct doctor_names missing;
};

static struct versions versions_of(struct arena *a,
				   const struct doctor_facts *f)
{
	struct versions v = { .missing = { .arena = a } };

	for (size_t i = 0; i < ARRAY_LEN(agents); i++) {
		const struct json *crd =
			doctor_find(f, FACT_CRDS, STR(""), str_of(agents[i]));

		if (!json_exists(crd)) {
			doctor_name(&v.missing, str_of(agents[i]));
			continue;
		}
		v.n++;
		v.alpha += serves(crd, "v1alpha1");
		v.beta += serves(crd, "v1beta1");
		v.stored_alpha += stores(crd, "v1alpha1");
	}
	return v;
}

#define INSTALL                                                                \
	"apply manifest.yaml and extensions.yaml of an agent-sandbox release"

static void check_agents(struct arena *a, const struct doctor_facts *f,
			 struct doctor_result *r)
{
	struct versions v;

	if (doctor_unread(a, f, FACT_CRDS, r))
		return;
	v = versions_of(a, f);
	if (!v.n)
		doctor_fail(a, r, INSTALL, "agent-sandbox is not installed");
	else if (!json_exists(
			 doctor_find(f, FACT_CRDS, STR(""), str_of(agents[0]))))
		doctor_fail(a, r, INSTALL, "there is no kind Sandbox");
	else if (v.missing.n)
		doctor_warn(a, r,
			    "apply extensions.yaml of the same release, "
			    "unless nobody is to use templates and claims",
			    "missing: %.*s",
			    STR_ARG(doctor_names_str(&v.missing)));
	if (v.beta && v.beta < v.n)
		doctor_fail(a, r, "apply all CRDs of one release",
			    "%zu of %zu kinds serve v1beta1: the CRDs are of "
			    "different releases",
			    v.beta, v.n);
	if (v.n && !v.beta && v.alpha)
		doctor_warn(a, r,
			    "upgrade to v1.0 or newer when you can; manifests "
			    "of v1beta1 are not taken here",
			    "all %zu kinds serve v1alpha1 only (agent-sandbox "
			    "up to v0.4)",
			    v.n);
	if (v.beta && !v.alpha && v.stored_alpha)
		doctor_warn(a, r,
			    "read and write each object once (a storage "
			    "migration), then drop v1alpha1 from "
			    "status.storedVersions",
			    "%zu kinds still list v1alpha1 as stored, which "
			    "is no longer served",
			    v.stored_alpha);
	if (v.beta && v.alpha)
		doctor_pass(a, r,
			    "v1beta1 and v1alpha1 are served (agent-sandbox "
			    "v0.5)");
	doctor_pass(a, r,
		    "v1beta1 is served, v1alpha1 is not: manifests in "
		    "the older spelling have to be moved ('bulkhead "
		    "render')");
}

const struct doctor_check doctor_agents_crds = {
	.id = "agents.crds",
	.title = "agent-sandbox's kinds are installed, of one release",
	.run = check_agents,
};

/* ---- v0.5 converts between them ---- */

#define RESTART                                                                \
	"look at the Pods of agent-sandbox-controller in " DOCTOR_UPSTREAM     \
	" and restart them: they serve conversions and make the certificate"

static void check_converter(struct arena *a, const struct doctor_facts *f,
			    const struct json *service, struct str crd,
			    struct doctor_result *r)
{
	if (!json_is_set(service) ||
	    f->lists[FACT_ENDPOINTS].outcome != LIVE_READ ||
	    doctor_ready_endpoints(f, service))
		return;
	doctor_fail(a, r, RESTART,
		    "%.*s is converted by Service %.*s/%.*s, which has no "
		    "ready endpoint: no Sandbox can be read in another "
		    "version than the stored one",
		    STR_ARG(crd),
		    STR_ARG(json_str(json_at(service, "namespace"))),
		    STR_ARG(json_str(json_at(service, "name"))));
}

static void check_conversion_of(struct arena *a, const struct doctor_facts *f,
				const struct json *crd, struct doctor_result *r)
{
	const struct json *client =
		json_at(crd, "spec", "conversion", "webhook", "clientConfig");
	struct str name = json_str(json_at(crd, "metadata", "name"));
	struct doctor_bundle bundle;

	doctor_bundle_read(a, json_str(json_at(client, "caBundle")), f->now,
			   &bundle);
	if (bundle.problem.n)
		doctor_fail(a, r, RESTART, "%.*s: caBundle %.*s", STR_ARG(name),
			    STR_ARG(bundle.problem));
	check_converter(a, f, json_at(client, "service"), name, r);
}

static void check_conversion(struct arena *a, const struct doctor_facts *f,
			     struct doctor_result *r)
{
	size_t n = 0;

	if (doctor_unread(a, f, FACT_CRDS, r))
		return;
	for (size_t i = 0; i < ARRAY_LEN(agents); i++) {
		const struct json *crd =
			doctor_find(f, FACT_CRDS, STR(""), str_of(agents[i]));

		if (!json_str_is(json_at(crd, "spec", "conversion", "strategy"),
				 STR("Webhook")))
			continue;
		n++;
		check_conversion_of(a, f, crd, r);
	}
	if (n)
		doctor_pass(a, r,
			    "%zu kinds are converted by a webhook that "
			    "is in order",
			    n);
	else
		doctor_pass(a, r, "nothing is converted by a webhook");
}

const struct doctor_check doctor_agents_conversion = {
	.id = "agents.conversion",
	.title = "What converts between agent-sandbox's versions is in order",
	.run = check_conversion,
};
