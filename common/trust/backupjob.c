#include "common/trust/backupjob.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/mem.h"
#include "common/trust/backupdir.h"

#define MS_PER_S 1000

/* Opens what lies in `dir` and looks at all of it. */
static enum err
verify(const struct backupjob *j, const char *dir, struct findings *f, struct backup *ret)
{
	enum err e = j->check(j->arg, dir, true, f, ret);
	return e ? e : findings_check(f);
}

/* ---- backup ---- */

static enum err
fill(struct backup *ret, const struct backupjob *j, const char *aside, struct secret *sign,
	struct findings *f)
{
	OWNED_MEM char *to = xasprintf("%s/vault", aside);
	enum err e = j->copy(j->arg, j->dir, to);
	for (size_t i = 0; !e && i < j->paper_count; i++)
		e = backupdir_paper(j->dir, aside, j->papers[i]);
	if (!e)
		e = verify(j, aside, f, ret);
	if (!e && j->beside)
		e = j->beside(j->arg, aside, ret);
	(void)snprintf(ret->kind, sizeof(ret->kind), "%s", j->kind);
	(void)snprintf(ret->study, sizeof(ret->study), "%s", j->study);
	ret->made_s = clock_wall_ms() / MS_PER_S;
	return e ? e : backup_sign(aside, ret, sign);
}

enum err
backupjob_make(struct backup *ret, const struct backupjob *j, const char *to,
	struct secret *sign, struct findings *f)
{
	OWNED_MEM char *aside = NULL;
	enum err e = backupdir_begin(&aside, to);
	if (e)
		return e;
	e = fill(ret, j, aside, sign, f);
	if (!e)
		e = backupdir_publish(aside, to);
	if (e)
		backupdir_drop(aside);
	return e;
}

/* ---- restore ---- */

static enum err
refuse_newer(uint64_t entries, const struct backup *here, const struct backup *copy)
{
	/* Only a hub has a log. */
	if (!here->leaves)
		return fail(E_CONFLICT,
			"the vault here has %" PRIu64 " entries that the backup lacks: "
			"--over-newer puts the backup in its place",
			entries);
	return fail(E_CONFLICT,
		"the vault here has %" PRIu64 " entries and %" PRIu64
		" leaves of the log that the backup lacks: --over-newer puts the backup in its "
		"place",
		entries, here->leaves - MIN(here->leaves, copy->leaves));
}

/* A vault here that cannot be read holds nothing against a backup; it is kept aside anyway. */
static enum err
check_older(const struct backupjob *j, const struct backup *copy, bool over_newer,
	uint64_t *ret_ahead)
{
	OWNED_BACKUP struct backup here = {.heads = NULL};
	OWNED_BY(findings_done) struct findings f = {.count = 0};
	*ret_ahead = 0;
	if (j->check(j->arg, j->dir, false, &f, &here))
		return OK;
	*ret_ahead = backupdir_ahead(&here, copy);
	bool newer = *ret_ahead || here.leaves > copy->leaves;
	return newer && !over_newer ? refuse_newer(*ret_ahead, &here, copy) : OK;
}

static enum err
put_in_place(const struct backupjob *j, const char *from)
{
	OWNED_MEM char *fresh = NULL;
	enum err e = backupdir_fresh(&fresh, j->dir);
	if (!e)
		e = j->copy(j->arg, from, fresh);
	return e ? e : backupdir_replace(j->dir, fresh);
}

enum err
backupjob_restore(const struct backupjob *j, const char *from, bool over_newer,
	struct findings *f, uint64_t *ret_ahead)
{
	OWNED_BACKUP struct backup copy = {.heads = NULL};
	OWNED_BACKUP struct backup restored = {.heads = NULL};
	struct backup expected = {.heads = NULL};
	*ret_ahead = 0;
	(void)snprintf(expected.kind, sizeof(expected.kind), "%s", j->kind);
	(void)snprintf(expected.study, sizeof(expected.study), "%s", j->study);
	memcpy(expected.by, j->by, sizeof(expected.by));
	enum err e = backup_read(&copy, from, &expected);
	if (!e)
		e = verify(j, from, f, NULL);
	if (!e)
		e = check_older(j, &copy, over_newer, ret_ahead);
	if (!e)
		e = put_in_place(j, from);
	return e ? e : verify(j, j->dir, f, &restored);
}
