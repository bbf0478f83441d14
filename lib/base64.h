/*
 * Base64 with padding (RFC 4648, section 4): how JSON of Kubernetes holds
 * bytes, in the data of a Secret, in a caBundle, in the *-data fields of a
 * kubeconfig.
 *
 * Reading is strict: one text for each sequence of bytes. What the RFC leaves
 * open is refused: characters outside the alphabet (section 3.3), missing
 * padding, text behind it, bits that the padding cuts off and that are not zero
 * (section 3.5).
 *
 * Results live in the arena, with a NUL behind their end. Errors never quote
 * the text, which may be a private key. Any thread.
 */
#ifndef LIB_BASE64_H
#define LIB_BASE64_H

#include "lib/arena.h"
#include "lib/error.h"

/* Of a text. More than the API server takes as a whole object (3 MiB). */
enum { BASE64_MAX = 4 << 20 };

/* On one line. */
struct str base64_encode(struct arena *a, struct str bytes);

/*
 * The bytes of a text on one line; empty for an empty one, and after an error.
 * ERR_INPUT says what is wrong and where, ERR_LIMIT that text is too long.
 */
int base64_decode(struct arena *a, struct str text, struct str *out,
		  struct error *err) MUST_CHECK;

/*
 * The same, CR and LF passed over wherever they stand: for text that people
 * wrap, in YAML (!!binary) and in a kubeconfig, whose other readers (Go's
 * encoding/base64) do so.
 */
int base64_decode_wrapped(struct arena *a, struct str text, struct str *out,
			  struct error *err) MUST_CHECK;

#endif
