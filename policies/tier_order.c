/* Finds axes on which a stronger tier is laxer than the one below it. */
#include "policies/tier_order.h"

#include "policies/egress.h"

struct pair {
	struct snapshot *s;
	const struct tier *weaker, *stronger;
};

static void warn(struct pair *p, const char *field, struct str text)
{
	snapshot_warn(
		p->s, p->stronger->source, p->stronger->at,
		arena_printf(&p->s->arena,
			     "tier \"%.*s\" (strength %lld) is laxer than "
			     "\"%.*s\" (strength %lld): %s %.*s",
			     STR_ARG(p->stronger->name),
			     (long long)p->stronger->strength,
			     STR_ARG(p->weaker->name),
			     (long long)p->weaker->strength, field,
			     STR_ARG(text)));
	p->s->warnings[p->s->n_warnings - 1].laxer = p->stronger;
}

static void warn_names(struct pair *p, const char *field, const char *strong,
		       const char *weak)
{
	warn(p, field,
	     arena_printf(&p->s->arena, "is %s, there %s", strong, weak));
}

static void compare_pod(struct pair *p)
{
	const struct tier *w = p->weaker, *s = p->stronger;

	if (s->pod.level < w->pod.level)
		warn_names(p, "pod.level", pod_level_names[s->pod.level],
			   pod_level_names[w->pod.level]);
	if (w->pod.read_only_root_filesystem &&
	    !s->pod.read_only_root_filesystem)
		warn_names(p, "pod.readOnlyRootFilesystem", "false", "true");
	if (s->pod.service_account_token > w->pod.service_account_token)
		warn_names(p, "pod.serviceAccountToken", "Allow", "Deny");
	if (w->pod.images.require_digest && !s->pod.images.require_digest)
		warn_names(p, "pod.images.requireDigest", "false", "true");
	if (w->pod.images.allow.n && !s->pod.images.allow.n)
		warn_names(p, "pod.images.allow", "any image", "a list");
	if (w->pod.max_containers &&
	    (!s->pod.max_containers ||
	     s->pod.max_containers > w->pod.max_containers))
		warn(p, "pod.maxContainers",
		     arena_printf(&p->s->arena, "is %lld%s, there %lld",
				  (long long)s->pod.max_containers,
				  s->pod.max_containers ? "" : " (any number)",
				  (long long)w->pod.max_containers));
}

static bool lists(const struct strs *names, struct str name)
{
	for (size_t i = 0; i < names->n; i++)
		if (str_eq(names->v[i], name))
			return true;
	return false;
}

static void compare_volumes(struct pair *p)
{
	const struct tier *w = p->weaker, *s = p->stronger;

	if (w->pod.any_volume)
		return;
	if (s->pod.any_volume) {
		warn_names(p, "pod.volumes", "any type", "a list");
		return;
	}
	for (size_t i = 0; i < s->pod.volumes.n; i++)
		if (!lists(&w->pod.volumes, s->pod.volumes.v[i]))
			warn(p, "pod.volumes",
			     arena_printf(&p->s->arena, "also allows %.*s",
					  STR_ARG(s->pod.volumes.v[i])));
}

static void compare_network(struct pair *p)
{
	const struct tier *w = p->weaker, *s = p->stronger;
	struct egress_witness witness;

	if (!egress_inside(&p->s->arena, s->egress_set, w->egress_set,
			   &witness))
		warn(p, "network.egress",
		     arena_printf(&p->s->arena, "also reaches %.*s",
				  STR_ARG(witness.text)));
	if (s->network.ingress.mode > w->network.ingress.mode)
		warn_names(p, "network.ingress.mode",
			   ingress_mode_names[s->network.ingress.mode],
			   ingress_mode_names[w->network.ingress.mode]);
}

static void compare_access(struct pair *p)
{
	const struct tier *w = p->weaker, *s = p->stronger;
	const struct {
		const char *field;
		int strong, weak;
	} rows[] = {
		{ "access.exec", s->access.exec, w->access.exec },
		{ "access.attach", s->access.attach, w->access.attach },
		{ "access.portForward", s->access.port_forward,
		  w->access.port_forward },
		{ "access.ephemeralContainers", s->access.ephemeral_containers,
		  w->access.ephemeral_containers },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (rows[i].strong > rows[i].weak)
			warn_names(p, rows[i].field, "Allow", "Deny");
}

/*
 * Ceilings (resources, lifetime) are left out: they size a workload, and a
 * virtual machine that may be larger is no weaker for it.
 */
void tier_order_warnings(struct snapshot *s)
{
	struct pair p = { .s = s };

	for (size_t i = 1; i < s->n_tiers; i++) {
		p.weaker = s->tiers[i - 1];
		p.stronger = s->tiers[i];
		if (p.stronger->enforcement < p.weaker->enforcement)
			warn_names(&p, "enforcement",
				   enforcement_names[p.stronger->enforcement],
				   enforcement_names[p.weaker->enforcement]);
		compare_pod(&p);
		compare_volumes(&p);
		compare_network(&p);
		compare_access(&p);
	}
}
