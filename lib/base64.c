/* Base64 with padding (RFC 4648, section 4). */
#include "lib/base64.h"

enum { PADDING = 64 }; /* behind the alphabet's digits */

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

/* ---- reading ---- */

/* 0..63, PADDING, -1 for what is none. */
static int value_of(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+')
		return 62;
	if (c == '/')
		return 63;
	return c == '=' ? PADDING : -1;
}

/* What was read so far: whole groups as bytes, the newest one as bits. */
struct decoding {
	char *bytes;
	size_t n, digits, padding;
	uint32_t bits;
};

static int add_digit(struct decoding *d, char c, size_t at, struct error *err)
{
	int value = value_of(c);

	if (value < 0)
		return error_set(err, ERR_INPUT,
				 "it is no base64: its character %zu is none "
				 "of A-Z, a-z, 0-9, +, / and =",
				 at);
	if (d->padding && value != PADDING)
		return error_set(err, ERR_INPUT,
				 "it is no base64: character %zu stands behind "
				 "the padding",
				 at);
	d->padding += value == PADDING;
	d->bits = d->bits << 6 | (uint32_t)(value & 63);
	if (++d->digits % 4)
		return 0;
	d->bytes[d->n++] = (char)(d->bits >> 16 & 0xff);
	d->bytes[d->n++] = (char)(d->bits >> 8 & 0xff);
	d->bytes[d->n++] = (char)(d->bits & 0xff);
	return 0;
}

/* Takes off what stands for the padding. */
static int end(struct decoding *d, struct error *err)
{
	if (d->digits % 4)
		return error_set(err, ERR_INPUT,
				 "it is no base64: it ends within a group of "
				 "four characters, as text that was cut off");
	if (d->padding > 2)
		return error_set(err, ERR_INPUT,
				 "it is no base64: it ends in %zu =, which can "
				 "be two at most",
				 d->padding);
	if (d->bits & ((UINT32_C(1) << 8 * d->padding) - 1))
		return error_set(err, ERR_INPUT,
				 "it is no base64: its last character before "
				 "the padding holds bits that stand for "
				 "nothing; encode the bytes anew");
	d->n -= d->padding;
	d->bytes[d->n] = '\0';
	return 0;
}

static int decode(struct arena *a, struct str text, bool wrapped,
		  struct str *out, struct error *err)
{
	struct decoding d = { .n = 0 };

	*out = STR("");
	if (text.n > BASE64_MAX)
		return error_set(err, ERR_LIMIT,
				 "it is base64 of %zu characters; at most %d "
				 "are read",
				 text.n, BASE64_MAX);
	d.bytes = arena_raw(a, text.n / 4 * 3 + 1, 1);
	for (size_t i = 0; i < text.n; i++) {
		if (wrapped && (text.p[i] == '\r' || text.p[i] == '\n'))
			continue;
		if (add_digit(&d, text.p[i], i + 1, err) < 0)
			return -1;
	}
	if (end(&d, err) < 0)
		return -1;
	*out = (struct str){ d.bytes, d.n };
	return 0;
}

int base64_decode(struct arena *a, struct str text, struct str *out,
		  struct error *err)
{
	return decode(a, text, false, out, err);
}

int base64_decode_wrapped(struct arena *a, struct str text, struct str *out,
			  struct error *err)
{
	return decode(a, text, true, out, err);
}
