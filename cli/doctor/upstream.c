/* agent-sandbox's own controller and router, and sandboxes that do not run. */
#include "cli/doctor/all.h"

enum { PATIENCE = 5 * 60, RECENT = 60 * 60, MESSAGE_SHOWN = 240 };

#define LOGS                                                                   \
	"kubectl get pods -n " DOCTOR_UPSTREAM                                 \
	"; kubectl logs -n " DOCTOR_UPSTREAM                                   \
	" -l app=agent-sandbox-controller"

static bool has_argument(const struct json *container, const char *argument)
{
	static const char *const lists[] = { "args", "command" };

	for (size_t i = 0; i < ARRAY_LEN(lists); i++)
		json_each_item(v, json_at(container, lists[i]))
			if (str_starts(json_str(v), str_of(argument)))
				return true;
	return false;
}

/* "v1.0.3" of "registry/agent-sandbox-controller:v1.0.3@sha256:..." */
static struct str tag_of(struct str image)
{
	struct str tag = str_sub(image, 0, str_find(image, '@'));

	for (size_t i = tag.n; i > 0 && tag.p[i - 1] != '/'; i--)
		if (tag.p[i - 1] == ':')
			return str_sub(tag, i, tag.n);
	return STR("of no tag");
}

static void check_controller(struct arena *a, const struct doctor_facts *f,
			     struct doctor_result *r)
{
	const struct json *d =
		doctor_find(f, FACT_DEPLOYMENTS, STR(DOCTOR_UPSTREAM),
			    STR("agent-sandbox-controller"));
	const struct json *container = json_item(
		json_at(d, "spec", "template", "spec", "containers"), 0);
	struct str tag = tag_of(json_str(json_at(container, "image")));
	int64_t available = 0;

	if (doctor_unread(a, f, FACT_DEPLOYMENTS, r))
		return;
	if (!json_exists(d)) {
		doctor_warn(a, r,
			    "apply manifest.yaml of an agent-sandbox release, "
			    "unless it runs elsewhere (a managed add-on)",
			    "there is no Deployment agent-sandbox-controller "
			    "in " DOCTOR_UPSTREAM
			    ": Sandboxes stay without Pods");
		return;
	}
	if (!json_int(json_at(d, "status", "availableReplicas"), &available) ||
	    available < 1)
		doctor_fail(a, r, LOGS,
			    "agent-sandbox-controller %.*s is not available: "
			    "Sandboxes stay Pending",
			    STR_ARG(tag));
	if (!has_argument(container, "--extensions") &&
	    json_exists(doctor_find(f, FACT_CRDS, STR(""),
				    STR("sandboxclaims." GROUP_EXTENSIONS))))
		doctor_warn(a, r, "apply extensions.yaml of the same release",
			    "agent-sandbox-controller %.*s runs without "
			    "--extensions: claims, templates and pools do "
			    "nothing",
			    STR_ARG(tag));
	doctor_pass(a, r, "agent-sandbox-controller %.*s is available",
		    STR_ARG(tag));
}

const struct doctor_check doctor_agents_controller = {
	.id = "agents.controller",
	.title = "agent-sandbox's controller runs",
	.run = check_controller,
};

/* ---- the router ---- */

static bool wants_router(const struct tier *tier)
{
	return tier->network.ingress.mode == INGRESS_ROUTER ||
	       tier->access.port_forward == PERMISSION_DENY;
}

static void check_router(struct arena *a, const struct doctor_facts *f,
			 struct doctor_result *r)
{
	size_t n = 0;

	if (doctor_unread(a, f, FACT_DEPLOYMENTS, r))
		return;
	json_each_item(d, &f->lists[FACT_DEPLOYMENTS].items)
		if (doctor_has(json_str(json_at(d, "metadata", "name")),
			       "sandbox-router"))
			doctor_pass(a, r, "Deployment %.*s",
				    STR_ARG(doctor_title(a, d)));
	for (size_t i = 0; f->snapshot && i < f->snapshot->n_tiers; i++)
		n += wants_router(f->snapshot->tiers[i]);
	if (n && !r->found.n)
		doctor_warn(a, r,
			    "deploy the Sandbox Router of agent-sandbox if "
			    "sandboxes are to be reached: port-forward does "
			    "not work under gVisor and Kata",
			    "no sandbox-router was found, and %zu tiers let in "
			    "nothing else",
			    n);
	doctor_pass(a, r, "no tier needs the router");
}

const struct doctor_check doctor_agents_router = {
	.id = "agents.router",
	.title = "Sandboxes can be reached through the Sandbox Router",
	.run = check_router,
};

/* ---- Sandboxes that are not Ready ---- */

static const struct json *ready_of(const struct json *sandbox)
{
	json_each_item(c, json_at(sandbox, "status", "conditions"))
		if (json_str_is(json_at(c, "type"), STR("Ready")))
			return c;
	return &json_missing;
}

