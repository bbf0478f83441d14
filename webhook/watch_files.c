/* A fingerprint of what stat(2) says of each file. */
#include "webhook/watch_files.h"

#include <sys/stat.h>

#include "lib/file.h"

static void mix(uint64_t *h, uint64_t value)
{
	/* FNV-1a over the bytes: order counts. */
	for (int i = 0; i < 8; i++) {
		*h ^= (value >> (8 * i)) & 0xff;
		*h *= UINT64_C(0x100000001b3);
	}
}

static void mix_file(uint64_t *h, const char *path)
{
	struct stat st;

	for (const char *p = path; *p; p++)
		mix(h, (unsigned char)*p);
	if (stat(path, &st) < 0) {
		mix(h, 0);
		return;
	}
	mix(h, st.st_dev);
	mix(h, st.st_ino);
	mix(h, (uint64_t)st.st_size);
	mix(h, (uint64_t)st.st_mtim.tv_sec);
	mix(h, (uint64_t)st.st_mtim.tv_nsec);
	mix(h, (uint64_t)st.st_ctim.tv_sec);
	mix(h, (uint64_t)st.st_ctim.tv_nsec);
}

static void mix_path(uint64_t *h, const char *path)
{
	static const char *const any[] = { "", NULL };
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct file_list list = { .n = 0 };
	struct error err = ERROR_INIT;

	mix(h, 1);
	if (file_list(&a, path, any, &list, &err) < 0)
		return;
	for (size_t i = 0; i < list.n; i++)
		mix_file(h, list.paths[i].p);
}

static uint64_t look(const struct watch_files *w)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < WATCH_PATHS_MAX && w->paths[i]; i++)
		mix_path(&h, w->paths[i]);
	return h;
}

void watch_files_start(struct watch_files *w)
{
	w->told = w->seen = look(w);
}

bool watch_files_changed(struct watch_files *w)
{
	uint64_t now = look(w);
	bool calm = now == w->seen;

	w->seen = now;
	if (!calm || now == w->told)
		return false;
	w->told = now;
	return true;
}
