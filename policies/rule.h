/*
 * A rule: one file in policies/rules/, one const struct, one row in rules.c.
 *
 *	static void check(const struct check *c)
 *	{
 *		const struct json *v = json_at(c->target->pod_spec, "nodeName");
 *
 *		if (json_is_set(v))
 *			check_pod(c, &PATH_KEY(NULL, "nodeName"), ...);
 *	}
 *	const struct rule rule_pod_node_name = {
 *		.id = "pod.nodeName",
 *		.kinds = SUBJECT_ALL,
 *		.title = "The scheduler chooses the node",
 *		.doc = "...",
 *		.fields = "spec.nodeName",
 *		.check = check,
 *	};
 *
 * Rules are pure and cannot fail: check reports into the verdict, fill sets
 * what is unset. A fill sees what earlier fills did and never overrides,
 * removes or reorders what is there; run on its own result it does nothing.
 */
#ifndef POLICIES_RULE_H
#define POLICIES_RULE_H

#include "lib/json_edit.h"
#include "policies/target.h"
#include "policies/verdict.h"

struct check {
	const struct target *target;
	const struct rule *rule;
	struct verdict *verdict;
	enum action action; /* what a finding of this run does */
};

/* The target's object, pod_spec and containers are those of the working copy
 * before this rule's fill; fill_* read and write the working copy itself. */
struct fill {
	const struct target *target;
	const struct rule *rule;
	struct json_edit *edit;
	struct verdict *verdict;
};

struct rule {
	const char *id;	   /* dotted, stable: in messages and exceptions */
	unsigned kinds;	   /* enum subject_kind bits it looks at */
	const char *title; /* one line */
	const char *doc;   /* a paragraph or two, Markdown, for docs/rules.md */
	const char *fields; /* what it reads or sets, one per line */
	/*
	 * Runs once, also when no tier governs the object, and weighs itself
	 * what an update leaves as it was.
	 */
	bool always;
	void (*fill)(const struct fill *f);   /* or NULL */
	void (*check)(const struct check *c); /* or NULL */
};

/* What a finding says; see struct finding. */
struct says {
	struct str found, wanted, fix;
};

/*
 * Reports a violation at a path of the object itself (check_object), of the
 * Pod template's holder (check_template: path below it, such as
 * metadata.annotations), of the Pod spec, or of a container. Text is borrowed:
 * use the target's arena. What one rule reports more than a hundred times in a
 * row becomes one finding that says how often.
 */
void check_object(const struct check *c, const struct path *path,
		  struct says says);
void check_template(const struct check *c, const struct path *path,
		    struct says says);
void check_pod(const struct check *c, const struct path *path,
	       struct says says);
void check_container(const struct check *c, const struct container *container,
		     const struct path *path, struct says says);

/*
 * The same with an action of the rule's own, never stronger than c->action,
 * and an id of the team's own (id.p NULL: the rule's).
 */
void check_pod_as(const struct check *c, enum action action, struct str id,
		  const struct path *path, struct says says);
void check_object_as(const struct check *c, enum action action, struct str id,
		     const struct path *path, struct says says);
void check_template_as(const struct check *c, enum action action, struct str id,
		       const struct path *path, struct says says);
void check_container_as(const struct check *c, enum action action,
			const struct container *container,
			const struct path *path, struct says says);

/* What findings under a mode (enum enforcement) do at most. */
enum action action_of_enforcement(int mode);

/* A finding whose field and place are known as such already. */
void check_note(const struct check *c, enum action action, struct str field,
		struct json_mark at, struct says says);

/*
 * Sets a value where nothing, or null, stands; does nothing otherwise, nor
 * when a step on the way is of the wrong type. Paths as above.
 */
void fill_object(const struct fill *f, const struct path *path,
		 struct json value);
void fill_pod(const struct fill *f, const struct path *path, struct json value);
void fill_container(const struct fill *f, const struct container *container,
		    const struct path *path, struct json value);

/*
 * Adds an item of our own at the end of a list of the Pod spec, or makes the
 * list. For listType=map only; that the item is not there is the caller's to
 * see.
 */
void fill_pod_item(const struct fill *f, const struct path *list,
		   struct json value);

/*
 * As fill_object, but a value that no person wrote counts as unset when it
 * equals crd_default: the API server filled it in before us.
 */
void fill_object_over_default(const struct fill *f, const struct path *path,
			      struct str crd_default, struct json value);

#endif
