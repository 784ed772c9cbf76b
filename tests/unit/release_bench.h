/* release_bench - a hub with records of two sites, and a keeper that is played by the test. */
#ifndef WEIR_TESTS_RELEASE_BENCH_H
#define WEIR_TESTS_RELEASE_BENCH_H

#include "common/codec/text.h"
#include "common/net/call.h"
#include "hub/approval.h"
#include "hub/judge.h"
#include "hub/release.h"
#include "hub/release_desk.h"
#include "hub/release_row.h"
#include "hub/tally.h"
#include "hub/warrant.h"
#include "tests/unit/hub_node.h"

#define DAY_S        86400
#define PEOPLE_COUNT 6 /* at each site, with consent */
#define RELEASE      "r1"

/* Persons besides those of the place; one is author and approver. */
enum staff { AUTHOR, APPROVER_A, APPROVER_B, STAFF };

struct release_bench {
	struct hub_place *place;
	struct fake_node *norway, *sweden;
	struct secret *sign[STAFF];
	struct secret *release;
	struct release_desk *desk;
	struct buf task; /* the last frame to the keeper */
	size_t task_count;
	enum err send_answers; /* of the way to the keeper */
};

int make_release_bench(void **state);
int drop_release_bench(void **state);

/* The newest entry of a lane arrives. */
void bench_arrive(struct release_bench *b, const struct fake_node *n, enum lane lane);
/* An entry with this rules part arrives from the node. */
void bench_bring(struct release_bench *b, struct fake_node *n, const struct wire_rules *r);
/* A consent, and a record of person `who` at the node. */
void bench_person(struct release_bench *b, struct fake_node *n, uint8_t who, bool consents);
/* The person wants no further use from now on. */
void bench_withdraw(struct release_bench *b, struct fake_node *n, uint8_t who);
/* The same, as a site with this clock dates it. */
void bench_withdraw_at(
	struct release_bench *b, struct fake_node *n, uint8_t who, int64_t given_at_s);
void bench_approval(struct release_bench *b, const char *id, const char *kind, const char *site,
	const char *decision);

enum err bench_submit(struct release_bench *b, enum staff by, const char *kind, const char *id,
	struct view body);
enum err bench_propose(struct release_bench *b, const char *body);
enum err bench_approve(struct release_bench *b, enum staff by, const char *document);
enum err bench_publish(struct release_bench *b, const char *document);
/* A checkpoint over all that was committed. */
void bench_checkpoint(struct release_bench *b);

/* The keeper says that it is open, looks, and hands this document back. */
void bench_open_keeper(struct release_bench *b);
void bench_hand_back(
	struct release_bench *b, enum err code, const char *document, struct secret *key);
/* gives a document that fits the release as it was frozen. */
char *bench_document(struct release_bench *b, const char *release);
struct release bench_row(struct release_bench *b, const char *release);
/* gives the cohort as it was frozen. */
struct cohort *bench_cohort(struct release_bench *b);
/* Version 2 of the study comes into force. */
void bench_new_manifest(struct release_bench *b);
/* Proposed, frozen and staged; gives the document. */
char *bench_stage(struct release_bench *b);

#endif
