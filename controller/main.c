/* bulkhead-controller: options, the service, and a wait for signals. */
#include <malloc.h>
#include <signal.h>
#include <stdio.h>

#include "controller/service.h"

enum { EXIT_CLEAN = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

/* Large blocks go back to the system at once, and heaps stay few. */
static void tame_memory(void)
{
	/* NOLINTBEGIN(concurrency-mt-unsafe): there is one thread so far */
	mallopt(M_MMAP_THRESHOLD, 128 << 10);
	mallopt(M_TRIM_THRESHOLD, 1 << 20);
	mallopt(M_ARENA_MAX, 2);
	/* NOLINTEND(concurrency-mt-unsafe) */
}

/* Blocked before any thread starts: only main takes them. */
static void block_signals(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGINT);
	if (pthread_sigmask(SIG_BLOCK, set, NULL) ||
	    signal(SIGPIPE, SIG_IGN) == SIG_ERR)
		BUG("signals");
}

static int keep_until_told(const struct options *options,
			   const sigset_t *signals)
{
	struct service s;
	struct error err = ERROR_INIT;
	int got, result = EXIT_CLEAN;

	if (service_start(&s, options, &err) < 0) {
		log_event(LOG_ERROR, "cannot start",
			  LOG_STR("error", str_of(err.msg)));
		result = EXIT_FAILED;
	} else {
		log_event(LOG_INFO, "started",
			  LOG_STR("status", http_server_address(s.status)),
			  LOG_STR("version", STR(BULKHEAD_VERSION)));
		if (sigwait(signals, &got))
			BUG("sigwait");
		log_event(LOG_INFO, "stopping");
	}
	service_stop(&s);
	return result;
}

int main(int argc, char **argv)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct options options;
	struct error err = ERROR_INIT;
	sigset_t signals;

	if (options_parse(&a, argc - 1, argv + 1, &options, &err) < 0) {
		fprintf(stderr,
			"bulkhead-controller: %s\n"
			"Try 'bulkhead-controller --help'.\n",
			err.msg);
		return EXIT_USAGE;
	}
	if (options.help) {
		options_help(stdout);
		return EXIT_CLEAN;
	}
	if (options.version) {
		puts("bulkhead-controller " BULKHEAD_VERSION);
		return EXIT_CLEAN;
	}
	tame_memory();
	log_set_level(options.log_level);
	block_signals(&signals);
	return keep_until_told(&options, &signals);
}
