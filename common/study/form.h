/* form - what one form asks, and whether an answer is of its form.
 *
 * Always true: field names differ; a select_one has a list of one choice or more, with
 *              differing codes; at most FORM_MAX_OPEN fields go `open` (formcheck.h).
 * Answers:     a blank answer is missing. Integers are plain, decimals too or as ODK Collect
 *              sends large ones (3.45E7), dates are YYYY-MM-DD, a choice is its code.
 * Errors:      E_FORMAT with a sentence that names the column and never repeats the answer.
 */
#ifndef WEIR_FORM_H
#define WEIR_FORM_H

#include "common/codec/bytes.h"
#include "common/study/expr.h"
#include "common/study/form_list.h"
#include "common/study/xform.h"
#include "common/study/xpath.h"

#define FORM_MAX_FIELDS     1000
#define FORM_MAX_OPEN       8
#define FORM_MAX_TEXT_BYTES ((size_t)16 << 10)
#define FORM_MAX_NAME_BYTES 63
#define FORM_PARTICIPANT    "participant"  /* the field that holds the study code */
#define FORM_COLLECTOR      "collected_by" /* ... the staff code of who fills the form in */

enum form_type {
	FORM_TEXT = 1,
	FORM_INTEGER,
	FORM_DECIMAL,
	FORM_SELECT_ONE,
	FORM_DATE,
	FORM_SELECT_MULTIPLE, /* codes separated by blanks */
	FORM_TIME,
	FORM_DATETIME,
	FORM_GEO,    /* point, trace or shape, as text */
	FORM_BINARY, /* the name of a file that travels beside the answers */
	FORM_RANK,   /* codes separated by blanks, all of the list */
	FORM_ACKNOWLEDGE,
};
enum form_goes { FORM_SITE = 1, FORM_HUB, FORM_OPEN };
enum form_disclosure {
	FORM_PLAIN = 0,
	FORM_DIRECT,
	FORM_QUASI,
	FORM_FREE_TEXT,
	FORM_PSEUDONYM
};
enum form_filler { FORM_BY_PARTICIPANT = 1, FORM_BY_STAFF, FORM_BY_SITE };

struct form_field {
	char *name;
	char *label, *hint, *constraint_message;
	char *constraint; /* as written, "" if none */
	char *permission; /* code of the permission this yes/no stands for, "" if none */
	struct form_words limits; /* on other research, under which it is given */
	enum form_type type;
	enum form_goes goes;
	enum form_disclosure disclosure;
	bool required;
	bool asks_staff; /* answered by whoever fills in the form, not asked of the person */
	const struct form_list *list; /* of a select_one, else NULL; owned by the form */
	struct xpath *check;          /* NULL if none */
	char *path; /* below the root, groups and repeats with '/': "working/aims_agreed" */
	int repeat; /* index of the innermost repeat it stands in, or -1 */
	bool calculated;        /* worked out by the form, not asked */
	enum xform_stamp stamp; /* when it was filled in, by the client's clock */
	bool sound;   /* a file that is or may be sound or film, no picture or document */
	bool reverse; /* weir_reverse */
	char *scale;  /* weir_scale, "" if none */
};

struct form {
	char *id, *title;
	char *version;
	char *language;
	struct form_field *fields;
	size_t field_count;
	struct form_list *lists;
	size_t list_count;
	struct form_repeat *repeats;
	size_t repeat_count;
	struct form_file *files; /* media and lists the form names */
	size_t file_count;
	struct buf *xml;     /* the XForm that clients are given; NULL when made in a test */
	struct xform *model; /* what checks submissions (xform.h); NULL likewise */
	/* From study.ini, section [form.ID]: */
	enum form_filler filled_by;
	bool per_site;          /* its records are about the site, not about a person */
	bool coordinator_reads; /* site_reads = coordinator */
	bool many;              /* records = many */
	bool from_records;      /* data = records: extracts from care records, nobody answers */
};

struct form_answer {
	const char *name;
	const char *value;
};

/* gives the form of an XForm, as a client is given it. E_FORMAT or E_FULL when faults were
 * added. `goes` of a field is 0 where the XForm does not say it: no form of a study yet. */
CHECKED enum err form_read(
	struct form **ret, const struct xform_source *source, struct faults *faults);
void form_free(struct form *f);
OWNER(form)
/* Index of the field, or -1. */
int form_field(const struct form *f, const char *name);
/* The type that expressions see: numeric lists are numbers, dates are text. */
enum expr_type form_expr_type(const struct form_field *f);

/* One answer: form, list and constraint. A blank one is OK and missing here, required or not. A
 * code of a numeric list is given as its number. The text of the value is lent from `text`. */
CHECKED enum err form_check_cell(
	const struct form_field *field, const char *text, struct expr_value *ret);

/* A whole record: every name is a field and stands once, every answer is of its form, nothing
 * required of everybody is blank (the rest: submission.h). ret: form->field_count values by
 * field index, may be NULL; lent from the answers. */
CHECKED enum err form_check_answers(const struct form *f, const struct form_answer *answers,
	size_t count, struct expr_value *ret);

#endif
