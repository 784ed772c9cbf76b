#include "hub/cohort.h"

#include <string.h>

#include "common/base/mem.h"

#define COHORT_VERSION  1
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
	buf_u8(out, COHORT_VERSION);
	buf_blob_text(out, c->study);
	buf_blob_text(out, c->release);
	buf_u64(out, c->manifest_number);
	buf_add(out, c->rules_digest, sizeof(c->rules_digest));
	buf_u64(out, (uint64_t)c->true_at_s);
	buf_u32(out, c->wave);
	buf_u32(out, (uint32_t)c->site_count);
	for (size_t i = 0; i < c->site_count; i++) {
		buf_blob_text(out, c->sites[i].id);
		buf_u8(out, (uint8_t)c->sites[i].state);
	}
	pack_members(out, c->members);
	return buf_check(out, "cohort");
}

static void
unpack_head(struct cursor *r, struct cohort *ret)
{
	if (cursor_u8(r) != COHORT_VERSION)
		r->broken = true;
	row_text(r, ret->study, sizeof(ret->study));
	row_text(r, ret->release, sizeof(ret->release));
	ret->manifest_number = cursor_u64(r);
	cursor_copy(r, ret->rules_digest, sizeof(ret->rules_digest));
	ret->true_at_s = (int64_t)cursor_u64(r);
	ret->wave = cursor_u32(r);
}

static struct cohort_site *
unpack_sites(struct cursor *r, size_t *ret_count)
{
	uint32_t count = cursor_u32(r);
	if (count > COLUMNS_SITES_MAX)
		r->broken = true;
	*ret_count = r->broken ? 0 : count;
	struct cohort_site *sites = xcalloc(*ret_count + 1, sizeof(*sites));
	for (size_t i = 0; i < *ret_count; i++) {
		row_text(r, sites[i].id, sizeof(sites[i].id));
		uint8_t state = cursor_u8(r);
		if (state > SITE_LATE)
			r->broken = true;
		else
			sites[i].state = (enum site_state)state;
	}
	return sites;
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
	*ret = NULL;
	unpack_head(&r, c);
	c->sites = unpack_sites(&r, &c->site_count);
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
