/*
 * Kubernetes quantities. Text is read digit by digit into 128-bit nano units,
 * so that any number of digits is exact: what lies below the nano place only
 * counts as "something is left", which rounds up.
 *
 * Stricter than Kubernetes in two corners where its own parser goes astray:
 * a suffix without any digit ("Ki", "+"), which it reads as zero, and
 * exponents beyond a million, which it cuts to 32 bits.
 */
#include "lib/quantity.h"

typedef unsigned __int128 u128;

#define NANO INT64_C(1000000000)
#define NANO_MAX ((u128)(~(u128)0 >> 1))

enum {
	NANO_DIGITS = 9,
	TEXT_IN_MAX = 1024,
	EXPONENT_MAX = 1000000,
	SI_EXPONENT_MAX = 18,
	BINARY_POWER_MAX = 6,
};

struct suffix {
	struct str text;
	enum quantity_format format;
	int exponent; /* power of two for BINARY_SI, else of ten */
};

static const struct suffix suffixes[] = {
	{ STR_INIT("n"), QUANTITY_DECIMAL_SI, -9 },
	{ STR_INIT("u"), QUANTITY_DECIMAL_SI, -6 },
	{ STR_INIT("m"), QUANTITY_DECIMAL_SI, -3 },
	{ STR_INIT(""), QUANTITY_DECIMAL_SI, 0 },
	{ STR_INIT("k"), QUANTITY_DECIMAL_SI, 3 },
	{ STR_INIT("M"), QUANTITY_DECIMAL_SI, 6 },
	{ STR_INIT("G"), QUANTITY_DECIMAL_SI, 9 },
	{ STR_INIT("T"), QUANTITY_DECIMAL_SI, 12 },
	{ STR_INIT("P"), QUANTITY_DECIMAL_SI, 15 },
	{ STR_INIT("E"), QUANTITY_DECIMAL_SI, 18 },
	{ STR_INIT("Ki"), QUANTITY_BINARY_SI, 10 },
	{ STR_INIT("Mi"), QUANTITY_BINARY_SI, 20 },
	{ STR_INIT("Gi"), QUANTITY_BINARY_SI, 30 },
	{ STR_INIT("Ti"), QUANTITY_BINARY_SI, 40 },
	{ STR_INIT("Pi"), QUANTITY_BINARY_SI, 50 },
	{ STR_INIT("Ei"), QUANTITY_BINARY_SI, 60 },
};

struct number {
	struct str whole, fraction; /* digits */
	bool negative;
};

