#include "hub/siteterms_inside.h"

#include <string.h>

#include "common/base/clock.h"
#include "common/base/mem.h"
#include "common/study/pack.h"

#include "hub/audit.h"
#include "hub/forward.h"
#include "hub/recovery.h"
#include "hub/siterules.h"

#define EPOCH_SHIFT      40 /* a log has fewer leaves than that many bits count */
#define MS_PER_S         1000
#define RENEWED_AFTER_S  86400
#define CONTENT_PERSONAL "weir-terms-v1"

struct site_terms {
	char id[ROW_ID_BYTES];
	uint64_t number;
	bool is_cut;
	uint64_t manifest_number;
	int64_t until_s;
	uint8_t content[HASH_BYTES]; /* of the body without number and times */
	uint8_t *signed_terms;
	size_t signed_len;
};

struct siteterms {
	uint64_t generation;
	uint64_t changes;  /* of the hub, as they were made from; + 1 */
	int64_t renewed_s; /* wall: all of them were signed with a new last day */
	struct site_terms *sites;
	size_t count;
};

/* make, free */

struct siteterms *
siteterms_new(void)
{
	return xcalloc(1, sizeof(struct siteterms));
}

static void
drop_sites(struct siteterms *s)
{
	for (size_t i = 0; i < s->count; i++)
		mem_drop(&s->sites[i].signed_terms);
	mem_drop(&s->sites);
	s->count = 0;
}

void
siteterms_free(struct siteterms *s)
{
	if (!s)
		return;
	drop_sites(s);
	mem_drop(&s);
}

void
siteterms_forget(struct siteterms *s)
{
	drop_sites(s);
	s->changes = 0;
}

static struct site_terms *
find_site(const struct siteterms *s, const char *site)
{
	for (size_t i = 0; i < s->count; i++)
		if (strcmp(s->sites[i].id, site) == 0)
			return &s->sites[i];
	return NULL;
}

static struct site_terms *
add_site(struct siteterms *s, const char *site)
{
	if ((s->count & (s->count - 1)) == 0)
		s->sites = xrealloc(s->sites, MAX(s->count * 2, (size_t)1), sizeof(*s->sites));
	struct site_terms *one = &s->sites[s->count++];
	*one = (struct site_terms){.number = 0};
	memcpy(one->id, site, MIN(strlen(site), sizeof(one->id) - 1));
	return one;
}

static int64_t
now_s(void)
{
	return clock_wall_ms() / MS_PER_S;
}

static enum err
sign_anew(const struct siteterms_source *s, struct terms *t, struct site_terms *one)
{
	OWNED_BUF struct buf body, out;
	buf_init(&body, TERMS_MAX_BYTES);
	buf_init(&out, TERMS_SIGNED_MAX_BYTES);
	t->number = forward_epoch(audit_forward(s->hub->audit)) << EPOCH_SHIFT |
		    audit_size(s->hub->audit);
	t->made_s = now_s();
	t->until_s = t->made_s + s->hub->pack->in_force_s;
	enum err e = terms_write(&body, t);
	if (!e)
		e = terms_sign(&out, buf_view(&body), s->hub->receipt);
	if (e)
		return e;
	mem_drop(&one->signed_terms);
	one->signed_terms = buf_take(&out, &one->signed_len);
	one->number = t->number;
	one->manifest_number = t->manifest_number;
	one->until_s = t->until_s;
	return OK;
}

/* What the site must hear whatever else there is stays: whom to erase, whom to ask, and when it
 * leaves. */
static void
cut(struct terms *t)
{
	t->approval_count = t->modification_count = t->review_count = t->duty_count =
		t->sheet_count = 0;
	t->rules_text = view_of(NULL, 0);
	t->is_cut = true;
}

static enum err
write_or_cut(struct buf *body, struct terms *t)
{
	enum err e = terms_write(body, t);
	if (e != E_FULL)
		return e;
	cut(t);
	buf_reset(body);
	return terms_write(body, t);
}

/* Those that say nothing new stay as they are, but for their last day. */
static enum err
make_if_new(struct siteterms *s, const struct siteterms_source *from, struct terms *t)
{
	OWNED_BUF struct buf body;
	uint8_t content[HASH_BYTES];
	buf_init(&body, TERMS_MAX_BYTES);
	enum err e = write_or_cut(&body, t);
	if (e)
		return e;
	crypto_hash_one(content, CONTENT_PERSONAL, buf_view(&body));
	struct site_terms *one = find_site(s, t->site);
	if (one && one->signed_len && !from->renews &&
		memcmp(one->content, content, sizeof(content)) == 0)
		return OK;
	if (!one)
		one = add_site(s, t->site);
	memcpy(one->content, content, sizeof(content));
	one->is_cut = t->is_cut;
	return sign_anew(from, t, one);
}

static enum err
make_one(struct siteterms *s, struct siteterms_source *from, const char *site)
{
	OWNED(terms) struct terms *t = xcalloc(1, sizeof(*t));
	OWNED_BUF struct buf own;
	buf_init(&own, SITERULES_MAX_BYTES);
	enum err e = siteterms_source_fill(from, site, t, &own);
	return e ? e : make_if_new(s, from, t);
}

/* A clock that went back made them for a day that is too far off. */
static bool
is_to_renew(const struct siteterms *s)
{
	const int64_t since_s = now_s() - s->renewed_s;
	return since_s < 0 || since_s >= RENEWED_AFTER_S;
}

enum err
siteterms_refresh(struct siteterms *s, struct hub *h, struct vault_txn *t)
{
	OWNED_BY(siteterms_source_done)
	struct siteterms_source from = {.hub = h, .txn = t, .renews = is_to_renew(s)};
	const bool is_new = s->changes != h->terms_changes + 1;
	if ((!is_new && !from.renews) || !h->pack || recovery_is_on(t))
		return OK;
	enum err e = siteterms_source_read(&from);
	for (size_t i = 0; !e && i < from.site_count; i++)
		e = make_one(s, &from, from.sites[i].id);
	if (e)
		return e;
	if (from.renews)
		s->renewed_s = now_s();
	s->changes = h->terms_changes + 1;
	s->generation++;
	return OK;
}

/* use */

uint64_t
siteterms_generation(const struct siteterms *s)
{
	return s->generation;
}

struct view
siteterms_of(const struct siteterms *s, const char *site, struct siteterms_say *ret)
{
	const struct site_terms *one = find_site(s, site);
	*ret = one ? (struct siteterms_say){one->number, one->manifest_number, one->until_s}
		   : (struct siteterms_say){0};
	return one ? view_of(one->signed_terms, one->signed_len) : view_of(NULL, 0);
}

const char *
siteterms_cut(const struct siteterms *s, size_t index)
{
	for (size_t i = 0; i < s->count; i++)
		if (s->sites[i].is_cut && index-- == 0)
			return s->sites[i].id;
	return NULL;
}
