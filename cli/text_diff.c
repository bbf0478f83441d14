/*
 * Common lines at both ends are cut off, the rest goes through Myers' greedy
 * algorithm: the furthest point on each diagonal after d changes, with every
 * round kept for the way back. After DIFF_STEPS_MAX rounds it settles for the
 * furthest point of all and begins anew from there.
 */
#include "cli/text_diff.h"

static const size_t context = 3;

struct lines {
	struct str *v; /* line feed included, where there is one */
	bool *changed; /* removed, or added */
	size_t n;
};

/* ---- lines ---- */

static struct lines cut(struct arena *a, struct str text)
{
	struct lines l = { .n = 0 };
	size_t feeds = 0, at = 0;

	for (size_t i = 0; i < text.n; i++)
		feeds += text.p[i] == '\n';
	l.v = arena_new(a, struct str, feeds + 1);
	l.changed = arena_new(a, bool, feeds + 1);
	while (at < text.n) {
		struct str rest = str_sub(text, at, text.n);
		size_t n = str_find(rest, '\n');

		n += n < rest.n;
		l.v[l.n++] = str_sub(rest, 0, n);
		at += n;
	}
	return l;
}

/* A part of both texts. */
struct span {
	struct lines *x, *y;
	size_t x0, x1, y0, y1; /* from, to (exclusive) */
};

static void skip_common(struct span *s)
{
	while (s->x0 < s->x1 && s->y0 < s->y1 &&
	       str_eq(s->x->v[s->x0], s->y->v[s->y0])) {
		s->x0++;
		s->y0++;
	}
	while (s->x0 < s->x1 && s->y0 < s->y1 &&
	       str_eq(s->x->v[s->x1 - 1], s->y->v[s->y1 - 1])) {
		s->x1--;
		s->y1--;
	}
}

/* ---- the shortest script ---- */

struct search {
	const struct span *span;
	ptrdiff_t n, m;	    /* lines of x, of y */
	ptrdiff_t **rounds; /* round d: furthest x on diagonals -d..d, at +d */
};

/* The furthest x on diagonal k before round d's own snake. */
static ptrdiff_t step(const struct search *s, ptrdiff_t d, ptrdiff_t k,
		      bool *down)
{
	const ptrdiff_t *last;

	*down = true;
	if (d == 0)
		return 0;
	last = s->rounds[d - 1] + (d - 1);
	*down = k == -d || (k != d && last[k - 1] < last[k + 1]);
	return *down ? last[k + 1] : last[k - 1] + 1;
}

static ptrdiff_t slide(const struct search *s, ptrdiff_t x, ptrdiff_t k)
{
	const struct span *p = s->span;

	while (x < s->n && x - k < s->m && x >= k &&
	       str_eq(p->x->v[p->x0 + (size_t)x],
		      p->y->v[p->y0 + (size_t)(x - k)]))
		x++;
	return x;
}

/* Marks what led to the furthest point on diagonal k in round d. */
static void walk_back(const struct search *s, ptrdiff_t d, ptrdiff_t k)
{
	const struct span *p = s->span;
	bool down;

	for (; d > 0; d--) {
		ptrdiff_t x = step(s, d, k, &down);

		if (down)
			p->y->changed[p->y0 + (size_t)(x - k - 1)] = true;
		else
			p->x->changed[p->x0 + (size_t)(x - 1)] = true;
		k += down ? 1 : -1;
	}
}

/* Round d: the diagonal on which the end was reached, or n + 1. */
static ptrdiff_t play(const struct search *s, ptrdiff_t d)
{
	bool down;

	for (ptrdiff_t k = -d; k <= d; k += 2) {
		ptrdiff_t x = slide(s, step(s, d, k, &down), k);

		s->rounds[d][k + d] = x;
		if (x >= s->n && x - k >= s->m)
			return k;
	}
	return s->n + 1;
}

/* The diagonal that got furthest in round d without leaving the texts. */
static ptrdiff_t furthest(const struct search *s, ptrdiff_t d)
{
	ptrdiff_t best = 0, most = -1;

	for (ptrdiff_t k = -d; k <= d; k += 2) {
		ptrdiff_t x = s->rounds[d][k + d];

		if (x <= s->n && x - k <= s->m && 2 * x - k > most) {
			most = 2 * x - k;
			best = k;
		}
	}
	if (most < 0)
		BUG("no way through the texts");
	return best;
}

/* Marks the changes at the start of span, or all; cuts them off. */
static void search(struct arena *a, struct span *span)
{
	struct search s = {
		.span = span,
		.n = (ptrdiff_t)(span->x1 - span->x0),
		.m = (ptrdiff_t)(span->y1 - span->y0),
		.rounds = arena_new(a, ptrdiff_t *, DIFF_STEPS_MAX + 1),
	};
	ptrdiff_t d = -1, k, x;

	do {
		d++;
		s.rounds[d] = arena_new(a, ptrdiff_t, 2 * (size_t)d + 1);
		k = play(&s, d);
	} while (k > s.n && d < DIFF_STEPS_MAX);
	if (k > s.n)
		k = furthest(&s, d);
	x = s.rounds[d][k + d];
	walk_back(&s, d, k);
	span->x0 += (size_t)x;
	span->y0 += (size_t)(x - k);
}

