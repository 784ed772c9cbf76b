#include "tests/unit/node_place.h"

#include <unistd.h>

#include "common/codec/text.h"
#include "common/run/datadir.h"
#include "common/run/keycopy.h"
#include "node/copies.h"
#include "node/vault_check.h"

#define ANSWER    "sealed bytes of an example, long enough to be found in the file"
#define OTHER     "sealed bytes of another"
#define FILE_MOST ((size_t)64 << 20)

static struct sync_mark
append(struct place *p, enum lane lane, const char *answers)
{
	struct sync_mark at = {0};
	const struct entry_part parts[] = {
		{PART_RULES, view_text("rules")}, {PART_ANSWERS, view_text(answers)}};
	assert_ok(vault_append(p->vault, lane, parts, ARRAY_LEN(parts), &at));
	assert_ok(vault_commit(p->vault));
	return at;
}

static struct copies
copies_of(const struct place *p)
{
	struct copies c = {.dir = p->dir};
	assert_ok(settings_default(&c.settings));
	c.settings.map_bytes = MAP_BYTES;
	(void)snprintf(c.card.study, sizeof(c.card.study), "%s", STUDY);
	memcpy(c.card.writer, p->config.writer, sizeof(c.card.writer));
	return c;
}

/* The papers that a backup takes along; what is in them does not matter here. */
static void
write_papers(const struct place *p)
{
	OWNED_MEM char *card = xasprintf("%s/hub.card", p->dir);
	OWNED_MEM char *ini = xasprintf("%s/node.ini", p->dir);
	assert_ok(text_write_file(card, view_text("card\n"), 0600));
	assert_ok(text_write_file(ini, view_text("ini\n"), 0600));
}

/* gives the path of a backup of what the vault has; it is open no more afterwards. */
static char *
back_up(struct place *p, struct backup *ret)
{
	struct copies c = copies_of(p);
	OWNED_BY(findings_done) struct findings f = {.count = 0};
	char *to = xasprintf("%s/copy", p->dir);
	write_papers(p);
	close_vault(p);
	assert_ok(copies_make(ret, &c, to, p->writer, &f));
	return to;
}

static enum err
restore(const struct place *p, const char *from, bool over_newer, uint64_t *ret_ahead)
{
	struct copies c = copies_of(p);
	OWNED_BY(findings_done) struct findings f = {.count = 0};
	return copies_restore(&c, from, over_newer, &f, ret_ahead);
}

/* Turns over one bit wherever these bytes stand: pages that are free now may hold them, too. */
static void
damage(const char *path, const char *bytes)
{
	OWNED_MEM uint8_t *file = NULL;
	size_t len = 0, n = strlen(bytes);
	assert_ok(text_read_file(&file, &len, path, FILE_MOST));
	uint8_t *at = memmem(file, len, bytes, n);
	assert_non_null(at);
	for (; at; at = memmem(at + 1, len - (size_t)(at + 1 - file), bytes, n))
		at[n / 2] ^= 1;
	assert_ok(text_write_file(path, view_of(file, len), 0600));
}

static void
findings_of(const struct place *p, bool read_data, struct findings *f)
{
	struct copies c = copies_of(p);
	OWNED(vault) struct vault *v = NULL;
	assert_ok(copies_vault(&v, &c, p->dir));
	assert_ok(vault_check(v, read_data, f, NULL));
}

static void
a_backup_says_what_it_holds_and_goes_back(void **state)
{
	struct place *p = *state;
	OWNED_BACKUP struct backup b = {.heads = NULL};
	uint64_t ahead = 99;
	(void)append(p, LANE_C, ANSWER);
	(void)append(p, LANE_R, ANSWER);
	struct sync_mark last = append(p, LANE_R, OTHER);
	OWNED_MEM char *copy = back_up(p, &b);
	assert_int_equal(b.entries, 3);
	assert_int_equal(b.head_count, 2);
	assert_int_equal(b.heads[1].seq, last.seq);
	assert_memory_equal(b.heads[1].head, last.head, HASH_BYTES);
	OWNED_MEM char *lost = xasprintf("rm -r '%s/vault'", p->dir);
	assert_int_equal(system(lost), 0);
	assert_ok(restore(p, copy, false, &ahead));
	assert_int_equal(ahead, 0);
	open_vault(p);
	assert_int_equal(vault_committed(p->vault, LANE_R).seq, 2);
}

static void
a_vault_with_more_is_replaced_only_when_that_is_said(void **state)
{
	struct place *p = *state;
	OWNED_BACKUP struct backup b = {.heads = NULL};
	uint64_t ahead = 0;
	(void)append(p, LANE_R, ANSWER);
	OWNED_MEM char *copy = back_up(p, &b);
	open_vault(p);
	(void)append(p, LANE_R, OTHER);
	(void)append(p, LANE_C, OTHER);
	close_vault(p);
	assert_err(restore(p, copy, false, &ahead), E_CONFLICT);
	assert_non_null(strstr(err_text(), "2 entries"));
	assert_ok(restore(p, copy, true, &ahead));
	assert_int_equal(ahead, 2);
	OWNED_MEM char *before = xasprintf("%s/vault.before-1/data.mdb", p->dir);
	assert_int_equal(access(before, F_OK), 0);
	open_vault(p);
	assert_int_equal(vault_committed(p->vault, LANE_R).seq, 1);
}

