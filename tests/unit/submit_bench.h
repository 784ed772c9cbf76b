/* submit_bench - what intake does before it hands a submission to sync, for suites of it.
 *
 * The study is the example of tests/data/wvs; codes and answers are examples.
 */
#ifndef WEIR_TESTS_SUBMIT_BENCH_H
#define WEIR_TESTS_SUBMIT_BENCH_H

#include "tests/unit/site_bench.h"
#include "tests/unit/terms_bench.h"

#include "common/study/pack.h"
#include "node/attach.h"
#include "node/capture_ids.h"
#include "node/sync_held.h"
#include "node/sync_hold_walk.h"
#include "node/sync_people.h"
#include "node/sync_submit.h"

#define NOW_S       1796083200 /* 2026-12-01 */
#define PERMIT      "collect-direct,use-site-report,use-aggregate"
#define REQUEST_MAX ((size_t)4 << 20)
#define DAY_S       86400

struct door {
	struct place *place;
	struct pack *pack;
	struct capture_site site;
	struct secret *intake, *review;
	int64_t now_s;
	int64_t over_s; /* since when the study is in force no more; 0: it is */
	struct terms_bench terms;
};

void open_door(struct door *d, struct place *p);
void door_done(struct door *d);
#define OWNED_DOOR __attribute__((cleanup(door_done)))
struct sync_judge judge_of(const struct door *d);
/* The pseudonym of a code; made where there is none. */
void person_of(struct door *d, const char *code, uint8_t ret[static ID_BYTES]);

/* One submission; what a test leaves out is as a sound one has it. */
struct sent {
	const char *code;     /* N0001 */
	const char *instance; /* uuid:1 */
	const char *edits;    /* its deprecatedID */
	const char *age;      /* 30 */
	const char *form;     /* attitudes */
	const char *wave;     /* 1 */
	enum submit_problem problem;
	bool stranger;        /* the code has no person */
	const char *expected; /* name of a file that goes to the study */
	const char *file;     /* name of one that is sent with it */
	const char *bytes;    /* of it */
	int64_t captured_s;
};

void make_request(struct door *d, const struct sent *s, struct buf *out);
enum err submit(struct door *d, struct sent s, enum submit_outcome *ret);
void assert_outcome(struct door *d, struct sent s, enum submit_outcome wanted);

/* A consent form of a tablet, as intake hands it over now; of a SUBMIT_NO_FORM
 * nothing was taken apart. */
struct sent_consent {
	const char *code;
	struct wire_consent said;
	int64_t captured_s;
	enum submit_problem problem;
	const char *form;     /* attitudes */
	const uint8_t *edits; /* instance of one before it; NULL: none */
};
enum submit_outcome submit_consent(struct door *d, const struct sent_consent *s);

/* A consent on file, as an import brings it; a participation change, put without asking. */
void agree(struct door *d, const char *code, const char *list);
void end(struct door *d, const char *code);
/* The same of any level, said now; and of any consent: instance and salt are made. */
void put_change(struct door *d, const char *code, const char *level);
void put_rules(struct door *d, const char *code, struct wire_rules *rules);

/* What is in the chains, and what is held. */
uint64_t records(struct door *d);
struct wire_rules *record(struct door *d, uint64_t seq); /* gives its rules part */
uint32_t held(struct door *d);
/* Of the first that is held. */
enum submit_hold held_why(struct door *d, char ret_name[static SYNC_HOLD_NAME_LEN + 1]);
enum err decide(struct door *d, const char *name, uint8_t what);

#endif
