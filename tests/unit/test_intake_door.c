#include "tests/unit/suite.h"

#include <unistd.h>

#include "common/base/mem.h"

#include "node/intake_door.h"
#include "node/intake_submit.h"
#include "tests/unit/http_talk.h"

#define ROOM_BYTES ((size_t)4096)
#define XFORM      "<h:html/>"

/* A door with two forms, one of them closed, behind which no sync stands. */
struct world {
	struct reactor *reactor;
	struct http *http;
	struct intake_door door;
	struct buf xml;
	struct form forms[2];
	struct form_file file;
	struct intake_form list[2];
	struct intake_form *pointers[2];
	struct intake_file files[1];
	struct openrosa_file rosa_files[1];
	struct openrosa_form rosa[1];
	struct intake_forms all;
};

static void
on_up(struct reactor *r, void *arg)
{
	(void)r;
	(void)arg;
}

static const struct http_route routes[] = {
	{"GET", "/key/:token/formList", intake_door_list, NULL, NULL},
	{"GET", "/v1/key/:token/projects/:project/formList", intake_door_list, NULL, NULL},
	{"GET", "/key/:token/form/:form/:version/xml", intake_door_xml, NULL, NULL},
	{"GET", "/key/:token/form/:form/:version/manifest", intake_door_manifest, NULL, NULL},
	{"GET", "/key/:token/form/:form/:version/media/:name", intake_door_media, NULL, NULL},
	{"GET", "/key/:token/integrity", intake_door_integrity, NULL, NULL},
	{"HEAD", "/key/:token/submission", intake_submit_head, NULL, NULL},
	{"POST", "/key/:token/submission", intake_submit_serve, intake_submit_begin,
		intake_submit_piece},
	{"GET", "/healthz", intake_door_health, NULL, NULL},
};

static char id_visit[] = "visit", id_closed[] = "closed", title[] = "A <visit>", one[] = "1",
	    places[] = "places \xc3\xa9.csv";

static void
make_forms(struct world *w)
{
	buf_init(&w->xml, ROOM_BYTES);
	buf_add_view(&w->xml, view_text(XFORM));
	for (size_t i = 0; i < 2; i++) {
		w->forms[i] = (struct form){.id = i ? id_closed : id_visit,
			.title = title,
			.version = one,
			.xml = &w->xml};
		w->list[i] = (struct intake_form){.form = &w->forms[i],
			.state = i ? FACTS_CLOSED : FACTS_OPEN,
			.current = true,
			.xml = http_body_new(buf_view(&w->xml))};
		assert_ok(md5_text(w->list[i].md5, buf_view(&w->xml)));
		w->pointers[i] = &w->list[i];
	}
	w->files[0].body = http_body_new(view_text("name,label\n"));
	assert_ok(md5_text(w->files[0].md5, view_text("name,label\n")));
	w->rosa_files[0] = (struct openrosa_file){places, w->files[0].md5};
	w->list[0].files = w->files;
	w->list[0].rosa_files = w->rosa_files;
	w->list[0].file_count = 1;
	w->rosa[0] = intake_form_rosa(&w->list[0]);
	w->all = (struct intake_forms){
		.users = 2, .list = w->pointers, .count = 2, .rosa = w->rosa, .rosa_count = 1};
}

static void
make_tokens(struct world *w)
{
	OWNED_BUF struct buf fields;
	uint8_t hash[HASH_BYTES];
	buf_init(&fields, ROOM_BYTES);
	w->door.tokens = intake_tokens_new();
	buf_u32(&fields, 2);
	for (uint32_t i = 0; i < 2; i++) {
		crypto_hash_one(hash, "weir-token-v1", view_text(i ? "busy" : "good!$"));
		buf_add(&fields, hash, sizeof(hash));
		buf_blob_text(&fields, "c");
		buf_u32(&fields, i); /* one request a minute with `busy` */
		buf_u32(&fields, i);
	}
	struct cursor c = cursor_of(buf_view(&fields));
	assert_ok(intake_tokens_read(w->door.tokens, &c));
}

