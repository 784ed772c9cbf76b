#include "tests/unit/suite.h"

#include <ftw.h>

#include "common/base/mem.h"
#include "common/codec/json.h"
#include "common/codec/text.h"
#include "common/trust/merkle.h"

#define LEAVES_COUNT     300
#define FILE_MOST_BYTES  200000
#define FOREIGN_VECTORS  WEIR_SOURCE_DIR "/../shared/vectors/merkle"
#define FOREIGN_AT_LEAST 196
/* So that a mistake in reading them cannot pass for refusals. */
#define FOREIGN_WITHOUT_HASH_MOST 20

/* A tree of "leaf 0", "leaf 1", ... of which every complete subtree is made when asked for. */
static enum err
example_subtree(void *arg, unsigned level, uint64_t index, uint8_t ret[static HASH_BYTES])
{
	const uint64_t *size = arg;
	struct merkle m = {0};
	assert_true(index < *size >> level);
	for (uint64_t i = index << level; i < (index + 1) << level; i++) {
		uint8_t hash[HASH_BYTES];
		char text[32];
		(void)snprintf(text, sizeof(text), "leaf %d", (int)i);
		merkle_leaf(hash, view_text(text));
		merkle_append(&m, hash);
	}
	merkle_root(ret, &m);
	return OK;
}

static void
example_root(uint8_t ret[static HASH_BYTES], uint64_t size)
{
	struct merkle_source from = {example_subtree, &size};
	assert_ok(merkle_root_of(ret, &from, size));
}

/* The hashes on a line of merkle.txt, behind its numbers. */
static struct merkle_proof
proof_of_line(char *rest)
{
	struct merkle_proof p = {0};
	for (char *hex = strtok(rest, " \n"); hex; hex = strtok(NULL, " \n"))
		assert_true(text_unhex(p.hash[p.count++], HASH_BYTES, hex));
	return p;
}

static void
same_proof(const struct merkle_proof *a, const struct merkle_proof *b)
{
	assert_int_equal(a->count, b->count);
	assert_memory_equal(a->hash, b->hash, a->count * HASH_BYTES);
}

static void
check_inclusion_line(uint64_t size, uint64_t index, char *rest)
{
	struct merkle_proof told = proof_of_line(rest), made;
	struct merkle_source from = {example_subtree, &size};
	uint8_t leaf[HASH_BYTES], root[HASH_BYTES];
	assert_ok(merkle_prove_inclusion(&made, &from, index, size));
	same_proof(&told, &made);
	assert_ok(example_subtree(&size, 0, index, leaf));
	example_root(root, size);
	assert_ok(merkle_check_inclusion(&made, index, size, leaf, root));
	leaf[0] ^= 1;
	assert_err(merkle_check_inclusion(&made, index, size, leaf, root), E_AUTH);
}

static void
check_consistency_line(uint64_t old, uint64_t size, char *rest)
{
	struct merkle_proof told = proof_of_line(rest), made;
	struct merkle_source from = {example_subtree, &size};
	uint8_t before[HASH_BYTES], root[HASH_BYTES];
	assert_ok(merkle_prove_consistency(&made, &from, old, size));
	same_proof(&told, &made);
	example_root(before, old);
	example_root(root, size);
	assert_ok(merkle_check_consistency(&made, old, before, size, root));
	before[0] ^= 1;
	assert_err(merkle_check_consistency(&made, old, before, size, root), E_AUTH);
}

static void
check_root_line(uint64_t size, char *rest)
{
	struct merkle_proof told = proof_of_line(rest);
	uint8_t root[HASH_BYTES], hash[HASH_BYTES];
	example_root(root, size);
	assert_memory_equal(root, told.hash[0], HASH_BYTES);
	struct merkle m = {0};
	for (uint64_t i = 0; i < size; i++) {
		assert_ok(example_subtree(&size, 0, i, hash));
		merkle_append(&m, hash);
	}
	merkle_root(root, &m);
	assert_memory_equal(root, told.hash[0], HASH_BYTES);
}

static void
roots_and_proofs_are_those_of_the_definition(void **state)
{
	(void)state;
	FILE *f = fopen(WEIR_SOURCE_DIR "/tests/vectors/merkle.txt", "r");
	assert_non_null(f);
	char line[1024];
	size_t count = 0;
	for (; fgets(line, sizeof(line), f); count++) {
		unsigned long a = 0, b = 0;
		int used = 0;
		if (sscanf(line, "root %lu%n", &a, &used) == 1)
			check_root_line(a, line + used);
		else if (sscanf(line, "inclusion %lu %lu%n", &a, &b, &used) == 2)
			check_inclusion_line(a, b, line + used);
		else if (sscanf(line, "consistency %lu %lu%n", &a, &b, &used) == 2)
			check_consistency_line(a, b, line + used);
		else
			fail_msg("line %zu is of no known kind", count + 1);
	}
	(void)fclose(f);
	assert_true(count > 200);
}

