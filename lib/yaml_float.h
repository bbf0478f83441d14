/*
 * A 64-bit float as text, as Go prints it: the fewest digits that read back as
 * the same float.
 *
 * The one place of the program with binary floating point. It is here because
 * kubectl takes every YAML number with a fraction or an exponent through a
 * float64, and the tree must hold what kubectl sends.
 *
 * Not locked; any thread. Needs the C locale for numbers.
 */
#ifndef LIB_YAML_FLOAT_H
#define LIB_YAML_FLOAT_H

#include "lib/arena.h"

/*
 * Reads decimal text (digits, one point, an exponent, a sign; the caller has
 * checked) that ends with a NUL. False when it is too large for a float64.
 */
bool yaml_float_read(const char *text, double *d);

/* As encoding/json writes a float64. */
struct str yaml_float_json(struct arena *a, double d);

/* As sigs.k8s.io/yaml writes a key: rounded to a float32, in %g form. */
struct str yaml_float_key(struct arena *a, double d);

#endif
