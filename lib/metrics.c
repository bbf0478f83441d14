/*
 * Each series is a row of atomic numbers: one for a counter or a gauge; for a
 * histogram its buckets (not cumulated), then the sum. The count of a histogram
 * is added up when it is shown, so that it always equals the last bucket.
 */
#include "lib/metrics.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#define MICROSECONDS INT64_C(1000)
#define MILLISECONDS INT64_C(1000000)
#define SECONDS INT64_C(1000000000)

const int64_t metric_latency_buckets[] = {
	100 * MICROSECONDS,
	250 * MICROSECONDS,
	500 * MICROSECONDS,
	1 * MILLISECONDS,
	2500 * MICROSECONDS,
	5 * MILLISECONDS,
	10 * MILLISECONDS,
	25 * MILLISECONDS,
	50 * MILLISECONDS,
	100 * MILLISECONDS,
	250 * MILLISECONDS,
	500 * MILLISECONDS,
	1 * SECONDS,
	2500 * MILLISECONDS,
	5 * SECONDS,
	10 * SECONDS,
	0,
};

struct family {
	size_t n_labels, n_buckets; /* buckets without +Inf */
	size_t sizes[METRIC_LABELS_MAX];
	size_t n_series, width; /* numbers in a series */
	_Atomic int64_t *numbers;
};

struct metrics {
	const struct metric *table;
	size_t n;
	struct family *families;
};

static void *allocated(void *p)
{
	if (!p)
		BUG("out of memory");
	return p;
}

static void init_family(struct family *f, const struct metric *m)
{
	f->n_series = 1;
	for (; f->n_labels < METRIC_LABELS_MAX && m->labels[f->n_labels].name;
	     f->n_labels++) {
		size_t *size = &f->sizes[f->n_labels];

		while (m->labels[f->n_labels].values[*size])
			(*size)++;
		if (!*size)
			BUG("a label without values");
		f->n_series *= *size;
	}
	f->width = 1;
	if (m->type == METRIC_HISTOGRAM) {
		while (m->buckets[f->n_buckets])
			f->n_buckets++;
		if (f->n_buckets > METRIC_BUCKETS_MAX)
			BUG("too many buckets");
		f->width = f->n_buckets + 2;
	}
	f->numbers =
		allocated(calloc(f->n_series * f->width, sizeof(*f->numbers)));
}

struct metrics *metrics_new(const struct metric *table, size_t n)
{
	struct metrics *m = allocated(calloc(1, sizeof(*m)));

	m->table = table;
	m->n = n;
	m->families = allocated(calloc(n, sizeof(*m->families)));
	for (size_t i = 0; i < n; i++)
		init_family(&m->families[i], &table[i]);
	return m;
}

void metrics_free(struct metrics **m)
{
	if (!*m)
		return;
	for (size_t i = 0; i < (*m)->n; i++)
		free((*m)->families[i].numbers);
	free((*m)->families);
	free(*m);
	*m = NULL;
}

/* ---- updates ---- */

static _Atomic int64_t *series(const struct metrics *m, unsigned metric,
			       bool histogram, const unsigned *labels)
{
	const struct family *f = &m->families[metric];
	size_t at = 0;

	if (metric >= m->n ||
	    (m->table[metric].type == METRIC_HISTOGRAM) != histogram)
		BUG("metric that the table does not have");
	for (size_t i = 0; i < f->n_labels; i++) {
		if (labels[i] >= f->sizes[i])
			BUG("label value that the table does not have");
		at = at * f->sizes[i] + labels[i];
	}
	return f->numbers + at * f->width;
}

static void add(_Atomic int64_t *number, int64_t n)
{
	atomic_fetch_add_explicit(number, n, memory_order_relaxed);
}

void metrics_add(struct metrics *m, unsigned metric, const unsigned *labels,
		 uint64_t n)
{
	add(series(m, metric, false, labels), (int64_t)n);
}

void metrics_set(struct metrics *m, unsigned metric, const unsigned *labels,
		 int64_t value)
{
	atomic_store_explicit(series(m, metric, false, labels), value,
			      memory_order_relaxed);
}

void metrics_observe(struct metrics *m, unsigned metric, const unsigned *labels,
		     int64_t value)
{
	_Atomic int64_t *numbers = series(m, metric, true, labels);
	const struct family *f = &m->families[metric];
	const int64_t *bounds = m->table[metric].buckets;
	size_t i = 0;

	while (i < f->n_buckets && value > bounds[i])
		i++;
	add(&numbers[i], 1);
	add(&numbers[f->n_buckets + 1], value);
}

