/* judge_bench - a hub with the example study in force and a node at each of two sites, whose
 * entries arrive one by one. */
#ifndef WEIR_TESTS_JUDGE_BENCH_H
#define WEIR_TESTS_JUDGE_BENCH_H

#include "hub/approval.h"
#include "hub/judge.h"
#include "hub/tally.h"
#include "tests/unit/hub_node.h"
#include "tests/unit/pack_bench.h"

#define DAY_S 86400

struct bench {
	struct hub_place *place;
	struct fake_node *norway, *sweden;
};

extern const struct approval bench_in_force, bench_confirmed;

int make_bench(void **state);
int drop_bench(void **state);
void bench_approve(struct hub_place *p, const char *id, const char *kind, const char *site,
	const struct approval *as);
/* Ethics opinion and both site agreements. */
void bench_open_sites(struct bench *b);
/* A change of the study that brings these forms ("attitudes@2"), agreed to before records. */
void bench_change(struct bench *b, const char *id, const char *forms);
/* One more entry of the node arrives; its verdict. */
struct record_verdict bench_bring(
	struct bench *b, struct fake_node *n, const struct wire_rules *r);
/* An officer grants what is asked for, in the turn that lasts: for how many. */
enum err bench_erase_run(struct bench *b, size_t *ret_count);
/* As stored; the record's row on its own has to lead to the same. */
struct judged bench_judge(
	struct bench *b, const struct fake_node *n, uint64_t seq, enum rules_use use);
/* The row of the record that stands at this place. */
void bench_record(struct vault_txn *t, const struct place *p, struct record *ret);
/* judge_kept() says of it what judge_stored() said. */
void assert_kept_alike(struct hub *h, struct vault_txn *t, const struct place *p,
	const struct judge_ask *ask, const struct judged *stored);
/* An ethics opinion "rec-2", from the day before the records on. */
struct approval bench_opinion(void);
/* Norway has its agreement, a consent and a record: what is missing is an opinion. */
void bench_ready(struct bench *b);
/* What the record of bench_ready() is judged now, and by which rule first ("": any or none). */
void bench_assert_now(struct bench *b, enum rules_outcome outcome, const char *rule);
/* Put the example study with these edits in force. */
void bench_publish(struct bench *b, uint64_t number, const struct pack_edit *edits);

/* words "": no reason at all. */
void assert_reason(
	const struct record_verdict *v, enum rules_outcome outcome, const char *words);

#define at_a_bench(test) cmocka_unit_test_setup_teardown(test, make_bench, drop_bench)

#define DISCLOSURE "[disclosure]"
#define RULE(number, outcome, actions, more)                                                   \
	{                                                                                      \
		"rules.ini", DISCLOSURE,                                                       \
			"[" number "]\ntitle = t\non = yes\noutcome = " outcome                \
			"\nactions = " actions "\n" more "\n" DISCLOSURE                       \
	}
#define END                                                                                    \
	{                                                                                      \
		NULL, NULL, NULL                                                               \
	}

/* The body of an approval as a command writes it; body begins here. */
void bench_body(struct buf *body, const struct approval *a);
enum err bench_sign_body(
	struct bench *b, enum who by, const char *kind, const struct approval *a);
/* Entered by a researcher, verified by an officer. */
void bench_grant(struct bench *b, const struct approval *a);

/* Turns until what the erasure of the hub began is deleted, the vault moved and both noted. */
void bench_erase_through(struct bench *b);

#endif
