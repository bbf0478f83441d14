/* Peers and ports of network policy rules in words. */
#include "policies/egress_str.h"

#include "lib/selector.h"
#include "policies/selector_inside.h"

static struct str namespaces_str(struct arena *a,
				 const struct egress_pods *pods)
{
	const struct json *labels = json_at(pods->namespaces, "matchLabels");
	const struct json *name = json_get(labels, STR(NAMESPACE_NAME_LABEL));
	struct requirements r = { .selector = pods->namespaces };
	struct str s;

	if (pods->own_namespace)
		return STR("its own namespace");
	if (requirements_count(&r) == 0)
		return STR("any namespace");
	if (requirements_count(&r) == 1 && json_is(name, JSON_STRING)) {
		s = json_str(name);
		return arena_printf(a, "namespace %.*s", STR_ARG(s));
	}
	s = selector_str(a, pods->namespaces);
	return arena_printf(a, "namespaces with %.*s", STR_ARG(s));
}

struct str egress_pods_str(struct arena *a, const struct egress_pods *pods)
{
	struct requirements r = { .selector = pods->pods };
	struct str where = namespaces_str(a, pods), which;

	if (requirements_count(&r) == 0)
		return arena_printf(a, "every pod in %.*s", STR_ARG(where));
	which = selector_str(a, pods->pods);
	return arena_printf(a, "pods %.*s in %.*s", STR_ARG(which),
			    STR_ARG(where));
}

struct str egress_port_str(struct arena *a, const struct egress_port *port,
			   bool every_port)
{
	static const char *const names[] = { "TCP", "UDP", "SCTP" };
	bool whole = port->first == PORT_MIN && port->last == PORT_MAX;
	const char *name;

	if (port->protocol == NETWORK_OTHER)
		return STR("protocols other than TCP, UDP and SCTP");
	name = names[port->protocol];
	if (port->name.p)
		return arena_printf(a, "port \"%.*s\"/%s", STR_ARG(port->name),
				    name);
	if (whole && every_port && port->protocol == NETWORK_TCP)
		return STR("every port");
	if (whole)
		return arena_printf(a, "every %s port", name);
	if (port->first == port->last)
		return arena_printf(a, "port %u/%s", port->first, name);
	return arena_printf(a, "ports %u-%u/%s", port->first, port->last, name);
}
