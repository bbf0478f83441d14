/*
 * Containment of one set in another. Ports are walked in segments on which the
 * outer set does not change; for one segment the addresses are walked in the
 * same way, so that nothing is built and several outer rules may cover one
 * inner rule together. Peers by labels must lie in one outer peer.
 */
#include "policies/egress.h"

#include "policies/egress_str.h"
#include "policies/selector_inside.h"

/* One inner port, cut to a segment, looked for in outer. */
struct search {
	struct arena *arena;
	const struct egress_set *outer;
	struct str ns; /* that both policies stand in */
	struct egress_port port;
	/* The outer rules that have the port. */
	const struct egress_rule *rules[EGRESS_RULES_MAX];
	size_t n;
};

static bool rule_has_port(const struct egress_rule *rule,
			  const struct egress_port *port)
{
	for (size_t i = 0; i < rule->n_ports; i++) {
		const struct egress_port *o = &rule->ports[i];

		if (o->protocol != port->protocol)
			continue;
		if (o->name.p
			    ? port->name.p && str_eq(o->name, port->name)
			    : o->first <= port->first && port->last <= o->last)
			return true;
	}
	return false;
}

static void find_rules(struct search *s)
{
	s->n = 0;
	for (size_t i = 0; i < s->outer->n; i++)
		if (rule_has_port(&s->outer->rules[i], &s->port))
			s->rules[s->n++] = &s->outer->rules[i];
}

/* The last port of the segment that begins at port->first. */
static unsigned segment_last(const struct egress_set *outer,
			     const struct egress_port *port)
{
	unsigned last = port->last;

	for (size_t i = 0; i < outer->n; i++) {
		for (size_t j = 0; j < outer->rules[i].n_ports; j++) {
			const struct egress_port *o = &outer->rules[i].ports[j];

			if (o->protocol != port->protocol || o->name.p)
				continue;
			if (o->first > port->first && o->first - 1 < last)
				last = o->first - 1;
			if (o->first <= port->first && o->last >= port->first &&
			    o->last < last)
				last = o->last;
		}
	}
	return last;
}

/* ---- peers ---- */

static bool every_peer_allowed(const struct search *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->rules[i]->every_peer)
			return true;
	return false;
}

/*
 * How far outer covers the addresses from first on: first moves behind what is
 * covered. True when nothing is left of the range.
 */
static bool range_covered(const struct search *s, enum ip_family family,
			  struct address_range *range)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct egress_rule *rule = s->rules[i];
		const struct address_range *r;

		if (rule->every_peer)
			return true;
		r = address_ranges_from(&rule->addresses[family], range->first);
		if (!r || r->first > range->first)
			continue;
		if (r->last >= range->last)
			return true;
		range->first = r->last + 1;
		i = (size_t)-1; /* another rule may go on from here */
	}
	return false;
}

/* Of a range whose first address is not covered: the part up to what is. */
static void range_cut(const struct search *s, enum ip_family family,
		      struct address_range *range)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct address_range *r = address_ranges_from(
			&s->rules[i]->addresses[family], range->first);

		if (r && r->first <= range->last)
			range->last = r->first - 1;
	}
}

static bool addresses_inside(const struct search *s, enum ip_family family,
			     const struct address_ranges *inner,
			     struct str *witness)
{
	for (size_t i = 0; i < inner->n; i++) {
		struct address_range left = inner->v[i];
		struct cidr block;

		if (range_covered(s, family, &left))
			continue;
		range_cut(s, family, &left);
		block = address_block_at(family, left.first, left.last);
		*witness = cidr_str(s->arena, &block);
		return false;
	}
	return true;
}

static struct requirements namespaces_of(const struct egress_pods *pods,
					 struct str ns)
{
	struct requirements r = { .selector = pods->namespaces };

	if (pods->own_namespace && ns.n > 0)
		r.extra = (struct requirement){
			.key = STR(NAMESPACE_NAME_LABEL),
			.type = REQUIREMENT_IN,
			.value = ns,
		};
	return r;
}