static void
a_proof_that_is_longer_or_shorter_is_refused(void **state)
{
	(void)state;
	uint64_t size = 13;
	struct merkle_source from = {example_subtree, &size};
	struct merkle_proof p;
	uint8_t leaf[HASH_BYTES], before[HASH_BYTES], root[HASH_BYTES];
	example_root(root, size);
	example_root(before, 6);
	assert_ok(example_subtree(&size, 0, 5, leaf));
	assert_ok(merkle_prove_inclusion(&p, &from, 5, size));
	p.count++;
	assert_err(merkle_check_inclusion(&p, 5, size, leaf, root), E_AUTH);
	p.count -= 2;
	assert_err(merkle_check_inclusion(&p, 5, size, leaf, root), E_AUTH);
	assert_ok(merkle_prove_consistency(&p, &from, 6, size));
	p.count++;
	assert_err(merkle_check_consistency(&p, 6, before, size, root), E_AUTH);
	p.count -= 2;
	assert_err(merkle_check_consistency(&p, 6, before, size, root), E_AUTH);
	p.count = MERKLE_PROOF_MOST_COUNT + 1;
	assert_err(merkle_check_inclusion(&p, 5, size, leaf, root), E_FORMAT);
	assert_err(merkle_check_consistency(&p, 6, before, size, root), E_FORMAT);
}

static void
leaves_and_sizes_outside_the_tree_are_refused(void **state)
{
	(void)state;
	uint64_t size = 4;
	struct merkle_source from = {example_subtree, &size};
	struct merkle_proof p = {0};
	uint8_t root[HASH_BYTES];
	example_root(root, size);
	assert_err(merkle_prove_inclusion(&p, &from, 4, size), E_FORMAT);
	assert_err(merkle_prove_consistency(&p, &from, 5, size), E_FORMAT);
	assert_err(merkle_check_inclusion(&p, 4, size, root, root), E_FORMAT);
	assert_err(merkle_check_consistency(&p, 5, root, size, root), E_FORMAT);
	assert_err(merkle_check_consistency(&p, 0, root, size, root), E_FORMAT);
	p.count = 0;
	assert_err(merkle_check_consistency(&p, 0, root, 0, root), E_FORMAT);
	assert_ok(merkle_prove_consistency(&p, &from, size, size));
	assert_int_equal(p.count, 0);
}

static enum err
any_subtree(void *arg, unsigned level, uint64_t index, uint8_t ret[static HASH_BYTES])
{
	(void)arg;
	memset(ret, (int)level + (int)(index & 1), HASH_BYTES);
	return OK;
}

static void
the_longest_proofs_stay_in_bounds(void **state)
{
	(void)state;
	struct merkle_source from = {any_subtree, NULL};
	struct merkle_proof p;
	uint64_t most = UINT64_C(1) << 63;
	assert_ok(merkle_prove_inclusion(&p, &from, most - 1, most));
	assert_int_equal(p.count, 63);
	assert_ok(merkle_prove_consistency(&p, &from, most - 1, most));
	assert_int_equal(p.count, MERKLE_PROOF_MOST_COUNT);
	assert_err(merkle_prove_consistency(&p, &from, 1, most + 1), E_FORMAT);
}

static enum err
failing_subtree(void *arg, unsigned level, uint64_t index, uint8_t ret[static HASH_BYTES])
{
	(void)arg;
	(void)level;
	(void)index;
	(void)ret;
	return fail(E_IO, "no such tile");
}

static void
a_source_that_fails_is_passed_on(void **state)
{
	(void)state;
	struct merkle_source from = {failing_subtree, NULL};
	struct merkle_proof p;
	uint8_t root[HASH_BYTES];
	assert_err(merkle_root_of(root, &from, 3), E_IO);
	assert_err(merkle_prove_inclusion(&p, &from, 1, 3), E_IO);
	assert_int_equal(p.count, 0);
	assert_err(merkle_prove_consistency(&p, &from, 1, 3), E_IO);
}

static size_t foreign_count, foreign_without_hash;

/* A hash from base64. Ours are 32 bytes by type; text of another length, which some files use
 * where only sameness counts, stands for a hash of its own. False if there are no bytes at all:
 * that is no hash, and our rooms could not even be asked. */
static bool
foreign_hash(uint8_t ret[static HASH_BYTES], const char *base64)
{
	OWNED_MEM uint8_t *raw = NULL;
	size_t len = 0;
	const struct view parts[] = {view_text("not a hash:"), view_text(base64)};
	crypto_sha256(ret, parts, ARRAY_LEN(parts));
	if (text_unbase64(&raw, &len, parts[1], HASH_BYTES) == OK && len == HASH_BYTES)
		memcpy(ret, raw, HASH_BYTES);
	return parts[1].len > 0;
}

