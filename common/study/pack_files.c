#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/codec/text.h"
#include "common/study/pack_own.h"

#define MAX_DOCUMENT_BYTES  ((size_t)16 << 20)
#define MAX_PACK_BYTES      ((size_t)64 << 20)
#define MAX_FILE_NAME_BYTES 100
#define FILE_LETTERS        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-"

static const char *const main_files[] = {"study.ini", "rules.ini", "sites.csv", "codebook.csv"};

const struct pack_document *
pack_document_named(const struct pack_private *own, const char *name)
{
	for (size_t i = 0; i < own->document_count; i++)
		if (strcmp(own->documents[i].name, name) == 0)
			return &own->documents[i];
	return NULL;
}

enum err
pack_add_document(struct pack_private *own, const char *name, struct view bytes)
{
	size_t total = bytes.len;
	for (size_t i = 0; i < own->document_count; i++)
		total += own->documents[i].bytes.len;
	if (own->document_count == PACK_MAX_DOCUMENTS)
		return fail(E_FULL, "the pack has more than %d documents", PACK_MAX_DOCUMENTS);
	if (bytes.len > MAX_DOCUMENT_BYTES || total > MAX_PACK_BYTES)
		return fail(E_FULL, "%s: larger than a study pack may be", name);
	if (pack_document_named(own, name))
		return fail(E_FORMAT, "%s: stands twice in the pack", name);
	own->documents =
		xrealloc(own->documents, own->document_count + 1, sizeof(*own->documents));
	own->documents[own->document_count++] = (struct pack_document){
		.name = xstrdup(name),
		.bytes = view_of(xmemdup(bytes.at, bytes.len), bytes.len),
	};
	return OK;
}

/* ---- names ---- */

/* A file that travels with a form: no folder, nothing hidden, no blanks. */
static bool
is_file_name(const char *name)
{
	size_t len = strlen(name);
	return len > 0 && len <= MAX_FILE_NAME_BYTES && *name != '.' && *name != '-' &&
	       name[strspn(name, FILE_LETTERS)] == '\0';
}

char *
pack_form_of(const char *name)
{
	static const char *const endings[] = {".xml", ".xlsx"};
	if (strncmp(name, PACK_FORMS, strlen(PACK_FORMS)) != 0)
		return NULL;
	const char *id = name + strlen(PACK_FORMS), *slash = strchr(id, '/');
	size_t len = slash && is_file_name(slash + 1) ? (size_t)(slash - id) : 0;
	for (size_t i = 0; !slash && i < ARRAY_LEN(endings); i++) {
		const char *dot = strrchr(id, '.');
		if (dot && strcmp(dot, endings[i]) == 0)
			len = (size_t)(dot - id);
	}
	OWNED_MEM char *form = xmemdup(id, len);
	return text_is_name(form, FORM_MAX_NAME_BYTES) ? take(form) : NULL;
}

bool
pack_belongs(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(main_files); i++)
		if (strcmp(main_files[i], name) == 0)
			return true;
	if (strcmp(name, PACK_PARTNERS) == 0)
		return true;
	OWNED_MEM char *form = pack_form_of(name);
	return form != NULL;
}

/* ---- a directory ---- */

static enum err
read_file(struct pack_private *own, const char *dir, const char *name)
{
	OWNED_MEM char *path = xasprintf("%s/%s", dir, name);
	OWNED_MEM uint8_t *bytes = NULL;
	size_t len = 0;
	enum err e = text_read_file(&bytes, &len, path, MAX_DOCUMENT_BYTES);
	if (e == E_NOTFOUND)
		return OK; /* said later, for all missing files */
	return e == OK ? pack_add_document(own, name, view_of(bytes, len)) : e;
}

static int
is_shown(const struct dirent *d)
{
	return d->d_name[0] != '.';
}

struct listing {
	struct dirent **names;
	int count; /* -1: no such directory */
};

static struct listing
list(const char *path)
{
	struct listing l = {0};
	l.count = scandir(path, &l.names, is_shown, alphasort);
	return l;
}

static void
listing_done(struct listing *l)
{
	for (int i = 0; i < l->count; i++)
		free(l->names[i]);
	free(l->names);
}
#define OWNED_LISTING OWNED_BY(listing_done)

static enum err
read_form_dir(
	struct pack_private *own, const char *dir, const char *form, struct faults *faults)
{
	OWNED_MEM char *path = xasprintf("%s/" PACK_FORMS "%s", dir, form);
	OWNED_LISTING struct listing l = list(path);
	enum err e = OK;
	for (int i = 0; e == OK && i < l.count; i++) {
		OWNED_MEM char *name = xasprintf(PACK_FORMS "%s/%s", form, l.names[i]->d_name);
		if (pack_belongs(name))
			e = read_file(own, dir, name);
		else
			faults_add(faults, (struct fault_place){name, 0, NULL},
				"the name of a file beside a form is letters, digits, '_', "
				"'-', "
				"'.'");
	}
	return e;
}

static enum err
read_forms(struct pack_private *own, const char *dir, struct faults *faults)
{
	OWNED_MEM char *path = xasprintf("%s/" PACK_FORMS, dir);
	OWNED_LISTING struct listing l = list(path);
	enum err e = OK;
	for (int i = 0; e == OK && i < l.count; i++) {
		const char *file = l.names[i]->d_name;
		OWNED_MEM char *name = xasprintf(PACK_FORMS "%s", file);
		if (pack_belongs(name))
			e = read_file(own, dir, name);
		else if (text_is_name(file, FORM_MAX_NAME_BYTES))
			e = read_form_dir(own, dir, file, faults);
		else
			faults_add(faults, (struct fault_place){name, 0, NULL},
				"a form is a folder of sheets, NAME.xlsx or NAME.xml, NAME of "
				"a-z, 0-9, '_'");
	}
	return e;
}

enum err
pack_read_dir(struct pack_private *own, const char *dir, struct faults *faults)
{
	OWNED_LISTING struct listing l = list(dir);
	if (l.count < 0)
		return fail(E_NOTFOUND, "%s: no such directory", dir);
	enum err e = OK;
	for (size_t i = 0; e == OK && i < ARRAY_LEN(main_files); i++)
		e = read_file(own, dir, main_files[i]);
	if (e == OK)
		e = read_file(own, dir, PACK_PARTNERS);
	return e == OK ? read_forms(own, dir, faults) : e;
}
