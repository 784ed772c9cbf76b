#include "hub/audit_log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/codec/text.h"
#include "common/trust/tile.h"

#define KEY_FILE_MOST_BYTES 4096

void
audit_log_done(struct audit_log *a)
{
	free(a->bytes);
	a->bytes = NULL;
}

/* What is not there cannot be judged. */
static enum err
unreadable(enum err e)
{
	return e == E_NOTFOUND ? fail_in(E_IO, "cannot read") : e;
}

enum err
audit_log_key(struct note_key *ret, const char *text)
{
	if (text[0] != '@')
		return note_key_parse(ret, text);
	OWNED_MEM uint8_t *bytes = NULL;
	size_t len = 0;
	enum err e = text_read_file(&bytes, &len, text + 1, KEY_FILE_MOST_BYTES);
	if (e)
		return unreadable(e);
	bytes[strcspn((char *)bytes, "\r\n")] = '\0';
	return note_key_parse(ret, (char *)bytes);
}

enum err
audit_log_open(struct audit_log *ret, const char *dir)
{
	*ret = (struct audit_log){.dir = dir};
	enum err e = unreadable(tile_read_checkpoint(&ret->bytes, &ret->len, dir));
	if (!e)
		e = note_parse(&ret->note, view_of(ret->bytes, ret->len));
	if (!e)
		e = note_checkpoint_parse(&ret->cp, ret->note.text);
	if (e)
		return e;
	OWNED_MEM char *root = text_base64(view_of(ret->cp.root, HASH_BYTES));
	(void)snprintf(ret->root, sizeof(ret->root), "%s", root);
	return OK;
}

enum err
audit_log_signed(const struct audit_log *a, const struct note_key *log)
{
	enum err e = note_check(&a->note, log, NULL);
	if (!e && strcmp(a->cp.origin, log->name) != 0)
		e = fail(E_AUTH, "note: is of another log than the key");
	return e == E_NOTFOUND ? fail(E_AUTH, "note: not signed by the log's key") : e;
}
