/* A small table under a lock. */
#include "webhook/readiness.h"

#include <stdarg.h>
#include <stdio.h>

static const char *const names[READY_CHECKS] = {
	[READY_POLICY] = "policy",
	[READY_OBJECTS] = "objects",
	[READY_CERTIFICATE] = "certificate",
	[READY_SERVING] = "serving",
};

static void lock(struct readiness *r)
{
	if (pthread_mutex_lock(&r->lock))
		BUG("lock of the readiness");
}

static void unlock(struct readiness *r)
{
	if (pthread_mutex_unlock(&r->lock))
		BUG("lock of the readiness");
}

void readiness_set(struct readiness *r, enum readiness_check check, bool ok,
		   const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	lock(r);
	r->checks[check].ok = ok;
	vsnprintf(r->checks[check].says, sizeof(r->checks[check].says), fmt,
		  args);
	unlock(r);
	va_end(args);
}

bool readiness_ok(struct readiness *r, enum readiness_check check)
{
	bool ok;

	lock(r);
	ok = r->checks[check].ok;
	unlock(r);
	return ok;
}

struct str readiness_says(struct arena *a, struct readiness *r,
			  enum readiness_check check)
{
	struct str says;

	lock(r);
	says = arena_str(a, str_of(r->checks[check].says));
	unlock(r);
	return says;
}

struct str readiness_text(struct arena *a, struct readiness *r, bool *ready)
{
	struct str text = STR("");

	*ready = true;
	lock(r);
	for (size_t i = 0; i < READY_CHECKS; i++) {
		*ready = *ready && r->checks[i].ok;
		text = arena_printf(a, "%.*s[%c]%s: %s\n", STR_ARG(text),
				    r->checks[i].ok ? '+' : '-', names[i],
				    r->checks[i].says);
	}
	unlock(r);
	return text;
}
