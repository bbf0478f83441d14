/*
 * What a server sets for its whole process: once, in main, before the first
 * thread starts. Nothing to release, no errors: what cannot fail here but for a
 * bug ends in BUG.
 */
#ifndef LIB_PROCESS_H
#define LIB_PROCESS_H

#include <signal.h>

#include "lib/base.h"

/*
 * For malloc of glibc: large blocks go back to the system at once, and threads
 * share two heaps, so that memory after a burst is what it was before.
 */
void process_tame_memory(void);

/*
 * Blocks signals (ended by 0), so that no thread started from now on is
 * interrupted by them: who wants them waits for *set, by sigwait or
 * sigtimedwait. SIGPIPE is ignored: writing to a closed connection is EPIPE.
 */
void process_block_signals(const int *signals, sigset_t *set);

#endif
