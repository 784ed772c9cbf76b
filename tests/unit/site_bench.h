/* site_bench - what a site has before anybody comes, for the benches of import and intake: the
 * study of tests/data/wvs in force, keys of its own, and the people behind study codes. */
#ifndef WEIR_TESTS_SITE_BENCH_H
#define WEIR_TESTS_SITE_BENCH_H

#include "common/study/pack.h"
#include "node/capture.h"
#include "node/sync_people.h"
#include "tests/unit/node_place.h"

#define SITE "norway"

/* Keys of the first numbers for that study; all are given. */
static inline void
site_bench_open(struct vault *v, struct pack **ret_pack, struct capture_site *ret_site,
	struct secret **ret_intake, struct secret **ret_review)
{
	OWNED(faults) struct faults *faults = faults_new();
	assert_ok(pack_load(ret_pack, WEIR_SOURCE_DIR "/tests/data/wvs/study", faults));
	*ret_site =
		(struct capture_site){.study = STUDY, .intake_number = 1, .review_number = 1};
	box_keypair(ret_site->intake_public, ret_intake);
	box_keypair(ret_site->review_public, ret_review);
	memcpy(ret_site->row_key, vault_row_key(v), HASH_BYTES);
}

/* The pseudonym of a code; made where there is none. */
static inline void
site_bench_person(struct vault *v, const char *code, uint8_t ret[static ID_BYTES])
{
	OWNED_BUF struct buf asks, answer;
	buf_init(&asks, 256);
	buf_init(&answer, 256);
	buf_u32(&asks, 1);
	buf_blob_text(&asks, code);
	struct cursor c = cursor_of(buf_view(&asks));
	assert_ok(sync_people_of(v, &c, &answer));
	assert_int_equal(answer.len, 4 + ID_BYTES);
	memcpy(ret, answer.at + 4, ID_BYTES);
}

#endif
