#include "tests/unit/suite.h"

#include <sys/socket.h>
#include <unistd.h>

#include "common/base/mem.h"
#include "common/net/http.h"

#include "tests/unit/http_talk.h"

#define QUIET_TURNS    6
#define BODY_MAX_BYTES 1000

/* A server in the loop of the test, and what its routes saw. */
struct place {
	struct reactor *reactor;
	struct http *http;
	struct http_exchange *waiting;
	struct buf body;
	int begun, dropped;
};

static void
serve_hello(struct http_exchange *x, void *arg)
{
	(void)arg;
	http_answer(x, 200, "text/plain", view_text("hello"));
}

static void
serve_param(struct http_exchange *x, void *arg)
{
	OWNED_MEM char *query = http_query(x, "q");
	OWNED_MEM char *text = xasprintf("%s,%s", http_param(x, "name"), query ? query : "-");
	(void)arg;
	http_answer(x, 200, "text/plain", view_text(text));
}

static void
on_drop(void *kept)
{
	((struct place *)kept)->dropped++;
}

static void
begin_upload(struct http_exchange *x, void *arg)
{
	struct place *p = arg;
	p->begun++;
	http_keep(x, p, on_drop);
	if (http_header(x, "X-Refuse"))
		http_refuse(x, 403, "not you");
}

static void
take_piece(struct http_exchange *x, struct view piece, void *arg)
{
	(void)x;
	buf_add_view(&((struct place *)arg)->body, piece);
}

static void
serve_upload(struct http_exchange *x, void *arg)
{
	struct place *p = arg;
	http_answer(x, 201, "text/plain", buf_view(&p->body));
}

static void
serve_later(struct http_exchange *x, void *arg)
{
	((struct place *)arg)->waiting = x;
}

static void
serve_nothing(struct http_exchange *x, void *arg)
{
	(void)arg;
	http_answer(x, 204, NULL, view_of(NULL, 0));
}

static void
serve_shared(struct http_exchange *x, void *arg)
{
	OWNED(http_body) struct http_body *b = http_body_new(view_text("shared"));
	(void)arg;
	http_set(x, "ETag", "\"1\"");
	http_answer_shared(x, 200, "text/plain", b);
}

static void
dress(struct http_exchange *x, void *arg)
{
	(void)arg;
	http_set(x, "X-Dress", "yes");
}

static const struct http_route routes[] = {
	{"GET", "/hello", serve_hello, NULL, NULL},
	{"GET", "/of/:name/end", serve_param, NULL, NULL},
	{"POST", "/up", serve_upload, begin_upload, take_piece},
	{"GET", "/later", serve_later, NULL, NULL},
	{"HEAD", "/up", serve_nothing, NULL, NULL},
	{"GET", "/shared", serve_shared, NULL, NULL},
};

static int
begin(void **state)
{
	struct place *p = xcalloc(1, sizeof(*p));
	struct http_setup setup = {.listen = "127.0.0.1:0",
		.routes = routes,
		.route_count = ARRAY_LEN(routes),
		.body_max_bytes = BODY_MAX_BYTES,
		.dress = dress,
		.arg = p};
	buf_init(&p->body, (size_t)1 << 20);
	assert_ok(reactor_open(&p->reactor));
	assert_ok(http_open(&p->http, p->reactor, &setup));
	*state = p;
	return 0;
}

static int
end(void **state)
{
	struct place *p = *state;
	http_free(p->http);
	reactor_free(p->reactor);
	buf_done(&p->body);
	mem_drop(&p);
	return 0;
}

struct row {
	const char *name;
	const char *request;
	const char *wanted[3];
	const char *unwanted;
};

#define HOST "Host: a\r\n"