static bool
foreign_member(uint8_t ret[static HASH_BYTES], const struct json *j, const char *key)
{
	const char *text;
	assert_ok(json_get_text(j, key, 4096, &text));
	return foreign_hash(ret, text);
}

static struct merkle_proof
foreign_proof(const struct json *j)
{
	struct merkle_proof p = {0};
	const struct json *list;
	const char *text;
	if (json_get_array(j, "proof", MERKLE_PROOF_MOST_COUNT, &list) != OK)
		return p;
	for (p.count = 0; p.count < json_count(list); p.count++) {
		assert_ok(json_item_text(list, p.count, "proof", 4096, &text));
		(void)foreign_hash(p.hash[p.count], text);
	}
	return p;
}

/* Sizes and places as a file writes them. Some pass int64, which our JSON has no numbers
 * for. */
struct foreign_numbers {
	bool inclusion;
	uint64_t first, second; /* index and size, or earlier size and size */
};

/* Read the number of a member, if it is there, and leave 0 in its place for the JSON room. */
static bool
take_number(char *text, const char *key, uint64_t *ret)
{
	char *at = strstr(text, key), *end;
	if (!at)
		return false;
	at += strlen(key);
	*ret = strtoull(at, &end, 10);
	assert_true(end > at && *end == ',');
	memset(at, ' ', (size_t)(end - at));
	end[-1] = '0';
	return true;
}

static struct foreign_numbers
take_numbers(char *text)
{
	struct foreign_numbers n = {0};
	n.inclusion = take_number(text, "\"leafIdx\":", &n.first);
	assert_true(n.inclusion || take_number(text, "\"size1\":", &n.first));
	assert_true(take_number(text, n.inclusion ? "\"treeSize\":" : "\"size2\":", &n.second));
	return n;
}

/* E_NOTFOUND where a file leaves a hash out. */
static enum err
foreign_verdict(const struct json *j, const struct foreign_numbers *n)
{
	struct merkle_proof p = foreign_proof(j);
	uint8_t a[HASH_BYTES], b[HASH_BYTES];
	bool first = foreign_member(a, j, n->inclusion ? "leafHash" : "root1");
	if (!foreign_member(b, j, n->inclusion ? "root" : "root2") || !first)
		return E_NOTFOUND;
	if (n->inclusion)
		return merkle_check_inclusion(&p, n->first, n->second, a, b);
	return merkle_check_consistency(&p, n->first, a, n->second, b);
}

static int
try_foreign_file(const char *path, const struct stat *st, int kind, struct FTW *where)
{
	(void)st;
	(void)where;
	size_t len = strlen(path);
	if (kind != FTW_F || len < 5 || strcmp(path + len - 5, ".json") != 0)
		return 0;
	OWNED_MEM uint8_t *bytes = NULL;
	OWNED(json) struct json *j = NULL;
	assert_ok(text_read_file(&bytes, &len, path, FILE_MOST_BYTES));
	struct foreign_numbers numbers = take_numbers((char *)bytes);
	assert_ok(json_parse(&j, view_of(bytes, len), FILE_MOST_BYTES));
	bool refuse;
	assert_ok(json_get_bool(j, "wantErr", &refuse));
	enum err verdict = foreign_verdict(j, &numbers);
	foreign_without_hash += verdict == E_NOTFOUND;
	if ((verdict != OK) != refuse)
		fail_msg("%s: should %s", path, refuse ? "be refused" : "be accepted");
	foreign_count++;
	return 0;
}

static void
proofs_made_by_others_get_their_verdict(void **state)
{
	(void)state;
	foreign_count = foreign_without_hash = 0;
	if (nftw(FOREIGN_VECTORS, try_foreign_file, 8, FTW_PHYS) != 0) {
		print_message("skipped: %s is not here\n", FOREIGN_VECTORS);
		skip();
	}
	print_message("%zu proofs of others judged, %zu of them without a hash to judge\n",
		foreign_count, foreign_without_hash);
	assert_true(foreign_count >= FOREIGN_AT_LEAST);
	assert_true(foreign_without_hash <= FOREIGN_WITHOUT_HASH_MOST);
}

int
main(void)
{
	if (crypto_init())
		return 1;
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(roots_and_proofs_are_those_of_the_definition),
		cmocka_unit_test(a_proof_that_is_longer_or_shorter_is_refused),
		cmocka_unit_test(leaves_and_sizes_outside_the_tree_are_refused),
		cmocka_unit_test(the_longest_proofs_stay_in_bounds),
		cmocka_unit_test(a_source_that_fails_is_passed_on),
		cmocka_unit_test(proofs_made_by_others_get_their_verdict),
	};
	return cmocka_run_group_tests_name("merkle", tests, NULL, NULL);
}
