#include "tests/unit/suite.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/mem.h"
#include "common/net/call.h"
#include "common/net/link.h"

#include "common/study/pack.h"

#include "node/intake_link.h"
#include "node/intake_record.h"
#include "node/intake_token.h"
#include "node/intake_upload.h"

#define TYPE       "multipart/form-data; boundary=XX"
#define ROOM_BYTES ((size_t)4096)
#define DAY_MS     INT64_C(86400000)
#define TURNS      400
#define PATH_BYTES 64
#define NOW_MS     INT64_C(1795341600000) /* 2026-11-22 */

/* tokens */

static void
add_collector(
	struct buf *out, const char *token, const char *id, uint32_t per_min, uint32_t mib)
{
	uint8_t hash[HASH_BYTES];
	crypto_hash_one(hash, "weir-token-v1", view_text(token));
	buf_add(out, hash, sizeof(hash));
	buf_blob_text(out, id);
	buf_u32(out, per_min);
	buf_u32(out, mib);
}

static void
read_list(struct intake_tokens *t, const char *const *ids, size_t count)
{
	OWNED_BUF struct buf fields;
	buf_init(&fields, ROOM_BYTES);
	buf_u32(&fields, (uint32_t)count);
	for (size_t i = 0; i < count; i++) {
		OWNED_MEM char *token = xasprintf("token of %s", ids[i]);
		add_collector(&fields, token, ids[i], 2, 1);
	}
	struct cursor c = cursor_of(buf_view(&fields));
	assert_ok(intake_tokens_read(t, &c));
}

static void
knows_a_token_by_its_hash_until_it_is_taken_back(void **state)
{
	OWNED(intake_tokens) struct intake_tokens *t = intake_tokens_new();
	struct intake_collector *c = NULL;
	(void)state;
	assert_err(intake_token_find(t, "token of a", &c), E_DENIED);
	read_list(t, (const char *const[]){"c", "a", "b"}, 3);
	for (int i = 0; i < 3; i++) {
		char token[] = "token of a";
		token[9] = (char)('a' + i);
		assert_ok(intake_token_find(t, token, &c));
		assert_int_equal(c->id[0], 'a' + i);
	}
	assert_err(intake_token_find(t, "token of d", &c), E_DENIED);
	assert_err(intake_token_find(t, "", &c), E_DENIED);
	read_list(t, (const char *const[]){"b"}, 1);
	assert_err(intake_token_find(t, "token of a", &c), E_DENIED);
	assert_ok(intake_token_find(t, "token of b", &c));
}

static void
refuses_a_list_that_is_cut_short_and_keeps_the_old_one(void **state)
{
	OWNED(intake_tokens) struct intake_tokens *t = intake_tokens_new();
	struct intake_collector *c = NULL;
	static const uint8_t cut[] = {0, 0, 0, 1, 7};
	(void)state;
	read_list(t, (const char *const[]){"a"}, 1);
	struct cursor fields = cursor_of(view_of(cut, sizeof(cut)));
	assert_err(intake_tokens_read(t, &fields), E_FORMAT);
	assert_ok(intake_token_find(t, "token of a", &c));
}

/* Two requests a minute, one MiB a day. */
static void
counts_requests_and_bytes_against_the_quota(void **state)
{
	OWNED(intake_tokens) struct intake_tokens *t = intake_tokens_new();
	struct intake_collector *c = NULL;
	(void)state;
	read_list(t, (const char *const[]){"a"}, 1);
	assert_ok(intake_token_find(t, "token of a", &c));
	assert_ok(intake_token_spend(c, 0, 1000));
	assert_ok(intake_token_spend(c, 0, 1000));
	assert_err(intake_token_spend(c, 0, 1000), E_BUSY);
	read_list(t, (const char *const[]){"a"}, 1);
	assert_ok(intake_token_find(t, "token of a", &c));
	assert_err(intake_token_spend(c, 0, 1000), E_BUSY);
	assert_ok(intake_token_spend(c, 0, 31001));
	assert_ok(intake_token_spend(c, 1 << 20, 100000));
	assert_err(intake_token_spend(c, 1 << 12, 200000), E_BUSY);
	assert_ok(intake_token_spend(c, 1 << 20, 200000 + DAY_MS));
}

/* uploads */

#define PART(name, file, data)                                                                 \
	"--XX\r\nContent-Disposition: form-data; name=\"" name "\"" file "\r\n\r\n" data "\r"  \
	"\n"