/* ---- hunks ---- */

/* A line of the output: ' ', '-' or '+'. */
struct entry {
	char sign;
	struct str line;
};

struct script {
	struct entry *v;
	size_t n;
};

static struct script script_of(struct arena *a, const struct lines *x,
			       const struct lines *y)
{
	struct script s = { arena_new(a, struct entry, x->n + y->n + 1), 0 };
	size_t i = 0, j = 0;

	while (i < x->n || j < y->n) {
		if (i < x->n && x->changed[i]) {
			s.v[s.n++] = (struct entry){ '-', x->v[i++] };
		} else if (j < y->n && y->changed[j]) {
			s.v[s.n++] = (struct entry){ '+', y->v[j++] };
		} else {
			s.v[s.n++] = (struct entry){ ' ', x->v[i++] };
			j++;
		}
	}
	return s;
}

static const char *color_of(char sign)
{
	switch (sign) {
	case '-':
		return "\033[31m";
	case '+':
		return "\033[32m";
	case '@':
		return "\033[36m";
	default:
		return "";
	}
}

static void write_line(struct buf *out, char sign, struct str line, bool color)
{
	bool feed = str_ends(line, STR("\n"));
	const char *start = color ? color_of(sign) : "";

	buf_puts(out, start);
	if (sign != '@')
		buf_putc(out, sign);
	buf_add(out, str_sub(line, 0, line.n - feed));
	if (*start)
		buf_puts(out, "\033[m");
	buf_putc(out, '\n');
	if (!feed && sign != '@')
		buf_puts(out, "\\ No newline at end of file\n");
}

/* "-12,7": nothing at all counts from the line before. */
static struct str range(struct arena *a, char sign, size_t from, size_t n)
{
	if (n == 1)
		return arena_printf(a, "%c%zu", sign, from + 1);
	return arena_printf(a, "%c%zu,%zu", sign, from + (n > 0), n);
}

static void write_hunk(struct arena *a, struct buf *out, const struct entry *v,
		       size_t n, size_t line_x, size_t line_y, bool color)
{
	size_t nx = 0, ny = 0;
	struct str head;

	for (size_t i = 0; i < n; i++) {
		nx += v[i].sign != '+';
		ny += v[i].sign != '-';
	}
	head = arena_printf(a, "@@ %.*s %.*s @@",
			    STR_ARG(range(a, '-', line_x, nx)),
			    STR_ARG(range(a, '+', line_y, ny)));
	write_line(out, '@', head, color);
	for (size_t i = 0; i < n; i++)
		write_line(out, v[i].sign, v[i].line, color);
}

/* The end of the hunk whose first change is at i. */
static size_t hunk_end(const struct script *s, size_t i)
{
	size_t last = i;

	for (; i < s->n && i <= last + 2 * context + 1; i++)
		if (s->v[i].sign != ' ')
			last = i;
	last += context + 1;
	return last < s->n ? last : s->n;
}

static void write_hunks(struct arena *a, struct buf *out,
			const struct script *s, bool color)
{
	size_t x = 0, y = 0; /* lines before entry i */

	for (size_t i = 0, from, end; i < s->n; i++) {
		if (s->v[i].sign == ' ') {
			x++;
			y++;
			continue;
		}
		from = i > context ? i - context : 0;
		end = hunk_end(s, i);
		write_hunk(a, out, s->v + from, end - from, x - (i - from),
			   y - (i - from), color);
		for (; i < end; i++) {
			x += s->v[i].sign != '+';
			y += s->v[i].sign != '-';
		}
		i--;
	}
}

static void write_head(struct buf *out, struct str path, bool color)
{
	while (str_starts(path, STR("/")) || str_starts(path, STR("./")))
		path = str_sub(path, path.p[0] == '/' ? 1 : 2, path.n);
	buf_puts(out, color ? "\033[1m--- a/" : "--- a/");
	buf_add(out, path);
	buf_puts(out, "\n+++ b/");
	buf_add(out, path);
	buf_puts(out, color ? "\033[m\n" : "\n");
}

bool text_diff(struct arena *a, struct buf *out, struct str path,
	       struct str before, struct str after, bool color)
{
	CLEANUP(arena_release) struct arena scratch = ARENA_INIT;
	struct lines x = cut(a, before), y = cut(a, after);
	struct span s = { &x, &y, 0, x.n, 0, y.n };
	struct script script;

	if (str_eq(before, after))
		return false;
	skip_common(&s);
	while (s.x0 < s.x1 || s.y0 < s.y1) {
		search(&scratch, &s);
		arena_reset(&scratch);
	}
	script = script_of(a, &x, &y);
	write_head(out, path, color);
	write_hunks(a, out, &script, color);
	return true;
}
