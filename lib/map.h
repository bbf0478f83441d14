/*
 * A hash map from text to pointer. Keys are copied into the arena that was
 * given at the start, values are borrowed. No removal: a map lives and dies
 * with its arena. Keys are hashed with a per-process random seed, so that
 * input cannot choose collisions.
 *
 * Not locked; a map that no one writes may be read from any thread.
 */
#ifndef LIB_MAP_H
#define LIB_MAP_H

#include "lib/arena.h"

struct map_slot {
	struct str key; /* p NULL: empty */
	uint64_t hash;
	void *value;
};

struct map {
	struct arena *arena;
	struct map_slot *slots;
	size_t n, size; /* entries, slots (a power of two or 0) */
};

#define MAP_INIT(a)                                                            \
	{                                                                      \
		.arena = (a)                                                   \
	}

/* The value, or NULL when the key is absent. */
void *map_get(const struct map *m, struct str key);

/* Sets the value (not NULL), replacing an earlier one. */
void map_set(struct map *m, struct str key, void *value);

/*
 * Walks all entries in no particular order: start with *i = 0; NULL at the
 * end. The map may not be written while walking.
 */
const struct map_slot *map_next(const struct map *m, size_t *i);

#endif