#define FILE_PART(name, data) PART(name, "; filename=\"" name "\"", data)
#define END                   "--XX--\r\n"

static enum err
upload(struct intake_upload **ret, const char *body, size_t max)
{
	OWNED(intake_upload) struct intake_upload *u = NULL;
	enum err e = intake_upload_open(&u, TYPE, strlen(body), max);
	for (size_t at = 0; !e && at < strlen(body); at += 7)
		e = intake_upload_add(u, view_of(body + at, MIN(strlen(body) - at, 7)));
	if (!e)
		e = intake_upload_end(u);
	*ret = e ? NULL : take(u);
	return e;
}

/* records */

#define STUDY_DIR WEIR_SOURCE_DIR "/tests/integration/openrosa/study"
#define CONSENT(event, time)                                                                   \
	"<data id='consent' version='1'><participant>P1</participant>"                         \
	"<form_version_shown>1</form_version_shown><mode>written</mode>"                       \
	"<given_by>self</given_by><event>" event "</event>"                                    \
	"<permit_collect_direct>yes</permit_collect_direct>"                                   \
	"<permit_use_site_report>yes</permit_use_site_report>"                                 \
	"<permit_use_aggregate>yes</permit_use_aggregate><given_at>" time "</given_at>"        \
	"<valid_until>2030-01-01</valid_until>"                                                \
	"<meta><instanceID>uuid:1</instanceID></meta></data>"
#define VISIT(wave, score)                                                                     \
	"<data id='visit' version='1'><participant>P1</participant><wave>" wave                \
	"</wave><about><score>" score "</score></about>"                                       \
	"<meta><instanceID>uuid:1</instanceID></meta></data>"

#define NOTED(item, text)                                                                      \
	"<data id='visit' version='1'><participant>P1</participant><wave>1</wave>"             \
	"<about><score>7</score><" item ">" text "</" item "></about>"                         \
	"<meta><instanceID>uuid:1</instanceID></meta></data>"

static const struct {
	const char *xml;
	enum submit_problem problem; /* beside that of the study code */
} records[] = {
	{VISIT("1", "7"), SUBMIT_NO_CODE},
	{VISIT("1", "seven"), SUBMIT_INVALID},
	{VISIT("a name", "7"), SUBMIT_NO_FORM},
	{VISIT("", "7"), SUBMIT_INVALID},
	{NOTED("note", "she was kind"), SUBMIT_NO_CODE},
	{NOTED("note", "ring 07700 900123"), SUBMIT_TEXT},
	{NOTED("note", "at M1 1AE"), SUBMIT_TEXT},
	/* What stays at the site may lead to a person. */
	{NOTED("local", "ring 07700 900123"), SUBMIT_NO_CODE},
	{CONSENT("given", "2026-11-20T10:00:00.000Z"), SUBMIT_NO_CODE},
	{CONSENT("a name", "2026-11-20T10:00:00.000Z"), SUBMIT_NO_FORM},
	{CONSENT("given", "some day"), SUBMIT_NO_FORM},
};

/* The forms of a study, all open. */
struct given {
	struct pack *pack;
	struct intake_form one[8], *list[8];
	struct intake_forms forms;
};

static void
given_done(struct given *g)
{
	pack_free(g->pack);
}

static void
give_forms(struct given *g)
{
	OWNED(faults) struct faults *faults = faults_new();
	assert_ok(pack_load(&g->pack, STUDY_DIR, faults));
	g->forms.list = g->list;
	for (; g->forms.count < g->pack->form_count; g->forms.count++) {
		struct intake_form *f = &g->one[g->forms.count];
		*f = (struct intake_form){.form = g->pack->forms[g->forms.count],
			.pack = g->pack,
			.current = true,
			.state = FACTS_OPEN};
		g->list[g->forms.count] = f;
	}
}

static void
read_xml(const struct given *g, const char *xml, struct intake_upload **u,
	struct intake_record *r)
{
	OWNED_MEM char *body = xasprintf(PART("xml_submission_file", "", "%s") END, xml);
	assert_ok(upload(u, body, ROOM_BYTES));
	r->upload = *u;
	assert_ok(intake_record_read(r, &g->forms));
}