/* Not running on purpose. */
static bool is_over(const struct json *ready)
{
	struct str reason = json_str(json_at(ready, "reason"));

	return doctor_has(reason, "Suspend") || doctor_has(reason, "Expired") ||
	       doctor_has(reason, "Succeeded");
}

static bool waits(const struct doctor_facts *f, const struct json *sandbox)
{
	const struct json *ready = ready_of(sandbox);
	int64_t since;

	if (json_str_is(json_at(ready, "status"), STR("True")) ||
	    is_over(ready))
		return false;
	if (!doctor_time(json_at(ready, "lastTransitionTime"), &since) &&
	    !doctor_time(json_at(sandbox, "metadata", "creationTimestamp"),
			 &since))
		return false;
	return f->now - since > PATIENCE;
}

/* Returns what the first of them says. */
static struct str find_waiting(const struct doctor_facts *f,
			       struct doctor_names *names)
{
	struct str says = STR("");

	json_each_item(sandbox, &f->lists[FACT_SANDBOXES].items) {
		if (!waits(f, sandbox))
			continue;
		doctor_name(names, doctor_title(names->arena, sandbox));
		if (!says.n)
			says = json_str(json_at(ready_of(sandbox), "message"));
	}
	return says.n ? says : STR("nothing");
}

static void check_sandboxes(struct arena *a, const struct doctor_facts *f,
			    struct doctor_result *r)
{
	struct doctor_names names = { .arena = a };
	struct str says;

	if (doctor_unread(a, f, FACT_SANDBOXES, r))
		return;
	says = find_waiting(f, &names);
	if (names.n)
		doctor_warn(a, r, LOGS,
			    "not Ready for over five minutes: %.*s; the first "
			    "says: %.*s",
			    STR_ARG(doctor_names_str(&names)), STR_ARG(says));
	doctor_pass(a, r, "none of %zu has waited for long",
		    json_len(&f->lists[FACT_SANDBOXES].items));
}

const struct doctor_check doctor_agents_sandboxes = {
	.id = "agents.sandboxes",
	.title = "No Sandbox is stuck in Pending",
	.run = check_sandboxes,
};

/* ---- Pods that do not start ---- */

/* What kubelet's message holds, and what it means. */
static const struct cause {
	const char *message, *found, *fix;
} causes[] = {
	{ "containerd-shim-runsc-v1", "the shim of gVisor is missing on a node",
	  "put both runsc and containerd-shim-runsc-v1 into /usr/local/bin of "
	  "every node that runs gVisor" },
	{ "/dev/kvm", "Kata has no access to KVM on a node",
	  "check ls -la /dev/kvm there (kubectl debug node/NODE); use nodes "
	  "with "
	  "nested virtualization or bare metal, and label only those "
	  "katacontainers.io/kata-runtime=true" },
	{ "is configured",
	  "a node's container runtime does not know a RuntimeClass's handler",
	  "add the handler to containerd's config.toml and restart containerd, "
	  "or keep Pods away by the RuntimeClass's scheduling.nodeSelector" },
	{ "", "Pods do not get their sandbox from the container runtime",
	  "kubectl describe pod shows the whole message" },
};

static const struct cause *cause_of(struct str message)
{
	size_t i = 0;

	while (!doctor_has(message, causes[i].message) && causes[i].message[0])
		i++;
	return &causes[i];
}

static bool is_recent(const struct doctor_facts *f, const struct json *event)
{
	int64_t at;

	return !doctor_time(json_at(event, "lastTimestamp"), &at) ||
	       f->now - at < RECENT;
}

static void check_event(struct arena *a, const struct json *event,
			struct doctor_result *r)
{
	struct str message = json_str(json_at(event, "message"));
	const struct json *pod = json_at(event, "involvedObject");
	const struct cause *cause = cause_of(message);

	doctor_fail(a, r, cause->fix, "%s: Pod %.*s/%.*s: %.*s", cause->found,
		    STR_ARG(json_str(json_at(pod, "namespace"))),
		    STR_ARG(json_str(json_at(pod, "name"))),
		    STR_ARG(str_sub(message, 0, MESSAGE_SHOWN)));
}

static void check_pods(struct arena *a, const struct doctor_facts *f,
		       struct doctor_result *r)
{
	if (doctor_unread(a, f, FACT_EVENTS, r))
		return;
	json_each_item(event, &f->lists[FACT_EVENTS].items)
		if (is_recent(f, event))
			check_event(a, event, r);
	doctor_pass(a, r, "no FailedCreatePodSandBox within the last hour");
}

const struct doctor_check doctor_agents_pods = {
	.id = "agents.pods",
	.title = "No Pod is stuck in ContainerCreating",
	.run = check_pods,
};
