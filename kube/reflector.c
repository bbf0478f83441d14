/* The thread of a reflector; reflector_turn.c is what runs in it. */
#include "kube/reflector.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "kube/reflector_turn.h"

enum {
	PAGE = 500,
	/*
	 * Trees have a capped depth and are read without recursion; TLS and
	 * name look-ups need most. Pages that nobody touches cost nothing.
	 */
	STACK = 512 << 10,
	VERSION_MAX = 4096,
};

struct kube_reflector {
	struct arena arena; /* of the options' text */
	struct kube_reflector_options options;
	struct reflector_shown *shown;
	pthread_t thread;
	struct reflector_turn turn; /* the thread's, once it runs */
};

static void *run(void *context)
{
	struct kube_reflector *r = context;

	while (!kube_stop_is_set(r->turn.stop))
		reflector_turn(&r->turn);
	reflector_shown_say(r->shown, "stopped");
	return NULL;
}

static void copy_options(struct kube_reflector *r,
			 const struct kube_reflector_options *options)
{
	r->options = *options;
	r->options.name = arena_str(&r->arena, options->name);
	r->options.ns = arena_str(&r->arena, options->ns);
	r->options.label_selector =
		arena_str(&r->arena, options->label_selector);
	r->options.field_selector =
		arena_str(&r->arena, options->field_selector);
	if (!r->options.page)
		r->options.page = PAGE;
	if (!r->options.wait_divisor)
		r->options.wait_divisor = 1;
}

static struct kube_reflector *
reflector_new(const struct kube_reflector_options *options,
	      const struct kube_stop *stop)
{
	struct kube_reflector *r = calloc(1, sizeof(*r));

	if (!r) {
		fputs("fatal: out of memory\n", stderr);
		abort();
	}
	copy_options(r, options);
	r->shown = reflector_shown_new();
	reflector_shown_say(r->shown, "starting");
	r->turn = (struct reflector_turn){
		.options = &r->options,
		.stop = stop,
		.shown = r->shown,
		.mirror = { .options = &r->options },
		.version = BUF_INIT(VERSION_MAX),
		.page = r->options.page,
	};
	return r;
}

static void reflector_free(struct kube_reflector **reflector)
{
	struct kube_reflector *r = *reflector;

	*reflector = NULL;
	kube_client_free(&r->turn.client);
	buf_release(&r->turn.version);
	arena_release(&r->turn.arena);
	reflector_shown_free(&r->shown);
	arena_release(&r->arena);
	free(r);
}

static int start_thread(struct kube_reflector *r, struct error *err)
{
	char name[16]; /* with its end: all that Linux shows of a thread */
	pthread_attr_t attr;
	int failure;

	if (pthread_attr_init(&attr) || pthread_attr_setstacksize(&attr, STACK))
		BUG("no attributes for a thread");
	failure = pthread_create(&r->thread, &attr, run, r);
	pthread_attr_destroy(&attr);
	if (failure)
		return error_set(
			err, ERR_IO, "cannot start a thread for %.*s: %s",
			STR_ARG(r->options.name), strerrordesc_np(failure));
	snprintf(name, sizeof(name), "%.*s", STR_ARG(r->options.name));
	pthread_setname_np(r->thread, name);
	return 0;
}

int kube_reflector_start(const struct kube_config *config,
			 const struct kube_client_options *client,
			 const struct kube_reflector_options *options,
			 struct kube_reflector **out, struct error *err)
{
	struct kube_reflector *r;

	*out = NULL;
	if (!client->stop)
		BUG("a reflector without a stop");
	r = reflector_new(options, client->stop);
	if (kube_client_new(config, client, &r->turn.client, err) < 0 ||
	    start_thread(r, err) < 0) {
		reflector_free(&r);
		return -1;
	}
	*out = r;
	return 0;
}

struct kube_reflector_state
kube_reflector_state(const struct kube_reflector *reflector)
{
	return reflector_shown_get(reflector->shown);
}

void kube_reflector_join(struct kube_reflector **reflector)
{
	if (!*reflector)
		return;
	if (pthread_join((*reflector)->thread, NULL))
		BUG("cannot wait for a reflector");
	reflector_free(reflector);
}
