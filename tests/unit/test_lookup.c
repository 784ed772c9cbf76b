#include "tests/unit/suite.h"

#include <netinet/in.h>
#include <unistd.h>

#include "common/net/lookup.h"
#include "common/trust/crypto.h"

#define PATIENCE_MS 10000
#define SERVE_WORD  "serve"
#define SLOW_WORD   "slow"
#define SLOW_MS     400
#define HURRY_MS    100 /* between two questions of whoever does not wait for it */

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

/* A helper whose resolver takes its time. */
static int
serve_slowly(int fd)
{
	uint8_t packet[512];
	while (recv(fd, packet, sizeof(packet), 0) > 0) {
		struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(7)};
		uint8_t out[4 + sizeof(at)];
		memcpy(out, packet, 4);
		memcpy(out + 4, &at, sizeof(at));
		(void)usleep(SLOW_MS * 1000);
		(void)send(fd, out, sizeof(out), MSG_NOSIGNAL);
	}
	return 0;
}

static int
begin_with(void **state, const char *word)
{
	static struct asking x;
	const char *const argv[] = {"test_lookup", word, NULL};
	x = (struct asking){.told = 0};
	assert_ok(lookup_start(&x.names, argv));
	*state = &x;
	return 0;
}

static int
begin(void **state)
{
	return begin_with(state, SERVE_WORD);
}

static int
begin_slow(void **state)
{
	return begin_with(state, SLOW_WORD);
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

/* Asks, and waits so long for the answer. */
static void
ask_for(struct asking *x, int64_t ms)
{
	static const char *const name[] = {"proxy.example", "7"};
	open_loop(x);
	(void)reactor_timer(x->reactor, ms, 0, give_up, NULL);
	lookup_ask(x->names, x->reactor, name, note, x);
	wait_for_answer(x);
	lookup_forget(x->names);
}

/* Who redials sooner than the resolver answers would ask for ever. */
static void
a_question_that_is_asked_again_meanwhile_is_not_put_anew(void **state)
{
	struct asking *x = *state;
	for (int i = 0; i < 2 * SLOW_MS / HURRY_MS && !x->told; i++)
		ask_for(x, HURRY_MS);
	assert_int_equal(x->told, 1);
	assert_int_equal(x->port, 7);
}

static void
an_answer_that_nobody_waited_for_is_for_who_asks_next(void **state)
{
	struct asking *x = *state;
	ask_for(x, 1);
	assert_int_equal(x->told, 0);
	(void)usleep(2 * SLOW_MS * 1000);
	ask_for(x, HURRY_MS);
	assert_int_equal(x->told, 1);
	ask_for(x, 1); /* put anew */
	assert_int_equal(x->told, 1);
	ask_for(x, 3 * SLOW_MS);
	assert_int_equal(x->told, 2);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			finds_numbers_and_names_and_says_when_there_is_none, begin, end),
		cmocka_unit_test_setup_teardown(
			only_the_newest_question_is_answered, begin, end),
		cmocka_unit_test_setup_teardown(
			a_question_that_is_asked_again_meanwhile_is_not_put_anew, begin_slow,
			end),
		cmocka_unit_test_setup_teardown(
			an_answer_that_nobody_waited_for_is_for_who_asks_next, begin_slow, end),
	};
	if (argc > 1 && strcmp(argv[1], SERVE_WORD) == 0)
		return lookup_serve(STDIN_FILENO) ? 1 : 0;
	if (argc > 1 && strcmp(argv[1], SLOW_WORD) == 0)
		return serve_slowly(STDIN_FILENO);
	if (crypto_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
