/*
 * bulkhead-webhook: options, both servers, and a loop that waits for signals
 * and looks once a second whether files have changed.
 */
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <time.h>

#include "lib/clock.h"
#include "lib/process.h"
#include "webhook/service.h"

enum { EXIT_CLEAN = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

static void raise_file_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &limit);
	}
}

/* 0 when no signal came within a second. */
static int wait_for_signal(const sigset_t *set)
{
	const struct timespec second = { .tv_sec = 1 };
	int got = sigtimedwait(set, NULL, &second);

	return got < 0 ? 0 : got;
}

/* Until SIGTERM or SIGINT, or the time is over. */
static void run(struct service *s, const sigset_t *signals, int64_t until)
{
	while (clock_monotonic_ns() < until) {
		int got = wait_for_signal(signals);

		if (got == SIGTERM || got == SIGINT)
			return;
		if (got == SIGHUP)
			log_event(LOG_INFO, "reading all files again");
		service_reload(s, got == SIGHUP);
	}
}

static int serve(const struct options *options, const sigset_t *signals)
{
	struct service s;
	struct error err = ERROR_INIT;

	service_init(&s, options);
	if (service_start(&s, &err) < 0) {
		log_event(LOG_ERROR, "cannot start",
			  LOG_STR("error", str_of(err.msg)));
		service_release(&s);
		return EXIT_FAILED;
	}
	log_event(LOG_INFO, "serving",
		  LOG_STR("reviews", http_server_address(s.reviews)),
		  LOG_STR("status", http_server_address(s.status)),
		  LOG_STR("version", STR(BULKHEAD_VERSION)));
	if (options->now)
		log_event(LOG_WARN, "judging as at another time: --now");
	run(&s, signals, INT64_MAX);
	log_event(LOG_INFO, "draining",
		  LOG_INT("grace_seconds", options->grace_seconds));
	service_drain(&s);
	/* A second signal cuts the grace short. */
	run(&s, signals,
	    clock_monotonic_ns() +
		    options->grace_seconds * INT64_C(1000000000));
	service_release(&s);
	log_event(LOG_INFO, "stopped");
	return EXIT_CLEAN;
}

int main(int argc, char **argv)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct options options;
	struct error err = ERROR_INIT;
	const int told[] = { SIGTERM, SIGINT, SIGHUP, 0 };
	sigset_t signals;

	if (options_parse(&a, argc - 1, argv + 1, &options, &err) < 0) {
		fprintf(stderr,
			"bulkhead-webhook: %s\n"
			"Try 'bulkhead-webhook --help'.\n",
			err.msg);
		return EXIT_USAGE;
	}
	if (options.help) {
		options_help(stdout);
		return EXIT_CLEAN;
	}
	if (options.version) {
		puts("bulkhead-webhook " BULKHEAD_VERSION);
		return EXIT_CLEAN;
	}
	process_tame_memory();
	raise_file_limit();
	log_set_level(options.log_level);
	process_block_signals(told, &signals);
	return serve(&options, &signals);
}
