/*
 * What a reflector shows to other threads. Thread-safe.
 */
#ifndef KUBE_REFLECTOR_SHOWN_H
#define KUBE_REFLECTOR_SHOWN_H

#include "kube/reflector.h"

struct reflector_shown;

struct reflector_shown *reflector_shown_new(void);
void reflector_shown_free(struct reflector_shown **shown);

struct kube_reflector_state reflector_shown_get(struct reflector_shown *shown);

/* One line for people. */
void reflector_shown_say(struct reflector_shown *shown, const char *fmt, ...)
	PRINTF_LIKE(2, 3);

/* now_ns is monotonic. */
void reflector_shown_list(struct reflector_shown *shown, int64_t now_ns);
void reflector_shown_contact(struct reflector_shown *shown, int64_t now_ns);
void reflector_shown_unknown(struct reflector_shown *shown);
void reflector_shown_watch(struct reflector_shown *shown, int64_t now_ns);
void reflector_shown_event(struct reflector_shown *shown, int64_t now_ns);
void reflector_shown_no_watch(struct reflector_shown *shown);
void reflector_shown_failure(struct reflector_shown *shown);

#endif
