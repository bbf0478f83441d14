/* Float to shortest text, in Go's two spellings. */
#include "lib/yaml_float.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define DIGITS_MAX 17

/* d = +-0.D1D2D3... * 10^point */
struct decimal {
	bool negative;
	char digit[DIGITS_MAX + 1]; /* '0'..'9', the first is not 0 */
	int n, point;
};

static void decimal_trim(struct decimal *x)
{
	while (x->n > 1 && x->digit[x->n - 1] == '0')
		x->n--;
}

/* Splits what "%.*e" printed: "D.DDDe+XX". */
static void decimal_parse(struct decimal *x, const char *text)
{
	bool below_one = false;
	int exponent = 0;

	x->n = 0;
	for (; *text && *text != 'e'; text++) {
		if (*text >= '0' && *text <= '9')
			x->digit[x->n++] = *text;
	}
	for (; *text; text++) {
		if (*text == '-')
			below_one = true;
		else if (*text >= '0' && *text <= '9')
			exponent = exponent * 10 + (*text - '0');
	}
	x->point = (below_one ? -exponent : exponent) + 1;
}

/* The next larger number of as many digits. */
static void decimal_increment(struct decimal *x)
{
	int i = x->n - 1;

	while (i >= 0 && x->digit[i] == '9')
		x->digit[i--] = '0';
	if (i >= 0) {
		x->digit[i]++;
		return;
	}
	x->digit[0] = '1';
	x->point++;
}

static bool decimal_is(const struct decimal *x, double d, bool single)
{
	char text[DIGITS_MAX + 16];

	snprintf(text, sizeof(text), "0.%.*se%d", x->n, x->digit, x->point);
	return single ? strtof(text, NULL) == (float)d
		      : strtod(text, NULL) == d;
}

/*
 * Rounding to p digits gives the nearest candidate. Below a power of two the
 * floats lie closer together than above it, so that the nearest can be too low
 * where the next larger one is right.
 */
static void decimal_shortest(struct decimal *x, double d, bool single)
{
	char text[DIGITS_MAX + 16];

	x->negative = signbit(d);
	d = fabs(d);
	for (int p = 0; p < DIGITS_MAX; p++) {
		snprintf(text, sizeof(text), "%.*e", p, d);
		decimal_parse(x, text);
		if (decimal_is(x, d, single))
			break;
		decimal_increment(x);
		if (decimal_is(x, d, single))
			break;
	}
	decimal_trim(x);
}

static struct str print_plain(struct arena *a, const struct decimal *x)
{
	const char *sign = x->negative ? "-" : "";

	if (x->point <= 0)
		return arena_printf(a, "%s0.%.*s%.*s", sign, -x->point,
				    "00000000", x->n, x->digit);
	if (x->point >= x->n)
		return arena_printf(a, "%s%.*s%.*s", sign, x->n, x->digit,
				    x->point - x->n, "00000000000000000000000");
	return arena_printf(a, "%s%.*s.%.*s", sign, x->point, x->digit,
			    x->n - x->point, x->digit + x->point);
}

static struct str print_scientific(struct arena *a, const struct decimal *x,
				   int exponent_digits)
{
	int exponent = x->point - 1;

	return arena_printf(a, "%s%c%s%.*se%c%0*d", x->negative ? "-" : "",
			    x->digit[0], x->n > 1 ? "." : "", x->n - 1,
			    x->digit + 1, exponent < 0 ? '-' : '+',
			    exponent_digits, abs(exponent));
}

bool yaml_float_read(const char *text, double *d)
{
	*d = strtod(text, NULL);
	return isfinite(*d);
}

struct str yaml_float_json(struct arena *a, double d)
{
	struct decimal x;

	if (d == 0)
		return signbit(d) ? STR("-0") : STR("0");
	decimal_shortest(&x, d, false);
	if (fabs(d) < 1e-6 || fabs(d) >= 1e21)
		return print_scientific(a, &x, 1);
	return print_plain(a, &x);
}

struct str yaml_float_key(struct arena *a, double d)
{
	struct decimal x;

	d = (float)d;
	if (d == 0)
		return signbit(d) ? STR("-0") : STR("0");
	if (!isfinite(d))
		return d > 0 ? STR(".inf") : STR("-.inf");
	decimal_shortest(&x, d, true);
	if (x.point < -3 || x.point > 6)
		return print_scientific(a, &x, 2);
	return print_plain(a, &x);
}
