/* A stream gives the same events wherever it is cut; first byte: the cuts. */
#include "kube/watch_event.h"
#include "kube/watch_lines.h"
#include "lib/json_write.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void note(struct buf *out, struct str line)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct kube_event event = { .type = KUBE_ADDED };
	struct error err = ERROR_INIT;
	const int result = watch_event_read(&a, line, &event, &err);

	buf_printf(out, "%d %d %s\n", result, (int)event.type, err.msg);
	if (result > 0)
		json_write(out, &event.object);
}

static void follow(struct buf *out, struct str text, size_t piece)
{
	CLEANUP(watch_lines_release)
	struct watch_lines lines = WATCH_LINES_INIT(2000);
	struct str line;
	struct error err;
	int result;

	for (size_t at = 0, n = 1; n; at += n) {
		while ((result = watch_lines_next(&lines, &line, &err)) > 0)
			note(out, line);
		char *room = result < 0 ? NULL : watch_lines_room(&lines, &n);
		n = room ? (n < text.n - at ? n : text.n - at) : 0;
		n = n < piece ? n : piece;
		if (n)
			memcpy(room, text.p + at, n);
		watch_lines_fill(&lines, n);
	}
	buf_printf(out, "%d", result);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	CLEANUP(buf_release) struct buf whole = BUF_INIT(64 << 20);
	CLEANUP(buf_release) struct buf cut = BUF_INIT(64 << 20);
	struct str text = { (const char *)data + 1, n - 1 };

	if (n < 2)
		return 0;
	follow(&whole, text, SIZE_MAX);
	follow(&cut, text, data[0] + 1U);
	if (!str_eq(buf_str(&whole), buf_str(&cut)))
		BUG("the cuts change the events");
	return 0;
}
