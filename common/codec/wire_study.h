/* wire_study - manifests, person cards and hub keys (proto/study.proto).
 *
 * Always true: see wire.h. Numbers are from 1; documents have distinct names; numbered keys
 *              rise.
 * Caps:        manifest 256 KiB with at most 1024 documents and 64 intake keys; signed manifest
 *              512 KiB with at most 8 statements and 8 cards; card and hub keys 4 KiB.
 * Errors:      E_FORMAT.
 * It can hurt: whether the signatures hold is asked in trust/card and trust/manifest.
 */
#ifndef WEIR_WIRE_STUDY_H
#define WEIR_WIRE_STUDY_H

#include "common/codec/wire_statement.h"

#define WIRE_MANIFEST_MAX_BYTES        262144
#define WIRE_SIGNED_MANIFEST_MAX_BYTES 524288
#define WIRE_CARD_MAX_BYTES            4096
#define WIRE_DOCUMENTS_MAX             1024
#define WIRE_INTAKE_MAX                64
#define WIRE_SIGNERS_MAX               8
#define WIRE_ROLES_MAX                 16

struct wire_document {
	const char *name;
	uint8_t hash[WIRE_HASH_BYTES];
	uint64_t length; /* bytes */
};

struct wire_numbered_key {
	uint32_t number;
	uint8_t public[WIRE_KEY_BYTES];
};

struct wire_manifest {
	char study[WIRE_NAME_BYTES];
	uint64_t number;
	uint8_t previous[WIRE_HASH_BYTES]; /* zeros at number 1 */
	size_t document_count;
	const struct wire_document *documents;
	uint8_t ledger_public[WIRE_KEY_BYTES];
	uint32_t ledger_number; /* from 1 */
	uint8_t receipt_public[WIRE_KEY_BYTES];
	uint8_t release_public[WIRE_KEY_BYTES];
	const char *log_vkey;
	size_t intake_count;
	const struct wire_numbered_key *intake; /* the last one is in force */
	int64_t time_s;
};

CHECKED enum err wire_manifest_pack(struct buf *out, const struct wire_manifest *m);
CHECKED enum err wire_manifest_unpack(
	struct wire_manifest **ret, struct view bytes); /* gives */
void wire_manifest_free(struct wire_manifest *m);
OWNER(wire_manifest)

/* Plain data, copied freely. */
struct wire_card {
	char study[WIRE_NAME_BYTES];
	char person[WIRE_NAME_BYTES];
	char name[WIRE_TEXT_BYTES];
	size_t role_count; /* at least 1 */
	char roles[WIRE_ROLES_MAX][WIRE_NAME_BYTES];
	char organisation[WIRE_TEXT_BYTES];
	uint8_t sign_public[WIRE_KEY_BYTES];
	uint8_t box_public[WIRE_KEY_BYTES];
	int64_t time_s;
};

CHECKED enum err wire_card_pack(struct buf *out, const struct wire_card *c);
CHECKED enum err wire_card_unpack(struct wire_card *ret, struct view bytes);

/* Plain data, copied freely. */
struct wire_hub_keys {
	char study[WIRE_NAME_BYTES];
	uint8_t receipt_public[WIRE_KEY_BYTES];
	uint8_t release_public[WIRE_KEY_BYTES];
	char log_vkey[WIRE_TEXT_BYTES];
	int64_t time_s;
};

CHECKED enum err wire_hub_keys_pack(struct buf *out, const struct wire_hub_keys *k);
CHECKED enum err wire_hub_keys_unpack(struct wire_hub_keys *ret, struct view bytes);

/* The views of an unpacked one lie in its own memory. */
struct wire_signed_manifest {
	struct view manifest;
	size_t statement_count;
	struct wire_signed statements[WIRE_SIGNERS_MAX];
	size_t card_count;
	struct wire_signed cards[WIRE_SIGNERS_MAX];
	uint8_t root_public[WIRE_KEY_BYTES];
	struct wire_signed hub_keys;
};

CHECKED enum err wire_signed_manifest_pack(
	struct buf *out, const struct wire_signed_manifest *m);
CHECKED enum err wire_signed_manifest_unpack(
	struct wire_signed_manifest **ret, struct view bytes); /* gives */
void wire_signed_manifest_free(struct wire_signed_manifest *m);
OWNER(wire_signed_manifest)

#endif
