#include "tests/unit/suite.h"

#include "common/base/mem.h"
#include "common/study/openitems.h"
#include "common/study/pack_own.h"
#include "common/trust/crypto.h"

#define EXAMPLE_PACK   WEIR_SOURCE_DIR "/ops/study/partnership"
#define FILE_MAX_BYTES 262144

struct edit {
	const char *file, *from, *to;
};

static bool
says(const struct faults *f, const char *what)
{
	for (size_t i = 0; i < f->count; i++) {
		OWNED_MEM char *line = faults_line(&f->items[i]);
		if (!f->items[i].warning && strstr(line, what))
			return true;
	}
	return false;
}

static void
put_edited(struct buf *to, const struct pack_document *d, const struct edit *e)
{
	OWNED_MEM char *text = xmemdup(d->bytes.at, d->bytes.len);
	const char *at = strcmp(d->name, e->file) == 0 ? strstr(text, e->from) : NULL;
	buf_init(to, FILE_MAX_BYTES);
	if (strcmp(d->name, e->file) == 0)
		assert_non_null(at);
	const size_t before = at ? (size_t)(at - text) : d->bytes.len;
	buf_add(to, text, before);
	if (at) {
		buf_add(to, e->to, strlen(e->to));
		buf_add(to, at + strlen(e->from), strlen(at + strlen(e->from)));
	}
	assert_false(to->broken);
}

/* The example study with an edit, or as one site gives it out; NULL with a fault. */
static struct pack *
example(const struct edit *e, const char *site, struct faults *faults)
{
	OWNED(faults) struct faults *none = faults_new();
	OWNED(pack) struct pack *whole = NULL;
	struct pack *p = NULL;
	size_t count = 0, kept = 0;
	assert_ok(pack_load(&whole, EXAMPLE_PACK, none));
	const struct pack_document *d = pack_documents(whole, &count);
	OWNED_MEM struct pack_document *to = xcalloc(count, sizeof(*to));
	OWNED_MEM struct buf *texts = xcalloc(count, sizeof(*texts));
	for (size_t i = 0; i < count; i++) {
		put_edited(&texts[i], &d[i], e);
		if (site && strcmp(d[i].name, PACK_PARTNERS) == 0) {
			buf_reset(&texts[i]);
			assert_ok(pack_partners_at(&texts[i], d[i].bytes, site));
		}
		if (texts[i].len)
			to[kept++] = (struct pack_document){d[i].name, buf_view(&texts[i])};
	}
	enum err e2 = pack_load_documents(&p, to, kept, faults);
	assert_true(e2 == OK || faults->errors > 0);
	if (p)
		pack_check_partners(p, faults);
	for (size_t i = 0; i < count; i++)
		buf_done(&texts[i]);
	return p;
}

static const struct form_list *
list_of(const struct pack *p)
{
	const struct form *f = pack_form(p, "staff_p1");
	const int field = form_field(f, "partner");
	assert_true(field >= 0);
	assert_int_equal(f->fields[field].goes, FORM_OPEN);
	assert_false(f->fields[field].required);
	return f->fields[field].list;
}

static const struct edit as_it_is = {"", "", ""};

static void
a_form_is_given_every_partner_once(void **state)
{
	OWNED(faults) struct faults *f = faults_new();
	OWNED(pack) struct pack *p = example(&as_it_is, NULL, f);
	(void)state;
	assert_int_equal(f->errors, 0);
	assert_int_equal(p->partner_count, 18);
	const struct form_list *list = list_of(p);
	assert_int_equal(list->count, 17);
	assert_true(list->external);
	const int place = form_choice(list, "careco");
	assert_true(place >= 0);
	assert_string_equal(list->choices[place].label, "EXAMPLE Careco home care");
	assert_int_equal(form_choice(list, "exa"), -1);
	const struct pack_partner *one = pack_partner(p, "exd", "careco");
	assert_string_equal(one->kind, "private");
	assert_true(one->example);
	assert_non_null(pack_partner(p, "exa", "careco"));
	assert_null(pack_partner(p, "exb", "careco"));
	assert_null(pack_partner(p, "exd", "nobody"));
}

static void
a_site_gives_out_its_own_partners_alone(void **state)
{
	static const struct {
		const char *site;
		size_t partners;
	} rows[] = {{"exa", 4}, {"exb", 3}, {"exc", 5}, {"exd", 6}};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED(faults) struct faults *f = faults_new();
		OWNED(pack) struct pack *p = example(&as_it_is, rows[i].site, f);
		assert_non_null(p);
		assert_int_equal(list_of(p)->count, rows[i].partners);
		for (size_t k = 0; k < p->partner_count; k++)
			assert_string_equal(p->partners[k].site, rows[i].site);
	}
	OWNED(faults) struct faults *f = faults_new();
	OWNED(pack) struct pack *stranger = example(&as_it_is, "nowhere", f);
	assert_int_equal(list_of(stranger)->count, 17);
}

