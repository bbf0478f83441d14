/*
 * The events of one YAML document to a tree: keys and values, anchors,
 * aliases and merge keys. What libyaml says, without libyaml.
 *
 * "<<" takes an alias of a mapping, or a sequence of them. A key that stands
 * before "<<" and in the merged mapping too is an error: kubectl lets the
 * merged value win there, other readers the own one.
 *
 * After the first failure nothing more may be called. Not locked.
 */
#ifndef LIB_YAML_TREE_H
#define LIB_YAML_TREE_H

#include "lib/json_build.h"
#include "lib/yaml_scalar.h"

struct yaml_tree;

/* Where and how a node stands in the source. */
struct yaml_place {
	struct json_mark start, end;
	enum json_style style;
	struct str anchor; /* p NULL: none; borrowed during the call */
};

/* The tree and what it needs meanwhile live in a. err is borrowed. */
struct yaml_tree *yaml_tree_new(struct arena *a,
				const struct json_limits *limits,
				struct error *err);

/* The text of s must live in the arena. */
int yaml_tree_scalar(struct yaml_tree *t, const struct yaml_scalar *s,
		     const struct yaml_place *at) MUST_CHECK;
int yaml_tree_open(struct yaml_tree *t, enum json_type collection,
		   const struct yaml_place *at) MUST_CHECK;
/* Block collections end with their last child, whatever end says. */
int yaml_tree_close(struct yaml_tree *t, struct json_mark end) MUST_CHECK;
/* anchor is the alias's name. */
int yaml_tree_alias(struct yaml_tree *t,
		    const struct yaml_place *at) MUST_CHECK;

int yaml_tree_finish(struct yaml_tree *t, struct json *doc) MUST_CHECK;

#endif
