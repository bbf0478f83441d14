/*
 * Kubernetes quantities (apimachinery/pkg/api/resource), exact: never through
 * double. "500m", "1.5Gi", "1e3", "100k", ".5".
 *
 * A quantity is value * 10^-9 (nano, the API's finest precision). What is
 * finer is rounded up (away from zero), as Kubernetes does; what does not fit
 * in 128 bits of nano, or above 2^63-1 whole units, is capped as Kubernetes
 * caps it. A value type.
 */
#ifndef LIB_QUANTITY_H
#define LIB_QUANTITY_H

#include "lib/arena.h"
#include "lib/error.h"

enum quantity_format {
	QUANTITY_DECIMAL_SI,	   /* m k M G T P E */
	QUANTITY_BINARY_SI,	   /* Ki Mi Gi Ti Pi Ei */
	QUANTITY_DECIMAL_EXPONENT, /* e3 E-6 */
};

struct quantity {
	__int128 nano;
	enum quantity_format format; /* of the source text */
	bool set;		     /* false: absent, counts as zero */
};

#define QUANTITY_TEXT_MAX 64

/* The text of a JSON string or number. ERR_INPUT says what is wrong. */
int quantity_parse(struct str text, struct quantity *q,
		   struct error *err) MUST_CHECK;

/* -1, 0, 1. Format does not matter: 1Gi == 1073741824. */
int quantity_cmp(struct quantity x, struct quantity y);

/* Saturating; the format is x's unless only y is set. */
struct quantity quantity_add(struct quantity x, struct quantity y);
struct quantity quantity_max(struct quantity x, struct quantity y);

struct quantity quantity_of_int(int64_t n);

/* Canonical form as Kubernetes stores it: "1500m", "1536Mi", "1". */
struct str quantity_str(struct arena *a, struct quantity q);

#endif
