/* The table of formats. */
#include "cli/report.h"

#include "cli/reports/all.h"

const struct report_format *const report_formats[] = {
	&report_table, &report_json,   &report_yaml, &report_junit,
	&report_sarif, &report_github, &report_tap,  NULL,
};

const struct report_format *report_format_find(struct str name)
{
	for (size_t i = 0; report_formats[i]; i++)
		if (str_is(name, report_formats[i]->name))
			return report_formats[i];
	return NULL;
}
