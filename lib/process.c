/* Settings of the C library and the kernel that hold for a whole process. */
#include "lib/process.h"

#include <malloc.h>

void process_tame_memory(void)
{
	/* NOLINTBEGIN(concurrency-mt-unsafe): there is one thread so far */
	mallopt(M_MMAP_THRESHOLD, 128 << 10);
	mallopt(M_TRIM_THRESHOLD, 1 << 20);
	mallopt(M_ARENA_MAX, 2);
	/* NOLINTEND(concurrency-mt-unsafe) */
}

void process_block_signals(const int *signals, sigset_t *set)
{
	sigemptyset(set);
	for (; *signals; signals++)
		if (sigaddset(set, *signals) < 0)
			BUG("a signal");
	if (pthread_sigmask(SIG_BLOCK, set, NULL) ||
	    signal(SIGPIPE, SIG_IGN) == SIG_ERR)
		BUG("signals");
}
