/* Base64 with padding, no line breaks (RFC 4648, section 4). */
#ifndef LIB_BASE64_H
#define LIB_BASE64_H

#include "lib/arena.h"

struct str base64_encode(struct arena *a, struct str bytes);

#endif
