/* Entries to Events. */
#include "kube/events_body.h"

#include <stdio.h>

#include "kube/micro_time.h"
#include "lib/json_build.h"

enum {
	NAME_OBJECT_MAX = 150,
	FIELD_MAX = 128, /* reason, action, reportingInstance */
};

const struct kube_resource kube_event_resource = {
	.group = "events.k8s.io",
	.version = "v1",
	.plural = "events",
	.kind = "Event",
	.namespaced = true,
};

/* ---- text ---- */

static struct str without_bad_bytes(struct arena *a, struct str s)
{
	struct str copy = arena_str(a, s);
	char *p = arena_raw(a, s.n + 1, 1);
	size_t from = 0, at;

	memcpy(p, copy.p, copy.n + 1);
	while (!json_utf8_valid((struct str){ p + from, s.n - from }, &at)) {
		p[from + at] = '?';
		from += at + 1;
	}
	return (struct str){ p, s.n };
}

/* Not into the middle of a character. */
static size_t cut_at(struct str s, size_t n)
{
	while (n > 0 && ((unsigned char)s.p[n] & 0xc0) == 0x80)
		n--;
	return n;
}

struct str event_text(struct arena *a, struct str s, size_t max)
{
	/* Cut first: what is left out need not be looked at. */
	bool long_one = s.n > max;

	s = without_bad_bytes(a, str_sub(s, 0, max + 1));
	if (!long_one)
		return s;
	return arena_printf(a, "%.*s...", (int)cut_at(s, max - 3), s.p);
}

/* ---- name ---- */

static bool is_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static char lower(char c)
{
	return (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

/* "." alone stays; all else between letters and digits is written "-". */
static size_t add_subdomain(char *out, struct str name)
{
	size_t n = 0, gap = 0, i;

	name = str_sub(name, 0, NAME_OBJECT_MAX);
	for (i = 0; i < name.n; i++) {
		char c = lower(name.p[i]);

		if (!is_alnum(c)) {
			gap++;
			continue;
		}
		if (gap && n)
			out[n++] = gap == 1 && name.p[i - 1] == '.' ? '.' : '-';
		gap = 0;
		out[n++] = c;
	}
	return n;
}

/* FNV-1a: names need to differ, nobody gains from making them alike. */
static uint64_t mix(uint64_t hash, const void *bytes, size_t n)
{
	const unsigned char *p = bytes;

	for (size_t i = 0; i < n; i++)
		hash = (hash ^ p[i]) * UINT64_C(0x100000001b3);
	return hash;
}

void event_name_make(struct event_entry *entry, struct str instance,
		     int64_t first_wall_us)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);
	size_t n = add_subdomain(entry->event_name, entry->name);

	hash = mix(hash, &first_wall_us, sizeof(first_wall_us));
	hash = mix(hash, &entry->serial, sizeof(entry->serial));
	hash = mix(hash, entry->key.p, entry->key.n);
	hash = mix(hash, instance.p, instance.n);
	(void)snprintf(entry->event_name + n, sizeof(entry->event_name) - n,
		       "%s%016llx", n ? "." : "", (unsigned long long)hash);
}

/* ---- bodies ---- */

struct str event_namespace(const struct kube_events_options *options,
			   const struct event_entry *entry)
{
	return entry->ns.n ? entry->ns : options->cluster_ns;
}

int64_t event_wall_us(const struct event_wall *wall, int64_t ns)
{
	return wall->wall_us - (wall->now_ns - ns) / 1000;
}

static void add(struct arena *a, struct json *object, const char *key,
		struct str value)
{
	if (value.n)
		json_add(a, object, str_of(key), json_make_string(value));
}

static struct json series(struct arena *a, const struct event_pick *pick,
			  const struct event_wall *wall)
{
	struct json series = json_make_object();

	json_add(a, &series, STR("count"), json_make_int(a, pick->count));
	add(a, &series, "lastObservedTime",
	    kube_micro_time(a, event_wall_us(wall, pick->last_ns)));
	return series;
}

static struct json regarding(struct arena *a, const struct event_entry *e)
{
	struct json object = json_make_object();

	add(a, &object, "apiVersion", e->api_version);
	add(a, &object, "kind", e->kind);
	add(a, &object, "namespace", e->ns);
	add(a, &object, "name", e->name);
	add(a, &object, "uid", e->uid);
	return object;
}

struct json event_body(struct arena *a,
		       const struct kube_events_options *options,
		       const struct event_pick *pick,
		       const struct event_wall *wall)
{
	const struct event_entry *e = pick->entry;
	struct json body = json_make_object();
	struct json metadata = json_make_object();

	add(a, &metadata, "name", str_of(e->event_name));
	add(a, &metadata, "namespace", event_namespace(options, e));
	add(a, &body, "apiVersion",
	    kube_resource_api_version(a, &kube_event_resource));
	add(a, &body, "kind", str_of(kube_event_resource.kind));
	json_add(a, &body, STR("metadata"), metadata);
	add(a, &body, "eventTime",
	    kube_micro_time(a, event_wall_us(wall, e->first_ns)));
	/* A series has two or more (validateV1EventSeries). */
	if (pick->count > 1)
		json_add(a, &body, STR("series"), series(a, pick, wall));
	add(a, &body, "reportingController", options->controller);
	add(a, &body, "reportingInstance",
	    event_text(a, options->instance, FIELD_MAX));
	add(a, &body, "action", event_text(a, e->action, FIELD_MAX));
	add(a, &body, "reason", event_text(a, e->reason, FIELD_MAX));
	json_add(a, &body, STR("regarding"), regarding(a, e));
	add(a, &body, "note", e->note);
	add(a, &body, "type", e->warning ? STR("Warning") : STR("Normal"));
	return body;
}

struct json event_series_patch(struct arena *a, const struct event_pick *pick,
			       const struct event_wall *wall)
{
	struct json patch = json_make_object();

	json_add(a, &patch, STR("series"), series(a, pick, wall));
	return patch;
}
