/* Every report format by name; the order of help stands in report.c. */
#ifndef CLI_REPORTS_ALL_H
#define CLI_REPORTS_ALL_H

#include "cli/report.h"

extern const struct report_format report_table;
extern const struct report_format report_json;
extern const struct report_format report_yaml;
extern const struct report_format report_junit;
extern const struct report_format report_sarif;
extern const struct report_format report_github;
extern const struct report_format report_tap;

#endif
