/* erase_bench - a site with vault and desk keys where people ask to be erased, and the hub's
 * papers for them; codes and answers are examples. */
#ifndef WEIR_TESTS_ERASE_BENCH_H
#define WEIR_TESTS_ERASE_BENCH_H

#include "tests/unit/submit_bench.h"

#include "node/custody.h"
#include "node/hubcard.h"
#include "node/ipc_review.h"
#include "node/sync_erase.h"

#define TEXT_MAX 4096

/* A site with its desk: vault, card and the coordinator's keys. */
struct desk_site {
	struct door door;
	struct hubcard card;
	struct custody *keys;
	struct secret *passphrase;
	struct secret *hub, *writer;
	uint8_t hub_public[SIGN_PUBLIC_BYTES], writer_public[SIGN_PUBLIC_BYTES];
	unsigned fails_at; /* the question that is not answered; 0: none */
	unsigned asked;
	uint8_t proof[REVIEW_PROOF_BYTES];
	bool without_backup, ended_without_backup, waits_for_backup;
	uint32_t intake, intake_first; /* of the manifest in force; 0: not looked at */
};
#define OWNED_SITE OWNED_BY(erase_site_done)

struct paper {
	struct buf text;
	uint8_t signature[SIGNATURE_BYTES];
};
#define OWNED_PAPER OWNED_BY(erase_paper_done)

void erase_site_done(struct desk_site *s);
void erase_use_review(struct desk_site *s);
struct sync_judge erase_judge(const struct desk_site *s);
void erase_open_site(struct desk_site *s, struct place *p);
struct sync_erase_ask erase_ask(struct desk_site *s, const struct sync_judge *j);
void erase_wish(struct desk_site *s, const char *code, uint8_t ret_instance[static ID_BYTES]);
void erase_all_at_hub(struct desk_site *s);
void erase_paper_done(struct paper *p);
void erase_make_paper(
	struct desk_site *s, struct paper *p, const uint8_t *instance, const char *state);
enum err erase_by(struct desk_site *s, const struct paper *p);
/* One run of the renewal, cut off at question `fails_at` (2n - 1: it is not carried out, 2n: it
 * is, and not answered), as a process that is killed leaves it. */
enum err erase_renew(struct desk_site *s);
/* The keys as they stand in the file, as after an unlock. */
void erase_open_again(struct desk_site *s);
/* Does the wrap for the site of the key entry at seq open? Which number it names. */
bool erase_opens(struct desk_site *s, uint64_t seq, uint32_t *ret_number);
uint64_t erase_first_key(struct desk_site *s);
uint32_t erase_wanted(struct desk_site *s);
/* N0001 wishes to be erased, N0002 stays and has something held; all is at the hub. */
void erase_two_persons(struct desk_site *s, uint8_t ret_instance[static ID_BYTES]);

#endif
