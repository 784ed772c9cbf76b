#include "common/study/rules_put.h"

#include "common/base/base.h"

void
rules_put_text(struct buf *out, const char *text)
{
	buf_blob_text(out, text ? text : "");
}

void
rules_put_time(struct buf *out, int64_t at)
{
	buf_u64(out, (uint64_t)at);
}

void
rules_put_count(struct buf *out, size_t count)
{
	buf_u32(out, (uint32_t)count);
}

void
rules_put_list(struct buf *out, const struct rules_list *list)
{
	rules_put_count(out, list->count);
	for (size_t i = 0; i < list->count; i++)
		rules_put_text(out, list->words[i]);
}

void
rules_put_covers(struct buf *out, const struct rules_covers *c)
{
	const struct rules_list *const lists[] = {
		&c->protocols, &c->forms, &c->data, &c->activities, &c->sites, &c->modes};
	for (size_t i = 0; i < ARRAY_LEN(lists); i++)
		rules_put_list(out, lists[i]);
}

void
rules_put_modification(struct buf *out, const struct rules_modification *m)
{
	rules_put_text(out, m->term);
	rules_put_text(out, m->form);
	rules_put_text(out, m->form_version);
	rules_put_text(out, m->site);
	rules_put_text(out, m->decision);
	rules_put_time(out, m->from_ms);
	rules_put_time(out, m->until_ms);
}
