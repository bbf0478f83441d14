/*
 * network.dns: a Pod asks only name servers that the tier's egress reaches, so
 * that names are looked up where the platform team can see it, and a Pod does
 * not wait for servers that nothing lets through.
 */
#include "policies/place.h"
#include "policies/rules/all.h"
#include "policies/tier_network.h"

enum { DNS_PORT = 53 };

static const char *const public_servers[] = { "8.8.8.8", "1.1.1.1" };

/* Upstream does the same for the policy it makes by default. */
static void fill(const struct fill *f)
{
	const struct target *t = f->target;
	struct path policy_at = PATH_KEY(NULL, "dnsPolicy");
	struct path config_at = PATH_KEY(NULL, "dnsConfig");
	struct json servers = json_make_array(), config = json_make_object();

	if (t->tier->network.egress.dns != DNS_EXTERNAL ||
	    t->tier->network.egress.mode == EGRESS_UNRESTRICTED ||
	    !(t->kind & (SUBJECT_SANDBOX | SUBJECT_TEMPLATE)) ||
	    !json_is(t->pod_spec, JSON_OBJECT) ||
	    json_is_set(json_at(t->pod_spec, "dnsPolicy")) ||
	    json_is_set(json_at(t->pod_spec, "dnsConfig")))
		return;
	for (size_t i = 0; i < ARRAY_LEN(public_servers); i++)
		json_append(t->arena, &servers,
			    json_make_string(str_of(public_servers[i])));
	json_add(t->arena, &config, STR("nameservers"), servers);
	fill_pod(f, &policy_at, json_make_string(STR("None")));
	fill_pod(f, &config_at, config);
}

static struct str fix_for(const struct tier *tier)
{
	switch ((enum egress_dns)tier->network.egress.dns) {
	case DNS_NONE:
		return STR("remove it: this tier has no DNS");
	case DNS_CLUSTER:
	case DNS_NODE_LOCAL:
		return STR("remove it: the cluster's DNS is used then");
	case DNS_EXTERNAL:
		return STR("use dnsPolicy None with public name servers");
	}
	BUG("unknown DNS mode");
}

static void check_policy(const struct place *policy, const struct tier *tier)
{
	static const char *const known[] = { "ClusterFirst",
					     "ClusterFirstWithHostNet",
					     "None" };

	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (json_str_is(policy->json, str_of(known[i])))
			return;
	if (!json_str_is(policy->json, STR("Default"))) {
		place_report_value(policy, STR("ClusterFirst or None"),
				   fix_for(tier));
		return;
	}
	place_report(policy,
		     (struct says){
			     .found = STR("is \"Default\", the name servers of "
					  "the node"),
			     .wanted = STR("ClusterFirst or None"),
			     .fix = fix_for(tier),
		     });
}

static void check_server(const struct place *server, const struct tier *tier)
{
	struct arena *a = server->check->target->arena;
	struct error err = ERROR_INIT;
	unsigned __int128 address;
	enum ip_family family;
	struct str allowed;

	if (place_is_unset(server) || server->wrong)
		return;
	if (cidr_parse_address(json_str(server->json), &family, &address,
			       &err) < 0) {
		place_report_value(server, STR("an address"), fix_for(tier));
		return;
	}
	if (egress_allows(tier->egress_set, family, address, NETWORK_UDP,
			  DNS_PORT) ||
	    egress_allows(tier->egress_set, family, address, NETWORK_TCP,
			  DNS_PORT))
		return;
	allowed = tier_network_str(a, tier, NETWORK_EGRESS);
	place_report_value(server,
			   arena_printf(a,
					"a name server that the tier lets "
					"through: %.*s",
					STR_ARG(allowed)),
			   fix_for(tier));
}

static void check(const struct check *c)
{
	const struct tier *tier = c->target->tier;
	const struct json *pod_spec = c->target->pod_spec;
	struct place pod, policy, config, servers;

	if (!json_is_set(json_at(pod_spec, "dnsPolicy")) &&
	    !json_is_set(json_at(pod_spec, "dnsConfig")))
		return;
	if (tier->network.egress.mode == EGRESS_UNRESTRICTED)
		return;
	pod = place_pod(c);
	policy = place_get(&pod, STR("dnsPolicy"), JSON_STRING);
	if (!place_is_unset(&policy) && !policy.wrong)
		check_policy(&policy, tier);
	config = place_get(&pod, STR("dnsConfig"), JSON_OBJECT);
	servers = place_get(&config, STR("nameservers"), JSON_ARRAY);
	for (size_t i = 0; i < json_array_len(servers.json); i++) {
		struct place server = place_item(&servers, i, JSON_STRING);

		check_server(&server, tier);
	}
}

const struct rule rule_network_dns = {
	.id = "network.dns",
	.kinds = SUBJECT_ALL,
	.title = "Name servers are those that the tier lets through",
	.doc = "Each address in `dnsConfig.nameservers` must be one that the "
	       "tier's egress lets port 53 reach, and `dnsPolicy: Default`, "
	       "which takes the name servers of the node, is refused. Looking "
	       "up names carries data out as well as any connection does, so "
	       "code that nobody reviewed should ask the resolver that the "
	       "platform team watches. Tiers with egress mode `Unrestricted` "
	       "are not judged.\n\n"
	       "Leave both fields out to use the cluster's DNS. A tier with "
	       "`dns: External` fills them in where neither is set, because "
	       "the cluster's DNS cannot be reached there. The address of the "
	       "cluster's DNS Service need not be written: `ClusterFirst` "
	       "finds it, and a tier cannot know it.",
	.fields = "spec.dnsPolicy\nspec.dnsConfig.nameservers",
	.fill = fill,
	.check = check,
};
