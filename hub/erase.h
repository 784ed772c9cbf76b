/* erase - a person's wish to be erased, from the word that it was asked for to the day on which
 * no copy opens anything any more.
 *
 * Steps:       asked       a change of level `erase` came: it is in force at once (`stopped`)
 *                          and stands in the journal, with the site that asked
 *              refused     an officer decided, with the legal reason, that it is not carried
 *                          out (statement of kind erase-refuse); the change stays in force
 *              taken back  a consent that the person gave later came before deleting began:
 *                          the wish is settled, and the consent says what may be done
 *                          (rules_wish.h); behind it a new wish may be asked
 *              begun       an officer granted it (kind erase-run): rows go piece by piece, in
 *                          turns of their own; what still comes is kept as headers only
 *              gone        all rows are deleted and the vault is moved to a new file, piece by
 *                          piece as well, every row sealed anew under a new vault key
 *                          (vault_move.h)
 *              renewed     the keeper wrapped all other keys under a new epoch, and made a new
 *                          intake number (keeper_renew.h)
 *              erased      the vault keys, intake numbers and epoch keys from before are
 *                          destroyed too: a copy taken before, with every secret that is still
 *                          there, opens no row of the vault and no answer. Not before the
 *                          manifest in force names the new number, every node that was not
 *                          revoked has that manifest (or sixty days are over), and a backup
 *                          made after the renewal was noted; that one lets vault keys go
 * In between:  who has a copy of the vault from before and the passphrase of the services could
 *              read its rows, and with two holders the answers; the receipt says so. What no
 *              step can reach is a copy of key files with one of stores: destroy both.
 * Always true: nothing is deleted for a person who did not ask. Rows of a person who is gone
 *              are deleted again before the ledger serves when an older vault was put back.
 *              What was cut off is made good at the next start: who was begun is deleted before
 *              the ledger serves, and a move begins anew (META "compact" -> u8 1, 2 persons
 *              were deleted). Who goes while the keeper makes a number waits for the one after
 *              it: the keyring of the first may have that person's keys.
 * At the site: the hub's paper lets it delete; what it reports (erase_site.h) stands inside the
 *              hub's next papers. Hub and site done: the list says `erased`. A report that does
 *              not read is said so in the list, and keeps nobody else waiting.
 * Clear parts: rules parts (pseudonym, dates, open codes) are clear at the site: an old copy of
 *              its store shows them without any key. No answer, no name.
 * Receipt:     canonical JSON {"study","receipt","state","stopped_s","refused_s",
 *              "decided_by","reason","taken_back_s","gone_s","hub_erased_s","erased_s",
 *              "could_open","site_paper","site_writer","site_signature"}, signed by the
 *              ledger's receipt key over the format "weir-erased-v1". Errors: those of vault.h.
 */
#ifndef WEIR_HUB_ERASE_H
#define WEIR_HUB_ERASE_H

#include "hub/acts.h"

struct erase;
struct json;
struct terms;

/* Carry one frame to the keeper; lent for the call. */
typedef enum err erase_send_fn(void *arg, struct view frame);
struct erase *erase_new(struct hub *h, erase_send_fn *send, void *arg); /* gives */
void erase_free(struct erase *e);
OWNER(erase)

/* Before the ledger serves: what an older vault brought back goes again. */
CHECKED enum err erase_start(struct erase *e);
/* Rows that are about nobody were deleted in this turn: the vault moves behind it. */
CHECKED enum err erase_moves(struct erase *e);
/* A piece of what is to be deleted, in this turn; nothing when there is nothing to do. */
CHECKED enum err erase_step(struct erase *e, bool keeper_open);
/* A piece of the move, between two turns; nothing while a transaction is open. */
CHECKED enum err erase_between(struct erase *e);
/* There are pieces left: the next turn should come at once. */
bool erase_is_busy(const struct erase *e);
/* The turn that lasted was given up. */
void erase_aborted(struct erase *e);
/* Each second; keeper_open: it can be asked. */
CHECKED enum err erase_tick(struct erase *e, bool keeper_open);
/* What became of every wish; adds a JSON object. */
CHECKED enum err erase_list(struct hub *h, struct buf *reply);
/* Wishes of which nothing was carried out yet and nobody has refused. */
size_t erase_waiting(struct hub *h);
/* Wishes whose site's report does not read: a damaged row. The others go on. */
CHECKED enum err erase_unread(struct hub *h, size_t *ret_count);
/* The papers that concern a site: of whom it has to delete or did not finish, and the last ones
 * of ERASE_TOLD_S; ERASE_TOLD_COUNT at most, first whom it has to delete, the newest first.
 * Lent for the call. */
#define ERASE_TOLD_S     ((int64_t)30 * 86400)
#define ERASE_TOLD_COUNT 32
typedef void erase_paper_fn(
	void *arg, struct view paper, const uint8_t signature[static SIGNATURE_BYTES]);
CHECKED enum err erase_papers(struct hub *h, const char *site, erase_paper_fn *each, void *arg);
/* The persons that are gone and whom a site may have again from a backup: those of it, and
 * those whose site an older vault does not know; the newest ERASE_NAMED_COUNT. As terms.h has
 * them. */
#define ERASE_NAMED_COUNT 2048
CHECKED enum err erase_named(struct hub *h, const char *site, struct terms *to);
/* {"receipt"}: the signed paper; adds a JSON object. */
CHECKED enum err erase_receipt(struct hub *h, const struct json *args, struct buf *reply);
/* Whose signatures a receipt carries: {"hub","nodes":[{"site","key"}]}, in hex. */
CHECKED enum err erase_keys(struct hub *h, struct buf *reply);

/* Act erase-run {"receipts":[...]}, by an officer; its id is how many. Deleting begins, and the
 * rest follows. E_CONFLICT one of them does not wait any more; E_BUSY the persons before are
 * not gone yet. Leaf of each person: erasure-granted; of one whose row is damaged it names
 * nobody. */
#define ERASE_RUN_BODY_BYTES ((size_t)2 << 20)
CHECKED enum err erase_run(struct hub *h, const struct act *a, struct buf *reply);
/* Act erase-refuse {"receipt","reason"}, by an officer. Leaf erasure-refused. */
CHECKED enum err erase_refuse(struct hub *h, const struct act *a, struct buf *reply);

/* Is this person gone, or going? Then only headers are kept. */
bool erase_is_gone(const struct hub *h, const uint8_t participant[static ID_BYTES]);
/* Does a wish stand that was not taken back, whatever became of it? */
bool erase_is_asked(const struct hub *h, const uint8_t participant[static ID_BYTES]);
struct erase_asking {
	const uint8_t *participant; /* ID_BYTES; all lent */
	const uint8_t *instance;    /* ID_BYTES: the receipt's number is its start */
	const char *site;
};
/* A wish that stands already stays as it is. */
void erase_asked(struct hub *h, const struct erase_asking *asking);
/* A consent of this person was kept in this turn: it may take the wish back. */
CHECKED enum err erase_consented(struct hub *h, const uint8_t participant[static ID_BYTES]);

#endif
