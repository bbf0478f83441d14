/*
 * What the doctor looks at: documents of one cluster, read first, judged
 * afterwards by checks that are pure functions of them.
 *
 * All lives in the arena that they were read into, but the snapshot:
 * doctor_facts_release. Secrets are read for their certificates only; private
 * keys are not kept.
 */
#ifndef CLI_DOCTOR_FACTS_H
#define CLI_DOCTOR_FACTS_H

#include "cli/live.h"

enum doctor_fact {
	FACT_CRDS, /* ours and agent-sandbox's; of versions no schema */
	FACT_TIERS,
	FACT_POLICIES,
	FACT_EXCEPTIONS,
	FACT_NAMESPACES,
	FACT_CLASSES,
	FACT_NODES,
	FACT_SANDBOXES,
	FACT_PODS,	       /* of a tier: with its label */
	FACT_EVENTS,	       /* why Pods do not start */
	FACT_NETWORK_POLICIES, /* Bulkhead's own */
	FACT_DEPLOYMENTS,
	FACT_DAEMON_SETS,
	FACT_MUTATING, /* the configuration "bulkhead" */
	FACT_VALIDATING,
	FACT_ENDPOINTS, /* EndpointSlices of the two systems' namespaces */
	FACT_SERVING,	/* Secret bulkhead-webhook-tls */
	FACT_LEASE,	/* bulkhead-controller */
	FACTS,
};

/* Documents of one kind. */
struct doctor_list {
	enum live_outcome outcome; /* other than LIVE_READ: items is empty */
	struct str why;
	struct json items; /* array */
	bool cut;	   /* there are more than were read */
};

/* A Sandbox that was sent with dryRun=All: nothing is stored. */
struct doctor_probe {
	bool sent;
	unsigned status; /* HTTP; 0: no answer */
	struct str says; /* the error, when it is one */
	struct json answer;
};

struct doctor_facts {
	struct str context;	/* for the report */
	struct str unreachable; /* why; empty: the server answers */
	struct str version;	/* "v1.36.3" */
	int64_t now;		/* seconds since 1970 */
	struct doctor_list lists[FACTS];
	/* Loaded from the lists; NULL with the reason. */
	struct snapshot *snapshot;
	struct str refused;
	bool shipped; /* Bulkhead is not installed: the shipped tiers */
	/* One that names no tier, one that names an unknown one. */
	struct doctor_probe plain, wrong;
};

enum {
	DOCTOR_ITEMS_MAX = 5000, /* of one kind */
	DOCTOR_FACT_NAMES = 8,
};

#define DOCTOR_SYSTEM "bulkhead-system"
#define DOCTOR_UPSTREAM "agent-sandbox-system"
#define DOCTOR_WRONG_TIER "bulkhead-doctor-unknown-tier"

/* Reads all there is. What cannot be read is noted, not an error. */
void doctor_facts_read(struct arena *a, struct kube_client *client,
		       struct doctor_facts *f);

/* The policy set of the lists: after they have been filled. */
void doctor_facts_settle(struct arena *a, struct doctor_facts *f);
void doctor_facts_release(struct doctor_facts *f);

/* Plural, for messages: "runtimeclasses". */
const char *doctor_fact_name(enum doctor_fact fact);

/* The item of that name (and namespace, unless empty); missing: none. */
const struct json *doctor_find(const struct doctor_facts *f,
			       enum doctor_fact fact, struct str ns,
			       struct str name);

#endif