static void
a_backup_of_another_study_or_installation_is_refused(void **state)
{
	struct place *p = *state;
	OWNED_BACKUP struct backup b = {.heads = NULL}, read = {.heads = NULL};
	struct backup expected = {.kind = "node", .study = STUDY};
	(void)append(p, LANE_R, ANSWER);
	OWNED_MEM char *copy = back_up(p, &b);
	memcpy(expected.by, p->config.writer, sizeof(expected.by));
	assert_ok(backup_read(&read, copy, &expected));
	backup_done(&read);
	(void)snprintf(expected.study, sizeof(expected.study), "another");
	assert_err(backup_read(&read, copy, &expected), E_CONFLICT);
	(void)snprintf(expected.study, sizeof(expected.study), STUDY);
	(void)snprintf(expected.kind, sizeof(expected.kind), "hub");
	assert_err(backup_read(&read, copy, &expected), E_CONFLICT);
	(void)snprintf(expected.kind, sizeof(expected.kind), "node");
	expected.by[0] ^= 1;
	assert_err(backup_read(&read, copy, &expected), E_AUTH);
	open_vault(p);
}

static void
a_changed_backup_is_refused_and_changes_nothing(void **state)
{
	static const char *const names[] = {"vault/data.mdb", "backup.json"};
	static const char *const bytes[] = {ANSWER, "\"entries\":1"};
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		struct place *p = *state;
		OWNED_BACKUP struct backup b = {.heads = NULL};
		uint64_t ahead = 0;
		if (i == 0)
			(void)append(p, LANE_R, ANSWER);
		OWNED_MEM char *copy = back_up(p, &b);
		OWNED_MEM char *path = xasprintf("%s/%s", copy, names[i]);
		OWNED_MEM char *gone = xasprintf("rm -r '%s'", copy);
		damage(path, bytes[i]);
		assert_err(restore(p, copy, true, &ahead), E_AUTH);
		open_vault(p);
		assert_int_equal(vault_committed(p->vault, LANE_R).seq, 1);
		assert_int_equal(system(gone), 0);
	}
}

static void
a_damaged_vault_gives_no_backup_and_leaves_nothing_behind(void **state)
{
	struct place *p = *state;
	struct copies c = copies_of(p);
	OWNED_BACKUP struct backup b = {.heads = NULL};
	OWNED_BY(findings_done) struct findings f = {.count = 0};
	OWNED_MEM char *data = xasprintf("%s/vault/data.mdb", p->dir);
	OWNED_MEM char *to = xasprintf("%s/copy", p->dir);
	OWNED_MEM char *aside = xasprintf("%s.new", to);
	(void)append(p, LANE_R, ANSWER);
	(void)append(p, LANE_R, OTHER);
	write_papers(p);
	close_vault(p);
	damage(data, ANSWER);
	assert_err(copies_make(&b, &c, to, p->writer, &f), E_FORMAT);
	assert_int_equal(access(to, F_OK), -1);
	assert_int_equal(access(aside, F_OK), -1);
	open_vault(p);
}

static void
a_damaged_byte_is_found_where_it_is(void **state)
{
	struct place *p = *state;
	OWNED_BY(findings_done) struct findings quick = {.count = 0}, whole = {.count = 0};
	OWNED_MEM char *data = xasprintf("%s/vault/data.mdb", p->dir);
	(void)append(p, LANE_R, OTHER);
	(void)append(p, LANE_R, ANSWER);
	(void)append(p, LANE_R, OTHER);
	close_vault(p);
	damage(data, ANSWER);
	findings_of(p, false, &quick);
	assert_int_equal(quick.count, 0);
	findings_of(p, true, &whole);
	assert_int_equal(whole.count, 1);
	assert_non_null(strstr(whole.kept[0], ".1.R.2: part 2 is damaged"));
	open_vault(p);
}

static void
keys_go_apart_and_come_back_only_where_they_are_missing(void **state)
{
	struct place *p = *state;
	OWNED_MEM char *keys = xasprintf("%s/keys/service.key", p->dir);
	OWNED_MEM char *file = xasprintf("%s/copy-of-keys", p->dir);
	OWNED_MEM char *inside = xasprintf("%s/copy/keys", p->dir);
	OWNED_MEM char *to = xasprintf("%s/copy", p->dir);
	OWNED_MEM uint8_t *back = NULL;
	size_t len = 0;
	assert_ok(datadir_make(p->dir, "keys"));
	assert_ok(text_write_file(keys, view_text("example key file"), 0600));
	assert_err(keycopy_may_lie(inside, to), E_CONFLICT);
	assert_ok(keycopy_may_lie(file, to));
	assert_ok(copies_keys_write(p->dir, file));
	assert_err(keycopy_may_lie(file, to), E_CONFLICT);
	assert_ok(text_write_file(keys, view_text("newer"), 0600));
	assert_ok(copies_keys_restore(p->dir, file));
	assert_ok(text_read_file(&back, &len, keys, 100));
	assert_string_equal((const char *)back, "newer");
	mem_drop(&back);
	assert_int_equal(unlink(keys), 0);
	assert_ok(copies_keys_restore(p->dir, file));
	assert_ok(text_read_file(&back, &len, keys, 100));
	assert_string_equal((const char *)back, "example key file");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		at_a_node(a_backup_says_what_it_holds_and_goes_back),
		at_a_node(a_vault_with_more_is_replaced_only_when_that_is_said),
		at_a_node(a_backup_of_another_study_or_installation_is_refused),
		at_a_node(a_changed_backup_is_refused_and_changes_nothing),
		at_a_node(a_damaged_vault_gives_no_backup_and_leaves_nothing_behind),
		at_a_node(a_damaged_byte_is_found_where_it_is),
		at_a_node(keys_go_apart_and_come_back_only_where_they_are_missing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
