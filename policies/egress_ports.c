/* The ports of a network policy rule. */
#include "policies/egress_parse.h"

#include "policies/says.h"

static void port_add(struct egress_parse *p, struct egress_rule *rule,
		     struct egress_port port)
{
	rule->ports = arena_grow(p->arena, rule->ports, rule->n_ports,
				 &rule->ports_cap, sizeof(*rule->ports));
	rule->ports[rule->n_ports++] = port;
}

static bool parse_protocol(struct egress_parse *p, const struct json *v,
			   const struct path *path, struct egress_port *port)
{
	static const char *const names[] = { "TCP", "UDP", "SCTP" };

	port->protocol = NETWORK_TCP;
	if (!json_is_set(v))
		return true;
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (json_str_is(v, str_of(names[i]))) {
			port->protocol = (enum network_protocol)i;
			return true;
		}
	egress_problem(p, v, path, says_is(p->arena, v),
		       STR("TCP, UDP or SCTP"));
	return false;
}

/* Port names: RFC 6335, section 5.1, in lower case as Kubernetes wants. */
static bool port_name_valid(struct str s)
{
	bool letter = false;

	if (s.n == 0 || s.n > 15 || s.p[0] == '-' || s.p[s.n - 1] == '-')
		return false;
	for (size_t i = 0; i < s.n; i++) {
		bool lower = s.p[i] >= 'a' && s.p[i] <= 'z';

		letter |= lower;
		if (!lower && s.p[i] != '-' && (s.p[i] < '0' || s.p[i] > '9'))
			return false;
		if (s.p[i] == '-' && s.p[i - 1] == '-')
			return false;
	}
	return letter;
}

static bool parse_number(struct egress_parse *p, const struct json *v,
			 const struct path *path, unsigned from, unsigned *out)
{
	int64_t n;

	if (json_is(v, JSON_NUMBER) && json_int(v, &n) && n >= from &&
	    n <= PORT_MAX) {
		*out = (unsigned)n;
		return true;
	}
	egress_problem(p, v, path, says_is(p->arena, v),
		       arena_printf(p->arena, "a port from %u to %u", from,
				    (unsigned)PORT_MAX));
	return false;
}

static bool parse_end(struct egress_parse *p, const struct json *v,
		      const struct path *path, bool by_number,
		      struct egress_port *port)
{
	if (!json_is_set(v))
		return true;
	if (by_number)
		return parse_number(p, v, path, port->first, &port->last);
	egress_problem(p, v, path, STR("ends no range"),
		       STR("a port given by its number beside it"));
	return false;
}

static void parse_port(struct egress_parse *p, const struct json *v,
		       const struct path *path, struct egress_rule *rule)
{
	static const char *const keys[] = { "protocol", "port", "endPort",
					    NULL };
	const struct json *number = json_at(v, "port");
	struct path protocol_at = PATH_KEY(path, "protocol");
	struct path port_at = PATH_KEY(path, "port");
	struct path end_at = PATH_KEY(path, "endPort");
	struct egress_port port = { .first = PORT_MIN, .last = PORT_MAX };
	bool named = json_is(number, JSON_STRING);
	bool by_number = json_is_set(number) && !named;

	if (!egress_wants(p, v, path, JSON_OBJECT,
			  STR("a port with its protocol")))
		return;
	egress_check_keys(p, v, path, keys, "protocol, port or endPort");
	if (!parse_protocol(p, json_at(v, "protocol"), &protocol_at, &port))
		return;
	if (named && !port_name_valid(json_str(number))) {
		egress_problem(p, number, &port_at, says_is(p->arena, number),
			       STR("a number, or the name of a port"));
		return;
	}
	if (named)
		port.name = json_str(number);
	if (by_number) {
		if (!parse_number(p, number, &port_at, PORT_MIN, &port.first))
			return;
		port.last = port.first;
	}
	if (parse_end(p, json_at(v, "endPort"), &end_at, by_number, &port))
		port_add(p, rule, port);
}

void egress_parse_ports(struct egress_parse *p, const struct json *ports,
			const struct path *path, struct egress_rule *rule)
{
	size_t i = 0;

	if (json_is_set(ports) &&
	    !egress_wants(p, ports, path, JSON_ARRAY, STR("a list of ports")))
		return;
	if (json_len(ports) == 0) {
		rule->every_port = true;
		for (int t = 0; t < NETWORK_PROTOCOLS; t++)
			port_add(p, rule,
				 (struct egress_port){
					 .protocol = (enum network_protocol)t,
					 .first = PORT_MIN,
					 .last = PORT_MAX });
		return;
	}
	json_each_item(item, ports) {
		struct path at = path_index(path, i++);

		if (egress_too_many(p, &p->ports, 1, EGRESS_PORTS_MAX, &at))
			return;
		parse_port(p, item, &at, rule);
	}
}
