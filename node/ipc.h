/* ipc - what the processes of one node say to each other, field by field. What an intake says
 * about submissions, codes and collectors stands in ipc_submit.h.
 *
 * Frames are those of common/net/call.h. Fields: u8 u16 u32 u64 big-endian; blob = u32 length
 * and bytes; text = blob of UTF-8; id = 16 bytes. sync listens on RUN/sync.sock and is the
 * vault's one writer and the site's one judge; desk listens on RUN/desk.sock. RUN is DIR/run,
 * mode 0700.
 *
 * SYNC_PEOPLE  the pseudonyms of study codes, made and committed where there are none yet.
 *   asks       u32 count, count x text code
 *   answer     u32 count, count x id pseudonym (random, study-scoped)
 * SYNC_FACTS   what a process needs to seal: nothing secret of people in it but the row key.
 *   asks       nothing
 *   answer     text study, u32 intake number, 32 intake public, u32 review number,
 *              32 review public, 32 row key (of digests that tell if a row was loaded before),
 *              blob manifest (SignedManifest),
 *              u32 document count, count x (text name, blob bytes),
 *              and what ipc_submit.h adds
 * SYNC_KEEP    entries to keep. All frames up to and including the one with more = 0 are one
 *              transaction: all of it, or nothing. "Saved" may be said only after the last
 *              answer. Frames with more = 1 are answered too (empty), so that the sender never
 *              runs ahead.
 *   asks       u8 more, u32 item count, count x item
 *              with (blob site part (capture.h; empty if none)) behind each item; in the last
 *              frame, unless all are changes or take one back, sync_keep_put_by() (sync_keep.h)
 *   item       text code (study code the item is about), id instance, 32 row digest,
 *              u32 entry count, count x entry. An item whose instance is known with the same
 *              digest is skipped; with another digest it is a conflict and the whole request is
 *              refused; the sentence names the item's index (u32, the first one is 0).
 *   entry      u8 lane (C or R), u8 part count, count x (u8 part kind, blob bytes)
 *   answer     (last frame) u32 kept items, u32 skipped items, u32 entries
 *   sync checks every rules part: participant = pseudonym of `code`, form known, sizes, and for
 *   a record the consent in its facts (rules action collect): no consent -> E_DENIED naming the
 *   item. Of an item that is skipped the site part is kept where it is missing.
 * SYNC_LINES   what rows of a sheet are called: fields in sync_lines.h
 * SYNC_ACT     something a person did at the site, for lane A: asks text leaf JSON;
 *              answer: u64 seq
 * SYNC_STATUS  answer: text JSON (what `weir-node status --json` prints)
 * SYNC_CODE    what is known of one person: asks text code; answer: id pseudonym,
 *              u32 count, count x text entry name ("3f2a91bc.1.R.17"), then
 *              u32 count, count x blob rules part of the consents in order
 * SYNC_BUNDLE_OPEN, _GIVE, _CLOSE, _TAKE
 *              bundles, in and out: fields in common/run/bundlecall.h and node/bundles.h.
 * SYNC_SURVIVE a person says that this copy of the node goes on: answer: empty; E_CONFLICT when
 *              there is nothing to decide
 * SYNC_LOG_AGAIN looking at the hub's log again after an alarm: asks text reason (of the act),
 *              text who, text role (staff.h);
 *              answer: empty; E_NOTFOUND without an alarm
 * SYNC_SCRUB   reading everything that is stored once more. asks u8 1 begin now, 0 only tell;
 *              answer: u8 running, u64 entries looked at, u64 of how many, u64 damaged, u64
 *              mended, u64 lost (sync_scrub.h)
 * SYNC_RECEIPT the person of a receipt (common/study/receipt.h): asks 5 first bytes of the
 *              instance; answer: text code. E_NOTFOUND; E_CONFLICT when it fits two persons
 * SYNC_DUTIES  the delegation log: asks nothing; answer: text, a line each (sync_duties.h)
 * DESK_STATUS, _UNLOCK, _CHANGE, _LOCK: fields in ipc_desk.h.
 */
#ifndef WEIR_NODE_IPC_H
#define WEIR_NODE_IPC_H

enum node_verb {
	SYNC_PEOPLE = 1,
	SYNC_FACTS = 2,
	SYNC_KEEP = 3,
	SYNC_LINES = 47,
	SYNC_ACT = 4,
	SYNC_STATUS = 5,
	SYNC_CODE = 6,
	/* ipc_submit.h: */
	SYNC_CODES = 7,
	SYNC_SUBMIT = 8,
	SYNC_PAST = 9,
	SYNC_MAKE_CODES = 10,
	SYNC_COLLECTORS = 11,
	SYNC_COLLECTOR_ADD = 12,
	SYNC_COLLECTOR_REVOKE = 13,
	SYNC_HELD = 14,
	SYNC_HELD_DECIDE = 15,
	SYNC_COUNTS = 16,
	SYNC_COUNTS_SET = 17,
	SYNC_SURVIVE = 18,
	SYNC_SCRUB = 19,
	SYNC_RECEIPT = 24,
	SYNC_ERASE = 29,
	SYNC_DUTIES = 25,
	SYNC_BUNDLE_OPEN = 30,
	SYNC_BUNDLE_GIVE = 31,
	SYNC_BUNDLE_CLOSE = 32,
	SYNC_BUNDLE_TAKE = 33,
	SYNC_LOG_AGAIN = 34,
	/* ipc_review.h: */
	SYNC_ERASED = 50,
	SYNC_REVIEW = 51,
	SYNC_REVIEW_SET = 52,
	SYNC_REVIEW_LIST = 53,
	SYNC_REVIEW_PUT = 54,
	SYNC_REVIEW_TAKEN = 55,
	SYNC_REVIEW_GONE = 56,
	SYNC_REWRAP_LIST = 57,
	SYNC_REWRAP_PUT = 58,
	SYNC_REVIEW_KEPT = 59,
	DESK_STATUS = 20,
	DESK_UNLOCK = 21,
	DESK_LOCK = 22,
	/* ipc_contact.h: */
	SYNC_CONTACT = 40,
	DESK_CONTACT_PUT = 41,
	DESK_CONTACT_GET = 42,
	DESK_CONTACT_DROP = 43,
	DESK_CONTACT_LIST = 44,
	DESK_CONTACT_SAVE = 45,
	DESK_CONTACT_LOAD = 46,
	DESK_CONTACT_DROP_DUE = 48,
	DESK_CHANGE = 23,
};

/* All frames of one SYNC_KEEP request; import names the row to split at. */
#define KEEP_MAX_BYTES   ((size_t)64 * 1024 * 1024)
#define KEEP_FRAME_BYTES ((size_t)1024 * 1024)

#endif
