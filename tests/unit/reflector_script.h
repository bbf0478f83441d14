/*
 * A reflector of Sandboxes before a scripted server, and a record of what it
 * tells: "+" a name and its version, "-" when it is gone, "=" after a list.
 */
#ifndef TESTS_UNIT_REFLECTOR_SCRIPT_H
#define TESTS_UNIT_REFLECTOR_SCRIPT_H

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "kube/reflector.h"
#include "lib/buf.h"
#include "lib/clock.h"
#include "tests/fake/script.h"

enum { WAIT_S = 60 };

#define GROUP "agents.x-k8s.io"
#define BETA "/apis/" GROUP "/v1beta1"
#define ALPHA "/apis/" GROUP "/v1alpha1"

#define HEAD                                                                   \
	"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"                \
	"Connection: close\r\n\r\n"
#define STATUS(code, reason)                                                   \
	"HTTP/1.1 " code " X\r\nContent-Type: application/json\r\n"            \
	"Connection: close\r\n\r\n"                                            \
	"{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\","   \
	"\"message\":\"said so\",\"reason\":\"" reason "\",\"code\":" code "}"
#define OBJECT(ns, name, version, more)                                        \
	"{\"metadata\":{\"namespace\":\"" ns "\",\"name\":\"" name             \
	"\",\"resourceVersion\":\"" version "\"}" more "}"
#define A(name, version) OBJECT("n", name, version, "")
#define LIST(version, token, items)                                            \
	HEAD "{\"kind\":\"SandboxList\",\"metadata\":{\"resourceVersion\":"    \
	     "\"" version "\",\"continue\":\"" token "\"},\"items\":[" items   \
	     "]}"
#define EVENT(type, object) "{\"type\":\"" type "\",\"object\":" object "}\n"
#define BOOKMARK(version)                                                      \
	EVENT("BOOKMARK",                                                      \
	      "{\"metadata\":{\"resourceVersion\":\"" version "\"}}")
#define ERROR_EVENT(code, reason)                                              \
	EVENT("ERROR", "{\"kind\":\"Status\",\"apiVersion\":\"v1\","           \
		       "\"reason\":\"" reason "\",\"code\":" code "}")

#define RESOURCES(namespaced)                                                  \
	HEAD "{\"kind\":\"APIResourceList\",\"resources\":["                   \
	     "{\"name\":\"sandboxes/status\",\"namespaced\":true,"             \
	     "\"kind\":\"Sandbox\"},{\"name\":\"sandboxes\","                  \
	     "\"namespaced\":" namespaced ",\"kind\":\"Sandbox\"}]}"

/* Steps: to be asked, and the answer. */
#define TO(path, what)                                                         \
	{                                                                      \
		.expect = "GET " path, .answer = (what), .close = true         \
	}
#define DISCOVER TO(BETA " HTTP", RESOURCES("true"))
#define NO_BETA TO(BETA " HTTP", STATUS("404", "NotFound"))
#define NO_ALPHA TO(ALPHA " HTTP", STATUS("404", "NotFound"))
#define LISTS(what) TO(BETA "/sandboxes?limit=500 HTTP", what)
#define PAGE_AT(token, what)                                                   \
	{                                                                      \
		.expect = "GET " BETA "/sandboxes?",                           \
		.holds = "continue=" token, .answer = (what), .close = true    \
	}
#define WATCH(version, what)                                                   \
	{                                                                      \
		.expect = "GET " BETA "/sandboxes?watch=true",                 \
		.holds = "&resourceVersion=" version "&", .answer = (what),    \
		.close = true                                                  \
	}
#define LAST(version, what)                                                    \
	{                                                                      \
		.expect = "GET " BETA "/sandboxes?watch=true",                 \
		.holds = "&resourceVersion=" version "&", .answer = HEAD what, \
		.linger = true                                                 \
	}
#define END                                                                    \
	{                                                                      \
		.expect = NULL                                                 \
	}

/* What is told, written down; the reflector's thread writes, we read. */
struct told {
	pthread_mutex_t lock;
	struct buf text;
};

struct fixture {
	struct fake_script *script;
	struct kube_stop *stop;
	struct inventory *inventory;
	struct kube_reflector *reflector;
	struct told told;
};

