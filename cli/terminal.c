/* Colours, or not; and how wide. */
#include "cli/terminal.h"

#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

const char *const terminal_color_names[] = { "auto", "always", "never", NULL };

bool terminal_wants_color(enum terminal_color choice)
{
	switch (choice) {
	case COLOR_ALWAYS:
		return true;
	case COLOR_NEVER:
		return false;
	case COLOR_AUTO:
		break;
	}
	/* Read once, before any thread. */
	return isatty(STDOUT_FILENO) && !getenv("NO_COLOR"); /* NOLINT */
}

unsigned terminal_width(void)
{
	struct winsize size;

	if (!isatty(STDOUT_FILENO) ||
	    ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0)
		return 0;
	return size.ws_col;
}