/* What stands in the clear at the hub, or is a consent, is never made of wrong answers. */
static void
keeps_whole_what_rules_would_go_by_and_is_wrong(void **state)
{
	OWNED_BY(given_done) struct given g = {.pack = NULL};
	(void)state;
	give_forms(&g);
	for (size_t i = 0; i < ARRAY_LEN(records); i++) {
		OWNED(intake_upload) struct intake_upload *u = NULL;
		OWNED_BY(intake_record_done) struct intake_record r = {.now_ms = NOW_MS};
		read_xml(&g, records[i].xml, &u, &r);
		if (r.problem != records[i].problem)
			fail_msg("record %zu: %d, %.*s", i, r.problem, (int)r.reason.len,
				(const char *)r.reason.at);
	}
}

#define CODED(form, version, item)                                                             \
	"<data id='" form "' version='" version "'>" item                                      \
	"<meta><instanceID>uuid:1</instanceID></meta></data>"

/* Of a version that nobody here knows, the study code is read all the same. */
static void
finds_whose_a_submission_of_an_unknown_version_is(void **state)
{
	static const struct {
		const char *xml, *code;
	} rows[] = {
		{CODED("visit", "9", "<participant>2222-222S</participant><more>1</more>"),
			"2222222S"},
		{CODED("consent", "9", "<participant>2222222s</participant>"), "2222222S"},
		{CODED("visit", "9", "<participant>22222222</participant>"), ""},
		{CODED("visit", "9", "<who>2222222S</who>"), ""},
		{CODED("visit", "9' encrypted='yes", "<participant>2222222S</participant>"),
			""},
	};
	OWNED_BY(given_done) struct given g = {.pack = NULL};
	(void)state;
	give_forms(&g);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED(intake_upload) struct intake_upload *u = NULL;
		OWNED_BY(intake_record_done) struct intake_record r = {.now_ms = NOW_MS};
		read_xml(&g, rows[i].xml, &u, &r);
		assert_int_equal(r.problem, SUBMIT_NO_FORM);
		assert_null(r.form);
		if (strcmp(r.code, rows[i].code) != 0)
			fail_msg("row %zu: \"%s\", not \"%s\"", i, r.code, rows[i].code);
	}
}

#define ENDED(at)                                                                              \
	"<data id='visit' version='1'><end>" at "</end><participant>P1</participant>"          \
	"<wave>1</wave><about><score>7</score></about>"                                        \
	"<meta><instanceID>uuid:1</instanceID></meta></data>"

static const struct {
	const char *xml;
	enum submit_problem problem; /* beside that of the study code */
	int64_t before_s;            /* it counts as filled in so long before it came */
	bool said;
	const char *words; /* why it is held */
} stamped[] = {
	{VISIT("1", "7"), SUBMIT_NO_CODE, 0, false, ""},
	{ENDED(""), SUBMIT_NO_CODE, 0, false, ""},
	{ENDED("2026-11-22T10:00:00.000Z"), SUBMIT_NO_CODE, 0, true, ""},
	{ENDED("2026-11-21T21:59:59.900+00:00"), SUBMIT_NO_CODE, 43201, true, ""},
	{ENDED("2026-11-22T10:15:00.000Z"), SUBMIT_NO_CODE, 0, true, ""},
	{ENDED("2026-11-22T10:15:01.000Z"), SUBMIT_INVALID, 0, false, "end: the clock of the"},
	{ENDED("1970-01-01T00:00:10.000Z"), SUBMIT_INVALID, 0, false, "has lost its time"},
	{ENDED("at noon"), SUBMIT_INVALID, 0, false, "does not say when"},
	{CONSENT("given", "2026-11-20T10:00:00.000Z"), SUBMIT_NO_CODE, 0, false, ""},
};

static void
a_form_counts_as_filled_in_when_it_says_and_is_held_if_that_cannot_be(void **state)
{
	OWNED_BY(given_done) struct given g = {.pack = NULL};
	(void)state;
	give_forms(&g);
	for (size_t i = 0; i < ARRAY_LEN(stamped); i++) {
		OWNED(intake_upload) struct intake_upload *u = NULL;
		OWNED_BY(intake_record_done) struct intake_record r = {.now_ms = NOW_MS};
		read_xml(&g, stamped[i].xml, &u, &r);
		OWNED_MEM char *why = xmemdup(r.reason.at, r.reason.len);
		if (r.problem != stamped[i].problem || !strstr(why, stamped[i].words) ||
			r.collected.at_s != NOW_MS / 1000 - stamped[i].before_s ||
			(r.collected.word == COLLECTED_SAID) != stamped[i].said)
			fail_msg("record %zu: %d, %s", i, r.problem, why);
	}
}

