/* bulkhead-controller: options, the service, and a wait for signals. */
#include <signal.h>
#include <stdio.h>

#include "controller/service.h"
#include "lib/process.h"

enum { EXIT_CLEAN = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

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
	const int told[] = { SIGTERM, SIGINT, 0 };
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
	process_tame_memory();
	log_set_level(options.log_level);
	process_block_signals(told, &signals);
	return keep_until_told(&options, &signals);
}
