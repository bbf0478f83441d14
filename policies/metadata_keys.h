/*
 * All labels and annotations of an object that end on it or on its Pod: its
 * own metadata, the Pod template's, and what a claim adds to its Pod. One walk
 * for the rules that judge keys.
 */
#ifndef POLICIES_METADATA_KEYS_H
#define POLICIES_METADATA_KEYS_H

#include "policies/rule.h"

struct metadata_lookup;

enum metadata_place {
	METADATA_OBJECT = 1 << 0,     /* metadata of the object itself */
	METADATA_POD = 1 << 1,	      /* of its Pod; a Pod's own is this too */
	METADATA_ADDITIONAL = 1 << 2, /* SandboxClaim additionalPodMetadata */
};

/* Which of the two maps; bits. */
enum metadata_map {
	METADATA_LABELS = 1 << 0,
	METADATA_ANNOTATIONS = 1 << 1,
};

struct metadata_key {
	enum metadata_place place;
	enum metadata_map map;
	struct str key;
	const struct json *value;
	const struct path *path;     /* of the value, for metadata_report */
	struct metadata_lookup *old; /* the map before, for _unchanged */
};

/*
 * Calls fn for each key of the maps in the places, once: a Pod's metadata is
 * METADATA_OBJECT when both are asked for, and a key that a claim adds is not
 * told again as its Pod's. A map of the wrong type is reported as a violation.
 */
void metadata_each(const struct check *c, unsigned places, unsigned maps,
		   void (*fn)(const struct check *c,
			      const struct metadata_key *key));

void metadata_report(const struct check *c, const struct metadata_key *key,
		     struct says says);

/* An update that leaves this key with the value it had. */
bool metadata_unchanged(const struct metadata_key *key);

#endif
