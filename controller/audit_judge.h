/*
 * One object that lives in the cluster: what is wrong with it. The engine's
 * rules judge it as it is, and to that comes what only the running cluster
 * shows; that is told under the id of the rule whose promise is broken, so that
 * an IsolationException for the rule covers it:
 *
 *	label.reserved	a Pod without the stamp of its tier
 *	network.gate	a Pod that runs, and the tier's NetworkPolicy is not in
 *			place, or was made after the Pod had started
 *	network.policy	a Pod that a NetworkPolicy selects, which opens more
 *			than the Pod's tier does
 *	pod.nodeName	a Pod on a node that its RuntimeClass is not scheduled
 *to lifecycle.ttl	a claim or Sandbox that outlives its end
 *
 * What cannot be known is not told: a gate that was lifted leaves no trace, so
 * that of a Pod's past there are only its status.startTime and the
 * creationTimestamp of the policy that is there now. No message holds what
 * changes by itself, such as an age: equal states give equal findings.
 *
 * Pure.
 */
#ifndef CONTROLLER_AUDIT_JUDGE_H
#define CONTROLLER_AUDIT_JUDGE_H

#include "controller/audit_network.h"

enum audit_result {
	AUDIT_FAIL, /* would be denied */
	AUDIT_WARN, /* by a tier that only warns or audits */
	AUDIT_SKIP, /* an IsolationException covers it */
	AUDIT_RESULTS,
};

struct audit_object {
	struct str api_version, kind, ns, name, uid;
};

struct audit_finding {
	enum audit_result result;
	struct audit_object object;
	/* What a person looks at: its claim, else its Sandbox, else itself. */
	struct audit_object told_at;
	struct str rule;
	struct str tier; /* empty: no tier's */
	struct str message;
};

/* Of one object so many findings are told, worst first; all are counted. */
enum { AUDIT_FINDINGS_MAX = 20 };

struct audit_verdict {
	/* No tier governs it, it is being deleted, or it has run already. */
	bool passed_over;
	struct audit_finding *findings;
	size_t n;
	size_t counts[AUDIT_RESULTS]; /* of all */
};

/* What all objects of one namespace are judged against. */
struct audit_judge {
	const struct world *world; /* with a snapshot */
	struct str ns;
	struct audit_network network;
};

/* In a; release gives back references only. */
void audit_judge_init(struct arena *a, const struct world *world, struct str ns,
		      struct audit_judge *out);
void audit_judge_release(struct audit_judge *judge);

/*
 * doc is the whole object as the API server has it. api_version and kind are
 * told, since items of a list do not carry them. *out borrows a and doc.
 */
void audit_judge(struct arena *a, const struct audit_judge *judge,
		 struct str api_version, struct str kind,
		 const struct json *doc, struct audit_verdict *out);

#endif
