/* policies/tier_order.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/load.h"

#define STRONG(spec) OURS("IsolationTier", "strong", "strength: 2" spec)
#define WEAK(spec) OURS("IsolationTier", "weak", "strength: 1" spec)

static void a_laxer_axis_of_a_stronger_tier_is_told(void **state)
{
	static const struct {
		const char *text, *want; /* NULL: nothing to tell */
	} rows[] = {
		{ WEAK("") STRONG(""), NULL },
		{ WEAK(", pod: {level: Baseline}") STRONG(""), NULL },
		{ WEAK(", access: {exec: Allow}") STRONG(""), NULL },
		{ WEAK(", pod: {maxContainers: 3}")
			  STRONG(", pod: {maxContainers: 2}"),
		  NULL },
		{ WEAK("") STRONG(", pod: {volumes: [emptyDir]}"), NULL },
		{ WEAK("") STRONG(", pod: {images: {allow: [x]}}"), NULL },
		{ WEAK(", network: {egress: {mode: Unrestricted, "
		       "blockPrivate: false}}") STRONG(""),
		  NULL },
		{ WEAK("") STRONG(", pod: {level: Baseline}"),
		  "pod.level is Baseline, there Restricted" },
		{ WEAK("") STRONG(", enforcement: Warn"),
		  "enforcement is Warn, there Enforce" },
		{ WEAK(", pod: {readOnlyRootFilesystem: true}") STRONG(""),
		  "pod.readOnlyRootFilesystem is false, there true" },
		{ WEAK("") STRONG(", pod: {serviceAccountToken: Allow}"),
		  "pod.serviceAccountToken is Allow, there Deny" },
		{ WEAK(", pod: {images: {requireDigest: true}}") STRONG(""),
		  "pod.images.requireDigest is false, there true" },
		{ WEAK(", pod: {images: {allow: [x]}}") STRONG(""),
		  "pod.images.allow is any image, there a list" },
		{ WEAK(", pod: {maxContainers: 3}") STRONG(""),
		  "pod.maxContainers is 0 (any number), there 3" },
		{ WEAK(", pod: {maxContainers: 3}")
			  STRONG(", pod: {maxContainers: 4}"),
		  "pod.maxContainers is 4, there 3" },
		{ WEAK(", pod: {volumes: []}")
			  STRONG(", pod: {volumes: [emptyDir]}"),
		  "pod.volumes also allows emptyDir" },
		{ WEAK(", pod: {volumes: []}") STRONG(""),
		  "pod.volumes is any type, there a list" },
		{ WEAK(", network: {egress: {mode: None}}")
			  STRONG(", network: {egress: {dns: None, allow: "
				 "[{cidr: 192.0.2.0/24}], blockPrivate: "
				 "false}}"),
		  "network.egress also reaches" },
		{ WEAK("") STRONG(", network: {ingress: {mode: Namespace}}"),
		  "network.ingress.mode is Namespace, there Router" },
		{ WEAK("") STRONG(", access: {portForward: Allow}"),
		  "access.portForward is Allow, there Deny" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct arena a = ARENA_INIT;
		struct scene s;
		struct str msg;

		scene_open(&s, arena_printf(&a, "%stext\n", rows[i].text).p);
		if (s.snapshot->n_warnings != (rows[i].want ? 1 : 0))
			fail_msg("row %zu: %zu warnings", i,
				 s.snapshot->n_warnings);
		msg = rows[i].want ? s.snapshot->warnings[0].msg : STR("");
		if (rows[i].want &&
		    (str_find_str(msg, str_of(rows[i].want)) == msg.n ||
		     !str_starts(msg, STR("tier \"strong\" (strength 2) is "
					  "laxer than \"weak\" (strength "
					  "1): "))))
			fail_msg("row %zu: %s", i, msg.p);
		scene_close(&s);
		arena_release(&a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_laxer_axis_of_a_stronger_tier_is_told),
	};

	return cmocka_run_group_tests_name("policies/tier_order.c", tests, NULL,
					   NULL)
		       ? 1
		       : 0;
}
