/* example_hub - a hub without processes for each test: vault, log, a study root and example persons. */
#ifndef WEIR_TESTS_EXAMPLE_HUB_H
#define WEIR_TESTS_EXAMPLE_HUB_H

#include "tests/unit/suite.h"

#include "common/codec/wire_study.h"
#include "common/study/pack.h"
#include "hub/acts.h"
#include "hub/audit.h"
#include "hub/servicekey.h"
#include "hub/vault.h"

#define EXAMPLE_NOW_S  1795305600 /* 2026-11-22, inside the wave of the example study */
#define EXAMPLE_STUDY  "wvs-poverty"
#define EXAMPLE_ORIGIN "example.org/weir/wvs-poverty"
#define EXAMPLE_PACK   WEIR_SOURCE_DIR "/tests/data/wvs/study"

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

struct example {
	char dir[32];
	struct hub hub;
	struct servicekey *keys;
	struct secret *sign[WHO];
	uint8_t public[WHO][SIGN_PUBLIC_BYTES];
	uint8_t release_public[SIGN_PUBLIC_BYTES];
	uint8_t intake_public[BOX_PUBLIC_BYTES];
	char *log_vkey;
	struct pack *pack; /* the example study, to publish */
};

/* acts */

struct example_act {
	enum who by;
	enum who signed_by;
	const char *study;
	const char *kind;
	const char *id;
	struct view body;
	int64_t time_s;
	const uint8_t *digest; /* NULL: that of the body */
};

void example_sign(
	struct example *p, const struct example_act *a, const char *person, struct buf *out);
/* Hands a signed act in and commits the turn whatever the answer was: a refusal must not have put
 * anything, and a test in which it did fails here. */
enum err example_submit_packed(
	struct example *p, struct view packed, struct view body, struct buf *reply);
enum err example_submit_act(struct example *p, const struct example_act *a, const char *person);
enum err example_submit(
	struct example *p, enum who by, const char *kind, const char *id, struct view body);

/* The sentence of the last failure has to hold these words. */
void assert_words(const char *words);
#define assert_refused(call, code, words)                                                      \
	do {                                                                                   \
		assert_err(call, code);                                                        \
		assert_words(words);                                                           \
	} while (0)

/* persons, keys, study */

struct wire_card example_card(struct example *p, enum who w);
enum err example_add_card(struct example *p, const struct wire_card *card);
void example_add_persons(struct example *p);
struct wire_hub_keys example_hub_keys(const struct example *p);
/* The body of keeper-setup: signed hub keys and one intake key of this number. */
void example_setup_body(
	struct example *p, const struct wire_hub_keys *k, uint32_t number, struct buf *out);
void example_set_up_keeper(struct example *p);
void example_send_documents(struct example *p);

/* A manifest of this number over the example study, as `weir-hub study propose` makes it. Texts and
 * documents are lent by the place. */
struct example_manifest {
	struct wire_manifest m;
	struct wire_document documents[PACK_MAX_DOCUMENTS];
	struct wire_numbered_key intake;
};

void example_manifest(struct example *p, uint64_t number, struct example_manifest *ret);
enum err example_sign_manifest(
	struct example *p, enum who by, const char *id, const struct example_manifest *m);
void example_publish(struct example *p);

/* making */

void example_open_hub(struct example *p);
void example_close_hub(struct example *p);
int make_hub(void **state);
int make_hub_with_persons(void **state);
int make_hub_with_keeper(void **state);
int make_hub_in_force(void **state); /* with the example study */
int drop_hub(void **state);

#endif
