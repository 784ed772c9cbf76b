#include "hub/export_ground.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/study/pack.h"
#include "common/study/rules_words.h"

#include "hub/versions.h"

#define MS_PER_S     1000
#define TASK_CONSENT "consent"

static int64_t
given_ms(const struct fhir_consent *c)
{
	return (c->consent->given_at_s ? c->consent->given_at_s : c->captured_s) * MS_PER_S;
}

static const struct pack *
study_then(const struct versions *known, int64_t at_ms)
{
	const struct pack *then = known ? versions_in_force(known, at_ms) : NULL;
	return !then && known && versions_count(known) ? versions_at(known, 0) : then;
}

static bool
covers(const struct rules_duty *d, const struct fhir_consent *c)
{
	return strcmp(d->site, c->site.id) == 0 &&
	       strcmp(d->person, c->consent->taken_by) == 0 &&
	       strcmp(d->task, TASK_CONSENT) == 0 &&
	       rules_within(given_ms(c), d->from_ms, d->until_ms);
}

static void
find_duty(struct export_ground *ret, const struct fhir_consent *c, const struct delegation *log)
{
	ret->delegation[0] = '\0';
	/* A change names who entered it, who need not be one who takes consent. */
	if (c->is_change || !c->consent->taken_by || !*c->consent->taken_by)
		return;
	for (size_t i = 0; i < log->count; i++) {
		if (!covers(&log->duties[i], c))
			continue;
		(void)snprintf(ret->delegation, sizeof(ret->delegation), "%" PRIu64,
			log->duties[i].known);
		return;
	}
}

void
export_ground_fill(struct export_ground *ret, struct fhir_consent *c, const uint8_t *instance,
	const struct hub *h, const struct delegation *log)
{
	const struct pack *then = study_then(h->versions, given_ms(c));
	ret->receipt[0] = '\0';
	if (instance)
		receipt_number(ret->receipt, instance);
	find_duty(ret, c, log);
	c->basis = then ? then->confidentiality : "";
	c->legal = then ? &then->legal : NULL;
	c->receipt = ret->receipt;
	c->delegation = ret->delegation;
}
