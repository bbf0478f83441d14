/* api.spelling: the object is written as upstream serves it today. */
#include "policies/rules/all.h"
#include "policies/spelling.h"

static void check(const struct check *c)
{
	const struct spelling *s = c->target->subject->spelling;

	for (size_t i = 0; s && i < s->n_notes; i++)
		check_note(c, ACTION_WARN, s->notes[i].field, s->notes[i].at,
			   (struct says){ .found = s->notes[i].found,
					  .wanted = s->notes[i].wanted,
					  .fix = s->notes[i].fix });
}

const struct rule rule_api_spelling = {
	.id = "api.spelling",
	.kinds = SUBJECT_AGENT,
	.always = true,
	.title = "The object is written as upstream serves it today",
	.doc = "Guides and older examples write templates and claims in group "
	       "`agents.x-k8s.io`, name a template by `templateRef` and a "
	       "lifetime by `ttl`. A cluster with upstream's CRDs refuses "
	       "these forms or drops the fields silently, and with `ttl` goes "
	       "the lifetime. `bulkhead render` writes them anew; the object "
	       "is judged as rewritten.\n\n"
	       "`v1alpha1`, which upstream served until v0.5, is judged as it "
	       "is and only pointed at. This rule only ever warns.",
	.fields = "apiVersion\nspec.templateRef\nspec.sandboxTemplateRef\n"
		  "spec.ttl\nspec.replicas",
	.check = check,
};
