#include "node/sync_decide_inside.h"

#include <inttypes.h>
#include <stdio.h>

#include "common/base/clock.h"

#include "node/sync_erased.h"
#include "node/sync_kept.h"
#include "node/sync_late.h"
#include "node/sync_review.h"

#define MS_PER_S 1000

/* What came to the hub sealed for a key of the study that was destroyed then. */
static void
write_sent_late(struct json_out *w, const struct sync_late *late)
{
	char sentence[SYNC_DECIDE_BYTES];
	if (late->by_site) {
		(void)snprintf(sentence, sizeof(sentence),
			"the answers of %" PRIu32 " records came to the hub when the key of "
			"the study that they are sealed for was destroyed. This site can still "
			"open them: open the desk, which seals their keys for the newest one",
			late->by_site);
		sync_decide_put(w, sentence, "weir-node desk unlock");
	}
	if (late->by_nobody) {
		(void)snprintf(sentence, sizeof(sentence),
			"the answers of %" PRIu32 " records came to the hub when the key of "
			"the study that they are sealed for was destroyed, and are not sealed "
			"for this site: nobody can open them any more. Ask the research team "
			"which, and have them entered anew",
			late->by_nobody);
		sync_decide_put(w, sentence, "");
	}
}

/* What is held and sealed for a key of the study that is destroyed. */
static void
write_late(struct json_out *w, const struct sync_kept_aside *kept)
{
	char sentence[SYNC_DECIDE_BYTES];
	if (kept->by_site) {
		(void)snprintf(sentence, sizeof(sentence),
			"%" PRIu64 " held records are sealed for a key of the study that is "
			"destroyed. This site can still open them: open the desk, which seals "
			"their keys for the newest one",
			kept->by_site);
		sync_decide_put(w, sentence, "weir-node desk unlock");
	}
	if (kept->by_nobody) {
		(void)snprintf(sentence, sizeof(sentence),
			"%" PRIu64 " held records are sealed for a key of the study that is "
			"destroyed, and not for this site: nobody can open them any more. Drop "
			"each, and have it entered anew by whoever collected it",
			kept->by_nobody);
		sync_decide_put(w, sentence, "weir-node held list");
	}
}

enum err
sync_decide_kept(struct json_out *w, const struct sync_link_site *site)
{
	char sentence[SYNC_DECIDE_BYTES], day[CLOCK_TEXT_BYTES];
	const struct wire_manifest *m = sync_config_manifest(site->config);
	const struct sync_judge j = {.vault = site->vault,
		.intake = m ? m->intake[m->intake_count - 1].number : 0,
		.intake_first = m ? m->intake[0].number : 0};
	const int64_t warn_s = (int64_t)(SYNC_KEPT_DAYS - SYNC_KEPT_WARN_DAYS) * 86400;
	struct sync_kept_aside kept;
	struct sync_late late;
	enum err e = sync_kept_find(&j, &kept);
	if (!e)
		write_late(w, &kept);
	if (!e)
		e = sync_late_get(j.vault, &late);
	if (!e)
		write_sent_late(w, &late);
	if (e || kept.count == kept.by_site + kept.by_nobody ||
		clock_wall_ms() / MS_PER_S < kept.until_s - warn_s)
		return e;
	clock_text(day, kept.until_s * MS_PER_S);
	(void)snprintf(sentence, sizeof(sentence),
		"%" PRIu64
		" held records are sealed for an older key of the study, which may be "
		"destroyed on %.10s: after that nobody at the study can open them any more. "
		"Before it accept each, drop it, or bring the approval that it waits for",
		kept.count - kept.by_site - kept.by_nobody, day);
	sync_decide_put(w, sentence, "weir-node held list");
	return OK;
}

/* Who is deleted here, while the review key of before is there. */
static enum err
write_deleted(
	struct json_out *w, const struct sync_link_site *site, const struct sync_review *r)
{
	uint32_t wants = 0;
	enum err e = sync_erased_wants(site->vault, &wants);
	if (!e && wants > r->destroyed)
		sync_decide_put(w,
			"somebody who asked to be erased is deleted here: until the desk is "
			"opened once, whoever opens it could still read the person in a copy "
			"of this computer's store from before",
			"weir-node desk unlock");
	return e;
}

enum err
sync_decide_review(struct json_out *w, const struct sync_link_site *site)
{
	struct sync_review r;
	bool may_end = false;
	enum err e = sync_review_get(site->vault, site->card, &r);
	if (!e)
		e = write_deleted(w, site, &r);
	if (!e)
		e = sync_review_may_end(site->vault, clock_wall_ms() / MS_PER_S, &may_end);
	if (e || r.destroyed >= r.number || r.taken < r.number)
		return e;
	if (may_end)
		sync_decide_put(w,
			"the review key of this site from before is not needed any more: open "
			"the desk, which destroys it",
			"weir-node desk unlock");
	else
		sync_decide_put(w,
			"the review key of this site was renewed: the one from before is "
			"destroyed when a backup holds what it opened. Make one, and open the "
			"desk behind it",
			"weir-node backup DIR");
	return OK;
}
