#include "hub/cmd.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/base/mem.h"
#include "common/codec/text.h"
#include "common/study/formfile.h"

#include "hub/faultlist.h"

#define FORM_MAX_BYTES ((size_t)16 << 20)
#define FILES_MAX      200

/* What was read from disk, for as long as the form lives. */
struct input {
	uint8_t *bytes[FILES_MAX + 5];
	size_t byte_count;
	struct form_file files[FILES_MAX];
	size_t file_count;
	size_t total;
};

static void
input_done(struct input *in)
{
	for (size_t i = 0; i < in->byte_count; i++)
		free(in->bytes[i]);
	for (size_t i = 0; i < in->file_count; i++)
		free(in->files[i].name);
}

/* lends the bytes of a file; NULL view: there is none. */
static enum err
read_bytes(struct input *in, const char *path, struct view *ret)
{
	uint8_t *bytes = NULL;
	size_t len = 0;
	*ret = view_of(NULL, 0);
	enum err e = text_read_file(&bytes, &len, path, FORM_MAX_BYTES);
	if (e)
		return e == E_NOTFOUND ? OK : e;
	in->bytes[in->byte_count++] = bytes;
	in->total += len;
	*ret = view_of(bytes, len);
	return in->total > FORM_MAX_BYTES * 4 ? fail(E_FULL, "%s: too many files", path) : OK;
}

/* ---- files beside the form ---- */

static int
is_shown(const struct dirent *d)
{
	return d->d_name[0] != '.' && d->d_type == DT_REG;
}

static bool
is_sheet(const char *name)
{
	static const char *const sheets[] = {
		"survey.csv", "choices.csv", "settings.csv", "entities.csv"};
	for (size_t i = 0; i < ARRAY_LEN(sheets); i++)
		if (strcmp(sheets[i], name) == 0)
			return true;
	return false;
}

static enum err
read_beside(struct input *in, const char *dir)
{
	struct dirent **names = NULL;
	int count = scandir(dir, &names, is_shown, alphasort);
	enum err e = OK;
	for (int i = 0; i < count; i++) {
		OWNED_MEM char *path = xasprintf("%s/%s", dir, names[i]->d_name);
		struct view bytes;
		if (!e && !is_sheet(names[i]->d_name) && in->file_count == FILES_MAX)
			e = fail(E_FULL, "%s: more than %d files", dir, FILES_MAX);
		if (!e && !is_sheet(names[i]->d_name)) {
			e = read_bytes(in, path, &bytes);
			in->files[in->file_count++] =
				(struct form_file){xstrdup(names[i]->d_name), bytes};
		}
		free(names[i]);
	}
	free(names);
	return e;
}

/* ---- the form ---- */

static enum err
read_folder(struct input *in, const char *dir, struct formfile_source *s)
{
	static const char *const names[] = {"survey", "choices", "settings", "entities"};
	struct view *const views[] = {&s->survey, &s->choices, &s->settings, &s->entities};
	enum err e = OK;
	for (size_t i = 0; !e && i < ARRAY_LEN(names); i++) {
		OWNED_MEM char *path = xasprintf("%s/%s.csv", dir, names[i]);
		e = read_bytes(in, path, views[i]);
	}
	return e ? e : read_beside(in, dir);
}

/* Files that travel with NAME.xml or NAME.xlsx lie in NAME-media, as the programs of ODK have
 * it. */
static enum err
read_single(struct input *in, const char *path, struct formfile_source *s)
{
	const char *dot = strrchr(path, '.');
	bool xml = dot && strcmp(dot, ".xml") == 0, xlsx = dot && strcmp(dot, ".xlsx") == 0;
	if (!xml && !xlsx)
		return fail(E_FORMAT, "%s: a form is NAME.xml, NAME.xlsx or a folder of sheets",
			path);
	OWNED_MEM char *media = xasprintf("%.*s-media", (int)(dot - path), path);
	struct view *bytes = xml ? &s->xml : &s->xlsx;
	enum err e = read_bytes(in, path, bytes);
	if (!e && !bytes->at)
		e = fail(E_NOTFOUND, "%s: no such file", path);
	return e ? e : read_beside(in, media);
}

static enum err
say(const struct program *p, const char *path, const struct form *form,
	const struct faults *faults)
{
	if (program_json(p)) {
		enum err e = faultlist_print_json(faults);
		return e ? e : faults_check(faults);
	}
	faultlist_print(faults);
	if (faults->errors)
		return fail(E_FORMAT, "%s: %zu fault%s", path, faults->errors,
			faults->errors == 1 ? "" : "s");
	printf("%s: form %s, version %s, %zu questions, %zu lists: no fault\n", path, form->id,
		form->version, form->field_count, form->list_count);
	return OK;
}

/* gives what the file holds; `in` has to live as long. */
static enum err
read_file(struct formfile **ret, const char *path, struct input *in, struct faults *faults)
{
	struct formfile_source source = {.name = path};
	struct stat st;
	*ret = NULL;
	if (stat(path, &st) != 0)
		return fail(E_NOTFOUND, "%s: no such file", path);
	enum err e = S_ISDIR(st.st_mode) ? read_folder(in, path, &source)
					 : read_single(in, path, &source);
	if (e)
		return e;
	source.files = in->files;
	source.file_count = in->file_count;
	*ret = formfile_read(&source, faults);
	return OK;
}

static enum err
run_form_check(struct program *p)
{
	const char *path = program_arg(p, 0);
	OWNED_BY(input_done) struct input in = {0};
	OWNED(faults) struct faults *faults = faults_new();
	OWNED(formfile) struct formfile *file = NULL;
	enum err e = read_file(&file, path, &in, faults);
	return e ? e : say(p, path, formfile_form(file), faults);
}

static enum err
run_form_show(struct program *p)
{
	const char *path = program_arg(p, 0);
	OWNED_BY(input_done) struct input in = {0};
	OWNED(faults) struct faults *faults = faults_new();
	OWNED(formfile) struct formfile *file = NULL;
	enum err e = read_file(&file, path, &in, faults);
	if (e)
		return e;
	if (faults->errors) {
		faultlist_print(faults);
		return fail(E_FORMAT, "%s: `form check` says what is wrong with it", path);
	}
	const struct view xml = buf_view(formfile_form(file)->xml);
	return fwrite(xml.at, 1, xml.len, stdout) == xml.len && fflush(stdout) == 0
		       ? OK
		       : fail(E_IO, "the XForm could not be written");
}

const struct program_command cmd_form_check = {.name = "form check",
	.run = run_form_check,
	.help = "check a form of anybody's: NAME.xml, NAME.xlsx or a folder of sheets",
	.args = "FILE",
	.args_min = 1,
	.args_max = 1};

const struct program_command cmd_form_show = {.name = "form show",
	.run = run_form_show,
	.help = "the XForm that a form is given out as",
	.args = "FILE",
	.args_min = 1,
	.args_max = 1};
