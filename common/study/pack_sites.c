#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/codec/csv.h"
#include "common/codec/text.h"
#include "common/study/pack_own.h"
#include "common/study/pack_sheet.h"

#define FILE_NAME      "sites.csv"
#define KIND_MAX_BYTES 31 /* of an approval */

static const char *const columns[] = {"id", "name", "example", "kind", "organisation_type",
	"region", "languages", "local_approach", "approvals"};

/* sites.csv being read. */
struct reader {
	struct pack *pack;
	struct pack_sheet sheet;
};

/* Is the word in the list "rec;site_agreement"? */
static bool
is_listed(const char *list, const char *word, size_t len)
{
	for (const char *at = list; at;) {
		const char *end = strchr(at, ';');
		size_t have = end ? (size_t)(end - at) : strlen(at);
		if (have == len && strncmp(at, word, len) == 0)
			return true;
		at = end ? end + 1 : NULL;
	}
	return false;
}

static void
check_approvals(const struct reader *r, const char *kind)
{
	const struct pack_private *own = r->pack->own;
	const struct pack_needs *needs = NULL;
	for (size_t i = 0; i < own->needs_count; i++)
		if (strcmp(own->needs[i].kind, kind) == 0)
			needs = &own->needs[i];
	if (!needs) {
		faults_add(r->sheet.faults, pack_sheet_place(&r->sheet, "kind"),
			"study.ini has no [approvals.%s]", kind);
		return;
	}
	const char *at = needs->approvals;
	for (at += strspn(at, " "); *at; at += strspn(at, " ")) {
		size_t len = strcspn(at, " ");
		if (!is_listed(pack_sheet_cell(&r->sheet, "approvals"), at, len))
			faults_add(r->sheet.faults, pack_sheet_place(&r->sheet, "approvals"),
				"'%.*s' is missing, a site of this kind needs it",
				(int)MIN(len, 60u), at);
		at += len;
	}
	if (r->pack->rules && !rules_agreement(r->pack->rules, kind))
		faults_add(r->sheet.faults, pack_sheet_place(&r->sheet, "kind"),
			"rules.ini has no approval.%s in [R03]: nothing could be collected",
			kind);
}

/* A site that has nobody to answer leaves the cell of that form empty. */
static void
check_numbers(const struct reader *r)
{
	for (size_t i = 0; i < r->pack->own->rollout_count; i++) {
		const char *column = r->pack->own->rollouts[i].eligible;
		const char *text = pack_sheet_cell(&r->sheet, column);
		int64_t n;
		if (*column && *text && (!text_int(view_text(text), &n) || n < 0))
			faults_add(r->sheet.faults, pack_sheet_place(&r->sheet, column),
				"a whole number is wanted here");
	}
}

/* "care-team;local-staff": gives the words, which lend from what ret_text gives. */
static const char **
read_words(const struct reader *r, const char *column, char **ret_text, size_t *ret_count)
{
	char *rest = NULL, *text = xstrdup(pack_sheet_cell(&r->sheet, column));
	const char **words = xcalloc(strlen(text) + 1, sizeof(*words));
	size_t count = 0;
	for (char *one = strtok_r(text, "; ", &rest); one; one = strtok_r(NULL, "; ", &rest))
		words[count++] = one;
	*ret_text = text;
	*ret_count = count;
	return words;
}

/* A kind that no approval can have would close the site for good. */
static void
read_needs(const struct reader *r, struct pack_site *s)
{
	s->needs = read_words(r, "approvals", &s->approvals, &s->needs_count);
	for (size_t i = 0; i < s->needs_count; i++)
		if (!text_is_name(s->needs[i], KIND_MAX_BYTES))
			faults_add(r->sheet.faults, pack_sheet_place(&r->sheet, "approvals"),
				"'%.60s' is no kind of approval: at most %d of a-z, 0-9, "
				"'_', '-'",
				s->needs[i], KIND_MAX_BYTES);
}

static void
read_site(struct reader *r)
{
	struct pack *p = r->pack;
	struct pack_site s = {.id = pack_sheet_need(&r->sheet, "id"),
		.name = pack_sheet_need(&r->sheet, "name"),
		.kind = pack_sheet_need(&r->sheet, "kind"),
		.organisation_type = pack_sheet_need(&r->sheet, "organisation_type"),
		.region = pack_sheet_need(&r->sheet, "region")};
	const char *example = pack_sheet_cell(&r->sheet, "example");
	s.approach = read_words(r, "local_approach", &s.local_approach, &s.approach_count);
	read_needs(r, &s);
	s.example = strcmp(example, "yes") == 0;
	if (!s.example && strcmp(example, "no") != 0)
		faults_add(r->sheet.faults, pack_sheet_place(&r->sheet, "example"),
			"yes or no is wanted");
	if (!text_is_name(s.id, FORM_MAX_NAME_BYTES))
		faults_add(r->sheet.faults, pack_sheet_place(&r->sheet, "id"),
			"an id is a small letter and a-z, 0-9, '_', '-'");
	else if (pack_site(p, s.id))
		faults_add(r->sheet.faults, pack_sheet_place(&r->sheet, "id"),
			"the id '%s' stands twice", s.id);
	check_approvals(r, s.kind);
	check_numbers(r);
	p->sites[p->site_count++] = s;
}

/* Columns that may be there: `partners`, and numbers of people that [form.ID] eligible
 * names. */
static bool
is_further(const void *arg, const char *column)
{
	const struct pack_private *own = arg;
	if (strcmp(column, "partners") == 0)
		return true;
	for (size_t i = 0; i < own->rollout_count; i++)
		if (strcmp(own->rollouts[i].eligible, column) == 0)
			return true;
	return false;
}

static void
check_columns(const struct reader *r)
{
	const struct pack_private *own = r->pack->own;
	const struct pack_columns known = {columns, ARRAY_LEN(columns), is_further, own};
	pack_sheet_columns(&r->sheet, &known);
	for (size_t i = 0; i < own->rollout_count; i++) {
		const char *column = own->rollouts[i].eligible;
		if (*column && csv_column(r->sheet.csv, column) < 0)
			faults_add(r->sheet.faults, (struct fault_place){FILE_NAME, 1, column},
				"this column is missing: study.ini names it");
	}
}

void
pack_read_sites(struct pack *p, struct view text, struct faults *faults)
{
	OWNED(csv_sheet) struct csv_sheet *sheet = NULL;
	struct fault_place whole = {FILE_NAME, 0, NULL};
	if (csv_load(&sheet, text, FILE_NAME) != OK) {
		faults_add(faults, whole, "%s", err_text());
		return;
	}
	struct reader r = {p, {FILE_NAME, faults, sheet, 0}};
	check_columns(&r);
	size_t rows = csv_rows(sheet);
	if (rows == 0 || rows > PACK_MAX_SITES) {
		faults_add(faults, whole, "has to name 1 to %d sites", PACK_MAX_SITES);
		return;
	}
	p->sites = xcalloc(rows, sizeof(*p->sites));
	for (; r.sheet.row < rows; r.sheet.row++)
		read_site(&r);
}
