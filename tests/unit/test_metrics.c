/* lib/metrics.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <string.h>

#include "lib/metrics.h"

enum { REQUESTS, OPEN, LATENCY, SIZES, BUILD };

static const char *const colours[] = { "red", "a\"b\\c\nd", NULL };
static const char *const sizes[] = { "small", "big", "huge", NULL };
static const char *const version[] = { "0.1", NULL };
static const int64_t byte_buckets[] = { 10, 100, 0 };

static const struct metric table[] = {
	[REQUESTS] = { .name = "t_requests_total",
		       .help = "Requests\\ by\ncolour",
		       .type = METRIC_COUNTER,
		       .labels = { { "colour", colours }, { "size", sizes } } },
	[OPEN] = { .name = "t_open", .help = "Open", .type = METRIC_GAUGE },
	[LATENCY] = { .name = "t_seconds",
		      .help = "Time",
		      .type = METRIC_HISTOGRAM,
		      .unit = METRIC_NANOSECONDS,
		      .buckets = metric_latency_buckets },
	[SIZES] = { .name = "t_bytes",
		    .help = "Size",
		    .type = METRIC_HISTOGRAM,
		    .buckets = byte_buckets,
		    .labels = { { "size", sizes } } },
	[BUILD] = { .name = "t_build_info",
		    .help = "Build",
		    .type = METRIC_GAUGE,
		    .labels = { { "version", version } } },
};

static struct metrics *m;
static struct buf out = BUF_INIT(1 << 20);

static int set_up(void **state)
{
	(void)state;
	m = metrics_new(table, ARRAY_LEN(table));
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	metrics_free(&m);
	buf_release(&out);
	out = (struct buf)BUF_INIT(1 << 20);
	return 0;
}

static void wanted(const char *line)
{
	buf_clear(&out);
	metrics_write(m, &out);
	if (!strstr(out.p, line))
		fail_msg("no \"%s\" in:\n%s", line, out.p);
}

static void unwanted(const char *line)
{
	buf_clear(&out);
	metrics_write(m, &out);
	if (strstr(out.p, line))
		fail_msg("\"%s\" in:\n%s", line, out.p);
}

static void help_and_type_stand_before_each_family(void **state)
{
	(void)state;
	wanted("# HELP t_requests_total Requests\\\\ by\\ncolour\n"
	       "# TYPE t_requests_total counter\n");
	wanted("# HELP t_open Open\n# TYPE t_open gauge\nt_open 0\n");
	wanted("# TYPE t_seconds histogram\n");
}

static void label_values_are_escaped(void **state)
{
	(void)state;
	metrics_add(m, REQUESTS, METRIC_LABELS(1, 2), 3);
	wanted("\nt_requests_total{colour=\"a\\\"b\\\\c\\nd\",size=\"huge\"} 3"
	       "\n");
}

static void untouched_series_with_labels_are_not_shown(void **state)
{
	(void)state;
	metrics_add(m, REQUESTS, METRIC_LABELS(0, 1), 1);
	wanted("t_requests_total{colour=\"red\",size=\"big\"} 1\n");
	unwanted("size=\"small\"");
	unwanted("t_build_info{");
	metrics_set(m, BUILD, METRIC_LABELS(0), 1);
	wanted("t_build_info{version=\"0.1\"} 1\n");
}

static void gauges_go_both_ways(void **state)
{
	(void)state;
	metrics_set(m, OPEN, METRIC_NO_LABELS, 7);
	wanted("\nt_open 7\n");
	metrics_set(m, OPEN, METRIC_NO_LABELS, -2);
	wanted("\nt_open -2\n");
}

static void nanoseconds_are_shown_as_seconds(void **state)
{
	(void)state;
	metrics_observe(m, LATENCY, METRIC_NO_LABELS, 100000);
	metrics_observe(m, LATENCY, METRIC_NO_LABELS, 100001);
	metrics_observe(m, LATENCY, METRIC_NO_LABELS, INT64_C(11000000000));
	wanted("t_seconds_bucket{le=\"0.0001\"} 1\n"
	       "t_seconds_bucket{le=\"0.00025\"} 2\n");
	wanted("t_seconds_bucket{le=\"1\"} 2\n");
	wanted("t_seconds_bucket{le=\"2.5\"} 2\n");
	wanted("t_seconds_bucket{le=\"10\"} 2\n"
	       "t_seconds_bucket{le=\"+Inf\"} 3\n"
	       "t_seconds_sum 11.000200001\nt_seconds_count 3\n");
}

static void buckets_have_their_labels_before_le(void **state)
{
	(void)state;
	metrics_observe(m, SIZES, METRIC_LABELS(1), 10);
	metrics_observe(m, SIZES, METRIC_LABELS(1), 11);
	wanted("t_bytes_bucket{size=\"big\",le=\"10\"} 1\n"
	       "t_bytes_bucket{size=\"big\",le=\"100\"} 2\n"
	       "t_bytes_bucket{size=\"big\",le=\"+Inf\"} 2\n"
	       "t_bytes_sum{size=\"big\"} 21\nt_bytes_count{size=\"big\"} 2\n");
}

enum { THREADS = 4, ROUNDS = 20000 };

static void *work(void *unused)
{
	(void)unused;
	for (int i = 0; i < ROUNDS; i++) {
		metrics_add(m, REQUESTS, METRIC_LABELS(0, 0), 1);
		metrics_observe(m, SIZES, METRIC_LABELS(0), 50);
	}
	return NULL;
}

static void no_update_is_lost_between_threads(void **state)
{
	pthread_t threads[THREADS];

	(void)state;
	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, work, NULL),
				 0);
	buf_clear(&out);
	metrics_write(m, &out);
	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	wanted("t_requests_total{colour=\"red\",size=\"small\"} 80000\n");
	wanted("t_bytes_count{size=\"small\"} 80000\n");
	wanted("t_bytes_sum{size=\"small\"} 4000000\n");
}

static void text_beyond_the_cap_is_a_failure(void **state)
{
	struct buf small = BUF_INIT(100);

	(void)state;
	metrics_write(m, &small);
	assert_true(buf_failed(&small));
	buf_release(&small);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(help_and_type_stand_before_each_family),
		TEST(label_values_are_escaped),
		TEST(untouched_series_with_labels_are_not_shown),
		TEST(gauges_go_both_ways),
		TEST(nanoseconds_are_shown_as_seconds),
		TEST(buckets_have_their_labels_before_le),
		TEST(no_update_is_lost_between_threads),
		TEST(text_beyond_the_cap_is_a_failure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
