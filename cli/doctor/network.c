/* Is there somebody who enforces network policies, and are ours there. */
#include "cli/doctor/all.h"
#include "kube/network_plugins.h"

enum { GATE_SECONDS = 60 };

#define TEST                                                                   \
	"test it: in a namespace with a NetworkPolicy that denies egress "     \
	"(podSelector {}, policyTypes [Egress]) a Pod must not reach anything"

static bool is_running(const struct doctor_facts *f,
		       const struct network_plugin *p)
{
	return json_exists(doctor_find(f, FACT_DAEMON_SETS, str_of(p->ns),
				       str_of(p->daemon_set)));
}

static void check_plugin(struct arena *a, const struct doctor_facts *f,
			 struct doctor_result *r)
{
	const struct network_plugin *p = network_plugins;

	if (doctor_unread(a, f, FACT_DAEMON_SETS, r))
		return;
	while (p->name && !is_running(f, p))
		p++;
	if (!p->name)
		doctor_warn(a, r, TEST,
			    "no network plug-in is known by its DaemonSet: "
			    "whether network policies are enforced cannot be "
			    "told");
	else if (p->enforces)
		doctor_pass(a, r, "%s (DaemonSet %s/%s)", p->name, p->ns,
			    p->daemon_set);
	else
		doctor_fail(a, r,
			    "install one that does (Calico, Cilium, Antrea, "
			    "kube-router); tiers that close the network do not "
			    "hold until then",
			    "%s (DaemonSet %s/%s) is the only network plug-in "
			    "that was found, and does not enforce network "
			    "policies",
			    p->name, p->ns, p->daemon_set);
}

const struct doctor_check doctor_network_plugin = {
	.id = "network.plugin",
	.title = "Network policies are enforced",
	.run = check_plugin,
};

/* ---- ours ---- */

static void check_pair(struct arena *a, const struct doctor_facts *f,
		       struct str ns, struct str tier,
		       struct doctor_names *names)
{
	struct str name = arena_printf(a, "bulkhead-%.*s", STR_ARG(tier));

	if (json_exists(doctor_find(f, FACT_NETWORK_POLICIES, ns, name)))
		return;
	name = arena_printf(a, "%.*s/%.*s", STR_ARG(ns), STR_ARG(name));
	/* Many Pods miss the same one. */
	if (!doctor_has(names->text, name.p))
		doctor_name(names, name);
}

static void check_policies(struct arena *a, const struct doctor_facts *f,
			   struct doctor_result *r)
{
	struct doctor_names names = { .arena = a };

	if (doctor_unread(a, f, FACT_NETWORK_POLICIES, r) ||
	    doctor_unread(a, f, FACT_PODS, r) ||
	    doctor_unread(a, f, FACT_NAMESPACES, r))
		return;
	if (f->shipped || !f->snapshot) {
		doctor_skip(a, r, "no policy set is loaded: see tiers.load");
		return;
	}
	json_each_item(ns, &f->lists[FACT_NAMESPACES].items) {
		struct str tier = json_str(
			json_at(ns, "metadata", "labels", LABEL_ENFORCE));

		if (snapshot_tier(f->snapshot, tier))
			check_pair(a, f, doctor_title(a, ns), tier, &names);
	}
	json_each_item(pod, &f->lists[FACT_PODS].items) {
		const struct json *metadata = json_at(pod, "metadata");

		check_pair(a, f, json_str(json_at(metadata, "namespace")),
			   json_str(json_at(metadata, "labels", LABEL_TIER)),
			   &names);
	}
	if (names.n)
		doctor_fail(a, r,
			    "bulkhead-controller makes them: look at it "
			    "(controller.lease), and whether it may write "
			    "network policies",
			    "missing, so Pods of the tier wait or are not held "
			    "back: %.*s",
			    STR_ARG(doctor_names_str(&names)));
	doctor_pass(a, r, "each tier in use has its policy, %zu in all",
		    json_len(&f->lists[FACT_NETWORK_POLICIES].items));
}

const struct doctor_check doctor_network_policies = {
	.id = "network.policies",
	.title = "Tiers in use have their network policies",
	.run = check_policies,
};

/* ---- who waits for them ---- */

static bool is_gated(const struct json *pod)
{
	json_each_item(gate, json_at(pod, "spec", "schedulingGates"))
		if (json_str_is(json_at(gate, "name"), STR(GATE_EGRESS)))
			return true;
	return false;
}

static void check_gates(struct arena *a, const struct doctor_facts *f,
			struct doctor_result *r)
{
	struct doctor_names names = { .arena = a };

	if (doctor_unread(a, f, FACT_PODS, r))
		return;
	json_each_item(pod, &f->lists[FACT_PODS].items) {
		int64_t created;

		if (is_gated(pod) &&
		    doctor_time(json_at(pod, "metadata", "creationTimestamp"),
				&created) &&
		    f->now - created > GATE_SECONDS)
			doctor_name(&names, doctor_title(a, pod));
	}
	if (names.n)
		doctor_fail(a, r,
			    "Events of the Pod say what it waits for; see also "
			    "controller.lease and network.policies",
			    "Pods that have waited at the gate " GATE_EGRESS
			    " for over a minute: %.*s",
			    STR_ARG(doctor_names_str(&names)));
	doctor_pass(a, r, "no Pod waits for its network policy");
}

const struct doctor_check doctor_network_gates = {
	.id = "network.gates",
	.title = "No Pod waits at its gate",
	.run = check_gates,
};