static const struct row rows[] = {
	{"serves_a_route", "GET /hello HTTP/1.1\r\n" HOST "\r\n",
		{"HTTP/1.1 200", "\r\n\r\nhello", "X-Dress: yes"}, NULL},
	{"serves_head_without_the_body", "HEAD /hello HTTP/1.1\r\n" HOST "\r\n",
		{"HTTP/1.1 200", "Content-Length: 5", "Date: "}, "hello"},
	{"serves_head_by_its_own_route", "HEAD /up HTTP/1.1\r\n" HOST "\r\n",
		{"HTTP/1.1 204", "X-Dress: yes"}, NULL},
	{"gives_the_parameters_decoded",
		"GET /of/a%2Fb%20c/end?q=%C3%A9+x HTTP/1.1\r\n" HOST "\r\n",
		{"\r\n\r\na/b c,\xc3\xa9 x"}, NULL},
	{"serves_no_empty_parameter", "GET /of//end HTTP/1.1\r\n" HOST "\r\n", {"HTTP/1.1 404"},
		NULL},
	{"refuses_a_bad_percent_sign", "GET /of/%2/end HTTP/1.1\r\n" HOST "\r\n",
		{"HTTP/1.1 400", "X-Dress: yes"}, NULL},
	{"refuses_a_zero_byte", "GET /of/%00/end HTTP/1.1\r\n" HOST "\r\n", {"HTTP/1.1 400"},
		NULL},
	{"gives_no_query_that_is_no_text", "GET /of/a/end?q=%ff HTTP/1.1\r\n" HOST "\r\n",
		{"\r\n\r\na,-"}, NULL},
	{"says_that_nothing_is_there", "GET /nothing HTTP/1.1\r\n" HOST "\r\n",
		{"HTTP/1.1 404", "nothing is at this address", "X-Dress: yes"}, NULL},
	{"names_the_methods_there_are", "DELETE /up HTTP/1.1\r\n" HOST "\r\n",
		{"HTTP/1.1 405", "Allow: POST, HEAD"}, NULL},
	{"takes_a_body", "POST /up HTTP/1.1\r\n" HOST "Content-Length: 4\r\n\r\nbody",
		{"HTTP/1.1 201", "\r\n\r\nbody"}, NULL},
	{"takes_a_body_in_chunks",
		"POST /up HTTP/1.1\r\n" HOST
		"Transfer-Encoding: chunked\r\n\r\n2\r\nbo\r\n2\r\ndy\r\n0\r\n\r\n",
		{"HTTP/1.1 201", "\r\n\r\nbody"}, NULL},
	{"refuses_a_body_where_none_belongs",
		"GET /hello HTTP/1.1\r\n" HOST "Content-Length: 4\r\n\r\nbody",
		{"HTTP/1.1 400"}, NULL},
	{"refuses_at_the_head",
		"POST /up HTTP/1.1\r\n" HOST "X-Refuse: 1\r\nContent-Length: 4\r\n\r\nbody",
		{"HTTP/1.1 403", "not you"}, NULL},
	{"tells_one_who_asks_first",
		"POST /up HTTP/1.1\r\n" HOST
		"Expect: 100-continue\r\nContent-Length: 5000\r\n\r\n",
		{"HTTP/1.1 413"}, "100 Continue"},
	{"answers_requests_sent_at_once_in_their_order",
		"GET /hello HTTP/1.1\r\n" HOST "\r\nGET /of/2/end HTTP/1.1\r\n" HOST "\r\n",
		{"\r\n\r\nhelloHTTP/1.1 200", "\r\n\r\n2,-"}, NULL},
	{"sends_what_answers_share", "GET /shared HTTP/1.1\r\n" HOST "\r\n",
		{"\r\n\r\nshared", "ETag: \"1\""}, NULL},
	{"refuses_a_request_without_host", "GET /hello HTTP/1.1\r\n\r\n", {"HTTP/1.1 400"},
		NULL},
	{"refuses_what_is_no_http", "hello\r\n\r\n", {""}, "HTTP/1.1 200"},
};

