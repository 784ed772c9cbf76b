/* replay - runs a fuzzer over its seeds, for builds that have no libFuzzer.
 *
 * Every file of the directory is tried whole, cut short at every byte and with every byte
 * changed, up to REPLAY_SPOILED_BYTES into the file. Each trial is a copy of exactly its length
 * on the heap, so that the sanitizer sees a read past its end. A directory without seeds fails.
 */
#include <dirent.h>

#include "common/base/log.h"
#include "common/base/mem.h"
#include "common/codec/text.h"
#include "tests/fuzz/fuzz.h"

#define REPLAY_SPOILED_BYTES 2048
#define REPLAY_SEED_BYTES    (1 << 20)

static void
try_bytes(const uint8_t *at, size_t len, size_t spoil)
{
	/* Not xmemdup: its zero byte behind the copy would hide a read past the end. */
	OWNED_MEM uint8_t *copy = xcalloc(len ? len : 1, 1);
	for (size_t i = 0; i < len; i++)
		copy[i] = i == spoil ? (uint8_t)~at[i] : at[i];
	(void)LLVMFuzzerTestOneInput(copy, len);
}

static enum err
replay_file(const char *path)
{
	OWNED_MEM uint8_t *seed = NULL;
	size_t len = 0;
	enum err e = text_read_file(&seed, &len, path, REPLAY_SEED_BYTES);
	if (e)
		return e;
	try_bytes(seed, len, len);
	for (size_t i = 0; i < MIN(len, (size_t)REPLAY_SPOILED_BYTES); i++) {
		try_bytes(seed, i, i);
		try_bytes(seed, len, i);
	}
	return OK;
}

static enum err
replay_directory(const char *dir)
{
	DIR *d = opendir(dir);
	if (!d)
		return fail(E_NOTFOUND, "%s cannot be read", dir);
	enum err e = OK;
	size_t count = 0;
	for (struct dirent *entry = readdir(d); entry && !e; entry = readdir(d)) {
		if (entry->d_name[0] == '.')
			continue;
		OWNED_MEM char *path = xasprintf("%s/%s", dir, entry->d_name);
		e = replay_file(path);
		count++;
	}
	(void)closedir(d);
	return e || count ? e : fail(E_NOTFOUND, "%s holds no seed", dir);
}

int
main(int argc, char **argv)
{
	enum err e = argc == 2 ? replay_directory(argv[1]) : fail(E_FORMAT, "usage: fuzz DIR");
	if (e)
		log_error("replay", "%s", err_text());
	return err_exit_code(e);
}
