/*
 * First include of every header and source: attributes and BUG().
 *
 * Nothing here allocates, locks or does I/O, except BUG(), which writes one
 * line to stderr and aborts. BUG() is for states that no input can cause; it
 * stays on in release builds. Anything that input can cause is a struct error.
 */
#ifndef LIB_BASE_H
#define LIB_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#define PRINTF_LIKE(fmt, args) __attribute__((format(printf, fmt, args)))
#define NORETURN __attribute__((noreturn))
#define MUST_CHECK __attribute__((warn_unused_result))
#define CLEANUP(fn) __attribute__((cleanup(fn)))

NORETURN void bug_abort(const char *file, int line, const char *what);
#define BUG(what) bug_abort(__FILE__, __LINE__, (what))

#endif
