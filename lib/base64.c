/* Base64 with padding (RFC 4648, section 4). */
#include "lib/base64.h"

enum { PADDING = 64 };

static const char alphabet[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=";

struct str base64_encode(struct arena *a, struct str bytes)
{
	const unsigned char *in = (const unsigned char *)bytes.p;
	size_t n = (bytes.n + 2) / 3 * 4, at = 0;
	char *out = arena_raw(a, n + 1, 1);

	for (size_t i = 0; i < bytes.n; i += 3) {
		size_t left = bytes.n - i;
		uint32_t v = (uint32_t)in[i] << 16 |
			     (left > 1 ? (uint32_t)in[i + 1] << 8 : 0) |
			     (left > 2 ? in[i + 2] : 0);

		out[at++] = alphabet[v >> 18];
		out[at++] = alphabet[v >> 12 & 63];
		out[at++] = alphabet[left > 1 ? v >> 6 & 63 : PADDING];
		out[at++] = alphabet[left > 2 ? v & 63 : PADDING];
	}
	out[n] = '\0';
	return (struct str){ out, n };
}
