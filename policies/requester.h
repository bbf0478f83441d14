/*
 * Who asks for a change: a person, or a controller whose task it is to write
 * system labels and owners.
 */
#ifndef POLICIES_REQUESTER_H
#define POLICIES_REQUESTER_H

#include "policies/subject.h"

enum requester {
	REQUESTER_PERSON,     /* or a program on a person's behalf; a file */
	REQUESTER_CONTROLLER, /* agent-sandbox's, or Kubernetes' own */
	REQUESTER_BULKHEAD,   /* our own reconciler */
	REQUESTER_NONE,	      /* nobody asks: a live object is looked at */
};

enum requester requester_of(const struct subject *subject);

#endif
