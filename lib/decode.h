/*
 * A tree to a C struct, by a table of fields. One decoder for tiers, policies,
 * exceptions, test files, AdmissionReview heads: unknown, duplicate, missing
 * and mistyped fields are all reported, with the place in the source, the path
 * and the nearest right spelling.
 *
 *	static const struct field ttl_fields[] = {
 *		FIELD(struct ttl, fallback, "default", decode_duration),
 *		FIELD(struct ttl, max, "max", decode_duration, .required =
 *true), FIELD_END,
 *	};
 *
 * Every problem is collected (up to DECODE_PROBLEMS_MAX), so that a person
 * mends a file once. Decoded text borrows the tree.
 */
#ifndef LIB_DECODE_H
#define LIB_DECODE_H

#include "lib/error.h"
#include "lib/path.h"

enum { DECODE_PROBLEMS_MAX = 20 };

struct decode_problem {
	struct str path; /* as path_field */
	struct json_mark at;
	struct str msg; /* what was found, what is wanted */
};

struct decode {
	struct arena *arena;
	struct decode_problem *problems; /* in the order found */
	size_t n_problems, cap;
	size_t dropped; /* problems beyond the maximum */
	/*
	 * Where paths begin, for the places of absent fields. decode_object
	 * without a path sets it; set it yourself when decoding a part.
	 */
	const struct json *root;
	void *context; /* for decoders of the caller's own; may be NULL */
};

#define DECODE_INIT(a)                                                         \
	{                                                                      \
		.arena = (a)                                                   \
	}

struct field;

/*
 * Reads v into out (the field's place in the struct). Reports by
 * decode_problem; has no other way to fail.
 */
typedef void decode_fn(struct decode *d, const struct json *v,
		       const struct path *path, const struct field *f,
		       void *out);

struct field {
	const char *name; /* NULL ends the table */
	size_t offset;
	decode_fn *decode;
	bool required;
	const void *param; /* decoder's own: sub-table, names of an enum */
	const char *help;  /* one line, for the reference */
};

#define FIELD(type, member, json_name, fn, ...)                                \
	{                                                                      \
		.name = (json_name), .offset = offsetof(type, member),         \
		.decode = (fn), __VA_ARGS__                                    \
	}
#define FIELD_END                                                              \
	{                                                                      \
		.name = NULL                                                   \
	}

/* An object by its table; any other type is a problem. null is as absent. */
void decode_object(struct decode *d, const struct json *v,
		   const struct path *path, const struct field *fields,
		   void *out);

/* Adds a problem at v (or, when v is missing, at the nearest place known). */
void decode_problem(struct decode *d, const struct json *v,
		    const struct path *path, const char *fmt, ...)
	PRINTF_LIKE(4, 5);

/*
 * The first problem as an error with its position, "N more" when there are
 * more. Returns 0 when there is none, else -1.
 */
int decode_finish(const struct decode *d, enum error_code code,
		  struct error *err) MUST_CHECK;

/* ---- decoders ---- */

decode_fn decode_str;  /* struct str */
decode_fn decode_bool; /* bool */
decode_fn decode_int; /* int64_t; param: const struct decode_range *, or NULL */
decode_fn decode_json;	   /* const struct json *: as it is */
decode_fn decode_struct;   /* nested object; param: its const struct field * */
decode_fn decode_enum;	   /* int; param: const char *const * ended by NULL */
decode_fn decode_strs;	   /* struct strs; a list of strings */
decode_fn decode_quantity; /* struct quantity (quantity.h), not negative */
decode_fn decode_duration; /* int64_t nanoseconds (duration.h), not negative */
decode_fn decode_time;	   /* int64_t seconds since 1970 (timestamp.h) */

struct decode_range {
	int64_t min, max;
};

struct strs {
	struct str *v;
	size_t n;
};

/*
 * A list of structs: param points to one of these; out is struct decoded_list.
 * key, when set, names the field that must be unique in the list.
 */
struct decode_list {
	const struct field *fields;
	size_t size; /* of one struct */
	const char *key;
};
struct decoded_list {
	void *v;
	size_t n;
};
decode_fn decode_list;

/* ---- for the messages of decoders ---- */

/* Adds "found ..., want ...", where fmt says what is wanted. */
void decode_wanted(struct decode *d, const struct json *v,
		   const struct path *path, const char *fmt, ...)
	PRINTF_LIKE(4, 5);

/* What was found, short enough to quote: number 5, string "abc", object. */
struct str decode_found(struct arena *a, const struct json *v);

/* "a, b or c"; names is ended by NULL. */
struct str decode_names(struct arena *a, const char *const *names);

/*
 * The name among names (ended by NULL) nearest to s, or NULL when none is near
 * enough to be meant.
 */
const char *decode_nearest(struct str s, const char *const *names);

#endif