static int
begin(void **state)
{
	struct world *w = xcalloc(1, sizeof(*w));
	struct http_setup setup = {.listen = "127.0.0.1:0",
		.routes = routes,
		.route_count = ARRAY_LEN(routes),
		.body_max_bytes = 1000,
		.dress = intake_door_dress,
		.refuse = intake_door_refuse,
		.arg = &w->door};
	w->door = (struct intake_door){.hosts = "",
		.accept_bytes = 500,
		.max_bytes = 1000,
		.memory_bytes = 1500,
		.forms = &w->all};
	make_forms(w);
	make_tokens(w);
	assert_ok(reactor_open(&w->reactor));
	w->door.link = intake_link_new(w->reactor, "/tmp/weir-no-sync.sock", on_up, w);
	assert_ok(http_open(&w->http, w->reactor, &setup));
	*state = w;
	return 0;
}

static int
end(void **state)
{
	struct world *w = *state;
	intake_link_free(w->door.link);
	http_free(w->http);
	intake_tokens_free(w->door.tokens);
	for (size_t i = 0; i < 2; i++)
		http_body_free(w->list[i].xml);
	http_body_free(w->files[0].body);
	buf_done(&w->xml);
	reactor_free(w->reactor);
	mem_drop(&w);
	return 0;
}

struct row {
	const char *name;
	const char *request;
	const char *wanted[4];
	const char *unwanted;
};

#define ROSA            "X-OpenRosa-Version: 1.0\r\n"
#define HOST            "Host: node.example\r\n"
#define GET(path, more) "GET " path " HTTP/1.1\r\n" more "\r\n"

static const struct row rows[] = {
	{"lists_what_is_open_here", GET("/key/good!$/formList?deviceID=x", HOST ROSA),
		{"HTTP/1.1 200", "Content-Type: text/xml", "<formID>visit</formID>",
			"http://node.example/key/good%21%24/form/visit/1/xml"},
		"closed"},
	{"lists_nothing_of_another_id", GET("/key/good%21$/formList?formID=other", HOST ROSA),
		{"HTTP/1.1 200", "xformsList"}, "visit"},
	{"answers_head_on_the_list", "HEAD /key/good!$/formList HTTP/1.1\r\n" HOST ROSA "\r\n",
		{"HTTP/1.1 200", "ETag: "}, "formID"},
	{"uses_the_addresses_of_central",
		GET("/v1/key/good!$/projects/7/formList",
			HOST ROSA "X-Forwarded-Proto: https\r\n"),
		{"https://node.example/v1/key/good%21%24/projects/7/form/visit/1/manifest"},
		NULL},
	{"says_what_openrosa_wants_in_every_answer", GET("/key/wrong/formList", HOST ROSA),
		{"X-OpenRosa-Version: 1.0", "Date: ", "Content-Language: en",
			"X-OpenRosa-Accept-Content-Length: 500"},
		NULL},
	{"says_it_also_where_nothing_is", GET("/nothing", HOST),
		{"HTTP/1.1 404", "X-OpenRosa-Version: 1.0", "Content-Type: text/xml"}, NULL},
	{"refuses_a_token_with_403_and_not_401", GET("/key/wrong/formList", HOST ROSA),
		{"HTTP/1.1 403", "OpenRosaResponse"}, "WWW-Authenticate"},
	{"wants_the_version_header", GET("/key/good!$/formList", HOST), {"HTTP/1.1 400"}, NULL},
	{"takes_no_other_version",
		GET("/key/good!$/formList", HOST "X-OpenRosa-Version: 2.0\r\n"),
		{"HTTP/1.1 400"}, NULL},
	{"takes_any_date", GET("/key/good!$/formList", HOST ROSA "Date: noon, or so\r\n"),
		{"HTTP/1.1 200"}, NULL},
	{"makes_no_address_of_a_bad_host", GET("/key/good!$/formList", "Host: a/b<c\r\n" ROSA),
		{"HTTP/1.1 400"}, "<c"},
	{"gives_a_form_without_the_version_header", GET("/key/good!$/form/visit/1/xml", HOST),
		{"HTTP/1.1 200", "text/xml", "\r\n\r\n" XFORM, "ETag: \""}, NULL},
	{"gives_a_closed_form_still", GET("/key/good!$/form/closed/1/xml", HOST),
		{"HTTP/1.1 200"}, NULL},
	{"gives_no_other_version", GET("/key/good!$/form/visit/2/xml", HOST), {"HTTP/1.1 404"},
		NULL},
	{"gives_a_manifest", GET("/key/good!$/form/visit/1/manifest", HOST ROSA),
		{"<hash>md5:", "/media/places%20%C3%A9.csv"}, NULL},
	{"gives_a_file", GET("/key/good!$/form/visit/1/media/places%20%C3%A9.csv", HOST),
		{"HTTP/1.1 200", "text/csv", "\r\n\r\nname,label"}, NULL},
	{"gives_no_other_file", GET("/key/good!$/form/visit/1/media/..%2Fx", HOST),
		{"HTTP/1.1 404"}, NULL},
	{"answers_about_entities", GET("/key/good!$/integrity?id=a,b", HOST ROSA),
		{"HTTP/1.1 200", "<entity id=\"b\"><deleted>false</deleted>"}, NULL},
	{"answers_head_on_submission_with_204",
		"HEAD /key/good!$/submission?deviceID=x HTTP/1.1\r\n" HOST ROSA "\r\n",
		{"HTTP/1.1 204", "X-OpenRosa-Accept-Content-Length: 500",
			"X-OpenRosa-Version: 1.0"},
		NULL},
	{"tells_health_that_sync_is_missing", GET("/healthz", HOST), {"HTTP/1.1 503", "sync"},
		NULL},
	{"wants_parts",
		"POST /key/good!$/submission HTTP/1.1\r\n" HOST ROSA
		"Content-Type: text/xml\r\nContent-Length: 4\r\n\r\n<x/>",
		{"HTTP/1.1 400", "multipart/form-data"}, NULL},
	{"wants_the_xml_among_the_parts",
		"POST /key/good!$/submission HTTP/1.1\r\n" HOST ROSA
		"Content-Type: multipart/form-data; boundary=X\r\nContent-Length: 66\r\n\r\n"
		"--X\r\nContent-Disposition: form-data; name=a; filename=a\r\n\r\n\r\n--X--",
		{"HTTP/1.1 400", "xml_submission_file is missing"}, NULL},
	{"refuses_too_much_in_one_sentence",
		"POST /key/good!$/submission HTTP/1.1\r\n" HOST ROSA
		"Content-Type: multipart/form-data; boundary=X\r\nExpect: 100-continue\r\n"
		"Content-Length: 100000000\r\n\r\n",
		{"HTTP/1.1 413", "more than can be sent at once"}, NULL},
};

