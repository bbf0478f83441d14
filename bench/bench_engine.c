/*
 * Times the engine in process: one decision (fill, then judge) for a parsed
 * Sandbox of 4 KiB under the shipped tiers, and under a thousand; and reading
 * the same text, next to yajl alone on it. Medians of many batches, on the CPU
 * clock of this thread.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <yajl/yajl_parse.h>

#include "lib/file.h"
#include "lib/json_read.h"
#include "policies/engine.h"

enum { BATCHES = 41, PER_BATCH = 500, MANY_TIERS = 1000 };

/* 2026-11-21T06:00:00Z: the sample's shutdown time fits it. */
static const int64_t now = 1795240800;

struct sample {
	struct arena arena;
	struct str text;
	struct json doc;
	struct subject subject;
	struct engine engine;
};

static int64_t cpu_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

static int compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* Nanoseconds of one call, the median over batches. */
static int64_t median_of(void (*fn)(struct sample *s, struct arena *scratch),
			 struct sample *s)
{
	CLEANUP(arena_release) struct arena scratch = ARENA_INIT;
	int64_t took[BATCHES];

	for (size_t b = 0; b < BATCHES; b++) {
		int64_t start = cpu_ns();

		for (size_t i = 0; i < PER_BATCH; i++) {
			fn(s, &scratch);
			arena_reset(&scratch);
		}
		took[b] = (cpu_ns() - start) / PER_BATCH;
	}
	qsort(took, BATCHES, sizeof(*took), compare);
	return took[BATCHES / 2];
}

static void decide(struct sample *s, struct arena *scratch)
{
	struct subject filled = s->subject;
	struct decision d, judged;

	engine_mutate(scratch, &s->engine, &s->subject, &d);
	filled.object = &d.filled;
	engine_validate(scratch, &s->engine, &filled, &judged);
	if (d.verdict.n_fills || verdict_action(&judged.verdict) > ACTION_WARN)
		BUG("the sample is not compliant");
}

static void read_json(struct sample *s, struct arena *scratch)
{
	struct error err = ERROR_INIT;
	struct json doc;

	if (json_read(scratch, s->text, 0, NULL, &doc, &err) < 0)
		BUG("the sample does not read");
}

static void scan_with_yajl(struct sample *s, struct arena *scratch)
{
	yajl_handle h = yajl_alloc(NULL, NULL, NULL);

	(void)scratch;
	yajl_parse(h, (const unsigned char *)s->text.p, s->text.n);
	if (yajl_complete_parse(h) != yajl_status_ok)
		BUG("the sample does not parse");
	yajl_free(h);
}

static void load(struct sample *s, const char *path)
{
	struct error err = ERROR_INIT;
	struct snapshot *shipped = NULL;

	if (file_read(&s->arena, path, 1 << 20, &s->text, &err) < 0 ||
	    json_read(&s->arena, s->text, 0, NULL, &s->doc, &err) < 0 ||
	    snapshot_load_shipped(&shipped, &err) < 0) {
		fprintf(stderr, "%s\n", err.msg);
		exit(1);
	}
	s->engine.snapshot = shipped;
	s->engine.inventory = inventory_new();
	s->engine.now = now;
	s->subject = (struct subject){
		.group = STR(GROUP_AGENTS),
		.version = STR("v1beta1"),
		.kind = STR("Sandbox"),
		.ns = STR("team-a"),
		.name = STR("agent"),
		.user = { .groups = &json_missing },
		.object = &s->doc,
		.old_object = &json_missing,
	};
}

/* A thousand tiers, the one that governs the sample among them. */
static struct snapshot *many_tiers(struct sample *s)
{
	struct arena *a = &s->arena;
	struct snapshot_source *sources =
		arena_new(a, struct snapshot_source, MANY_TIERS + 1);
	struct error err = ERROR_INIT;
	struct snapshot *out = NULL;

	for (int i = 0; i <= MANY_TIERS; i++) {
		struct json *doc = arena_new(a, struct json, 1);
		struct str text =
			i < MANY_TIERS
				? arena_printf(
					  a,
					  "{\"apiVersion\":\"bulkhead.dev/"
					  "v1alpha1\",\"kind\":"
					  "\"IsolationTier\","
					  "\"metadata\":{\"name\":\"t%d\"},"
					  "\"spec\":{\"strength\":%d,"
					  "\"runtime\":"
					  "{\"classNames\":[\"gvisor\"]},"
					  "\"resources\":{\"defaults\":"
					  "{\"limits\":{\"cpu\":\"1\","
					  "\"memory\":\"1Gi\"}},\"max\":"
					  "{\"cpu\":\"2\",\"memory\":\"2Gi\"}},"
					  "\"lifecycle\":{\"ttl\":{\"default\":"
					  "\"1h\",\"max\":\"8h\"}}}}",
					  i, i)
				: STR("{\"apiVersion\":\"bulkhead.dev/"
				      "v1alpha1\","
				      "\"kind\":\"IsolationPolicy\","
				      "\"metadata\":"
				      "{\"name\":\"p\"},\"spec\":{"
				      "\"defaultTier\":"
				      "\"t500\"}}");

		if (json_read(a, text, 0, NULL, doc, &err) < 0)
			BUG("tier text");
		sources[i] = (struct snapshot_source){ doc, STR("bench") };
	}
	if (snapshot_load(sources, MANY_TIERS + 1, &out, &err) < 0) {
		fprintf(stderr, "%s\n", err.msg);
		exit(1);
	}
	return out;
}

static void figure(const char *name, double value, const char *unit,
		   double goal)
{
	printf("%-34s %8.2f %-6s goal <= %.2f %s\n", name, value, unit, goal,
	       value <= goal ? "met" : "missed");
}

int main(int argc, char **argv)
{
	struct sample s = { .arena = ARENA_INIT };
	double six, thousand, read, scan;

	if (argc != 2)
		return 2;
	load(&s, argv[1]);
	six = (double)median_of(decide, &s);
	read = (double)median_of(read_json, &s);
	scan = (double)median_of(scan_with_yajl, &s);
	s.engine.snapshot = many_tiers(&s);
	thousand = (double)median_of(decide, &s);
	figure("engine_decision_4k", six / 1000, "us", 5);
	figure("engine_decision_1000_tiers_ratio", thousand / six, "x", 1.25);
	figure("engine_decision_to_yajl_scan_ratio", six / scan, "x", 1.04);
	figure("json_read_to_yajl_scan_ratio", read / scan, "x", 2);
	return 0;
}
