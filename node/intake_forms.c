#include "node/intake_forms.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"

#define NAME_MAX_BYTES 512
#define ID_MAX_BYTES   255

/* free */

static void
drop_form(struct intake_form *f)
{
	for (size_t i = 0; i < f->file_count; i++)
		http_body_free(f->files[i].body);
	http_body_free(f->xml);
	free(f->files);
	free(f->rosa_files);
	free(f);
}

void
intake_forms_free(struct intake_forms *f)
{
	if (!f || --f->users > 0)
		return;
	for (size_t i = 0; i < f->count; i++)
		drop_form(f->list[i]);
	for (size_t i = 0; i < f->past_loaded; i++)
		pack_free(f->past[i]);
	facts_free(f->facts);
	free(f->past);
	free(f->list);
	free(f->rosa);
	free(f);
}

struct intake_forms *
intake_forms_hold(struct intake_forms *f)
{
	f->users++;
	return f;
}

/* make */

static enum err
add_files(struct intake_form *f)
{
	enum err e = OK;
	f->files = xcalloc(f->form->file_count, sizeof(*f->files));
	f->rosa_files = xcalloc(f->form->file_count, sizeof(*f->rosa_files));
	for (size_t i = 0; !e && i < f->form->file_count; i++) {
		const struct form_file *from = &f->form->files[i];
		if (!from->bytes.at)
			continue;
		struct intake_file *to = &f->files[f->file_count];
		e = md5_text(to->md5, from->bytes);
		if (e)
			break;
		to->body = http_body_new(from->bytes);
		f->rosa_files[f->file_count++] = (struct openrosa_file){from->name, to->md5};
	}
	return e;
}

static enum err
add_form(struct intake_forms *all, const struct pack *p, const struct form *form)
{
	struct intake_form *f = xcalloc(1, sizeof(*f));
	all->list[all->count++] = f;
	f->form = form;
	f->pack = p;
	f->state = FACTS_NOT_HERE;
	if (!form->xml)
		return OK;
	enum err e = md5_text(f->md5, buf_view(form->xml));
	if (e)
		return e;
	f->xml = http_body_new(buf_view(form->xml));
	return add_files(f);
}

static enum err
add_pack(struct intake_forms *all, const struct pack *p)
{
	enum err e = OK;
	all->list = xrealloc(
		all->list, all->count + p->form_count + 1, sizeof(struct intake_form *));
	for (size_t i = 0; !e && i < p->form_count; i++)
		e = add_form(all, p, p->forms[i]);
	return e;
}

/* What the site does with the forms in force: u32 count x (id, version, state). */
static enum err
read_states(struct intake_forms *all, struct cursor *c)
{
	uint32_t count = cursor_u32(c);
	for (uint32_t i = 0; i < count && !c->broken; i++) {
		OWNED_MEM char *id = cursor_text(c, ID_MAX_BYTES);
		OWNED_MEM char *version = cursor_text(c, ID_MAX_BYTES);
		uint8_t state = cursor_u8(c);
		for (size_t k = 0; k < all->count && state <= FACTS_CLOSED; k++)
			if (strcmp(all->list[k]->form->id, id) == 0 &&
				strcmp(all->list[k]->form->version, version) == 0)
				all->list[k]->state = (enum facts_form)state;
	}
	return c->broken ? fail(E_FORMAT, "facts of the node: the forms are cut short") : OK;
}

struct openrosa_form
intake_form_rosa(const struct intake_form *f)
{
	return (struct openrosa_form){.id = f->form->id,
		.title = f->form->title ? f->form->title : "",
		.version = f->form->version ? f->form->version : "",
		.md5 = f->md5,
		.files = f->rosa_files,
		.file_count = f->file_count};
}

static void
list_open_ones(struct intake_forms *all)
{
	all->rosa = xcalloc(all->count, sizeof(*all->rosa));
	for (size_t i = 0; i < all->count; i++)
		if (all->list[i]->state == FACTS_OPEN && all->list[i]->xml)
			all->rosa[all->rosa_count++] = intake_form_rosa(all->list[i]);
}

enum err
intake_forms_read(struct intake_forms **ret, struct intake_tokens *tokens, struct cursor *c)
{
	OWNED(intake_forms) struct intake_forms *f = xcalloc(1, sizeof(*f));
	*ret = NULL;
	f->users = 1;
	enum err e = facts_read(&f->facts, c);
	if (e)
		return e;
	f->number = cursor_u64(c);
	uint32_t past_count = cursor_u32(c);
	f->past_count = MIN(past_count, INTAKE_PAST_MAX_COUNT);
	e = add_pack(f, f->facts->pack);
	for (size_t i = 0; i < f->count; i++)
		f->list[i]->current = true;
	if (!e)
		e = read_states(f, c);
	if (!e)
		e = intake_tokens_read(tokens, c);
	if (!e)
		e = cursor_end(c, "facts of the node");
	if (e)
		return e;
	list_open_ones(f);
	f->past = xcalloc(f->past_count, sizeof(struct pack *));
	*ret = take(f);
	return OK;
}

/* Documents as they stand in an answer; names are lent to pack_load_documents(), which copies.
 */
static enum err
read_documents(struct cursor *c, struct pack_document *list, char **names, size_t *ret_count)
{
	uint32_t count = cursor_u32(c);
	if (c->broken || count > PACK_MAX_DOCUMENTS)
		return fail(E_FORMAT, "an earlier pack has too many documents");
	for (; *ret_count < count && !c->broken; ++*ret_count) {
		names[*ret_count] = cursor_text(c, NAME_MAX_BYTES);
		list[*ret_count] = (struct pack_document){names[*ret_count], cursor_blob(c)};
	}
	return cursor_end(c, "an earlier pack");
}

enum err
intake_forms_read_past(struct intake_forms *f, struct cursor *c)
{
	OWNED(faults) struct faults *faults = faults_new();
	OWNED_MEM struct pack_document *list = xcalloc(PACK_MAX_DOCUMENTS, sizeof(*list));
	OWNED_MEM char **names = xcalloc(PACK_MAX_DOCUMENTS, sizeof(*names));
	OWNED(pack) struct pack *p = NULL;
	size_t count = 0;
	enum err e = f->past_loaded < f->past_count ? read_documents(c, list, names, &count)
						    : fail(E_FULL, "too many earlier packs");
	if (!e)
		e = pack_load_documents(&p, list, count, faults);
	for (size_t i = 0; i < count; i++)
		free(names[i]);
	if (e)
		return e;
	f->past[f->past_loaded++] = p;
	return add_pack(f, take(p));
}

/* use */

const struct intake_form *
intake_forms_find(const struct intake_forms *f, const char *id, const char *version)
{
	for (size_t i = 0; i < f->count; i++)
		if (strcmp(f->list[i]->form->id, id) == 0 &&
			(!version || strcmp(f->list[i]->form->version, version) == 0))
			return f->list[i];
	return NULL;
}

int
intake_form_file(const struct intake_form *f, const char *name)
{
	for (size_t i = 0; i < f->file_count; i++)
		if (strcmp(f->rosa_files[i].name, name) == 0)
			return (int)i;
	return -1;
}
