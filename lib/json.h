/*
 * The one document model: JSON as a tree of values. JSON and YAML are both
 * read into it (json_read.h, yamldoc.h), through the checks of json_build.h.
 *
 * Invariants of every tree that a reader returns: strings and keys are valid
 * UTF-8 without surrogates; keys of one object differ and hold no NUL (but
 * for json_limits.nul_keys); depth and number of nodes are capped. Strings may
 *hold NULs: compare by length. Numbers stay as their source text (RFC 8259
 *grammar), never through double. Members keep the order of the source.
 *
 * Access is total: a missing value is a value, never NULL, so look-ups chain
 * without checks:
 *
 *	json_at(pod, "spec", "securityContext", "runAsNonRoot")
 *
 * Ownership: a tree and its text live as long as the arena they were read
 * into. Immutable after reading; the only writer is json_edit.h, on its own
 * private copies. Immutable trees may be read from any thread.
 */
#ifndef LIB_JSON_H
#define LIB_JSON_H

#include "lib/arena.h"

enum json_type {
	JSON_MISSING, /* only ever what a look-up returns */
	JSON_NULL,
	JSON_BOOL,
	JSON_NUMBER,
	JSON_STRING,
	JSON_ARRAY,
	JSON_OBJECT,
};

/* How the source wrote a value; for edits of the source text. */
enum json_style {
	JSON_STYLE_NONE,  /* not from text, or JSON */
	JSON_STYLE_BLOCK, /* YAML block collection, or block scalar */
	JSON_STYLE_FLOW,  /* {...}, [...] */
	JSON_STYLE_PLAIN, /* plain scalar, an empty value included */
	JSON_STYLE_QUOTED,
};

/* A place in the source, 1-based, in characters; 0:0 when made by code. */
struct json_mark {
	uint32_t line, column;
};

struct json {
	uint8_t type;  /* enum json_type */
	uint8_t style; /* enum json_style */
	bool aliased;  /* came in through a YAML alias or merge key */
	bool own;      /* json_edit.h only: the child array is private */
	uint32_t n;    /* number of members or items */
	struct json_mark start, end; /* end is behind the last character */
	union {
		bool boolean;
		struct str text; /* string, decoded; number, as written */
		struct json *items;
		struct json_member *members;
	} u;
};

struct json_member {
	struct str key;
	struct json_mark at; /* of the key */
	struct json value;
};

/* The value that stands for "not there". */
extern const struct json json_missing;

/* ---- types ---- */

static inline enum json_type json_type(const struct json *v)
{
	return (enum json_type)v->type;
}

static inline bool json_exists(const struct json *v)
{
	return v->type != JSON_MISSING;
}

/* Neither missing nor null: what Kubernetes calls set. */
static inline bool json_is_set(const struct json *v)
{
	return v->type > JSON_NULL;
}

static inline bool json_is(const struct json *v, enum json_type type)
{
	return v->type == (uint8_t)type;
}

/* "null", "boolean", "number", "string", "array", "object", "nothing". */
const char *json_type_name(enum json_type type);

/* ---- look-ups, total ---- */

/* Member of an object; missing for every other type. */
const struct json *json_get(const struct json *v, struct str key);

/*
 * Member by member: json_at(v, "spec", "ttl"). One to six keys, C strings; a
 * macro, so that the lengths of literals are known when compiling.
 */
#define json_at(v, ...)                                                        \
	JSON_AT_PICK(__VA_ARGS__, JSON_AT6, JSON_AT5, JSON_AT4, JSON_AT3,      \
		     JSON_AT2, JSON_AT1, )                                     \
	(v, __VA_ARGS__)
#define JSON_AT_PICK(k1, k2, k3, k4, k5, k6, name, ...) name
#define JSON_AT1(v, k) json_get((v), str_of(k))
#define JSON_AT2(v, k, ...) JSON_AT1(JSON_AT1(v, k), __VA_ARGS__)
#define JSON_AT3(v, k, ...) JSON_AT2(JSON_AT1(v, k), __VA_ARGS__)
#define JSON_AT4(v, k, ...) JSON_AT3(JSON_AT1(v, k), __VA_ARGS__)
#define JSON_AT5(v, k, ...) JSON_AT4(JSON_AT1(v, k), __VA_ARGS__)
#define JSON_AT6(v, k, ...) JSON_AT5(JSON_AT1(v, k), __VA_ARGS__)

