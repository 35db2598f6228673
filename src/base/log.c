/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"

static vs_log_level max_level = VS_LOG_INFO;

void
vs_log_set_level(vs_log_level level)
{
	max_level = level;
}

void
vs_log(vs_log_level level, const char *fmt, ...)
{
	static const char *const names[] = {"error", "warn", "info", "debug"};
	struct vs_clock clock = vs_clock_system();
	char time[VS_TIME_TEXT_MAX];
	char line[2048];
	va_list ap;
	int head;
	int body;
	size_t n;

	if (level > max_level)
		return;
	vs_time_format_ms(vs_clock_ms(&clock), time);
	head = snprintf(line, sizeof line, "%s %s ", time, names[level]);
	if (head < 0)
		return;
	va_start(ap, fmt);
	body = vsnprintf(line + head, sizeof line - (size_t)head - 1, fmt, ap);
	va_end(ap);
	if (body < 0)
		return;
	n = (size_t)head + (size_t)body;
	if (n > sizeof line - 2)
		n = sizeof line - 2; /* cut, but still one line */
	line[n++] = '\n';
	/* One write, so that lines of threads do not mix. A log that cannot
	 * be written must not stop a release: the audit trail is separate. */
	if (write(STDERR_FILENO, line, n) < 0)
		return;
}

const char *
vs_log_text(struct vs_span text, char out[VS_LOG_TEXT_MAX])
{
	size_t o = 0;

	for (size_t i = 0; i < text.n && i < 64; i++) {
		uint8_t c = text.p[i];

		if (c > 0x20 && c < 0x7F && c != '"' && c != '\\') {
			out[o++] = (char)c;
			continue;
		}
		(void)snprintf(out + o, 5, "\\x%02x", c);
		o += 4;
	}
	if (text.n > 64) {
		out[o++] = '.';
		out[o++] = '.';
	}
	out[o] = '\0';
	return out;
}
