#include "hub/shelf.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/codec/text.h"
#include "common/run/datadir.h"

#define SHELF_DIR     "shelf"
#define DOCUMENT_FILE "release.json"
#define TABLE_FILE    "released.csv"
#define NOTES_FILE    "notes.txt"
#define NOTES_BYTES   ((size_t)4 * 1024 * 1024)
#define CSV_MAX_BYTES (STAGED_MAX_BYTES * 2)
#define NAME_BYTES    512

static enum err
path_of(char ret[static DATADIR_PATH_BYTES], const char *dir, const char *release,
	const char *file)
{
	char name[NAME_BYTES];
	int n = snprintf(
		name, sizeof(name), SHELF_DIR "/%s%s%s", release, file[0] ? "/" : "", file);
	if (n < 0 || (size_t)n >= sizeof(name))
		return fail(E_FORMAT, "the release's name is too long for the shelf");
	return datadir_path(ret, dir, name);
}

static enum err
write_file(const char *dir, const char *release, const char *file, struct view content)
{
	char path[DATADIR_PATH_BYTES];
	enum err e = path_of(path, dir, release, file);
	return e ? e : text_write_file(path, content, 0644);
}

enum err
shelf_put(const char *dir, const char *release, struct view document)
{
	OWNED(staged) struct staged *s = NULL;
	OWNED_BUF struct buf csv, notes;
	char name[NAME_BYTES];
	buf_init(&csv, CSV_MAX_BYTES);
	buf_init(&notes, NOTES_BYTES);
	(void)snprintf(name, sizeof(name), SHELF_DIR "/%s", release);
	enum err e = staged_parse(&s, document);
	if (!e)
		e = staged_csv(s, &csv);
	if (!e)
		e = staged_notes(s, &notes);
	if (!e)
		e = datadir_make(dir, SHELF_DIR);
	if (!e)
		e = datadir_make(dir, name);
	if (!e)
		e = write_file(dir, release, TABLE_FILE, buf_view(&csv));
	if (!e && notes.len)
		e = write_file(dir, release, NOTES_FILE, buf_view(&notes));
	/* Last, because it is what shelf_has() looks for. */
	return e ? e : write_file(dir, release, DOCUMENT_FILE, document);
}

bool
shelf_has(const char *dir, const char *release)
{
	char path[DATADIR_PATH_BYTES];
	return !path_of(path, dir, release, DOCUMENT_FILE) && access(path, R_OK) == 0;
}

static enum err
drop(const char *dir, const char *release)
{
	static const char *const files[] = {DOCUMENT_FILE, TABLE_FILE, NOTES_FILE, ""};
	char path[DATADIR_PATH_BYTES];
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		enum err e = path_of(path, dir, release, files[i]);
		if (e)
			return e;
		int rc = files[i][0] ? unlink(path) : rmdir(path);
		if (rc != 0 && errno != ENOENT)
			return fail(E_IO, "cannot take release %.63s from the shelf: %s",
				release, strerror(errno));
	}
	return OK;
}

static void
close_dir(DIR **d)
{
	if (*d)
		(void)closedir(*d);
}

enum err
shelf_sweep(const char *dir, shelf_keep_fn *keep, void *arg)
{
	char path[DATADIR_PATH_BYTES];
	enum err e = datadir_path(path, dir, SHELF_DIR);
	if (e)
		return e;
	OWNED_BY(close_dir) DIR *d = opendir(path);
	if (!d)
		return errno == ENOENT
			       ? OK
			       : fail(E_IO, "cannot read %s: %s", path, strerror(errno));
	for (struct dirent *one = readdir(d); !e && one; one = readdir(d))
		if (text_is_name(one->d_name, 63) && !keep(arg, one->d_name))
			e = drop(dir, one->d_name);
	return e;
}
