/* terms - on what terms a site may collect: by which version of the study, until when by this
 * word of the hub, approvals that concern the site, its delegation log, its own rules, and
 * persons whose level it has to confirm. Made at the hub, judged by at the node.
 *
 * Format:      signed: blob body | signature 64, Ed25519 by the receipt key over blobs
 *              "weir-terms-v1", body.
 *              body:  version u8 = 2 | blob study | blob site | number u64 | made u64 s |
 *              number u64 of the manifest in force at the hub | until u64 s, never 0 ||
 *              u32 approvals, each 6 blobs (id, kind, site, partner, flow, decision) | u8 a
 *              reason was given | from, until u64 ms | 6 lists of what it covers, each u32
 *              count x blob (protocols, forms, data, activities, sites, modes) | u32 conditions
 *              x (due, met u64 ms) ||
 *              u32 versions of the plan, each blob | from u64 ms ||
 *              u32 modifications, each 5 blobs (term, form, form version, site, decision) |
 *              from, until u64 ms ||
 *              u32 reviews, each 2 blobs (kind, site) | from, due, done u64 ms | u8 reviewed ||
 *              u32 duties, each 2 blobs (staff code, task) | from, until u64 ms ||
 *              u32 versions of consent forms, each 4 blobs (form, version, the one it replaced,
 *              what it asks of who agreed before) | from u64 ms ||
 *              u64 ms since when the analysis plan is sealed | u64 ms when the site's task and
 *              reason were collected, 0 each for not at all ||
 *              blob rules.ini of the site, empty if it has none ||
 *              u32 holds, each blob receipt number | placed u64 s ||
 *              blob day on which the site leaves or left the study, "" if it does not | when it
 *              begins, u64 ms | blob what becomes of its data: keep, stop or erase ||
 *              u32 papers of erasures that concern the site (hub/erase.h), each blob |
 *              signature 64 ||
 *              u32 persons whom the hub erased, each start of the receipt's number 5 | stopped
 *              u64 s | mark 16 ||
 *              u8 1 they were too long: approvals, modifications, reviews, duties, versions
 *              and rules are left out, and nothing new may be collected
 * Always true: numbers rise (the hub's epoch, then its log's size): a site never goes back to
 *              older terms. Suspensions stand as decisions with their own times, as in
 *              rules_parts.h. No person is named but by staff code and receipt number.
 * Marks:       BLAKE2b-128, personal weir-gone-v1, of the pseudonym: whoever has the
 *              person's rows finds them by it, nobody else can tell who is meant, for a
 *              pseudonym is as good as random. They stand as long as the hub's list of erasures
 *              does, so that a site whose backup brought somebody back erases again; one whose
 *              site the hub has forgotten is told to all.
 * Last day:    a manifest carries none: two officers sign it, and nobody could sign it anew
 *              every few weeks. So the hub says with the terms that it is still in force, and
 *              until when that word counts: [study] manifest_days of the manifest from when
 *              they were made. It makes them anew each day, with a later day and, where nothing
 *              was logged since, under the same number.
 * A site without a link judges by the terms that it has: what runs out ends on its day, what
 *              begins later begins; a suspension that it cannot know of holds nothing there,
 *              and the hub, which knows, denies what was collected meanwhile.
 * Left out:    approvals about persons (training, contract): no rule asks them at collection.
 * Limits:      TERMS_MAX_BYTES of a body; on their way they go in pieces (termspieces.h). What
 *              the hub lets in takes at most, of one site: 1,000 duties of 230 bytes, 1,000
 *              holds of 23, 32 papers of 8,260, 2,048 marks of 29, rules of 64 KiB: 0.7 MiB. An
 *              approval takes at most 6 lists of 240 bytes and 600 besides, once for each time
 *              that it ran: the other 3.3 MiB are 1,600 of these, or 9,500 of the usual 360
 *              bytes. What is longer is cut, and said on both sides (hub/siteterms.h).
 * Errors:      E_FORMAT not of its form; E_FULL too long; E_AUTH not signed by that key.
 */
#ifndef WEIR_TERMS_H
#define WEIR_TERMS_H

#include "common/study/rules.h"
#include "common/study/terms_parts.h"

#define TERMS_VERSION          2
#define TERMS_MAX_BYTES        ((size_t)4 * 1024 * 1024)
#define TERMS_SIGNED_MAX_BYTES (TERMS_MAX_BYTES + SIGNATURE_BYTES + 16)

struct terms {
	char *study, *site;
	uint64_t number;
	int64_t made_s;
	uint64_t manifest_number; /* in force at the hub */
	int64_t until_s;          /* over from this second of the hub on */
	struct rules_approval *approvals;
	size_t approval_count;
	struct rules_protocol *protocols;
	size_t protocol_count;
	struct rules_modification *modifications;
	size_t modification_count;
	struct rules_review *reviews;
	size_t review_count;
	struct rules_duty *duties;
	size_t duty_count;
	struct rules_sheet *sheets;
	size_t sheet_count;
	struct rules_plan plan; /* but for the first record of a wave */
	struct view rules_text;
	struct rules *rules; /* NULL: none of its own */
	struct terms_hold *holds;
	size_t hold_count;
	char *left_day; /* NULL or "": the site takes part */
	int64_t left_ms;
	char *left_data;
	struct terms_paper *papers;
	size_t paper_count;
	struct terms_gone *gone;
	size_t gone_count;
	bool is_cut;  /* too long: see above */
	void **owned; /* what the texts and lists of the above lend from */
	size_t owned_count;
};

/* Adds the body; `rules` and `owned` are not looked at. */
CHECKED enum err terms_write(struct buf *out, const struct terms *t);
/* gives; copies all of the body. */
CHECKED enum err terms_read(struct terms **ret, struct view body);
void terms_free(struct terms *t);
OWNER(terms)

void terms_mark(uint8_t ret[static ID_BYTES], const uint8_t participant[static ID_BYTES]);

/* Has the site left the study by then? NULL has not. */
bool terms_left(const struct terms *t, int64_t wall_ms);

/* Adds the signed form of a body. */
CHECKED enum err terms_sign(struct buf *out, struct view body, struct secret *receipt_key);
/* gives what was signed by this key. */
CHECKED enum err terms_open(struct terms **ret, struct view signed_terms,
	const uint8_t receipt_public[static SIGN_PUBLIC_BYTES]);

#endif