static void
answers_a_request(void **state)
{
	const struct row *row = *state;
	void *place = NULL;
	OWNED_BUF struct buf out;
	(void)begin(&place);
	struct place *p = place;
	http_talk_ask(p->reactor, p->http, row->request, &out);
	for (size_t i = 0; i < ARRAY_LEN(row->wanted) && row->wanted[i]; i++)
		if (!http_talk_has(&out, row->wanted[i]))
			fail_msg("'%s' is not in: %s", row->wanted[i], (const char *)out.at);
	assert_false(row->unwanted && http_talk_has(&out, row->unwanted));
	(void)end(&place);
}

static void
answers_later(void **state)
{
	struct place *p = *state;
	OWNED_BUF struct buf out;
	static const char request[] = "GET /later HTTP/1.1\r\nHost: a\r\n\r\n";
	int fd = http_talk_dial(p->http);
	buf_init(&out, 4096);
	http_talk_say(p->reactor, fd, request, strlen(request));
	http_talk_hear(p->reactor, fd, &out);
	assert_int_equal(out.len, 0);
	assert_non_null(p->waiting);
	http_answer(p->waiting, 202, "text/plain", view_text("now"));
	http_answer(p->waiting, 500, "text/plain", view_text("twice"));
	http_talk_hear(p->reactor, fd, &out);
	assert_true(http_talk_has(&out, "HTTP/1.1 202") && http_talk_has(&out, "\r\n\r\nnow"));
	assert_false(http_talk_has(&out, "twice"));
	(void)close(fd);
}

static void
lets_a_client_go_that_waits_no_longer(void **state)
{
	struct place *p = *state;
	static const char request[] = "GET /later HTTP/1.1\r\nHost: a\r\n\r\n";
	int fd = http_talk_dial(p->http);
	http_talk_say(p->reactor, fd, request, strlen(request));
	for (int i = 0; i < QUIET_TURNS; i++)
		http_talk_turn(p->reactor);
	assert_non_null(p->waiting);
	(void)close(fd);
	for (int i = 0; i < QUIET_TURNS; i++)
		http_talk_turn(p->reactor);
	http_answer(p->waiting, 200, "text/plain", view_text("too late"));
	for (int i = 0; i < QUIET_TURNS; i++)
		http_talk_turn(p->reactor);
	assert_int_equal(http_connection_count(p->http), 0);
}

/* The second half of `end` is what is tried: a request that waits when the server ends. */
static void
ends_while_a_request_waits(void **state)
{
	struct place *p = *state;
	OWNED_BUF struct buf out;
	char piece[1024];
	static const char request[] = "GET /later HTTP/1.1\r\nHost: a\r\n\r\n";
	int fd = http_talk_dial(p->http);
	http_talk_say(p->reactor, fd, request, strlen(request));
	for (int i = 0; i < QUIET_TURNS; i++)
		http_talk_turn(p->reactor);
	http_free(take(p->http));
	ssize_t n = recv(fd, piece, sizeof(piece) - 1, 0);
	assert_true(n > 0);
	piece[n] = '\0';
	assert_non_null(strstr(piece, "HTTP/1.1 503"));
	buf_init(&out, 16);
	(void)close(fd);
}

/* It is read to its end and dropped, so that the client gets to read the refusal. */
static void
refuses_a_body_that_is_too_large(void **state)
{
	struct place *p = *state;
	static const char chunked[] =
		"POST /up HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
	static const char counted[] =
		"POST /up HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n";
	OWNED_MEM char *body = xcalloc(100000, 1);
	for (int with_length = 0; with_length < 2; with_length++) {
		OWNED_BUF struct buf out;
		int fd = http_talk_dial(p->http);
		buf_init(&out, 4096);
		p->begun = p->dropped = 0;
		buf_reset(&p->body);
		http_talk_say(p->reactor, fd, with_length ? counted : chunked,
			strlen(with_length ? counted : chunked));
		if (!with_length)
			http_talk_say(p->reactor, fd, "186A0\r\n", 7);
		http_talk_say(p->reactor, fd, body, 100000);
		if (!with_length)
			http_talk_say(p->reactor, fd, "\r\n0\r\n\r\n", 7);
		http_talk_hear(p->reactor, fd, &out);
		assert_true(http_talk_has(&out, "HTTP/1.1 413") &&
			    http_talk_has(&out, "too large"));
		assert_true(p->body.len <= BODY_MAX_BYTES);
		assert_int_equal(p->begun, p->dropped);
		(void)close(fd);
	}
}

