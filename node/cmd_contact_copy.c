#include "node/cmd.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "common/base/mem.h"
#include "common/codec/text.h"

#include "node/client.h"
#include "node/ipc_contact.h"

#define COPY_MAX_BYTES ((size_t)13 << 20)
#define COPY_RIGHTS    0600

static enum err
run_backup(struct program *p)
{
	OWNED_BUF struct buf reply;
	const char *path = program_arg(p, 0);
	buf_init(&reply, CLIENT_REPLY_BYTES);
	if (access(path, F_OK) == 0)
		return fail(E_CONFLICT, "%s is there already", path);
	enum err e = client_ask(
		program_dir(p), "desk.sock", DESK_CONTACT_SAVE, view_of(NULL, 0), &reply);
	struct cursor c = cursor_of(buf_view(&reply));
	struct view copy = cursor_blob(&c);
	if (!e)
		e = cursor_end(&c, "answer of the desk");
	if (!e)
		e = text_write_file(path, copy, COPY_RIGHTS);
	if (!e)
		printf(program_json(p) ? "{\"copied\":\"%s\"}\n"
				       : "the names are in %s, sealed: it opens with the "
					 "desk's keys (`weir-node backup --keys`), and no "
					 "more once somebody was erased: make a new one "
					 "then\n",
			path);
	return e;
}

static enum err
run_restore(struct program *p)
{
	OWNED_MEM uint8_t *copy = NULL;
	OWNED_BUF struct buf fields, reply;
	size_t len = 0;
	buf_init(&fields, COPY_MAX_BYTES + 16);
	buf_init(&reply, CLIENT_REPLY_BYTES);
	enum err e = text_read_file(&copy, &len, program_arg(p, 0), COPY_MAX_BYTES);
	if (e)
		return e;
	buf_blob(&fields, view_of(copy, len));
	e = buf_check(&fields, "request");
	if (!e)
		e = client_ask(program_dir(p), "desk.sock", DESK_CONTACT_LOAD,
			buf_view(&fields), &reply);
	struct cursor c = cursor_of(buf_view(&reply));
	uint32_t put = cursor_u32(&c);
	if (!e)
		e = cursor_end(&c, "answer of the desk");
	if (!e && program_json(p))
		printf("{\"put_back\":%" PRIu32 "}\n", put);
	else if (!e)
		printf("put back %" PRIu32 " name%s\n", put,
			put == 1 ? " that was missing" : "s that were missing");
	return e;
}

const struct program_command cmd_contact_backup = {
	.name = "contact backup",
	.run = run_backup,
	.help = "write all names of the desk, sealed, to a new file",
	.args = "FILE",
	.args_min = 1,
	.args_max = 1,
};

const struct program_command cmd_contact_restore = {
	.name = "contact restore",
	.run = run_restore,
	.help = "put back names from such a file that the desk lacks",
	.args = "FILE",
	.args_min = 1,
	.args_max = 1,
};