/* ---- text ---- */

/* One series while it is written. */
struct row {
	struct buf *out;
	const struct metric *metric;
	const struct family *family;
	size_t at; /* of the series */
};

static int64_t load(const _Atomic int64_t *number)
{
	return atomic_load_explicit(number, memory_order_relaxed);
}

/* Backslash and newline, in label values also the quote. */
static void put_escaped(struct buf *out, const char *s, bool quoted)
{
	for (; *s; s++) {
		if (*s == '\n')
			buf_puts(out, "\\n");
		else if (*s == '\\' || (quoted && *s == '"'))
			buf_printf(out, "\\%c", *s);
		else
			buf_putc(out, *s);
	}
}

static void put_number(struct buf *out, enum metric_unit unit, int64_t n)
{
	char digits[32];
	struct str text;
	uint64_t size = n < 0 ? -(uint64_t)n : (uint64_t)n;

	if (unit == METRIC_PLAIN) {
		buf_printf(out, "%" PRId64, n);
		return;
	}
	snprintf(digits, sizeof(digits), "%" PRIu64 ".%09" PRIu64,
		 size / (uint64_t)SECONDS, size % (uint64_t)SECONDS);
	text = str_of(digits);
	while (str_ends(text, STR("0")))
		text.n--;
	if (str_ends(text, STR(".")))
		text.n--;
	buf_puts(out, n < 0 ? "-" : "");
	buf_add(out, text);
}

/* "{a="x",le="0.1"}"; le NULL: none of that name. */
static void put_labels(const struct row *r, const int64_t *le)
{
	const struct family *f = r->family;
	size_t left = r->at, index[METRIC_LABELS_MAX] = { 0 };

	for (size_t i = f->n_labels; i-- > 0; left /= f->sizes[i])
		index[i] = left % f->sizes[i];
	if (!f->n_labels && !le)
		return;
	buf_putc(r->out, '{');
	for (size_t i = 0; i < f->n_labels; i++) {
		const struct metric_label *label = &r->metric->labels[i];

		buf_printf(r->out, "%s%s=\"", i ? "," : "", label->name);
		put_escaped(r->out, label->values[index[i]], true);
		buf_putc(r->out, '"');
	}
	if (le) {
		buf_puts(r->out, f->n_labels ? ",le=\"" : "le=\"");
		if (*le)
			put_number(r->out, r->metric->unit, *le);
		else
			buf_puts(r->out, "+Inf");
		buf_putc(r->out, '"');
	}
	buf_putc(r->out, '}');
}

static void put_line(const struct row *r, const char *suffix, const int64_t *le,
		     enum metric_unit unit, int64_t value)
{
	buf_puts(r->out, r->metric->name);
	buf_puts(r->out, suffix);
	put_labels(r, le);
	buf_putc(r->out, ' ');
	put_number(r->out, unit, value);
	buf_putc(r->out, '\n');
}

static void put_histogram(const struct row *r, const _Atomic int64_t *numbers)
{
	const struct family *f = r->family;
	int64_t sum = load(&numbers[f->n_buckets + 1]), count = 0;

	for (size_t i = 0; i <= f->n_buckets; i++) {
		count += load(&numbers[i]);
		put_line(r, "_bucket", &r->metric->buckets[i], METRIC_PLAIN,
			 count);
	}
	put_line(r, "_sum", NULL, r->metric->unit, sum);
	put_line(r, "_count", NULL, METRIC_PLAIN, count);
}

static bool touched(const struct family *f, const _Atomic int64_t *numbers)
{
	for (size_t i = 0; i < f->width; i++)
		if (load(&numbers[i]))
			return true;
	return f->n_labels == 0;
}

static void put_family(struct buf *out, const struct metric *m,
		       const struct family *f)
{
	static const char *const types[] = { "counter", "gauge", "histogram" };
	struct row r = { .out = out, .metric = m, .family = f };

	buf_printf(out, "# HELP %s ", m->name);
	put_escaped(out, m->help, false);
	buf_printf(out, "\n# TYPE %s %s\n", m->name, types[m->type]);
	for (; r.at < f->n_series; r.at++) {
		const _Atomic int64_t *numbers = f->numbers + r.at * f->width;

		if (!touched(f, numbers))
			continue;
		if (m->type == METRIC_HISTOGRAM)
			put_histogram(&r, numbers);
		else
			put_line(&r, "", NULL, m->unit, load(numbers));
	}
}

void metrics_write(const struct metrics *m, struct buf *out)
{
	for (size_t i = 0; i < m->n; i++)
		put_family(out, &m->table[i], &m->families[i]);
}
