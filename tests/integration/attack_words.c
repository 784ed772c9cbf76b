#include "tests/integration/attack_words.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/codec/text.h"

#define WORDS_MOST    256
#define WORD_BYTES    48
#define LINE_BYTES    256
#define NAME_BYTES    32
#define HEX_BYTES     (2 * WORD_BYTES + 1)
#define LEAST_BYTES   16 /* shorter ones are found by chance, or in an empty line */
#define UNOPENED_META 1  /* "vault-format" */

struct word {
	char name[NAME_BYTES];
	uint8_t at[WORD_BYTES];
	size_t len;
	uint64_t rows;
};

struct words {
	struct word list[WORDS_MOST];
	size_t count;
	uint64_t opened;
};

/* the file */

static enum err
read_word(struct word *w, const char *line)
{
	char hex[HEX_BYTES] = "";
	if (sscanf(line, "%31s %96s", w->name, hex) != 2)
		return fail(E_FORMAT, "a line of the words is not a name and its bytes");
	w->len = strlen(hex) / 2;
	if (w->len < LEAST_BYTES || !text_unhex(w->at, w->len, hex))
		return fail(E_FORMAT, "the bytes of a word are no hex, or too few");
	return OK;
}

static enum err
read_lines(struct words *w, FILE *f)
{
	char line[LINE_BYTES];
	enum err e = OK;
	while (!e && fgets(line, sizeof(line), f)) {
		if (w->count == WORDS_MOST)
			return fail(E_FULL, "more words than the attack has room for");
		e = read_word(&w->list[w->count++], line);
	}
	return e || w->count ? e : fail(E_FORMAT, "there is no word to look for");
}

static enum err
read_words(struct words *w, const char *path)
{
	FILE *f = fopen(path, "r");
	if (!f)
		return fail(E_IO, "the words cannot be read");
	enum err e = read_lines(w, f);
	(void)fclose(f);
	return e;
}

/* tables */

static bool
has(struct view in, const struct word *w)
{
	return in.len >= w->len && memmem(in.at, in.len, w->at, w->len);
}

static enum err
see_row(void *arg, struct view key, struct view value, bool *ret_stop)
{
	struct words *w = arg;
	(void)ret_stop;
	w->opened++;
	for (size_t i = 0; i < w->count; i++)
		w->list[i].rows += has(key, &w->list[i]) || has(value, &w->list[i]);
	return OK;
}

static enum err
find_in_table(struct words *w, struct attack_rows *rows, enum vault_table table)
{
	const uint64_t unopened = table == VAULT_META ? UNOPENED_META : 0;
	uint64_t count = 0;
	w->opened = 0;
	for (size_t i = 0; i < w->count; i++)
		w->list[i].rows = 0;
	enum err e = attack_rows_each(rows, table, see_row, w, &count);
	if (e)
		return e;
	for (size_t i = 0; i < w->count; i++)
		if (w->list[i].rows)
			printf("%s %s %" PRIu64 "\n", vault_table_names[table], w->list[i].name,
				w->list[i].rows);
	return count == w->opened + unopened
		       ? OK
		       : fail(E_AUTH, "rows of %s do not open", vault_table_names[table]);
}

enum err
attack_words_find(struct attack_rows *rows, const char *path)
{
	struct words w = {.count = 0};
	enum err e = read_words(&w, path);
	for (size_t i = 0; !e && i < VAULT_TABLE_COUNT; i++)
		e = find_in_table(&w, rows, (enum vault_table)i);
	return e;
}
