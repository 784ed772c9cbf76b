#include "node/staff.h"

#include <stdio.h>
#include <string.h>

#include "node/ipc.h"
#include "node/sync_duties.h"

static bool
is_on_log(struct view lines, const char *code)
{
	char begins[sizeof(DUTY_LINE_ADDED) + CUSTODY_ID_BYTES + 1];
	const int len = snprintf(begins, sizeof(begins), DUTY_LINE_ADDED "%s ", code);
	while (lines.len) {
		const uint8_t *end = memchr(lines.at, '\n', lines.len);
		const size_t line = end ? (size_t)(end - lines.at) + 1 : lines.len;
		if (line > (size_t)len && memcmp(lines.at, begins, (size_t)len) == 0)
			return true;
		lines = view_of(lines.at + line, lines.len - line);
	}
	return false;
}

bool
staff_find(struct staff *ret, const struct custody_list *list, struct view lines,
	const char *asked)
{
	size_t count = 0;
	*ret = (struct staff){.role = "coordinator"};
	for (size_t i = 0; i < list->count; i++) {
		const struct custody_who *w = &list->who[i];
		if (w->kind != CUSTODY_COORDINATOR || (asked && strcmp(w->id, asked) != 0))
			continue;
		(void)snprintf(ret->id, sizeof(ret->id), "%s", w->id);
		count++;
	}
	if (count || !asked)
		return count == 1;
	if (!asked[0] || strlen(asked) >= sizeof(ret->id) || !is_on_log(lines, asked))
		return false;
	(void)snprintf(ret->id, sizeof(ret->id), "%s", asked);
	ret->role = "staff";
	return true;
}

enum err
staff_of(struct staff *ret, struct program *p, struct client *sync)
{
	OWNED_BUF struct buf answer;
	struct custody_list list;
	const char *asked = program_value(p, "by");
	*ret = (struct staff){.role = ""};
	buf_init(&answer, CLIENT_REPLY_BYTES);
	enum err e = custody_read_list(&list, program_dir(p));
	if (!e)
		e = client_call(sync, SYNC_DUTIES, view_of(NULL, 0), &answer);
	if (e)
		return e;
	struct cursor c = cursor_of(buf_view(&answer));
	const struct view lines = cursor_blob(&c);
	e = cursor_end(&c, "delegation log");
	if (e || staff_find(ret, &list, lines, asked))
		return e;
	*ret = (struct staff){.role = ""};
	return asked ? fail(E_DENIED,
			       "--by names neither a coordinator of this site nor a staff "
			       "code on its delegation log")
		     : program_usage(p, "--by CODE is needed: this site has several "
					"coordinators");
}
