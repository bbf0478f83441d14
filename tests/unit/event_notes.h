/* For the tests of events: who tells, and what is told of a Sandbox. */
#ifndef TESTS_UNIT_EVENT_NOTES_H
#define TESTS_UNIT_EVENT_NOTES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "kube/events_body.h"

#define S INT64_C(1000000000)
#define NOON_US INT64_C(1795262400000000) /* 2026-11-21T12:00:00Z */

static const struct kube_events_options options = {
	.controller = STR_INIT("bulkhead.dev/controller"),
	.instance = STR_INIT("pod-0"),
	.cluster_ns = STR_INIT("default"),
};

static inline struct kube_event_note note(const char *name, const char *text)
{
	return (struct kube_event_note){
		.api_version = STR("agents.x-k8s.io/v1beta1"),
		.kind = STR("Sandbox"),
		.ns = STR("team"),
		.name = str_of(name),
		.uid = STR("u1"),
		.warning = true,
		.reason = "PolicyWidened",
		.action = "Repair",
		.note = str_of(text),
	};
}

#endif