static void
listens_on_the_loopback_only(void **state)
{
	static const struct {
		const char *address;
		enum err wanted;
	} addresses[] = {{"0.0.0.0:0", E_FORMAT}, {"192.0.2.1:80", E_FORMAT},
		{"localhost:80", E_FORMAT}, {"127.0.0.1", E_FORMAT}, {"127.0.0.1:x", E_FORMAT},
		{"127.0.0.1:65536", E_FORMAT}, {"[::]:0", E_FORMAT}, {":80", E_FORMAT},
		{"127.0.0.9:0", OK}};
	struct place *p = *state;
	struct http_setup setup = {.routes = routes, .route_count = 1, .body_max_bytes = 1};
	for (size_t i = 0; i < ARRAY_LEN(addresses); i++) {
		OWNED(http) struct http *h = NULL;
		setup.listen = addresses[i].address;
		assert_err(http_open(&h, p->reactor, &setup), addresses[i].wanted);
	}
	OWNED(http) struct http *second = NULL;
	OWNED_MEM char *taken = xasprintf("127.0.0.1:%u", http_port(p->http));
	setup.listen = taken;
	assert_err(http_open(&second, p->reactor, &setup), E_CONFLICT);
}

static void
knows_a_host_when_it_sees_one(void **state)
{
	static const struct {
		const char *host;
		bool fine;
	} hosts[] = {{"node.example", true}, {"127.0.0.1:8095", true}, {"[::1]:80", true},
		{"[::1]", true}, {"a_b-c.d", true}, {"", false}, {":80", false}, {"a:", false},
		{"a:0", false}, {"a:65536", false}, {"a:1x", false}, {"a/b", false},
		{"a@b", false}, {"a b", false}, {"<a>", false}, {"[]", false}, {"[::1", false},
		{"[::1]x", false}, {"a\"", false}};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(hosts); i++)
		assert_int_equal(http_host_is_fine(hosts[i].host), hosts[i].fine);
}

static void
writes_a_segment_that_reads_the_same(void **state)
{
	static const char text[] = "a/b?c d%\xc3\xa9~-._";
	OWNED_BUF struct buf out;
	OWNED_MEM char *back = NULL;
	(void)state;
	buf_init(&out, 1024);
	http_encode(&out, text);
	assert_true(view_same(buf_view(&out), view_text("a%2Fb%3Fc%20d%25%C3%A9~-._")));
	assert_ok(http_decode(&back, buf_view(&out)));
	assert_string_equal(back, text);
}

int
main(void)
{
	struct CMUnitTest tests[ARRAY_LEN(rows) + 7] = {
		cmocka_unit_test_setup_teardown(answers_later, begin, end),
		cmocka_unit_test_setup_teardown(
			lets_a_client_go_that_waits_no_longer, begin, end),
		cmocka_unit_test_setup_teardown(ends_while_a_request_waits, begin, end),
		cmocka_unit_test_setup_teardown(refuses_a_body_that_is_too_large, begin, end),
		cmocka_unit_test_setup_teardown(listens_on_the_loopback_only, begin, end),
		cmocka_unit_test(knows_a_host_when_it_sees_one),
		cmocka_unit_test(writes_a_segment_that_reads_the_same),
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		tests[i + 7] = (struct CMUnitTest){.name = rows[i].name,
			.test_func = answers_a_request,
			.initial_state = (void *)(uintptr_t)&rows[i]};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