static void
a_form_about_the_site_counts_from_when_it_came_in(void **state)
{
	OWNED_BY(given_done) struct given g = {.pack = NULL};
	OWNED(intake_upload) struct intake_upload *u = NULL;
	OWNED_BY(intake_record_done) struct intake_record r = {.now_ms = NOW_MS};
	(void)state;
	give_forms(&g);
	for (size_t i = 0; i < g.pack->form_count; i++)
		g.pack->forms[i]->per_site = true;
	read_xml(&g, ENDED("2026-11-21T21:59:59.900+00:00"), &u, &r);
	assert_int_equal(r.collected.word, COLLECTED_UNSAID);
	assert_int_equal(r.collected.at_s, NOW_MS / 1000);
}

static void
keeps_the_xml_and_the_files_apart(void **state)
{
	OWNED(intake_upload) struct intake_upload *u = NULL;
	(void)state;
	assert_ok(upload(&u,
		PART("*isIncomplete*", "", "yes") FILE_PART("a.jpg", "first")
			FILE_PART("xml_submission_file", "<x/>") FILE_PART("b.jpg", "")
				FILE_PART("a.jpg", "second") END,
		ROOM_BYTES));
	assert_true(view_same(intake_upload_xml(u), view_text("<x/>")));
	assert_int_equal(intake_upload_file_count(u), 2);
	assert_string_equal(intake_upload_file_name(u, 0), "a.jpg");
	assert_true(view_same(intake_upload_file(u, 0), view_text("second")));
	assert_int_equal(intake_upload_file(u, 1).len, 0);
}

static void
takes_the_xml_without_a_file_name(void **state)
{
	OWNED(intake_upload) struct intake_upload *u = NULL;
	(void)state;
	assert_ok(upload(&u, PART("xml_submission_file", "", "<x/>") END, ROOM_BYTES));
	assert_true(view_same(intake_upload_xml(u), view_text("<x/>")));
}

static void
refuses_what_is_no_submission(void **state)
{
	static const struct {
		const char *body;
		size_t max;
		enum err wanted;
	} rows[] = {
		{FILE_PART("a.jpg", "1") END, ROOM_BYTES, E_NOTFOUND},
		{PART("xml_submission_file", "", "1") PART("xml_submission_file", "", "2") END,
			ROOM_BYTES, E_FORMAT},
		{PART("xml_submission_file", "", "1"), ROOM_BYTES, E_FORMAT},
		{PART("../a", "; filename=\"a\"", "1") END, ROOM_BYTES, E_FORMAT},
		{PART("a", "; filename=\"../a\"", "1") END, ROOM_BYTES, E_FORMAT},
		{PART("xml_submission_file", "", "0123456789") END, 9, E_FULL},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED(intake_upload) struct intake_upload *u = NULL;
		assert_err(upload(&u, rows[i].body, rows[i].max), rows[i].wanted);
	}
}

/* the link: a sync of our own in the same loop */

struct world {
	char dir[PATH_BYTES], path[PATH_BYTES + 8];
	struct reactor *reactor;
	struct link_context *context;
	struct link *sync;
	struct intake_link *link;
	bool silent; /* sync takes questions and answers none */
	int ups;
	struct buf replies; /* one character each: the answer, or ! for an error */
};

static void
sync_asked(struct reactor *r, void *arg)
{
	struct world *w = arg;
	OWNED(link_message) struct link_message *m = NULL;
	OWNED_BUF struct buf frame;
	struct cursor fields;
	uint16_t verb = 0;
	(void)r;
	buf_init(&frame, ROOM_BYTES);
	if (link_recv(w->sync, &m) || w->silent)
		return;
	assert_ok(call_read(m->payload, &verb, &fields));
	uint8_t said = cursor_u8(&fields);
	call_answer(&frame, said == 'e' ? fail(E_FULL, "no room") : OK);
	buf_u8(&frame, said);
	assert_ok(link_send(w->sync, m->peer, buf_view(&frame)));
}

static void
on_up(struct reactor *r, void *arg)
{
	(void)r;
	((struct world *)arg)->ups++;
}

static void
on_reply(void *arg, enum err e, struct cursor *c)
{
	struct world *w = arg;
	buf_u8(&w->replies, e ? '!' : cursor_u8(c));
}

static void
serve(struct world *w)
{
	assert_ok(link_serve_ipc(&w->sync, w->context, w->path));
	link_watch(w->sync, w->reactor, sync_asked, w);
}

