/*
 * Has what lies at some paths changed? Asked once a second by whoever waits
 * anyway; no thread of its own.
 *
 * Looks at what the paths lead to: mounted Secrets and ConfigMaps are replaced
 * by turning a symbolic link, and the file itself never changes. A path may be
 * a folder: then all files below it count. A path that is not there counts as
 * a state like others.
 *
 * Not locked.
 */
#ifndef WEBHOOK_WATCH_FILES_H
#define WEBHOOK_WATCH_FILES_H

#include "lib/arena.h"

enum { WATCH_PATHS_MAX = 4 };

struct watch_files {
	const char *paths[WATCH_PATHS_MAX]; /* borrowed; NULL ends */
	uint64_t told; /* the state that was answered for last */
	uint64_t seen; /* the state at the last look */
};

/* Takes the state now as known. */
void watch_files_start(struct watch_files *w);

/*
 * True once for each change, when two looks in a row saw the same: whoever
 * writes several files one after the other is given the time.
 */
bool watch_files_changed(struct watch_files *w);

#endif