/* The same for keys in an array that NULL ends. */
const struct json *json_at_keys(const struct json *v, const char *const *keys);

/* Item of an array; missing when out of range or not an array. */
const struct json *json_item(const struct json *v, size_t i);

/* Number of items or members; 0 for scalars. */
static inline size_t json_len(const struct json *v)
{
	return v->type >= JSON_ARRAY ? v->n : 0;
}

/* The member itself, for its key and its mark; NULL when there is none. */
const struct json_member *json_member(const struct json *v, struct str key);

/* ---- scalars ---- */

/* The text of a string; p NULL and n 0 for every other type. */
static inline struct str json_str(const struct json *v)
{
	return v->type == JSON_STRING ? v->u.text : STR_NONE;
}

/* The text of a number or string (a quantity, an IntOrString). */
static inline struct str json_text(const struct json *v)
{
	return v->type == JSON_STRING || v->type == JSON_NUMBER ? v->u.text
								: STR_NONE;
}

static inline bool json_bool(const struct json *v, bool otherwise)
{
	return v->type == JSON_BOOL ? v->u.boolean : otherwise;
}

/* True when v is the boolean true / is present and the boolean false. */
static inline bool json_is_true(const struct json *v)
{
	return v->type == JSON_BOOL && v->u.boolean;
}

static inline bool json_is_false(const struct json *v)
{
	return v->type == JSON_BOOL && !v->u.boolean;
}

static inline bool json_str_is(const struct json *v, struct str s)
{
	return v->type == JSON_STRING && str_eq(v->u.text, s);
}

/* A whole number in int64 range; false (and *out as it was) for all else. */
bool json_int(const struct json *v, int64_t *out);

/* ---- iteration ---- */

/* An empty collection has no child array, and NULL + 0 is undefined in C. */
#define json_each_item(item, array)                                            \
	for (const struct json *item = (array)->u.items,                       \
			       *item##_end = json_array_len(array)             \
						     ? item + (array)->n       \
						     : item;                   \
	     item < item##_end; item++)

#define json_each_member(m, object)                                            \
	for (const struct json_member *                                        \
		     m = (object)->u.members,                                  \
		    *m##_end = json_object_len(object) ? m + (object)->n : m;  \
	     m < m##_end; m++)

static inline size_t json_array_len(const struct json *v)
{
	return v->type == JSON_ARRAY ? v->n : 0;
}

static inline size_t json_object_len(const struct json *v)
{
	return v->type == JSON_OBJECT ? v->n : 0;
}

/* ---- values made by code; text is borrowed ---- */

struct json json_make_string(struct str s);
struct json json_make_number(struct str text);
struct json json_make_int(struct arena *a, int64_t n);
struct json json_make_bool(bool b);
struct json json_make_object(void); /* {} */
struct json json_make_array(void);  /* [] */

/*
 * Appends to an object or array that the caller is building in a (not to a
 * tree that was read: use json_edit.h). Returns the new value's place, valid
 * until the next append to the same parent. BUG on a duplicate key.
 */
struct json *json_add(struct arena *a, struct json *object, struct str key,
		      struct json value);
struct json *json_append(struct arena *a, struct json *array,
			 struct json value);

/* ---- whole trees ---- */

/*
 * Same JSON value: members in any order, numbers by their text ("1" and "1.0"
 * differ). Shared subtrees are equal without a walk.
 */
bool json_equal(const struct json *x, const struct json *y);

/* A deep copy into a, text included; marks and styles stay. */
struct json json_copy(struct arena *a, const struct json *v);

/*
 * The same in less room, for what is kept: as in a tree that was read, nothing
 * can be appended.
 */
struct json json_copy_exact(struct arena *a, const struct json *v);

#endif
