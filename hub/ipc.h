/* ipc - what the processes and commands of one hub say to each other, field by field.
 *
 * Frames are those of common/net/call.h; field words as in node/ipc.h's comment: u8 u16 u32 u64
 * big-endian, blob = u32 length and bytes, text = blob of UTF-8, id = 16 bytes.
 * The ledger binds three sockets, each in a directory of mode 0700 of its own:
 *   RUN/cmd/ledger.sock (commands), RUN/gate/ledger.sock (gate),
 *   RUN/keeper/ledger.sock (keeper). A fourth, RUN/web/ledger.sock, takes LEDGER_BUNDLE_*
 *   and nothing else.
 * The keeper binds RUN/keeper-cmd/keeper.sock for `weir-hub keeper unlock|lock|status`.
 * RUN is DIR/run.
 *
 * Commands -> ledger
 * LEDGER_SUBMIT    a signed act. asks blob SignedStatement, blob body (the exact bytes decided
 *                  on: their digest stands in the statement); answer: text JSON. Kinds and
 *                  bodies: hub/acts.h.
 * LEDGER_DOCUMENT  bytes a manifest names. asks blob bytes; answer: 32 hash. Kept; what no
 *                  manifest ever names lies there unused.
 * LEDGER_ASK       a question that changes nothing. asks text name, text JSON arguments;
 *                  answer: text JSON. Names: status, facts (study id, root public, persons,
 *                  keys), invite (by id), manifest, why, release, releases, staged (the staged
 *                  document's exact bytes as base64), approvals, pack, document (facts.h),
 *                  fhir (export_fhir.h).
 * LEDGER_DO        what an operator says without a statement. asks text name, blob JSON
 *                  arguments; answer: text JSON. Names: upkeep.h.
 * LEDGER_BUNDLE_OPEN, _GIVE, _CLOSE, _TAKE
 *                  bundles, in and out: fields in common/run/bundlecall.h and hub/bundles.h.
 * Gate <-> ledger (one-way frames, the ledger answers none of them)
 * GATE_HELLO       gate -> ledger at its start: no fields. The ledger answers with GATE_KEYS.
 * GATE_KEYS        ledger -> gate: u32 count, count x 32 CURVE public key to be admitted (nodes
 *                  and open, used or lapsed invitations). Replaces the list; sent again after
 *                  each change.
 * GATE_FROM        gate -> ledger: blob routing id, 32 CURVE public key, blob frame
 * GATE_TO          ledger -> gate: blob routing id, blob frame
 * Keeper <-> ledger (one-way)
 * KEEPER_HELLO     keeper -> ledger at its start and after each unlock and lock: u8 unlocked,
 *                  text first holder, text second holder (empty while it is locked). The
 *                  ledger's leaf names them.
 * KEEPER_TASK      ledger -> keeper: text release id, blob cohort (see hub/cohort.h), u64 leaf
 *                  index, blob leaf, u32 n, n x 32 inclusion proof, blob checkpoint note, blob
 *                  proposal SignedStatement, blob proposal body
 * KEEPER_DONE      keeper -> ledger: text release id, u8 code, text words, blob staged
 *                  document, 64 signature (release key), blob sealed evidence
 * KEEPER_RENEW     ledger -> keeper: u32 retired (intake numbers up to it may be destroyed; 0:
 *                  none), u8 1 make a new epoch and intake number first; then none is
 *                  destroyed, u32 kept (the newest epoch whose keyring is in a backup: keys of
 *                  those before go with the retired), u8 1 keys in damaged entries are
 *                  given up
 * KEEPER_RENEWED   keeper -> ledger: u8 code, text words, u32 epoch, u32 newest intake number,
 *                  u32 retired (0: nothing was destroyed; with another epoch than before: keys
 *                  were taken over first), 32 its public key, u64 keys in the keyring,
 *                  u64 keys in damaged entries (code E_BUSY: they are waited for; 0: given up)
 * Commands -> keeper
 * KEEPER_STATUS    answer: u8 state (0 locked, 1 one holder, 2 open), text first holder, u32
 *                  idle seconds left
 * KEEPER_PEEL      asks text holder, u32 count, count x (text other holder, blob inner box: the
 *                  first holder's layer taken off); answer: u32 seconds left for the second
 *                  holder
 * KEEPER_INNER     asks text holder; answer: text first holder, blob inner box meant for this
 *                  holder
 * KEEPER_OPEN      asks text holder, blob study secret (32 bytes); answer: empty
 * KEEPER_LOCK      answer: empty
 * KEEPER_HOLDERS   carry out what two holders agreed on (holders.h): asks blob study secret;
 *                  answer: u32 holders
 */
#ifndef WEIR_HUB_IPC_H
#define WEIR_HUB_IPC_H

enum hub_verb {
	LEDGER_SUBMIT = 1,
	LEDGER_DOCUMENT = 2,
	LEDGER_ASK = 3,
	LEDGER_BUNDLE_OPEN = 4,
	LEDGER_BUNDLE_GIVE = 5,
	LEDGER_BUNDLE_CLOSE = 6,
	LEDGER_BUNDLE_TAKE = 7,
	LEDGER_DO = 8,
	GATE_HELLO = 20,
	GATE_KEYS = 21,
	GATE_FROM = 22,
	GATE_TO = 23,
	KEEPER_HELLO = 40,
	KEEPER_TASK = 41,
	KEEPER_DONE = 42,
	KEEPER_RENEW = 43,
	KEEPER_RENEWED = 44,
	KEEPER_STATUS = 60,
	KEEPER_PEEL = 61,
	KEEPER_INNER = 62,
	KEEPER_OPEN = 63,
	KEEPER_LOCK = 64,
	KEEPER_HOLDERS = 65,
};

#define IPC_STATEMENT_MAX_BYTES ((size_t)8 * 1024)
#define IPC_BODY_MAX_BYTES      ((size_t)8 * 1024 * 1024)
#define IPC_DOCUMENT_MAX_BYTES  ((size_t)16 * 1024 * 1024)

#endif
