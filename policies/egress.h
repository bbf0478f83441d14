/*
 * What network policy rules allow, as a set of (peer, protocol, port), and
 * whether one set lies inside another. Built from the rules of a
 * networking.k8s.io/v1 NetworkPolicy, egress or ingress: the direction is only
 * the word "to" or "from".
 *
 * The set is the union of its rules; a rule allows each of its peers on each
 * of its ports. Addresses are sorted disjoint ranges; peers named by labels
 * stay symbolic, and never prove anything about addresses, nor the other way
 * round. What cannot be proven to be inside counts as outside.
 *
 * A set borrows the documents that it was built from. Immutable once built.
 */
#ifndef POLICIES_EGRESS_H
#define POLICIES_EGRESS_H

#include "lib/path.h"
#include "policies/address_ranges.h"

/* The label that the API server sets on each Namespace. */
#define NAMESPACE_NAME_LABEL "kubernetes.io/metadata.name"

enum network_direction { NETWORK_EGRESS, NETWORK_INGRESS };

enum network_protocol {
	NETWORK_TCP,
	NETWORK_UDP,
	NETWORK_SCTP,
	NETWORK_OTHER, /* ICMP and the rest: only "every port" allows them */
	NETWORK_PROTOCOLS,
};

enum { PORT_MIN = 1, PORT_MAX = 65535 };

/* Caps of one set: with them no comparison takes longer than some 50 ms. */
enum {
	EGRESS_RULES_MAX = 256,
	EGRESS_PEERS_MAX = 1024,
	EGRESS_PORTS_MAX = 256,
	EGRESS_RANGES_MAX = 4096,
	EGRESS_LABELS_MAX = 4096, /* requirements and values of selectors */
};

/*
 * Pods by labels. podSelector without namespaceSelector means the namespace
 * that the policy stands in.
 */
struct egress_pods {
	bool own_namespace;
	const struct json *namespaces; /* missing when own_namespace */
	const struct json *pods;       /* missing: every Pod */
};

struct egress_port {
	enum network_protocol protocol;
	unsigned first, last; /* PORT_MIN..PORT_MAX for a named port */
	struct str name;      /* p NULL: by number */
};

struct egress_rule {
	bool every_peer; /* no list of peers: nodes and all else included */
	bool every_port; /* no list of ports: all protocols */
	struct address_ranges addresses[2]; /* by enum ip_family */
	struct egress_pods *pods;
	size_t n_pods, pods_cap;
	struct egress_port *ports;
	size_t n_ports, ports_cap;
};

struct egress_set {
	struct egress_rule *rules;
	size_t n;
	enum network_direction direction;
	struct str ns; /* of the policy; n 0: any */
};

/* Malformed rules are told through problem; the set is then not to be used. */
struct egress_parse {
	struct arena *arena;
	enum network_direction direction;
	struct str ns;
	void (*problem)(void *context, const struct json *v,
			const struct path *path, struct str found,
			struct str wanted);
	void *context;
	size_t problems;		     /* counted here */
	size_t peers, ports, ranges, labels; /* so far, for the caps */
};

/* A list of NetworkPolicyEgressRule or NetworkPolicyIngressRule. */
void egress_parse_rules(struct egress_parse *p, const struct json *rules,
			const struct path *path, struct egress_set *out);

/*
 * The parts of a rule, each of which adds to it: holder's cidr without its
 * except[]; holder's namespaceSelector and podSelector; a list of
 * NetworkPolicyPort, where missing and empty mean every port.
 */
void egress_parse_block(struct egress_parse *p, const struct json *holder,
			const struct path *path, struct egress_rule *rule);
void egress_parse_pods(struct egress_parse *p, const struct json *holder,
		       const struct path *path, struct egress_rule *rule);
void egress_parse_ports(struct egress_parse *p, const struct json *ports,
			const struct path *path, struct egress_rule *rule);

/* Something that one set allows and the other does not provably allow. */
struct egress_witness {
	size_t rule; /* of the inner set */
	/* "0.0.0.0/0 port 443/TCP", "pods app=db in any namespace on ..." */
	struct str text;
};

/*
 * Everything that inner allows is also allowed by outer; else *witness, its
 * text in a, tells what is not.
 */
bool egress_inside(struct arena *a, const struct egress_set *inner,
		   const struct egress_set *outer,
		   struct egress_witness *witness);

/* Does the set let this address be reached (by number, not by name)? */
bool egress_allows(const struct egress_set *set, enum ip_family family,
		   unsigned __int128 address, enum network_protocol protocol,
		   unsigned port);

#endif