static int refuse(struct error *err, struct str text, const char *why)
{
	return error_set(err, ERR_INPUT,
			 "\"%.*s\" is not a quantity: %s; write it like "
			 "500m, 1.5 or 2Gi",
			 STR_ARG(text), why);
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static struct str cut_digits(struct str *rest)
{
	size_t n = 0;
	struct str digits;

	while (n < rest->n && is_digit(rest->p[n]))
		n++;
	digits = str_sub(*rest, 0, n);
	*rest = str_sub(*rest, n, rest->n);
	return digits;
}

/* '+', '-' or 0. */
static char cut_sign(struct str *rest)
{
	char sign;

	if (!rest->n || (rest->p[0] != '+' && rest->p[0] != '-'))
		return '\0';
	sign = rest->p[0];
	*rest = str_sub(*rest, 1, rest->n);
	return sign;
}

/* Cuts the number from *rest and leaves the suffix. */
static int read_number(struct str text, struct str *rest, struct number *n,
		       struct error *err)
{
	*rest = text;
	n->negative = cut_sign(rest) == '-';
	n->whole = cut_digits(rest);
	n->fraction = STR_NONE;
	if (rest->n && rest->p[0] == '.') {
		*rest = str_sub(*rest, 1, rest->n);
		n->fraction = cut_digits(rest);
	}
	if (n->whole.n + n->fraction.n == 0)
		return refuse(err, text,
			      "it has no digits where a number "
			      "must stand");
	return 0;
}

/* "e3", "E-6": what follows the letter. */
static int read_exponent(struct str text, struct str rest, int *exponent,
			 struct error *err)
{
	bool negative = cut_sign(&rest) == '-';
	struct str digits = cut_digits(&rest);
	int n = 0;

	if (!digits.n || rest.n)
		return refuse(err, text, "its exponent is not a whole number");
	for (size_t i = 0; i < digits.n; i++) {
		n = 10 * n + (digits.p[i] - '0');
		if (n > EXPONENT_MAX)
			return refuse(err, text, "its exponent is too large");
	}
	*exponent = negative ? -n : n;
	return 0;
}

static int read_suffix(struct str text, struct str rest, struct suffix *found,
		       struct error *err)
{
	for (size_t i = 0; i < ARRAY_LEN(suffixes); i++) {
		if (str_eq(rest, suffixes[i].text)) {
			*found = suffixes[i];
			return 0;
		}
	}
	if (rest.p[0] != 'e' && rest.p[0] != 'E')
		return refuse(err, text,
			      "its suffix is none of n u m k M G T P E "
			      "Ki Mi Gi Ti Pi Ei or an exponent");
	found->format = QUANTITY_DECIMAL_EXPONENT;
	return read_exponent(text, str_sub(rest, 1, rest.n), &found->exponent,
			     err);
}

/* 10 * v + digit; stays at NANO_MAX once it is reached. */
static u128 push_digit(u128 v, unsigned digit)
{
	/* A 128-bit division is dear; nearly all numbers do without. */
	if (v < NANO_MAX / 10)
		return 10 * v + digit;
	return v > (NANO_MAX - digit) / 10 ? NANO_MAX : 10 * v + digit;
}

static unsigned digit_at(const struct number *n, size_t i)
{
	const char *p = i < n->whole.n ? n->whole.p + i
				       : n->fraction.p + (i - n->whole.n);

	return (unsigned)(*p - '0');
}

static u128 decimal_nano(const struct number *n, int exponent)
{
	int64_t keep = (int64_t)n->whole.n + exponent + NANO_DIGITS;
	int64_t total = (int64_t)(n->whole.n + n->fraction.n);
	bool rest = false;
	u128 v = 0;

	for (int64_t i = 0; i < total; i++) {
		unsigned digit = digit_at(n, (size_t)i);

		if (i < keep)
			v = push_digit(v, digit);
		else
			rest |= digit != 0;
	}
	for (int64_t i = total; i < keep && v && v < NANO_MAX; i++)
		v = push_digit(v, 0);
	return v + (rest && v < NANO_MAX);
}

/* Capped at 2^63-1 units, which Kubernetes does for binary suffixes only. */
static u128 binary_nano(const struct number *n, int shift)
{
	const u128 unit = (u128)NANO << shift;
	const u128 cap = (u128)INT64_MAX * NANO;
	u128 v = 0, part = 0;
	bool rest = false;

	for (size_t i = 0; i < n->whole.n; i++)
		v = push_digit(v, digit_at(n, i));
	/* From the last digit: part = (digit * unit + part) / 10. */
	for (size_t i = n->fraction.n; i > 0; i--) {
		part += digit_at(n, n->whole.n + i - 1) * unit;
		rest |= part % 10 != 0;
		part /= 10;
	}
	if (__builtin_mul_overflow(v, unit, &v) ||
	    __builtin_add_overflow(v, part + rest, &v) || v > cap)
		return cap;
	return v;
}

/*
 * The quantities that nearly all manifests hold, "500m", "2", "512Mi": up to
 * nine digits and a common suffix. False leaves the text to the full reader.
 */
static bool parse_short(struct str text, struct quantity *q)
{
	static const struct {
		const char text[3];
		enum quantity_format format;
		int64_t nano;
	} rows[] = {
		{ "", QUANTITY_DECIMAL_SI, NANO },
		{ "m", QUANTITY_DECIMAL_SI, NANO / 1000 },
		{ "Mi", QUANTITY_BINARY_SI, NANO << 20 },
		{ "Gi", QUANTITY_BINARY_SI, NANO << 30 },
	};
	uint32_t n = 0;
	size_t i = 0;

	while (i < text.n && i < 9 && is_digit(text.p[i]))
		n = 10 * n + (uint32_t)(text.p[i++] - '0');
	if (i == 0 || text.n - i > 2)
		return false;
	for (size_t r = 0; r < ARRAY_LEN(rows); r++)
		if (str_is(str_sub(text, i, text.n), rows[r].text)) {
			*q = (struct quantity){ (__int128)n * rows[r].nano,
						rows[r].format, true };
			return true;
		}
	return false;
}

int quantity_parse(struct str text, struct quantity *q, struct error *err)
{
	struct suffix suffix = { .exponent = 0 };
	struct number n;
	struct str rest;
	u128 v;

	if (parse_short(text, q))
		return 0;
	if (text.n > TEXT_IN_MAX)
		return error_set(err, ERR_LIMIT,
				 "a quantity of %zu bytes; at most %d are read",
				 text.n, TEXT_IN_MAX);
	if (read_number(text, &rest, &n, err) < 0 ||
	    read_suffix(text, rest, &suffix, err) < 0)
		return -1;
	if (suffix.format == QUANTITY_BINARY_SI)
		v = binary_nano(&n, suffix.exponent);
	else
		v = decimal_nano(&n, suffix.exponent);
	/* As upstream: a part of one unit cannot be said in binary. */
	if (suffix.format == QUANTITY_BINARY_SI && v > 0 && v < NANO)
		suffix.format = QUANTITY_DECIMAL_SI;
	*q = (struct quantity){ .nano = n.negative ? -(__int128)v : (__int128)v,
				.format = suffix.format,
				.set = true };
	return 0;
}

static __int128 nano_of(struct quantity q)
{
	return q.set ? q.nano : 0;
}

int quantity_cmp(struct quantity x, struct quantity y)
{
	return (nano_of(x) > nano_of(y)) - (nano_of(x) < nano_of(y));
}

struct quantity quantity_add(struct quantity x, struct quantity y)
{
	struct quantity sum = x.set || !y.set ? x : y;

	if (__builtin_add_overflow(nano_of(x), nano_of(y), &sum.nano) ||
	    sum.nano < -(__int128)NANO_MAX)
		sum.nano = nano_of(x) > 0 ? (__int128)NANO_MAX
					  : -(__int128)NANO_MAX;
	return sum;
}

struct quantity quantity_max(struct quantity x, struct quantity y)
{
	int c = quantity_cmp(x, y);

	if (c == 0)
		return x.set ? x : y;
	return c > 0 ? x : y;
}

struct quantity quantity_of_int(int64_t n)
{
	return (struct quantity){ .nano = (__int128)n * NANO,
				  .format = QUANTITY_DECIMAL_SI,
				  .set = true };
}

/* Digits of v before end; returns their start. */
static char *put_digits(char *end, u128 v)
{
	do {
		*--end = (char)('0' + (int)(v % 10));
		v /= 10;
	} while (v);
	return end;
}

static struct str with_suffix(struct arena *a, bool negative, u128 v,
			      const char *suffix)
{
	char digits[QUANTITY_TEXT_MAX];
	char *end = digits + sizeof(digits);
	char *p = put_digits(end, v);

	return arena_printf(a, "%s%.*s%s", negative ? "-" : "", (int)(end - p),
			    p, suffix);
}

static struct str binary_str(struct arena *a, bool negative, u128 units)
{
	static const char *const names[] = { "",   "Ki", "Mi", "Gi",
					     "Ti", "Pi", "Ei" };
	size_t power = 0;

	while (power < BINARY_POWER_MAX && units % 1024 == 0) {
		units /= 1024;
		power++;
	}
	return with_suffix(a, negative, units, names[power]);
}

static struct str decimal_str(struct arena *a, bool negative, u128 v,
			      bool exponent_form)
{
	static const char *const names[] = { "n", "u", "m", "",	 "k",
					     "M", "G", "T", "P", "E" };
	int exponent = -NANO_DIGITS;
	struct str suffix;

	while ((exponent_form || exponent < SI_EXPONENT_MAX) && v % 1000 == 0) {
		v /= 1000;
		exponent += 3;
	}
	if (!exponent_form || exponent == 0)
		return with_suffix(a, negative, v,
				   names[(exponent + NANO_DIGITS) / 3]);
	suffix = arena_printf(a, "e%d", exponent);
	return with_suffix(a, negative, v, suffix.p);
}

struct str quantity_str(struct arena *a, struct quantity q)
{
	bool negative = nano_of(q) < 0;
	u128 v = negative ? -(u128)q.nano : (u128)nano_of(q);

	if (v == 0)
		return STR("0");
	if (q.format == QUANTITY_BINARY_SI && v >= (u128)1024 * NANO &&
	    v % NANO == 0)
		return binary_str(a, negative, v / NANO);
	return decimal_str(a, negative, v,
			   q.format == QUANTITY_DECIMAL_EXPONENT);
}