static inline void note(struct told *told, char sign, const struct str *name,
			struct str version)
{
	pthread_mutex_lock(&told->lock);
	buf_putc(&told->text, sign);
	if (name)
		buf_printf(&told->text, "%.*s@%.*s", STR_ARG(*name),
			   STR_ARG(version));
	buf_putc(&told->text, ' ');
	pthread_mutex_unlock(&told->lock);
}

static inline void changed(void *context, const struct inventory_object *object,
			   bool removed)
{
	struct fixture *f = context;
	const struct inventory_object *now =
		inventory_get(f->inventory, object->group, object->kind,
			      object->ns, object->name);

	/* The inventory was first. */
	if ((now != NULL) == removed)
		BUG("told before it was so");
	inventory_object_unref(&now);
	note(&f->told, removed ? '-' : '+', &object->name,
	     json_str(json_at(&object->doc, "metadata", "resourceVersion")));
}

static inline void listed(void *context)
{
	struct fixture *f = context;

	if (!inventory_is_known(f->inventory, STR(GROUP), STR("Sandbox")))
		BUG("listed before it was known");
	note(&f->told, '=', NULL, STR_NONE);
}

static inline void set_up(struct fixture *f, const struct fake_step *steps,
			  struct kube_reflector_options options)
{
	static const char *const versions[] = { "v1beta1", "v1alpha1", NULL };
	struct kube_client_options client = { .user_agent = "test",
					      .field_manager = "test" };
	struct kube_config config = { .context = STR("test") };
	struct error err;

	*f = (struct fixture){
		.script = fake_script_start(steps),
		.stop = kube_stop_new(),
		.inventory = inventory_new(),
		.told = { .lock = PTHREAD_MUTEX_INITIALIZER,
			  .text = BUF_INIT(1 << 16) },
	};
	config.server = str_of(fake_script_url(f->script));
	client.stop = f->stop;
	options.name = STR("sandboxes");
	options.group = GROUP;
	options.kind = "Sandbox";
	options.versions = versions;
	options.inventory = f->inventory;
	options.changed = changed;
	options.listed = listed;
	options.context = f;
	if (kube_reflector_start(&config, &client, &options, &f->reflector,
				 &err) < 0)
		fail_msg("%s", err.msg);
}

/* The first complaint of the script, or NULL. */
static inline const char *tear_down(struct fixture *f)
{
	const char *complaint;

	kube_stop_set(f->stop);
	kube_reflector_join(&f->reflector);
	complaint = fake_script_stop(&f->script);
	kube_stop_free(&f->stop);
	inventory_free(&f->inventory);
	buf_release(&f->told.text);
	pthread_mutex_destroy(&f->told.lock);
	return complaint;
}

static inline bool is_told(struct fixture *f, const char *want)
{
	bool is;

	pthread_mutex_lock(&f->told.lock);
	is = str_is(buf_str(&f->told.text), want);
	pthread_mutex_unlock(&f->told.lock);
	return is;
}

/* Until so many steps are answered and this is told; NULL: anything. */
static inline void wait_for(struct fixture *f, const char *name, size_t steps,
			    const char *want)
{
	const int64_t until =
		clock_monotonic_ns() + WAIT_S * INT64_C(1000000000);

	while (fake_script_done(f->script) < steps ||
	       (want && !is_told(f, want))) {
		if (clock_monotonic_ns() > until)
			fail_msg("%s: %zu of %zu steps; told: %s; says: %s",
				 name, fake_script_done(f->script), steps,
				 buf_str(&f->told.text).p,
				 kube_reflector_state(f->reflector).says);
		kube_stop_wait(f->stop, 2);
	}
}

static inline size_t count(const struct fake_step *steps)
{
	size_t n = 0;

	while (steps[n].expect)
		n++;
	return n;
}

#define STEPS(...)                                                             \
	(const struct fake_step[])                                             \
	{                                                                      \
		__VA_ARGS__, END                                               \
	}
#define FIRST_LIST LISTS(LIST("7", "", A("a", "5") "," A("b", "6")))
#define TOLD_FIRST "+a@5 +b@6 = "
/* Of the first list: a stays, b has changed, or is gone; c is new. */
#define NEXT_LIST LISTS(LIST("20", "", A("a", "5") "," A("b", "18")))
#define TOLD_NEXT "+b@18 = "

#endif