static int
begin(void **state)
{
	struct world *w = xcalloc(1, sizeof(*w));
	(void)snprintf(w->dir, sizeof(w->dir), "/tmp/weir.XXXXXX");
	assert_non_null(mkdtemp(w->dir));
	(void)snprintf(w->path, sizeof(w->path), "%s/s.sock", w->dir);
	buf_init(&w->replies, ROOM_BYTES);
	assert_ok(reactor_open(&w->reactor));
	w->context = link_context_new();
	w->link = intake_link_new(w->reactor, w->path, on_up, w);
	*state = w;
	return 0;
}

static int
end(void **state)
{
	struct world *w = *state;
	intake_link_free(w->link);
	link_free(w->sync);
	reactor_free(w->reactor);
	link_context_free(w->context);
	buf_done(&w->replies);
	char lock[PATH_BYTES + 16];
	(void)snprintf(lock, sizeof(lock), "%s.lock", w->path);
	(void)unlink(lock);
	(void)unlink(w->path);
	assert_int_equal(rmdir(w->dir), 0);
	mem_drop(&w);
	return 0;
}

static enum err
ask(struct world *w, char c)
{
	struct intake_question q = {SYNC_STATUS, view_of(&c, 1), on_reply, w};
	return intake_link_ask(w->link, &q);
}

static void
turn_until(struct world *w, size_t replies, int ups)
{
	for (int i = 0; i < TURNS && (w->replies.len < replies || w->ups < ups); i++)
		assert_ok(reactor_turn(w->reactor, 10));
	assert_int_equal(w->replies.len, replies);
	assert_int_equal(w->ups, ups);
}

static void
gives_each_question_its_own_answer(void **state)
{
	struct world *w = *state;
	serve(w);
	intake_link_start(w->link);
	turn_until(w, 0, 1);
	for (const char *c = "abecd"; *c; c++)
		assert_ok(ask(w, *c));
	turn_until(w, 5, 1);
	assert_true(view_same(buf_view(&w->replies), view_text("ab!cd")));
	assert_int_equal(intake_link_open_count(w->link), 0);
}

static void
says_that_sync_is_not_there_and_finds_it_later(void **state)
{
	struct world *w = *state;
	intake_link_start(w->link);
	assert_err(ask(w, 'a'), E_ABSENT);
	serve(w);
	turn_until(w, 0, 1);
	assert_ok(ask(w, 'b'));
	turn_until(w, 1, 1);
}

/* What a dead sync had not answered fails, and no answer of the next one is taken for it. */
static void
fails_what_was_open_when_sync_ended(void **state)
{
	struct world *w = *state;
	serve(w);
	intake_link_start(w->link);
	turn_until(w, 0, 1);
	w->silent = true;
	assert_ok(ask(w, 'a'));
	assert_ok(ask(w, 'b'));
	for (int i = 0; i < 5; i++)
		assert_ok(reactor_turn(w->reactor, 10));
	link_free(take(w->sync));
	link_context_free(w->context);
	turn_until(w, 2, 1);
	assert_true(view_same(buf_view(&w->replies), view_text("!!")));
	w->context = link_context_new();
	w->silent = false;
	serve(w);
	turn_until(w, 2, 2);
	assert_ok(ask(w, 'c'));
	turn_until(w, 3, 2);
	assert_int_equal(w->replies.at[2], 'c');
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(knows_a_token_by_its_hash_until_it_is_taken_back),
		cmocka_unit_test(refuses_a_list_that_is_cut_short_and_keeps_the_old_one),
		cmocka_unit_test(counts_requests_and_bytes_against_the_quota),
		cmocka_unit_test(finds_whose_a_submission_of_an_unknown_version_is),
		cmocka_unit_test(keeps_whole_what_rules_would_go_by_and_is_wrong),
		cmocka_unit_test(
			a_form_counts_as_filled_in_when_it_says_and_is_held_if_that_cannot_be),
		cmocka_unit_test(a_form_about_the_site_counts_from_when_it_came_in),
		cmocka_unit_test(keeps_the_xml_and_the_files_apart),
		cmocka_unit_test(takes_the_xml_without_a_file_name),
		cmocka_unit_test(refuses_what_is_no_submission),
		cmocka_unit_test_setup_teardown(gives_each_question_its_own_answer, begin, end),
		cmocka_unit_test_setup_teardown(
			says_that_sync_is_not_there_and_finds_it_later, begin, end),
		cmocka_unit_test_setup_teardown(
			fails_what_was_open_when_sync_ended, begin, end),
	};
	if (crypto_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