static void
names_with_commas_and_quotes_come_through(void **state)
{
	static const struct edit odd = {
		PACK_PARTNERS, "EXAMPLE Careco home care,", "\"Care, \"\"Co\"\" & Sons\","};
	OWNED(faults) struct faults *f = faults_new();
	OWNED(pack) struct pack *p = example(&odd, NULL, f);
	(void)state;
	assert_null(p); /* the same organisation has another name further down */
	assert_true(says(f, "partners.csv row 19, column name: the partner 'careco' has"));
	static const struct edit one = {
		PACK_PARTNERS, "EXAMPLE Homely home care,", "\"Care, \"\"Co\"\" & Sons\","};
	OWNED(faults) struct faults *g = faults_new();
	OWNED(pack) struct pack *q = example(&one, NULL, g);
	assert_string_equal(pack_partner(q, "exa", "homely")->name, "Care, \"Co\" & Sons");
	const struct form_list *list = list_of(q);
	assert_string_equal(
		list->choices[form_choice(list, "homely")].label, "Care, \"Co\" & Sons");
}

static const struct {
	struct edit edit;
	const char *says;
} rows[] = {
	{{PACK_PARTNERS, "exa,careco,", "exz,careco,"},
		"partners.csv row 4, column site: sites.csv has no site 'exz'"},
	{{PACK_PARTNERS, "exa,homely,", "exa,careco,"},
		"partners.csv row 5, column id: the site has the partner 'careco' twice"},
	{{PACK_PARTNERS, "exa,homely,", "exa,Homely,"},
		"partners.csv row 5, column id: an id is a small letter"},
	{{PACK_PARTNERS, "exa,homely,", "exa,,"},
		"partners.csv row 5, column id: this cell is empty"},
	{{PACK_PARTNERS, "exa,homely,", ",homely,"},
		"partners.csv row 5, column site: this cell is empty"},
	{{PACK_PARTNERS, "Careco home care,private", "Careco home care,nhs"},
		"partners.csv row 19, column kind: the partner 'careco' is of another kind"},
	{{PACK_PARTNERS, "Homely home care,private", "Homely home care,For profit"},
		"partners.csv row 5, column kind: a kind is a small letter"},
	{{PACK_PARTNERS, "Homely home care,private,yes", "Homely home care,private,perhaps"},
		"partners.csv row 5, column example: yes or no is wanted"},
	{{PACK_PARTNERS, "site,id,name,kind,example", "site,id,name,kind,sample"},
		"partners.csv row 1, column sample: this column is not known"},
	{{PACK_PARTNERS, "site,id,name,kind,example", "site,id,name,sort,example"},
		"partners.csv row 1, column kind: this column is missing"},
	{{PACK_PARTNERS,
		 "exb,harbour-homes,EXAMPLE Harbour housing association,voluntary,yes\n", ""},
		"sites.csv row 3, column partners: partners.csv names 2 partners of this site"},
};

static void
each_fault_is_named_with_its_place(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED(faults) struct faults *f = faults_new();
		OWNED(pack) struct pack *p = example(&rows[i].edit, NULL, f);
		if (!says(f, rows[i].says))
			fail_msg("row %zu: nothing says '%s'", i, rows[i].says);
	}
}

static void
a_form_that_asks_for_a_partner_needs_one_at_each_of_its_sites(void **state)
{
	static const struct edit none_at_exb = {PACK_PARTNERS,
		"exb,harbour-council,EXAMPLE Harbour county council,council,yes\n"
		"exb,harbour-community,EXAMPLE Harbour community trust,nhs,yes\n"
		"exb,harbour-homes,EXAMPLE Harbour housing association,voluntary,yes\n",
		""};
	OWNED(faults) struct faults *f = faults_new();
	OWNED(pack) struct pack *p = example(&none_at_exb, NULL, f);
	(void)state;
	assert_true(says(f, "site 'exb' has no partner, and form staff_p1 asks for one"));
	assert_non_null(p); /* a node, which does not look at the whole, takes it */
}

/* ---- what a record says of it ---- */

static void
a_record_names_its_partner_in_the_open_where_its_form_asks(void **state)
{
	static const struct {
		const char *form;
		struct wire_open open[2];
		size_t count;
		const char *partner; /* NULL: none */
		bool not_asked;
	} asked[] = {
		{"staff_p1", {{"wave", "1"}, {"partner", "careco"}}, 2, "careco", false},
		{"staff_p1", {{"partner", ""}}, 1, "", false},
		{"staff_p1", {{"wave", "1"}}, 1, NULL, false},
		{"user_p2", {{"wave", "1"}}, 1, NULL, true},
		/* Not a question of this form: what is said there is nobody's word. */
		{"user_p2", {{"partner", "careco"}}, 1, NULL, true},
	};
	OWNED(faults) struct faults *f = faults_new();
	OWNED(pack) struct pack *p = example(&as_it_is, NULL, f);
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(asked); i++) {
		const struct form *form = pack_form(p, asked[i].form);
		struct wire_rules r = {.open_count = asked[i].count};
		bool not_asked = false;
		memcpy(r.open, asked[i].open, sizeof(asked[i].open));
		const char *partner = openitems_partner(form, &r, &not_asked);
		assert_int_equal(not_asked, asked[i].not_asked);
		assert_int_equal(!partner, !asked[i].partner);
		if (partner)
			assert_string_equal(partner, asked[i].partner);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_form_is_given_every_partner_once),
		cmocka_unit_test(a_site_gives_out_its_own_partners_alone),
		cmocka_unit_test(names_with_commas_and_quotes_come_through),
		cmocka_unit_test(each_fault_is_named_with_its_place),
		cmocka_unit_test(a_record_names_its_partner_in_the_open_where_its_form_asks),
		cmocka_unit_test(a_form_that_asks_for_a_partner_needs_one_at_each_of_its_sites),
	};
	if (crypto_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
