/*
 * Pod Security Standards, Baseline, from v1.34 on: probes and lifecycle hooks
 * go to the Pod itself.
 */
#include "policies/rules/all.h"

#include "policies/pod_security.h"

static void look_host(const struct place *handler, struct str how)
{
	struct place action = place_get(handler, how, JSON_OBJECT);
	struct place v = place_get(&action, STR("host"), JSON_STRING);

	if (json_str(v.json).n > 0)
		place_report_value(&v, STR("nothing: the Pod's own address"),
				   STR("remove it"));
}

static void look(const struct place *holder, struct str key)
{
	struct place handler;

	if (!json_is_set(json_get(holder->json, key)))
		return;
	handler = place_get(holder, key, JSON_OBJECT);
	look_host(&handler, STR("httpGet"));
	look_host(&handler, STR("tcpSocket"));
}

static void check(const struct check *c)
{
	if (!pod_security_baseline(c->target) ||
	    !pod_security_since(c->target, 34))
		return;
	target_each_container(k, c->target)
	{
		struct place container = place_container(c, k);
		struct place lifecycle =
			place_get(&container, STR("lifecycle"), JSON_OBJECT);

		look(&container, STR("livenessProbe"));
		look(&container, STR("readinessProbe"));
		look(&container, STR("startupProbe"));
		look(&lifecycle, STR("postStart"));
		look(&lifecycle, STR("preStop"));
	}
}

const struct rule rule_pss_host_probes = {
	.id = "pss.hostProbes",
	.kinds = SUBJECT_ALL,
	.title = "Probes and lifecycle hooks name no host",
	.doc = "The kubelet runs probes and hooks from the node's network. A "
	       "`host` in `httpGet` or `tcpSocket` makes it call any address "
	       "on the Pod's behalf, past the egress policy: the metadata "
	       "service, the node itself, other tenants.\n"
	       "\n"
	       "Leave `host` out, then the Pod's own address is used. Demanded "
	       "from v1.34 of the standards on.",
	.fields = IN_EVERY_CONTAINER("{*Probe,lifecycle.*}.*.host"),
	.check = check,
};
