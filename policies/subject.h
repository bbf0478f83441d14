/*
 * What is judged: one object, the operation on it, and who asks. Neutral: an
 * AdmissionReview, a manifest file and a live object all become this.
 *
 * A plain value; every pointer is borrowed from whoever made it and must
 * outlive the decision.
 */
#ifndef POLICIES_SUBJECT_H
#define POLICIES_SUBJECT_H

#include "lib/json.h"

/* What an object is to the rules; also bits of rule.kinds. */
enum subject_kind {
	SUBJECT_OTHER = 0, /* nothing of ours: no rule looks at it */
	SUBJECT_POD = 1 << 0,
	SUBJECT_SANDBOX = 1 << 1,
	SUBJECT_TEMPLATE = 1 << 2,
	SUBJECT_CLAIM = 1 << 3,
	SUBJECT_POOL = 1 << 4,
	SUBJECT_WORKLOAD = 1 << 5, /* Deployment, Job, ...: by its template */
	/* What could undo a tier from outside its objects. */
	SUBJECT_NETWORK_POLICY = 1 << 6,
	SUBJECT_NAMESPACE = 1 << 7,
	SUBJECT_CONFIG = 1 << 8,   /* our own kinds */
	SUBJECT_SCALE = 1 << 9,	   /* of a Sandbox or SandboxWarmPool */
	SUBJECT_CONNECT = 1 << 10, /* exec, attach, ... into a Pod */
};

/* The kinds of group (extensions.)agents.x-k8s.io. */
#define SUBJECT_AGENT                                                          \
	(SUBJECT_SANDBOX | SUBJECT_TEMPLATE | SUBJECT_CLAIM | SUBJECT_POOL)
/* The kinds that end in a Pod. */
#define SUBJECT_ALL (SUBJECT_POD | SUBJECT_AGENT | SUBJECT_WORKLOAD)

enum operation {
	OPERATION_CREATE,
	OPERATION_UPDATE,
	OPERATION_DELETE,
	OPERATION_CONNECT,
};

struct user {
	struct str name, uid;
	const struct json *groups; /* array of strings, or missing */
};

struct subject {
	enum operation operation;
	struct str group, version, kind;
	struct str resource;	/* plural; empty when not from a request */
	struct str subresource; /* empty for the object itself */
	struct str ns, name;	/* name may be empty (generateName) */
	struct user user;
	const struct json *object;     /* missing on DELETE */
	const struct json *old_object; /* missing on CREATE */
	bool dry_run;
	/*
	 * The object is a person's text, not what a server made of it: no
	 * default was filled in before us, every value was written.
	 */
	bool from_file;
	/* What its older spelling was rewritten from; NULL: not asked. */
	const struct spelling *spelling;
};

/* doc as it would be created by whoever wrote it into a file. */
struct subject subject_from_file(const struct json *doc);

/*
 * doc as it lives in the cluster, asked about by nobody (REQUESTER_NONE): an
 * update that nothing is known to have been there before, so that no violation
 * is spared for its age, and times count from metadata.creationTimestamp. An
 * item of a list carries neither apiVersion nor kind; so they are told.
 */
struct subject subject_from_live(struct str api_version, struct str kind,
				 const struct json *doc);

#endif
