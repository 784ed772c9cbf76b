#include "tests/unit/suite.h"

#include <protobuf-c/protobuf-c.h>

#include "all_messages.h"

#define DEPTH_MAX_COUNT 4

static const ProtobufCMessageDescriptor *const all[] = {WEIR_ALL_MESSAGES};

/* Levels of messages under d, itself included; more than the cap when it comes back to
 * itself. */
static int
depth_of(const ProtobufCMessageDescriptor *d, int above)
{
	if (above > DEPTH_MAX_COUNT)
		return above;
	int deepest = above + 1;
	for (unsigned i = 0; i < d->n_fields; i++) {
		if (d->fields[i].type != PROTOBUF_C_TYPE_MESSAGE)
			continue;
		int under = depth_of(d->fields[i].descriptor, above + 1);
		deepest = under > deepest ? under : deepest;
	}
	return deepest;
}

static void
no_message_can_contain_itself(void **state)
{
	(void)state;
	assert_true(sizeof(all) / sizeof(all[0]) >= 19);
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (depth_of(all[i], 0) > DEPTH_MAX_COUNT)
			fail_msg("%s contains itself or nests too deep", all[i]->name);
}

static void
a_message_that_contains_itself_would_be_found(void **state)
{
	(void)state;
	ProtobufCMessageDescriptor loop = weir__signed_card__descriptor;
	ProtobufCFieldDescriptor field = {
		.name = "again", .type = PROTOBUF_C_TYPE_MESSAGE, .descriptor = &loop};
	loop.n_fields = 1;
	loop.fields = &field;
	assert_true(depth_of(&loop, 0) > DEPTH_MAX_COUNT);
}

/* The list is made from lines that begin with "message"; one inside another would escape it. */
static void
every_message_of_every_file_is_in_the_list(void **state)
{
	(void)state;
	static const char *const names[] = {"consent", "entry", "statement", "study", "sync"};
	size_t found = 0;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char path[512], line[512];
		(void)snprintf(path, sizeof(path), WEIR_SOURCE_DIR "/proto/%s.proto", names[i]);
		FILE *f = fopen(path, "re");
		if (!f)
			fail_msg("%s is missing", path);
		while (fgets(line, sizeof(line), f)) {
			const char *word = line + strspn(line, " \t");
			found += strncmp(word, "message ", 8) == 0;
			assert_false(word != line && strncmp(word, "message ", 8) == 0);
		}
		(void)fclose(f);
	}
	assert_int_equal(found, sizeof(all) / sizeof(all[0]));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_message_can_contain_itself),
		cmocka_unit_test(a_message_that_contains_itself_would_be_found),
		cmocka_unit_test(every_message_of_every_file_is_in_the_list),
	};
	return cmocka_run_group_tests_name("proto", tests, NULL, NULL);
}
