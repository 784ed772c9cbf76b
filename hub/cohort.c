#include "hub/cohort.h"

#include <string.h>

#include "common/base/mem.h"

#define COHORT_VERSION  1
#define COHORT_VIEWED   2 /* of a view */
#define COHORT_COMPARED 3 /* of two waves, viewed or not */
#define COHORT_PERSONAL "weir-cohort-v1"
#define BITS_PER_BYTE   8

struct cohort *
cohort_new(size_t site_count, size_t row_count)
{
	struct cohort *c = xcalloc(1, sizeof(*c));
	c->sites = xcalloc(site_count + 1, sizeof(*c->sites));
	c->site_count = site_count;
	c->members = bitmap_new(row_count);
	return c;
}

void
cohort_free(struct cohort *c)
{
	if (!c)
		return;
	mem_drop(&c->sites);
	mem_drop(&c->as);
	mem_drop(&c->members);
	mem_drop(&c);
}

/* packed form */

static void
pack_members(struct buf *out, const struct bitmap *members)
{
	buf_u32(out, (uint32_t)bitmap_count(members));
	buf_u32(out, (uint32_t)members->row_count);
	for (size_t row = 0; row < members->row_count; row += BITS_PER_BYTE) {
		uint64_t word = members->word[row / 64];
		buf_u8(out, (uint8_t)(word >> (row % 64)));
	}
}

enum err
cohort_pack(struct buf *out, const struct cohort *c)
{
	const uint8_t viewed = c->as ? COHORT_VIEWED : COHORT_VERSION;
	buf_u8(out, c->compared ? COHORT_COMPARED : viewed);
	buf_blob_text(out, c->study);
	buf_blob_text(out, c->release);
	buf_u64(out, c->manifest_number);
	buf_add(out, c->rules_digest, sizeof(c->rules_digest));
	buf_u64(out, (uint64_t)c->true_at_s);
	buf_u32(out, c->wave);
	if (c->compared) {
		buf_u32(out, c->compared);
		buf_u8(out, c->as != NULL);
	}
	if (c->as)
		buf_blob_text(out, c->view);
	buf_u32(out, (uint32_t)c->site_count);
	for (size_t i = 0; i < c->site_count; i++) {
		buf_blob_text(out, c->sites[i].id);
		buf_u8(out, (uint8_t)c->sites[i].state);
		if (c->as) {
			buf_blob_text(out, c->as[i].as);
			buf_u8(out, c->as[i].stands);
		}
	}
	pack_members(out, c->members);
	return buf_check(out, "cohort");
}

static void
unpack_compared(struct cursor *r, struct cohort *ret, bool *ret_is_viewed)
{
	ret->compared = cursor_u32(r);
	const uint8_t viewed = cursor_u8(r);
	if (ret->compared == 0 || viewed > 1)
		r->broken = true;
	*ret_is_viewed = viewed == 1;
}

static void
unpack_head(struct cursor *r, struct cohort *ret, bool *ret_is_viewed)
{
	struct lineage_view view;
	const uint8_t version = cursor_u8(r);
	if (version < COHORT_VERSION || version > COHORT_COMPARED)
		r->broken = true;
	*ret_is_viewed = version == COHORT_VIEWED;
	row_text(r, ret->study, sizeof(ret->study));
	row_text(r, ret->release, sizeof(ret->release));
	ret->manifest_number = cursor_u64(r);
	cursor_copy(r, ret->rules_digest, sizeof(ret->rules_digest));
	ret->true_at_s = (int64_t)cursor_u64(r);
	ret->wave = cursor_u32(r);
	if (version == COHORT_COMPARED)
		unpack_compared(r, ret, ret_is_viewed);
	if (!*ret_is_viewed)
		return;
	row_text(r, ret->view, sizeof(ret->view));
	if (r->broken || lineage_view_read(&view, ret->view) || view.by == LINEAGE_RECORDED)
		r->broken = true;
}