static void
answers_a_request(void **state)
{
	const struct row *row = *state;
	void *place = NULL;
	OWNED_BUF struct buf out;
	(void)begin(&place);
	struct world *w = place;
	http_talk_ask(w->reactor, w->http, row->request, &out);
	for (size_t i = 0; i < ARRAY_LEN(row->wanted) && row->wanted[i]; i++)
		if (!http_talk_has(&out, row->wanted[i]))
			fail_msg("'%s' is not in: %s", row->wanted[i], (const char *)out.at);
	if (row->unwanted && http_talk_has(&out, row->unwanted))
		fail_msg("'%s' is in: %s", row->unwanted, (const char *)out.at);
	(void)end(&place);
}

static void
sends_nothing_that_the_client_has(void **state)
{
	struct world *w = *state;
	static const char *const paths[] = {"/key/good!$/formList",
		"/key/good!$/form/visit/1/xml", "/key/good!$/form/visit/1/manifest",
		"/key/good!$/form/visit/1/media/places%20%C3%A9.csv"};
	for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
		OWNED_BUF struct buf first, second;
		OWNED_MEM char *ask =
			xasprintf("GET %s HTTP/1.1\r\n" HOST ROSA "\r\n", paths[i]);
		http_talk_ask(w->reactor, w->http, ask, &first);
		const char *etag = strstr((const char *)first.at, "ETag: \"");
		assert_non_null(etag);
		OWNED_MEM char *again = xasprintf("GET %s HTTP/1.1\r\n" HOST ROSA
						  "If-None-Match: \"x\", %.34s\r\n\r\n",
			paths[i], etag + strlen("ETag: "));
		http_talk_ask(w->reactor, w->http, again, &second);
		assert_true(http_talk_has(&second, "HTTP/1.1 304"));
		assert_true(http_talk_has(&second, "ETag: \""));
		assert_false(http_talk_has(&second, "<"));
	}
}

static void
holds_a_token_to_its_quota(void **state)
{
	struct world *w = *state;
	OWNED_BUF struct buf first, second;
	http_talk_ask(w->reactor, w->http, GET("/key/busy/formList", HOST ROSA), &first);
	http_talk_ask(w->reactor, w->http, GET("/key/busy/formList", HOST ROSA), &second);
	assert_true(http_talk_has(&first, "HTTP/1.1 200"));
	assert_true(http_talk_has(&second, "HTTP/1.1 429"));
	assert_true(http_talk_has(&second, "Retry-After: "));
}

