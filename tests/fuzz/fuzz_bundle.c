#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "common/sync/bundle.h"

/* What is left to be read. */
struct source {
	struct view left;
};

static enum err
read_some(void *arg, uint8_t *to, size_t len, size_t *ret_len)
{
	struct source *s = arg;
	*ret_len = MIN(len, s->left.len);
	if (*ret_len)
		memcpy(to, s->left.at, *ret_len);
	s->left.at += *ret_len;
	s->left.len -= *ret_len;
	return OK;
}

/* A bundle that is read to its end, written again of what came out, is the same bytes. */
static void
read_file(struct view bytes)
{
	OWNED_BUNDLE struct bundle_reader r;
	OWNED_BUF struct buf again;
	struct source s = {.left = bytes};
	struct bundle_sum sum = {.count = 0};
	enum bundle_kind kind = BUNDLE_STATE;
	struct view box;
	buf_init(&again, bytes.len + BUNDLE_PIECE_MAX_BYTES);
	enum err e = bundle_open(&r, read_some, &s);
	if (!e)
		bundle_begin(&again, &sum, &r.claim.head);
	while (!e && kind != BUNDLE_END) {
		e = bundle_next(&r, &kind, &box);
		if (!e && kind != BUNDLE_END)
			bundle_frame(&again, &sum, kind, box);
	}
	fuzz_must(bundle_sum_same(&sum, &r.sum) || e);
	fuzz_must(again.len <= bytes.len);
	fuzz_must(again.len == 0 || memcmp(again.at, bytes.at, again.len) == 0);
	fuzz_must(e || (bundle_claim_check(&r.claim) == OK && s.left.len == 0));
}

/* One byte says the door: a file, a claim, or one of the states. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bundle_claim claim;
	struct bundle_node_state node;
	struct bundle_hub_state hub;
	OWNED_BUF struct buf again;
	buf_init(&again, size + BUNDLE_PIECE_MAX_BYTES);
	if (crypto_init() || size == 0)
		return 0;
	struct view rest = view_of(data + 1, size - 1);
	if (data[0] == 'f') {
		read_file(rest);
	} else if (data[0] == 'c' && bundle_claim_read(&claim, rest) == OK) {
		bundle_claim_write(&again, &claim);
		fuzz_must_repeat(&again, rest);
		(void)!bundle_claim_check(&claim);
	} else if (data[0] == 'n' && bundle_node_state_read(&node, rest) == OK) {
		bundle_node_state_write(&again, &node);
		fuzz_must_repeat(&again, rest);
	} else if (data[0] == 'h' && bundle_hub_state_read(&hub, rest) == OK) {
		bundle_hub_state_write(&again, &hub);
		fuzz_must_repeat(&again, rest);
	}
	return 0;
}
