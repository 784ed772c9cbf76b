#include "common/run/metrics.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define STATM_BYTES 256

static void
add_head(struct buf *out, const struct metric *m)
{
	buf_format(out, "# TYPE %s %s\n", m->name,
		m->kind == METRIC_COUNTER ? "counter" : "gauge");
	buf_format(out, "# HELP %s %s\n", m->name, m->help);
}

void
metrics_add(struct buf *out, const struct metric *table, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct metric *m = &table[i];
		if (i == 0 || strcmp(table[i - 1].name, m->name) != 0)
			add_head(out, m);
		buf_format(out, "%s%s", m->name, m->kind == METRIC_COUNTER ? "_total" : "");
		if (m->label)
			buf_format(out, "{%s=\"%s\"}", m->label, m->label_value);
		buf_format(out, " %" PRId64 "\n", m->value);
	}
}

static int64_t
open_descriptors(void)
{
	int64_t count = 0;
	DIR *dir = opendir("/proc/self/fd");
	if (!dir)
		return 0;
	while (readdir(dir))
		count++;
	(void)closedir(dir);
	return count - 3; /* ".", ".." and the directory itself */
}

static int64_t
resident_bytes(void)
{
	char line[STATM_BYTES];
	FILE *f = fopen("/proc/self/statm", "re");
	if (!f)
		return 0;
	/* The first number is the whole address space, the second what is resident. */
	const char *second = fgets(line, sizeof(line), f) ? strchr(line, ' ') : NULL;
	long pages = second ? strtol(second, NULL, 10) : 0;
	(void)fclose(f);
	return (int64_t)pages * sysconf(_SC_PAGESIZE);
}

void
metrics_add_process(struct buf *out)
{
	const struct metric table[] = {
		{"process_resident_memory_bytes", METRIC_GAUGE, "memory in use", NULL, NULL,
			resident_bytes()},
		{"process_open_fds", METRIC_GAUGE, "open descriptors", NULL, NULL,
			open_descriptors()},
	};
	metrics_add(out, table, ARRAY_LEN(table));
}

void
metrics_end(struct buf *out)
{
	buf_format(out, "# EOF\n");
}
