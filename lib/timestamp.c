/*
 * RFC 3339 timestamps, accepting what Go's time.Parse(time.RFC3339) accepts:
 * also an hour of one digit, a comma before the fraction, and offsets of 24
 * hours or 60 minutes. The calendar is the proleptic Gregorian one.
 */
#include "lib/timestamp.h"

enum {
	MINUTE = 60,
	HOUR = 3600,
	DAY = 86400,
	DAYS_OF_400_YEARS = 146097,
	DAYS_TO_1970 = 719528, /* from 0000-01-01 */
};

#define SECONDS_MIN (-(int64_t)DAYS_TO_1970 * DAY)
#define SECONDS_MAX ((INT64_C(25) * DAYS_OF_400_YEARS - DAYS_TO_1970) * DAY - 1)

struct civil {
	int year, month, day, hour, minute, second;
};

static bool is_leap(int year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int days_in(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30,
				    31, 31, 30, 31, 30, 31 };

	return days[month - 1] + (month == 2 && is_leap(year));
}

/* Days from 0000-01-01 to the first of January of year. */
static int64_t days_before_year(int year)
{
	int last = year - 1;

	if (year == 0)
		return 0;
	return 366 + INT64_C(365) * last + last / 4 - last / 100 + last / 400;
}

static int64_t civil_seconds(const struct civil *c)
{
	int64_t days = days_before_year(c->year) + c->day - 1 - DAYS_TO_1970;

	for (int month = 1; month < c->month; month++)
		days += days_in(c->year, month);
	return days * DAY + (int64_t)c->hour * HOUR +
	       (int64_t)c->minute * MINUTE + c->second;
}

static bool is_digit(struct str s, size_t i)
{
	return i < s.n && s.p[i] >= '0' && s.p[i] <= '9';
}

/* Cuts exactly width digits. */
static bool cut_number(struct str *rest, size_t width, int *n)
{
	*n = 0;
	for (size_t i = 0; i < width; i++) {
		if (!is_digit(*rest, i))
			return false;
		*n = 10 * *n + (rest->p[i] - '0');
	}
	*rest = str_sub(*rest, width, rest->n);
	return true;
}

static bool cut_char(struct str *rest, char c)
{
	if (!rest->n || rest->p[0] != c)
		return false;
	*rest = str_sub(*rest, 1, rest->n);
	return true;
}

static bool cut_date_time(struct str *rest, struct civil *c)
{
	return cut_number(rest, 4, &c->year) && cut_char(rest, '-') &&
	       cut_number(rest, 2, &c->month) && cut_char(rest, '-') &&
	       cut_number(rest, 2, &c->day) && cut_char(rest, 'T') &&
	       cut_number(rest, is_digit(*rest, 1) ? 2 : 1, &c->hour) &&
	       cut_char(rest, ':') && cut_number(rest, 2, &c->minute) &&
	       cut_char(rest, ':') && cut_number(rest, 2, &c->second);
}

static void cut_fraction(struct str *rest)
{
	size_t i = 1;

	if (!rest->n || (rest->p[0] != '.' && rest->p[0] != ','))
		return;
	if (!is_digit(*rest, 1))
		return;
	while (is_digit(*rest, i))
		i++;
	*rest = str_sub(*rest, i, rest->n);
}

static bool cut_zone(struct str *rest, int *seconds)
{
	int hours, minutes, sign = 1;

	*seconds = 0;
	if (cut_char(rest, 'Z'))
		return true;
	if (cut_char(rest, '-'))
		sign = -1;
	else if (!cut_char(rest, '+'))
		return false;
	if (!cut_number(rest, 2, &hours) || !cut_char(rest, ':') ||
	    !cut_number(rest, 2, &minutes) || hours > 24 || minutes > 60)
		return false;
	*seconds = sign * (hours * HOUR + minutes * MINUTE);
	return true;
}

static bool in_range(const struct civil *c)
{
	return c->month >= 1 && c->month <= 12 && c->day >= 1 &&
	       c->day <= days_in(c->year, c->month) && c->hour <= 23 &&
	       c->minute <= 59 && c->second <= 59;
}

static int refuse(struct error *err, struct str text, const char *why)
{
	return error_set(err, ERR_INPUT,
			 "\"%.*s\" is not a timestamp: %s; write it like "
			 "2026-11-21T06:00:00Z",
			 STR_ARG(text), why);
}

int timestamp_parse(struct str text, int64_t *seconds, struct error *err)
{
	struct str rest = text;
	struct civil c;
	int64_t t;
	int zone;

	if (!cut_date_time(&rest, &c))
		return refuse(err, text,
			      "it does not begin with a date and a time");
	cut_fraction(&rest);
	if (!cut_zone(&rest, &zone))
		return refuse(err, text,
			      "its time zone is neither Z nor like +01:00");
	if (rest.n)
		return refuse(err, text, "something stands behind its end");
	if (!in_range(&c))
		return refuse(err, text,
			      "no calendar or clock has such a day or time");
	t = civil_seconds(&c) - zone;
	if (t < SECONDS_MIN || t > SECONDS_MAX)
		return refuse(err, text, "in UTC it is not in years 0 to 9999");
	*seconds = t;
	return 0;
}

static struct civil civil_of(int64_t since_year_0)
{
	int64_t days = since_year_0 / DAY;
	int rest = (int)(since_year_0 % DAY);
	struct civil c = { .year = (int)(days / 366), .month = 1 };

	/* 366 days a year never leads too far; step on from there. */
	while (days_before_year(c.year + 1) <= days)
		c.year++;
	days -= days_before_year(c.year);
	for (; days >= days_in(c.year, c.month); c.month++)
		days -= days_in(c.year, c.month);
	c.day = (int)days + 1;
	c.hour = rest / HOUR;
	c.minute = rest % HOUR / MINUTE;
	c.second = rest % MINUTE;
	return c;
}

struct str timestamp_str(struct arena *a, int64_t seconds)
{
	struct civil c;

	if (seconds < SECONDS_MIN || seconds > SECONDS_MAX)
		BUG("timestamp outside years 0 to 9999");
	c = civil_of(seconds - SECONDS_MIN);
	return arena_printf(a, "%04d-%02d-%02dT%02d:%02d:%02dZ", c.year,
			    c.month, c.day, c.hour, c.minute, c.second);
}
