/* ipc_submit - what intake and the commands about collectors, codes, held records and counts
 * say to sync. Fields as in ipc.h; id = 16 bytes; answers to one peer come in the order of its
 * requests, so a peer may have many open: LINK_IPC_OPEN_COUNT frames at most (link.h).
 *
 * SYNC_FACTS   adds behind its documents: u64 facts (a number that changes whenever any of this
 *              does), u32 past count (see SYNC_PAST),
 *              u32 form count x (text id, text version, u8 enum facts_form),
 *              u32 collector count x (32 BLAKE2b-256 of the token, personal weir-token-v1, no
 *              key; text id; u32 requests a minute; u32 MiB a day). Revoked ones are left out.
 * SYNC_PAST    asks u32 index from 0; answer: u32 document count x (text name, blob bytes): the
 *              pack of an earlier manifest, newest first, for forms whose version is no longer
 *              in force. Records of these are taken under their own version.
 * SYNC_CODES   asks u32 count x text code, normalised (code.h); answer: u64 facts, u32 count x
 *              (u8 known, id pseudonym). Makes nobody: of an unknown code the pseudonym is the
 *              one that something held stands under, else a new one that leads nowhere.
 * SYNC_SUBMIT  one submission. Each frame: u8 more, then bytes of the request; with more = 1
 *              the answer is empty and the next frame goes on. SUBMIT_MAX_BYTES together.
 *              Frames of one request follow each other on the link.
 *   request    text form, text version, text code ("" about the site), id participant (as
 *              sealed to; zeros about the site), id instance, id deprecates (zeros if none;
 *              both by capture_instance_of() from the instanceID), 32 digest of the XML
 *              (capture_digest_of()), text collector, text user agent, u8 enum submit_problem,
 *              text reason (for the coordinator: names paths, holds no answer),
 *              u32 expected count x (text file name, u8 goes): all that the answers name,
 *              u32 file count x (text name, u8 goes (enum form_goes), u64 plain bytes, 32
 *              digest of the plain bytes (capture_digest_of()), blob sealed (attach.h)),
 *              blob item (one item of SYNC_KEEP; empty with SUBMIT_NO_FORM),
 *              blob site part (what goes `site`, sealed to the review key; may be empty),
 *              blob spare (with SUBMIT_TEXT: the last entry of the item, its texts that lead to
 *              a person taken out, sealed under the same key; else empty)
 *   answer     u64 facts, u8 enum submit_outcome, text words for the person at the tablet. The
 *              answer leaves after the commit. Errors (nothing kept): E_BUSY the code has
 *              become known meanwhile, or too much at once: ask SYNC_CODES again and seal
 *              anew; E_FULL;
 *              E_FORMAT; E_NOTFOUND no study yet.
 *   File names of the same instance with the same digest are skipped, with another one replace
 *   what was there. As long as expected files that go `hub` are missing a record waits, a day
 *   at most; then it is kept without them. Files that go `site` keep nothing waiting.
 * SYNC_MAKE_CODES  asks u32 count (1,000 at most); answer: u32 count x text code, of new
 *              persons
 * Lists are asked for in pages. asks: blob behind which row ("" the first page);
 *              answer: u32 count x row, blob to ask the next page with ("" this is the last)
 * SYNC_COLLECTORS  a list; row: text id, text name, u64 made wall s, u64 revoked wall s
 *              or 0, u64 last use wall s or 0, u32 requests a minute, u32 MiB a day
 * SYNC_COLLECTOR_ADD  asks text id, text name, 32 token hash, u32 requests a minute, u32 MiB a
 *              day; answer: empty. E_CONFLICT the id is taken.
 * SYNC_COLLECTOR_REVOKE  asks text id; answer: empty
 * SYNC_HELD    a list; row: text name (12 hex digits), text form, text version,
 *              u8 enum submit_hold, text reason, u64 received wall s, text collector,
 *              text user agent, u64 expires wall s or 0, u32 files expected
 * SYNC_HELD_DECIDE  asks text name, u8 1 accept, 2 drop, 3 accept with its text as it is,
 *              4 accept without that text, text who decides, text role (staff.h);
 *              answer: text what became of it
 * SYNC_COUNTS  answer: text CSV of what the node counts (counts.h)
 * SYNC_COUNTS_SET  asks u32 count x (u8 0 entered or 1 coded, text key, u64 number), a whole
 *              file in one transaction; answer: u32 records about the site that were made
 */
#ifndef WEIR_NODE_IPC_SUBMIT_H
#define WEIR_NODE_IPC_SUBMIT_H

#include "node/ipc.h"

/* One request, and all that are under way. */
#define SUBMIT_MAX_BYTES   ((size_t)48 * 1024 * 1024)
#define SUBMIT_ALL_BYTES   ((size_t)128 * 1024 * 1024)
#define SUBMIT_FRAME_BYTES ((size_t)1024 * 1024)

/* How long something is held that has an end. */
#define HOLD_DAYS 30

enum facts_form { FACTS_NOT_HERE = 0, FACTS_OPEN = 1, FACTS_CLOSED = 2 };

enum submit_problem {
	SUBMIT_SOUND = 0,
	SUBMIT_INVALID = 1,
	SUBMIT_NO_CODE = 2, /* the code is not of its form, or unknown */
	SUBMIT_NO_FORM = 3, /* form version unknown: all of it is in the site part */
	SUBMIT_TEXT = 4,    /* a text of it looks like it leads to a person */
};

enum submit_outcome {
	SUBMIT_NEW = 1,
	SUBMIT_SAME,        /* was here already; nothing changed */
	SUBMIT_FILES_ADDED, /* further files of a record that is here */
	SUBMIT_EDITED,
	SUBMIT_BRANCH,        /* an edit of a version that is no longer current, kept beside */
	SUBMIT_HELD,          /* kept, and held for the coordinator */
	SUBMIT_WAITING_FILES, /* kept; some of its files have not come yet */
	SUBMIT_DELETED,       /* the record was erased or the person withdrew: nothing kept */
	SUBMIT_UNKNOWN_DEPRECATED, /* edits something that is not here: nothing kept */
	SUBMIT_CLOSED,  /* it takes no new records and was never open here: nothing kept */
	SUBMIT_REVOKED, /* the collector's token was revoked: nothing kept */
};

/* Why something is held. On disk, so the order stays. */
enum submit_hold {
	HOLD_INVALID = 1,
	HOLD_NO_CODE,
	HOLD_NO_FORM,
	HOLD_NO_CONSENT,   /* a consent that comes later lets it go on; else erased */
	HOLD_OTHER_COPY,   /* same instanceID, other answers */
	HOLD_OTHER_RECORD, /* a second record of this person in this wave */
	HOLD_WAVE,         /* the wave was not open */
	HOLD_BRANCH,       /* edits a version that is no longer current */
	HOLD_TEXT,         /* a text of it looks like it leads to a person (leads.h) */
	HOLD_TERMS, /* an approval, who may take consent, a word of the hub, or what the person
		       said and is held itself: goes on with it */
	HOLD_ENDED, /* a consent of who objected or lost capacity; else erased */
};

#endif
