/*
 * Go durations. Fractions are cut to whole nanoseconds in integers; Go itself
 * goes through a floating-point product there, so beyond fifteen digits of
 * fraction its result may be one nanosecond off from this one.
 */
#include "lib/duration.h"

typedef unsigned __int128 u128;

#define MICROSECOND INT64_C(1000)
#define MILLISECOND INT64_C(1000000)
#define MINUTE (60 * DURATION_SECOND)
#define HOUR (60 * MINUTE)
#define MAGNITUDE_MAX ((uint64_t)1 << 63)

static const struct unit {
	struct str name;
	uint64_t ns;
} units[] = {
	{ STR_INIT("ns"), 1 },
	{ STR_INIT("us"), MICROSECOND },
	{ STR_INIT("\xc2\xb5s"), MICROSECOND }, /* micro sign */
	{ STR_INIT("\xce\xbcs"), MICROSECOND }, /* Greek mu */
	{ STR_INIT("ms"), MILLISECOND },
	{ STR_INIT("s"), DURATION_SECOND },
	{ STR_INIT("m"), MINUTE },
	{ STR_INIT("h"), HOUR },
};

static int refuse(struct error *err, struct str text, const char *why)
{
	return error_set(err, ERR_INPUT,
			 "\"%.*s\" is not a duration: %s; write it like 90m, "
			 "1h30m or 300ms",
			 STR_ARG(text), why);
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static const struct unit *find_unit(struct str name)
{
	for (size_t i = 0; i < ARRAY_LEN(units); i++)
		if (str_eq(name, units[i].name))
			return &units[i];
	return NULL;
}

/* Cuts digits; *n stops growing, and *fits is false, where 2^63 is passed. */
static size_t cut_whole(struct str *rest, uint64_t *n, bool *fits)
{
	size_t i = 0;

	*n = 0;
	*fits = true;
	for (; i < rest->n && is_digit(rest->p[i]); i++) {
		u128 next = (u128)*n * 10 + (unsigned)(rest->p[i] - '0');

		if (next > MAGNITUDE_MAX)
			*fits = false;
		else
			*n = (uint64_t)next;
	}
	*rest = str_sub(*rest, i, rest->n);
	return i;
}

/* Cuts digits behind the point: n / scale, of the digits that fit. */
static size_t cut_fraction(struct str *rest, uint64_t *n, uint64_t *scale)
{
	bool full = false;
	size_t i = 0;

	*n = 0;
	*scale = 1;
	for (; i < rest->n && is_digit(rest->p[i]); i++) {
		u128 next = (u128)*n * 10 + (unsigned)(rest->p[i] - '0');

		full = full || next > INT64_MAX || *scale > UINT64_MAX / 10;
		if (full)
			continue;
		*n = (uint64_t)next;
		*scale *= 10;
	}
	*rest = str_sub(*rest, i, rest->n);
	return i;
}

static struct str cut_unit(struct str *rest)
{
	struct str name;
	size_t i = 0;

	while (i < rest->n && rest->p[i] != '.' && !is_digit(rest->p[i]))
		i++;
	name = str_sub(*rest, 0, i);
	*rest = str_sub(*rest, i, rest->n);
	return name;
}

/* Cuts one number with its unit and adds it to *sum. */
static int add_part(struct str text, struct str *rest, uint64_t *sum,
		    struct error *err)
{
	uint64_t whole, fraction = 0, scale = 1;
	const struct unit *unit;
	bool fits;
	size_t digits = cut_whole(rest, &whole, &fits);
	struct str name;
	u128 total;

	if (rest->n && rest->p[0] == '.') {
		*rest = str_sub(*rest, 1, rest->n);
		digits += cut_fraction(rest, &fraction, &scale);
	}
	if (!digits)
		return refuse(err, text, "a number is missing");
	name = cut_unit(rest);
	if (!name.n)
		return refuse(err, text,
			      "a unit (h, m, s, ms, us, ns) is missing");
	unit = find_unit(name);
	if (!unit)
		return refuse(err, text,
			      "its unit is none of h, m, s, ms, us, ns");
	total = (u128)whole * unit->ns + (u128)fraction * unit->ns / scale +
		*sum;
	if (!fits || total > MAGNITUDE_MAX)
		return refuse(err, text, "it is longer than 292 years");
	*sum = (uint64_t)total;
	return 0;
}

int duration_parse(struct str text, int64_t *nanoseconds, struct error *err)
{
	struct str rest = text;
	bool negative = text.n && text.p[0] == '-';
	uint64_t sum = 0;

	if (text.n && (text.p[0] == '-' || text.p[0] == '+'))
		rest = str_sub(rest, 1, rest.n);
	if (!rest.n)
		return refuse(err, text, "it is empty");
	if (str_is(rest, "0")) {
		*nanoseconds = 0;
		return 0;
	}
	while (rest.n)
		if (add_part(text, &rest, &sum, err) < 0)
			return -1;
	if (!negative && sum == MAGNITUDE_MAX)
		return refuse(err, text, "it is longer than 292 years");
	*nanoseconds = (int64_t)(negative ? -sum : sum);
	return 0;
}

/* v / scale without zeros at the end: "1.5", "2". */
static struct str with_fraction(struct arena *a, uint64_t v, uint64_t scale)
{
	uint64_t part = v % scale;
	int digits = 0;

	for (uint64_t s = scale; s > 1; s /= 10)
		digits++;
	if (part == 0)
		return arena_printf(a, "%llu", (unsigned long long)(v / scale));
	for (; part % 10 == 0; part /= 10)
		digits--;
	return arena_printf(a, "%llu.%0*llu", (unsigned long long)(v / scale),
			    digits, (unsigned long long)part);
}

static struct str below_second(struct arena *a, const char *sign, uint64_t v)
{
	const char *unit = "ms";
	uint64_t scale = MILLISECOND;

	if (v < MICROSECOND) {
		unit = "ns";
		scale = 1;
	} else if (v < MILLISECOND) {
		unit = "\xc2\xb5s";
		scale = MICROSECOND;
	}
	return arena_printf(a, "%s%s%s", sign, with_fraction(a, v, scale).p,
			    unit);
}

struct str duration_str(struct arena *a, int64_t nanoseconds)
{
	const char *sign = nanoseconds < 0 ? "-" : "";
	uint64_t v = nanoseconds < 0 ? -(uint64_t)nanoseconds
				     : (uint64_t)nanoseconds;
	unsigned long long minutes = v / MINUTE;
	struct str seconds;

	if (v == 0)
		return STR("0s");
	if (v < DURATION_SECOND)
		return below_second(a, sign, v);
	seconds = with_fraction(a, v % MINUTE, DURATION_SECOND);
	if (v < MINUTE)
		return arena_printf(a, "%s%ss", sign, seconds.p);
	if (v < HOUR)
		return arena_printf(a, "%s%llum%ss", sign, minutes, seconds.p);
	return arena_printf(a, "%s%lluh%llum%ss", sign, minutes / 60,
			    minutes % 60, seconds.p);
}

struct str duration_short(struct arena *a, int64_t nanoseconds)
{
	struct str s = duration_str(a, nanoseconds);

	if (str_ends(s, STR("m0s")))
		s.n -= 2;
	if (str_ends(s, STR("h0m")))
		s.n -= 2;
	return arena_str(a, s);
}
