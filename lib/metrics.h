/*
 * Counters, gauges and histograms that a program lists in a const table, and
 * their text for Prometheus (exposition format 0.0.4).
 *
 * A label has a closed set of values, given by the table, so that no input can
 * grow the number of series: what does not fit the set is the program's to
 * name ("other"). All series exist from the start; those with labels are shown
 * once they were touched.
 *
 * Updates are atomic and lock-free, from any thread. Text written meanwhile
 * holds each number as of some moment during the writing.
 *
 *	static const struct metric table[] = {
 *		[REQUESTS] = { .name = "x_requests_total", .help = "Answers",
 *			       .type = METRIC_COUNTER,
 *			       .labels = { { "verdict", verdicts } } },
 *	};
 *	struct metrics *m = metrics_new(table, ARRAY_LEN(table));
 *	metrics_add(m, REQUESTS, METRIC_LABELS(VERDICT_DENIED), 1);
 */
#ifndef LIB_METRICS_H
#define LIB_METRICS_H

#include "lib/buf.h"

enum metric_type { METRIC_COUNTER, METRIC_GAUGE, METRIC_HISTOGRAM };

/* What the numbers are; how they are shown. */
enum metric_unit {
	METRIC_PLAIN,	    /* as they are: things, bytes, seconds */
	METRIC_NANOSECONDS, /* shown as seconds */
};

enum { METRIC_LABELS_MAX = 4, METRIC_BUCKETS_MAX = 24 };

struct metric_label {
	const char *name;
	const char *const *values; /* ended by NULL */
};

struct metric {
	const char *name, *help;
	enum metric_type type;
	enum metric_unit unit;
	struct metric_label labels[METRIC_LABELS_MAX]; /* name NULL ends */
	const int64_t *buckets; /* upper bounds, rising, ended by 0 */
};

/* 100 us to 10 s, for METRIC_NANOSECONDS. */
extern const int64_t metric_latency_buckets[];

/* Indices into the values of each label, in the order of the table. */
#define METRIC_LABELS(...) ((const unsigned[]){ __VA_ARGS__ })
#define METRIC_NO_LABELS NULL

struct metrics;

/* The table is borrowed for good. */
struct metrics *metrics_new(const struct metric *table, size_t n);
void metrics_free(struct metrics **m);

/* A counter; n only adds. BUG on an index or a type that the table denies. */
void metrics_add(struct metrics *m, unsigned metric, const unsigned *labels,
		 uint64_t n);
/* A gauge, or a counter that someone else counts. */
void metrics_set(struct metrics *m, unsigned metric, const unsigned *labels,
		 int64_t value);
/* A histogram. */
void metrics_observe(struct metrics *m, unsigned metric, const unsigned *labels,
		     int64_t value);

void metrics_write(const struct metrics *m, struct buf *out);

#endif
