/*
 * The stream of a watch: its query, its time-outs, and what the server says
 * when it ends badly. Lines and events are watch_lines.c and watch_event.c.
 */
#include "kube/watch.h"

#include <stdio.h>
#include <stdlib.h>

#include "kube/retry.h"
#include "kube/watch_event.h"
#include "kube/watch_lines.h"
#include "lib/json_read.h"

enum {
	LINE_MAX_DEFAULT = 4 << 20,
	TIMEOUT_MIN = 300, /* seconds; up to as much again, by chance */
	HEAD_MS = 30000,
	GRACE_MS = 60000,
};

struct kube_watch {
	struct kube_stream *stream;
	struct watch_lines lines;
	struct kube_watch_failure *failure;
	int64_t idle_ms;
	bool over;
	char what[80]; /* "watch sandboxes" */
};

/* A server that cannot cut objects down sends them whole. */
static const char accept_metadata[] =
	"application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,"
	"application/json";

static unsigned timeout_of(const struct kube_watch_options *options)
{
	if (options->timeout_seconds)
		return options->timeout_seconds;
	return TIMEOUT_MIN + (unsigned)(kube_chance() % (TIMEOUT_MIN + 1));
}

static struct str query(struct arena *a,
			const struct kube_watch_options *options,
			unsigned seconds)
{
	const struct {
		const char *key;
		struct str value;
	} rows[] = {
		{ "watch", STR("true") },
		{ "allowWatchBookmarks", STR("true") },
		{ "resourceVersion", options->resource_version },
		{ "timeoutSeconds", arena_printf(a, "%u", seconds) },
		{ "labelSelector", options->label_selector },
		{ "fieldSelector", options->field_selector },
	};
	struct str path = kube_resource_path(a, options->resource, options->ns,
					     STR_NONE, STR_NONE);

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (rows[i].value.n)
			path = kube_path_query(a, path, rows[i].key,
					       rows[i].value);
	return path;
}

static void tell_failure(const struct kube_watch *watch, unsigned status,
			 unsigned retry_after)
{
	if (watch->failure)
		*watch->failure = (struct kube_watch_failure){
			.status = status,
			.retry_after = retry_after,
		};
}

/* An answer that is no stream: a Status, or what a proxy says. */
static int refused(struct kube_watch *watch, struct arena *a,
		   const struct kube_transport_answer *answer,
		   struct error *err)
{
	struct json body = json_missing;
	struct error unread;
	struct str reason;

	if (json_read(a, answer->body, 0, NULL, &body, &unread) < 0)
		body = json_missing;
	tell_failure(watch, answer->status, answer->retry_after);
	kube_status_error(watch->what, answer->status, &body, &reason, err);
	if (answer->status == 410)
		err->code = ERR_GONE;
	return -1;
}

static int open_stream(struct kube_watch *watch, struct kube_client *client,
		       const struct kube_watch_options *options,
		       unsigned seconds, struct error *err)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	const struct kube_transport_request request = {
		.method = "GET",
		.path = query(&a, options, seconds),
		.accept = options->metadata_only ? accept_metadata : NULL,
		.timeout_ms = HEAD_MS,
	};
	struct kube_transport_answer answer = { .status = 0 };

	if (kube_stream_open(kube_client_transport(client), &a, &request,
			     &answer, &watch->stream,
			     err) != TRANSPORT_ANSWERED)
		return error_wrap(err, "%s", watch->what);
	if (!watch->stream)
		return refused(watch, &a, &answer, err);
	return 0;
}

int kube_watch_open(struct kube_client *client,
		    const struct kube_watch_options *options,
		    struct kube_watch **out, struct error *err)
{
	const unsigned seconds = timeout_of(options);
	struct kube_watch *watch = calloc(1, sizeof(*watch));

	*out = NULL;
	if (!watch) {
		fputs("fatal: out of memory\n", stderr);
		abort();
	}
	watch->failure = options->failure;
	watch->lines.max =
		options->line_max ? options->line_max : LINE_MAX_DEFAULT;
	watch->idle_ms = options->idle_ms ? options->idle_ms
					  : (int64_t)seconds * 1000 + GRACE_MS;
	snprintf(watch->what, sizeof(watch->what), "watch %s",
		 options->resource->plural);
	tell_failure(watch, 0, 0);
	if (open_stream(watch, client, options, seconds, err) < 0) {
		kube_watch_close(&watch);
		return -1;
	}
	*out = watch;
	return 0;
}

/* A whole number of the Status that fits; 0 when it is not there. */
static unsigned number_of(const struct json *v)
{
	int64_t n = 0;

	return json_int(v, &n) && n > 0 && n <= INT32_MAX ? (unsigned)n : 0;
}

/* Code and reason each mean "too old" on their own. */
static int error_event(const struct kube_watch *watch,
		       const struct json *status, struct error *err)
{
	const unsigned code = number_of(json_at(status, "code"));
	struct str reason = json_str(json_at(status, "reason"));
	const bool gone = code == 410 || str_is(reason, "Expired") ||
			  str_is(reason, "Gone");

	tell_failure(
		watch, code,
		number_of(json_at(status, "details", "retryAfterSeconds")));
	kube_status_error(watch->what, code ? code : 500, status, &reason, err);
	err->code = gone ? ERR_GONE : ERR_IO;
	return -1;
}

/* The arena keeps its own copy: the lines' buffer is written to again. */
static int read_line(const struct kube_watch *watch, struct arena *a,
		     struct str line, struct kube_event *event,
		     struct error *err)
{
	const int result = watch_event_read(a, arena_str(a, line), event, err);

	if (result < 0)
		return error_wrap(err, "%s", watch->what);
	return result ? result : error_event(watch, &event->object, err);
}

/* 1 when there are more bytes, 0 at the end. */
static int read_more(struct kube_watch *watch, struct error *err)
{
	size_t n;
	char *room = watch_lines_room(&watch->lines, &n);
	const int64_t got =
		kube_stream_read(watch->stream, room, n, watch->idle_ms, err);

	if (got < 0)
		return error_wrap(err, "%s", watch->what);
	watch_lines_fill(&watch->lines, (size_t)got);
	if (got == 0 && watch_lines_rest(&watch->lines))
		return error_set(err, ERR_IO,
				 "%s: the server ended inside an event",
				 watch->what);
	return got > 0;
}

static int next_event(struct kube_watch *watch, struct arena *a,
		      struct kube_event *event, struct error *err)
{
	struct str line;

	for (;;) {
		int result = watch_lines_next(&watch->lines, &line, err);

		if (result < 0)
			return error_wrap(err, "%s", watch->what);
		if (result && str_trim(line).n)
			return read_line(watch, a, line, event, err);
		if (!result && (result = read_more(watch, err)) <= 0)
			return result;
	}
}

int kube_watch_next(struct kube_watch *watch, struct arena *a,
		    struct kube_event *event, struct error *err)
{
	int result;

	if (watch->over)
		return error_set(err, ERR_IO, "%s: it is over", watch->what);
	result = next_event(watch, a, event, err);
	watch->over = result <= 0;
	return result;
}

void kube_watch_close(struct kube_watch **watch)
{
	if (!*watch)
		return;
	kube_stream_close(&(*watch)->stream);
	watch_lines_release(&(*watch)->lines);
	free(*watch);
	*watch = NULL;
}
