/*
 * The table of kinds that the rules know: which API group and kind is which
 * subject, and where its Pod template stands.
 *
 * Groups are matched whole: custom.agents.x-k8s.io is not ours.
 */
#ifndef POLICIES_KINDS_H
#define POLICIES_KINDS_H

#include "policies/subject.h"

#define GROUP_AGENTS "agents.x-k8s.io"
#define GROUP_EXTENSIONS "extensions.agents.x-k8s.io"
#define GROUP_BULKHEAD "bulkhead.dev"

#define LABEL_TIER "bulkhead.dev/tier"
#define LABEL_ENFORCE "bulkhead.dev/enforce"
#define LABEL_WARN "bulkhead.dev/warn"
#define LABEL_AUDIT "bulkhead.dev/audit"
#define ANNOTATION_TTL "bulkhead.dev/ttl"
/* The end of a SandboxClaim whose API version may have no field for it. */
#define ANNOTATION_EXPIRES_AT "bulkhead.dev/expires-at"
#define KEY_PREFIX "bulkhead.dev/"

/* The scheduling gate of Pods that wait for their network policy. */
#define GATE_EGRESS "bulkhead.dev/egress"

enum { KIND_POD_STEPS = 4 };

struct kind {
	const char *group;
	const char *kind;
	enum subject_kind subject;
	/* Steps to what holds the Pod's metadata and spec; none: itself. */
	const char *pod[KIND_POD_STEPS + 1]; /* ended by NULL */
	bool has_pod;
};

/* NULL for a kind that no rule knows. */
const struct kind *kind_find(struct str group, struct str kind);

/* For messages and completion: all rows, n of them. */
const struct kind *kind_table(size_t *n);

/* "apps/v1" -> group "apps", version "v1"; "v1" -> group "". */
void kind_split_api_version(struct str api_version, struct str *group,
			    struct str *version);

#endif