static void
is_called_by_the_names_that_are_listed(void **state)
{
	struct world *w = *state;
	OWNED_BUF struct buf good, port, bad;
	w->door.hosts = "other.example node.example";
	http_talk_ask(w->reactor, w->http, GET("/key/good!$/formList", HOST ROSA), &good);
	http_talk_ask(w->reactor, w->http,
		GET("/key/good!$/formList", "Host: OTHER.example:80\r\n" ROSA), &port);
	http_talk_ask(w->reactor, w->http,
		GET("/key/good!$/formList", "Host: example\r\n" ROSA), &bad);
	assert_true(http_talk_has(&good, "HTTP/1.1 200"));
	assert_true(http_talk_has(&port, "http://OTHER.example:80/key"));
	assert_true(http_talk_has(&bad, "HTTP/1.1 400"));
}

/* Two of 800 bytes do not fit into 1,500; when the first has gone, the next one does. */
static void
takes_no_more_than_its_memory_holds(void **state)
{
	struct world *w = *state;
	static const char head[] = "POST /key/good!$/submission HTTP/1.1\r\n" HOST ROSA
				   "Content-Type: multipart/form-data; boundary=X\r\n"
				   "Content-Length: 800\r\n\r\n";
	OWNED_BUF struct buf out;
	int first = http_talk_dial(w->http);
	http_talk_say(w->reactor, first, head, strlen(head));
	for (int i = 0; i < 5; i++)
		http_talk_turn(w->reactor);
	assert_int_equal(w->door.under_way_bytes, 800);
	OWNED_MEM char *whole = xasprintf("%s%800s", head, "");
	http_talk_ask(w->reactor, w->http, whole, &out);
	assert_true(http_talk_has(&out, "HTTP/1.1 503") && http_talk_has(&out, "Retry-After"));
	assert_int_equal(close(first), 0);
	for (int i = 0; i < 5; i++)
		http_talk_turn(w->reactor);
	assert_int_equal(w->door.under_way_bytes, 0);
}

/* Nobody knows how much is to come: it counts as the most that may, against the quota too. */
static void
counts_a_body_in_chunks_as_the_longest(void **state)
{
	struct world *w = *state;
	static const char head[] = "POST /key/good!$/submission HTTP/1.1\r\n" HOST ROSA
				   "Content-Type: multipart/form-data; boundary=X\r\n"
				   "Transfer-Encoding: chunked\r\n\r\n";
	int first = http_talk_dial(w->http);
	http_talk_say(w->reactor, first, head, strlen(head));
	for (int i = 0; i < 5; i++)
		http_talk_turn(w->reactor);
	assert_int_equal(w->door.under_way_bytes, MIN(w->door.max_bytes, w->door.memory_bytes));
	assert_int_equal(close(first), 0);
	for (int i = 0; i < 5; i++)
		http_talk_turn(w->reactor);
	assert_int_equal(w->door.under_way_bytes, 0);
}

static void
says_that_no_study_has_arrived(void **state)
{
	struct world *w = *state;
	OWNED_BUF struct buf out;
	w->door.forms = NULL;
	http_talk_ask(w->reactor, w->http, GET("/key/good!$/formList", HOST ROSA), &out);
	assert_true(http_talk_has(&out, "HTTP/1.1 503") && http_talk_has(&out, "no study"));
}

int
main(void)
{
	struct CMUnitTest tests[ARRAY_LEN(rows) + 6] = {
		cmocka_unit_test_setup_teardown(sends_nothing_that_the_client_has, begin, end),
		cmocka_unit_test_setup_teardown(holds_a_token_to_its_quota, begin, end),
		cmocka_unit_test_setup_teardown(
			is_called_by_the_names_that_are_listed, begin, end),
		cmocka_unit_test_setup_teardown(
			takes_no_more_than_its_memory_holds, begin, end),
		cmocka_unit_test_setup_teardown(
			counts_a_body_in_chunks_as_the_longest, begin, end),
		cmocka_unit_test_setup_teardown(says_that_no_study_has_arrived, begin, end),
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		tests[i + 6] = (struct CMUnitTest){.name = rows[i].name,
			.test_func = answers_a_request,
			.initial_state = (void *)(uintptr_t)&rows[i]};
	if (crypto_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
