#include "tests/fuzz/fuzz.h"

#include <stdio.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/codec/text.h"
#include "common/run/keycopy.h"
#include "common/trust/backup.h"
#include "tests/fuzz/fuzz_dir.h"

#define PAPER_MOST_BYTES 65536
#define DATA             "an example of a vault"

static const char *const key_files[] = {"keys/service.key", "desk/review.key"};
static const struct keycopy keys = {"weir-node-keys-v1\n", key_files, ARRAY_LEN(key_files)};

/* The paper as it comes, under a signature that fits: what is read is bounded, and an error
 * leaves nothing behind. */
static void
try_paper(struct view paper)
{
	static const uint8_t seed[SIGN_SEED_BYTES] = {9};
	struct backup expected = {.kind = "node", .study = "example"};
	OWNED_BACKUP struct backup b = {.heads = NULL};
	OWNED_SECRET struct secret *secret = NULL;
	OWNED_BUF struct buf message;
	uint8_t signature[SIGNATURE_BYTES];
	char hex[2 * SIGNATURE_BYTES + 2];
	buf_init(&message, PAPER_MOST_BYTES);
	sign_from_seed(expected.by, &secret, seed);
	buf_blob_text(&message, "weir-backup-v2");
	buf_blob(&message, paper);
	if (buf_check(&message, "paper"))
		return;
	sign_make(signature, buf_view(&message), secret);
	text_hex(hex, signature, sizeof(signature));
	fuzz_dir_write("vault/data.mdb", view_text(DATA));
	fuzz_dir_write("backup.json", paper);
	fuzz_dir_write("backup.sig", view_text(hex));
	enum err e = backup_read(&b, fuzz_dir(), &expected);
	fuzz_must(e || (strcmp(b.study, "example") == 0 && b.bytes == strlen(DATA)));
	fuzz_must(b.head_count <= BACKUP_HEADS_MAX_COUNT && (!e || !b.heads));
}

/* A copy of keys: put back whole or refused, and never over a key that is there. */
static void
try_keys(struct view copy)
{
	OWNED_MEM char *file = xasprintf("%s/copy", fuzz_dir());
	OWNED_MEM char *again = xasprintf("%s/again", fuzz_dir());
	OWNED_MEM char *there = xasprintf("%s/%s", fuzz_dir(), key_files[0]);
	OWNED_MEM uint8_t *bytes = NULL;
	size_t len = 0;
	fuzz_dir_write("keys/service.key", view_text("kept"));
	fuzz_dir_write("copy", copy);
	enum err e = keycopy_restore(&keys, fuzz_dir(), file);
	fuzz_must(!text_read_file(&bytes, &len, there, PAPER_MOST_BYTES));
	fuzz_must(view_same(view_of(bytes, len), view_text("kept")));
	OWNED_KEYS struct keycopy_held held = {.files = {{NULL, 0}}};
	if (!e)
		fuzz_must(!keycopy_read(&held, &keys, fuzz_dir()) &&
			  !keycopy_write(&held, &keys, again));
}

/* The first byte says which: `k` a copy of keys, else the paper of a backup. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (crypto_init() || size == 0)
		return 0;
	fuzz_dir_empty();
	if (data[0] == 'k')
		try_keys(view_of(data + 1, size - 1));
	else
		try_paper(view_of(data + 1, size - 1));
	return 0;
}