static bool pods_inside(const struct egress_pods *inner,
			const struct egress_pods *outer, struct str ns)
{
	struct requirements in = namespaces_of(inner, ns);
	struct requirements out = namespaces_of(outer, ns);
	struct requirements in_pods = { .selector = inner->pods };
	struct requirements out_pods = { .selector = outer->pods };

	if (outer->own_namespace && !inner->own_namespace && ns.n == 0)
		return false;
	return requirements_inside(&in, &out) &&
	       requirements_inside(&in_pods, &out_pods);
}

static bool pods_allowed(const struct search *s,
			 const struct egress_pods *inner)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct egress_rule *rule = s->rules[i];

		if (rule->every_peer)
			return true;
		for (size_t j = 0; j < rule->n_pods; j++)
			if (pods_inside(inner, &rule->pods[j], s->ns))
				return true;
	}
	return false;
}

/* ---- rules ---- */

/* False with the peer as witness. */
static bool peers_inside(const struct search *s,
			 const struct egress_rule *inner, struct str *witness)
{
	if (inner->every_peer && !every_peer_allowed(s)) {
		*witness = s->outer->direction == NETWORK_EGRESS
				   ? STR("every destination on")
				   : STR("every source on");
		return false;
	}
	if (!addresses_inside(s, IP_V4, &inner->addresses[IP_V4], witness) ||
	    !addresses_inside(s, IP_V6, &inner->addresses[IP_V6], witness))
		return false;
	for (size_t i = 0; i < inner->n_pods; i++) {
		struct str pods;

		if (pods_allowed(s, &inner->pods[i]))
			continue;
		pods = egress_pods_str(s->arena, &inner->pods[i]);
		*witness = arena_printf(s->arena, "%.*s on", STR_ARG(pods));
		return false;
	}
	return true;
}

/* The next segment of the port that begins at first. */
static void set_segment(struct search *s, const struct egress_port *port,
			unsigned first)
{
	s->port.first = first;
	s->port.last = port->last;
	s->port.last = segment_last(s->outer, &s->port);
	find_rules(s);
}

/*
 * The same peer is often missing on the segments behind as well: told
 * together they read as the rule was written.
 */
static void tell(struct search *s, const struct egress_rule *inner,
		 const struct egress_port *port, struct str *witness)
{
	unsigned first = s->port.first, last = s->port.last;
	struct str again, what;

	while (last < port->last) {
		set_segment(s, port, last + 1);
		if (peers_inside(s, inner, &again) || !str_eq(again, *witness))
			break;
		last = s->port.last;
	}
	s->port.first = first;
	s->port.last = last;
	what = egress_port_str(s->arena, &s->port, inner->every_port);
	*witness = arena_printf(s->arena, "%.*s %.*s", STR_ARG(*witness),
				STR_ARG(what));
}

static bool port_inside(struct search *s, const struct egress_rule *inner,
			const struct egress_port *port, struct str *witness)
{
	unsigned next = port->first;

	s->port = *port;
	do {
		set_segment(s, port, next);
		if (!peers_inside(s, inner, witness)) {
			tell(s, inner, port, witness);
			return false;
		}
		next = s->port.last + 1;
	} while (next <= port->last);
	return true;
}

bool egress_inside(struct arena *a, const struct egress_set *inner,
		   const struct egress_set *outer,
		   struct egress_witness *witness)
{
	struct search s = {
		.arena = a,
		.outer = outer,
		.ns = inner->ns,
	};

	for (size_t i = 0; i < inner->n; i++) {
		const struct egress_rule *rule = &inner->rules[i];

		for (size_t j = 0; j < rule->n_ports; j++)
			if (!port_inside(&s, rule, &rule->ports[j],
					 &witness->text)) {
				witness->rule = i;
				return false;
			}
	}
	return true;
}

bool egress_allows(const struct egress_set *set, enum ip_family family,
		   unsigned __int128 address, enum network_protocol protocol,
		   unsigned port)
{
	struct search s = {
		.outer = set,
		.port = { .protocol = protocol, .first = port, .last = port },
	};
	struct address_range range = { address, address };

	find_rules(&s);
	return range_covered(&s, family, &range);
}
