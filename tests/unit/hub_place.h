/* hub_place - a hub without processes for each test: vault, log, a study root and example
 * persons. */
#ifndef WEIR_TESTS_HUB_PLACE_H
#define WEIR_TESTS_HUB_PLACE_H

#include "tests/unit/suite.h"

#include <sys/stat.h>

#include "common/base/clock.h"
#include "common/base/mem.h"
#include "common/codec/wire_study.h"
#include "common/study/pack.h"
#include "common/trust/card.h"
#include "common/trust/manifest.h"
#include "common/trust/note.h"
#include "common/trust/statement.h"
#include "hub/acts.h"
#include "hub/acts_digest.h"
#include "hub/audit.h"
#include "hub/servicekey.h"
#include "hub/study.h"
#include "hub/vault.h"
#include "hub/versions.h"

#define PLACE_NOW_S  1795305600 /* 2026-11-22, inside the wave of the example study */
#define PLACE_STUDY  "wvs-poverty"
#define PLACE_ORIGIN "example.org/weir/wvs-poverty"
#define PLACE_PACK   WEIR_SOURCE_DIR "/tests/data/wvs/study"

/* Example persons; the root is named by act, not by card. */
enum who {
	ROOT,
	RESEARCHER_1,
	RESEARCHER_2,
	OFFICER_1,
	OFFICER_2,
	APPROVER_1,
	OPERATOR_1,
	WHO
};
struct who_is {
	const char *id;
	const char *role;
};
extern const struct who_is who_is[WHO];

struct hub_place {
	char dir[32];
	struct hub hub;
	struct servicekey *keys;
	struct secret *sign[WHO];
	uint8_t public[WHO][SIGN_PUBLIC_BYTES];
	uint8_t release_public[SIGN_PUBLIC_BYTES];
	uint8_t intake_public[BOX_PUBLIC_BYTES];
	char *log_vkey;
	struct pack *pack;  /* the example study, to publish */
	size_t limit_bytes; /* of the vault when it is opened; 0: as large as its map */
};

struct place_act {
	enum who by, signed_by;
	const char *study, *kind, *id;
	struct view body;
	int64_t time_s;
	const uint8_t *digest; /* NULL: that of the body */
};

void place_sign(
	struct hub_place *p, const struct place_act *a, const char *person, struct buf *out);
/* What the vault holds in this turn, and the log, as one hash. */
void place_holds(struct hub_place *p, uint8_t ret[static HASH_BYTES]);
/* Hands a signed act in and commits the turn whatever the answer was: a refusal must not have
 * put anything, and a test in which it did fails here. */
enum err place_submit_packed(
	struct hub_place *p, struct view packed, struct view body, struct buf *reply);
enum err place_submit_act(struct hub_place *p, const struct place_act *a, const char *person);
enum err place_submit(
	struct hub_place *p, enum who by, const char *kind, const char *id, struct view body);

/* The sentence of the last failure has to hold these words. */
void assert_words(const char *words);
#define assert_refused(call, code, words)                                                      \
	do {                                                                                   \
		assert_err(call, code);                                                        \
		assert_words(words);                                                           \
	} while (0)

struct wire_card place_card(struct hub_place *p, enum who w);
enum err place_add_card(struct hub_place *p, const struct wire_card *card);
void place_add_persons(struct hub_place *p);
struct wire_hub_keys hub_place_keys(const struct hub_place *p);
/* The body of keeper-setup: signed hub keys and one intake key of this number. */
void place_setup_body(
	struct hub_place *p, const struct wire_hub_keys *k, uint32_t number, struct buf *out);
void place_set_up_keeper(struct hub_place *p);
void place_send_documents(struct hub_place *p);

/* A manifest of this number over the example study, as `weir-hub study propose` makes it. Texts
 * and documents are lent by the place. */
struct place_manifest {
	struct wire_manifest m;
	struct wire_document documents[PACK_MAX_DOCUMENTS];
	struct wire_numbered_key intake;
};
void place_manifest(struct hub_place *p, uint64_t number, struct place_manifest *ret);
enum err place_sign_manifest(
	struct hub_place *p, enum who by, const char *id, const struct place_manifest *m);
void place_publish(struct hub_place *p);
void place_open_vault(const struct hub_place *p, struct vault **ret);
void place_open_hub(struct hub_place *p);
void place_close_hub(struct hub_place *p);
/* Fixtures, each with what the one before it has. */
int make_hub(void **state);
int make_hub_with_persons(void **state);
int make_hub_with_keeper(void **state);
int make_hub_in_force(void **state); /* with the example study */
int drop_hub(void **state);

#endif