static void
unpack_as(struct cursor *r, struct cohort_as *ret)
{
	row_text(r, ret->as, sizeof(ret->as));
	const uint8_t stands = cursor_u8(r);
	if (stands > 1)
		r->broken = true;
	ret->stands = stands == 1;
}

static void
unpack_sites(struct cursor *r, bool is_viewed, struct cohort *ret)
{
	const uint32_t count = cursor_u32(r);
	if (count > COLUMNS_SITES_MAX)
		r->broken = true;
	ret->site_count = r->broken ? 0 : count;
	ret->sites = xcalloc(ret->site_count + 1, sizeof(*ret->sites));
	if (is_viewed)
		ret->as = xcalloc(ret->site_count + 1, sizeof(*ret->as));
	for (size_t i = 0; i < ret->site_count; i++) {
		row_text(r, ret->sites[i].id, sizeof(ret->sites[i].id));
		const uint8_t state = cursor_u8(r);
		if (state > SITE_LATE)
			r->broken = true;
		else
			ret->sites[i].state = (enum site_state)state;
		if (is_viewed)
			unpack_as(r, &ret->as[i]);
	}
}

static struct bitmap *
unpack_members(struct cursor *r)
{
	uint32_t count = cursor_u32(r);
	uint32_t rows = cursor_u32(r);
	if (rows > COHORT_ROWS_MAX)
		r->broken = true;
	struct view bits = cursor_bytes(r, r->broken ? 0 : (rows + 7u) / BITS_PER_BYTE);
	struct bitmap *members = bitmap_new(r->broken ? 0 : rows);
	for (size_t row = 0; !r->broken && row < bits.len * BITS_PER_BYTE; row++) {
		if (!(bits.at[row / BITS_PER_BYTE] >> (row % BITS_PER_BYTE) & 1))
			continue;
		if (row < rows)
			bitmap_put(members, row);
		else
			r->broken = true;
	}
	if (bitmap_count(members) != count)
		r->broken = true;
	return members;
}

enum err
cohort_unpack(struct cohort **ret, struct view packed)
{
	OWNED(cohort) struct cohort *c = xcalloc(1, sizeof(*c));
	struct cursor r = cursor_of(packed);
	bool is_viewed = false;
	*ret = NULL;
	unpack_head(&r, c, &is_viewed);
	unpack_sites(&r, is_viewed, c);
	c->members = unpack_members(&r);
	if (cursor_end(&r, "cohort"))
		return fail(E_FORMAT, "the cohort is not of its form");
	*ret = take(c);
	return OK;
}

void
cohort_digest(uint8_t ret[static HASH_BYTES], struct view packed)
{
	crypto_hash_one(ret, COHORT_PERSONAL, packed);
}

/* views */

static const char *
printed_as(const struct cohort *c, size_t site)
{
	return c->as ? c->as[site].as : c->sites[site].id;
}

bool
cohort_same_view(const struct cohort *a, const struct cohort *b)
{
	for (size_t i = 0; i < a->site_count; i++)
		for (size_t k = 0; k < b->site_count; k++)
			if (strcmp(a->sites[i].id, b->sites[k].id) == 0 &&
				strcmp(printed_as(a, i), printed_as(b, k)) != 0)
				return false;
	return true;
}

/* rows */

enum err
cohort_keep(struct vault_txn *t, const char *release, struct view packed)
{
	return vault_put_new(t, VAULT_COHORTS, view_text(release), packed);
}

enum err
cohort_get(struct vault_txn *t, const char *release, struct buf *out)
{
	enum err e = vault_get(t, VAULT_COHORTS, view_text(release), out);
	return e == E_NOTFOUND ? fail(e, "release %s has no cohort", release) : e;
}

const char *
cohort_bucket(size_t people)
{
	static const char *const names[] = {
		"0", "1-9", "10-99", "100-999", "1000-9999", "10000-99999", "100000 and more"};
	size_t bucket = 0;
	for (size_t least = 1; bucket + 1 < ARRAY_LEN(names) && people >= least; least *= 10)
		bucket++;
	return names[bucket];
}
