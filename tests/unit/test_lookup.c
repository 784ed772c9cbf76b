#include "tests/unit/suite.h"

#include <netinet/in.h>
#include <unistd.h>

#include "common/net/lookup.h"
#include "common/trust/crypto.h"

#define PATIENCE_MS 10000
#define SERVE_WORD  "serve"

struct asking {
	struct reactor *reactor;
	struct lookup *names;
	size_t told;
	bool is_found;
	in_port_t port;
};

static void
note(void *arg, const struct sockaddr *at, socklen_t len)
{
	struct asking *x = arg;
	x->told++;
	x->is_found = at != NULL;
	if (at && at->sa_family == AF_INET && len >= sizeof(struct sockaddr_in)) {
		struct sockaddr_in in;
		memcpy(&in, at, sizeof(in));
		x->port = ntohs(in.sin_port);
	}
	reactor_stop(x->reactor);
}

static void
give_up(struct reactor *r, void *arg)
{
	(void)arg;
	reactor_stop(r);
}

static int
begin(void **state)
{
	static struct asking x;
	const char *const argv[] = {"test_lookup", SERVE_WORD, NULL};
	x = (struct asking){.told = 0};
	assert_ok(lookup_start(&x.names, argv));
	*state = &x;
	return 0;
}

/* A loop for one answer. */
static void
open_loop(struct asking *x)
{
	assert_ok(reactor_open(&x->reactor));
	(void)reactor_timer(x->reactor, PATIENCE_MS, 0, give_up, NULL);
}

static void
wait_for_answer(struct asking *x)
{
	assert_ok(reactor_run(x->reactor));
	reactor_free(x->reactor);
}

static int
end(void **state)
{
	struct asking *x = *state;
	lookup_free(x->names);
	return 0;
}

static void
finds_numbers_and_names_and_says_when_there_is_none(void **state)
{
	static const struct {
		const char *host;
		bool is_found;
	} rows[] = {{"127.0.0.1", true}, {"localhost", true}, {"no-such-name.invalid", false}};
	struct asking *x = *state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *const name[] = {rows[i].host, "1080"};
		open_loop(x);
		lookup_ask(x->names, x->reactor, name, note, x);
		wait_for_answer(x);
		assert_int_equal(x->told, i + 1);
		assert_int_equal(x->is_found, rows[i].is_found);
	}
	assert_int_equal(x->port, 1080);
}

static void
only_the_newest_question_is_answered(void **state)
{
	static const char *const old[] = {"127.0.0.1", "1"}, *const new[] = {"127.0.0.1", "2"};
	struct asking *x = *state;
	open_loop(x);
	lookup_ask(x->names, x->reactor, old, note, x);
	lookup_ask(x->names, x->reactor, new, note, x);
	wait_for_answer(x);
	assert_int_equal(x->told, 1);
	assert_int_equal(x->port, 2);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			finds_numbers_and_names_and_says_when_there_is_none, begin, end),
		cmocka_unit_test_setup_teardown(
			only_the_newest_question_is_answered, begin, end),
	};
	if (argc > 1 && strcmp(argv[1], SERVE_WORD) == 0)
		return lookup_serve(STDIN_FILENO) ? 1 : 0;
	if (crypto_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
