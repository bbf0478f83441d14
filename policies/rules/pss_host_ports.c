/* Pod Security Standards, Baseline: no ports of the node. */
#include "policies/rules/all.h"

#include "policies/pod_security.h"

static void look(const struct place *ports, size_t i)
{
	struct place port = place_item(ports, i, JSON_OBJECT);
	struct place v = place_get(&port, STR("hostPort"), JSON_NUMBER);
	int64_t n;

	if (!json_exists(v.json) || (json_int(v.json, &n) && n == 0))
		return;
	place_report_value(&v, STR("nothing"),
			   STR("remove it and use a Service"));
}

static void check(const struct check *c)
{
	if (!pod_security_baseline(c->target))
		return;
	target_each_container(k, c->target)
	{
		struct place container = place_container(c, k);
		struct place ports =
			place_get(&container, STR("ports"), JSON_ARRAY);

		for (size_t i = 0; i < json_len(ports.json); i++)
			look(&ports, i);
	}
}

const struct rule rule_pss_host_ports = {
	.id = "pss.hostPorts",
	.kinds = SUBJECT_ALL,
	.title = "No ports of the node are taken",
	.doc = "A `hostPort` opens the container on every address of its node, "
	       "past Services and most NetworkPolicies, and takes the port "
	       "away from others.\n"
	       "\n"
	       "Leave `hostPort` out (0 counts as left out) and reach the Pod "
	       "through a Service or the sandbox router.",
	.fields = IN_EVERY_CONTAINER("ports[*].hostPort"),
	.check = check,
};
