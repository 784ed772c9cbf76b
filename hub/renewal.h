/* renewal - numbered keys of the hub: when each was made, when a new one is due, when nobody
 * needs an old one any more.
 *
 * Kinds:       intake keys, made by the keeper with a new key epoch (keeper_renew.h); ledger
 *              keys, made by the ledger (ledgerkeys.h).
 * Due:         RENEWAL_DAYS after the newest was made (hub.ini keys.renew; 0: only when asked),
 *              or when an officer asks (act keys-renew). The ledger asks the keeper as soon as
 *              it is open, unless a manifest waits to be verified. Two officers publish the new
 *              numbers: until then nodes seal with the old ones.
 * Retired:     number n, when a later one was told and every node that is not revoked took that
 *              manifest or a later one, greeted with it and sent what it had then
 *              (renewal_claim.h), or sixty days are over since it was told; an intake number
 *              not before the keyring has every key that was wrapped for it and a backup that
 *              was verified holds that keyring, or one of a later epoch.
 *              For an intake number a node has to say itself what it had then and what it
 *              keeps aside for an older one, such as held submissions (renewal_kept.h): the
 *              number stays as long as it does, for at most those sixty days.
 * Errors:      those of vault.h; E_FORMAT.
 */
#ifndef WEIR_HUB_RENEWAL_H
#define WEIR_HUB_RENEWAL_H

#include "hub/acts.h"
#include "hub/writer.h"

#define RENEWAL_DAYS   30
#define RENEWAL_WAIT_S ((int64_t)60 * 86400)
#define RENEWAL_KIND   "keys-renew"

/* On the disk. */
enum renewal_kind { RENEWAL_INTAKE = 1, RENEWAL_LEDGER = 2 };

/* How it stands with one kind. */
struct renewal_state {
	uint32_t newest; /* 0: there is none */
	uint32_t told;   /* the newest that a manifest names */
	uint32_t oldest; /* that is not destroyed */
	int64_t made_s;  /* of the newest */
	bool is_due;     /* a new one is to be made */
};

/* A key of this kind is there; what was known of its number stays. epoch: of the keyring that
 * was made with it, 0 for ledger keys. */
CHECKED enum err renewal_made(
	struct hub *h, enum renewal_kind kind, uint32_t number, uint32_t epoch);
/* The keyring of this epoch has every key that came so far. */
CHECKED enum err renewal_taken(struct hub *h, uint32_t epoch);
/* Numbers up to this one are destroyed. */
CHECKED enum err renewal_gone(struct hub *h, enum renewal_kind kind, uint32_t number);
/* A manifest that names these numbers as the newest is in force. */
CHECKED enum err renewal_told(struct hub *h, uint32_t intake, uint32_t ledger);

/* Numbers that a vault has and renewal_numbers.h does not know are made today: at the start,
 * and when the keeper is set up. */
CHECKED enum err renewal_begin(struct hub *h);
CHECKED enum err renewal_state(
	struct hub *h, enum renewal_kind kind, int64_t days, struct renewal_state *ret);
/* Up to which number nobody needs the secret halves any more; 0: none. */
CHECKED enum err renewal_retired(struct hub *h, enum renewal_kind kind, uint32_t *ret);

/* What of a node keeps an old number from being destroyed. */
enum renewal_wait {
	RENEWAL_WAITS_NOT,
	RENEWAL_WAITS_TAKES, /* that it takes the manifest */
	RENEWAL_WAITS_SAYS,  /* that it says what it keeps aside */
	RENEWAL_WAITS_KEEPS, /* that it releases or drops it */
	RENEWAL_WAITS_SENDS, /* that what it had arrives */
};
/* until_s: when nobody is waited for any more. */
typedef enum err renewal_wait_fn(
	void *arg, const struct writer *w, enum renewal_wait why, int64_t until_s);
/* Who keeps the oldest number; nobody if there is no later one that was told. */
CHECKED enum err renewal_each_waiting(
	struct hub *h, enum renewal_kind kind, renewal_wait_fn *each, void *arg);

/* Act keys-renew {"reason","leave_damaged"}, by an officer; leave_damaged true: keys that a
 * renewal waits for, in damaged entries, are given up (erase_renew.h). */
CHECKED enum err renewal_ask(struct hub *h, const struct act *a, struct buf *reply);

#endif
