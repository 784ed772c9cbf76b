#include "hub/papers.h"

#include <string.h>

#include "common/base/mem.h"

#define NHS "nhs"

struct papers {
	struct approval *rows; /* verified ones */
	size_t count;
	uint64_t version;             /* of the rows; 0: nothing was read */
	struct approval_facts *facts; /* of facts_upto, or NULL */
	uint64_t facts_upto;
	struct approval_site *sites;
	char (*site_ids)[ROW_ID_BYTES]; /* what they lend from */
	size_t site_count;
	struct brought brought;
};

struct papers *
papers_new(void)
{
	return xcalloc(1, sizeof(struct papers));
}

static void
drop_facts(struct papers *p)
{
	approval_facts_free(take(p->facts));
}

static void
drop_rows(struct papers *p)
{
	drop_facts(p);
	mem_drop(&p->rows);
	p->count = 0;
	p->version = 0;
}

static void
drop_sites(struct papers *p)
{
	drop_facts(p);
	mem_drop(&p->sites);
	mem_drop(&p->site_ids);
	p->site_count = 0;
}

void
papers_free(struct papers *p)
{
	if (!p)
		return;
	drop_rows(p);
	drop_sites(p);
	brought_done(&p->brought);
	mem_drop(&p);
}

/* sites */

static bool
is_nhs(const struct pack_site *s)
{
	return strcmp(s->kind, NHS) == 0;
}

static bool
has_sites(const struct papers *p, const struct pack *pack)
{
	if (!p->sites || p->site_count != (pack ? pack->site_count : 0))
		return false;
	for (size_t i = 0; i < p->site_count; i++)
		if (strcmp(p->sites[i].id, pack->sites[i].id) != 0 ||
			p->sites[i].is_nhs != is_nhs(&pack->sites[i]))
			return false;
	return true;
}

static void
read_sites(struct papers *p, const struct pack *pack)
{
	const size_t count = pack ? pack->site_count : 0;
	if (has_sites(p, pack))
		return;
	drop_sites(p);
	p->sites = xcalloc(count + 1, sizeof(*p->sites));
	p->site_ids = xcalloc(count + 1, sizeof(*p->site_ids));
	for (size_t i = 0; i < count; i++) {
		memcpy(p->site_ids[i], pack->sites[i].id,
			strnlen(pack->sites[i].id, ROW_ID_BYTES - 1));
		p->sites[p->site_count++] = (struct approval_site){
			.id = p->site_ids[i], .is_nhs = is_nhs(&pack->sites[i])};
	}
}

/* rows */

static enum err
add_approval(void *arg, const struct approval *a)
{
	struct papers *p = arg;
	if (!a->verified_by[0])
		return OK;
	if (p->count == PAPERS_MAX_COUNT)
		return fail(E_FULL, "there are more than %d approvals", PAPERS_MAX_COUNT);
	if ((p->count & (p->count - 1)) == 0)
		p->rows = xrealloc(p->rows, MAX(p->count * 2, (size_t)1), sizeof(*p->rows));
	p->rows[p->count++] = *a;
	return OK;
}

enum err
papers_read(struct papers *p, struct vault_txn *t, const struct pack *pack,
	const struct versions *versions)
{
	const uint64_t version = vault_version(t, VAULT_APPROVALS);
	enum err e = OK;
	if (version == 0 || p->version != version) {
		drop_rows(p);
		e = approval_each(t, add_approval, p);
	}
	if (e)
		drop_rows(p);
	else
		p->version = version;
	read_sites(p, pack);
	if (brought_read(&p->brought, versions))
		drop_facts(p);
	return e;
}

const struct approval_facts *
papers_at(struct papers *p, uint64_t known_upto)
{
	if (p->facts && p->facts_upto == known_upto)
		return p->facts;
	drop_facts(p);
	p->facts_upto = known_upto;
	const struct approval_study study = {
		p->sites, p->site_count, p->brought.forms, p->brought.form_count};
	p->facts = approval_facts_new(p->rows, p->count, &study, known_upto);
	return p->facts;
}

const struct brought *
papers_brought(const struct papers *p)
{
	return &p->brought;
}

void
papers_person(const struct papers *p, const char *person, uint64_t known_upto,
	struct rules_request *ret)
{
	approval_facts_person(p->rows, p->count, person, known_upto, ret);
}
