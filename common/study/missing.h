/* missing - why a value is not there, and the choice codes that are reasons, not answers.
 *
 * study.ini [missing]: `88 = cannot_say` for every form, `site_profile.88 = not_known` for one
 * form; `blank.shown`, `blank.hidden`, `no_result` and `withdrawn` name what happens anyway,
 * and take no other reason than the one they have here.
 * Always true: a missing code counts in choice items only; a typed 88 is the number 88.
 * Errors:      E_FORMAT naming the key; E_FULL for more than MISSING_MAX_CODES codes.
 */
#ifndef WEIR_MISSING_H
#define WEIR_MISSING_H

#include "common/base/err.h"

#define MISSING_MAX_CODES  100
#define MISSING_CODE_BYTES 64

/* In the order in which counts by reason are kept. */
enum missing {
	MISSING_NOT_ASKED, /* did not apply, not in this version, or no instance has it */
	MISSING_NOT_ANSWERED,
	MISSING_CANNOT_SAY,
	MISSING_REFUSED,
	MISSING_NOT_KNOWN,
	MISSING_NOT_APPLICABLE, /* a result that cannot be worked out */
	MISSING_WITHDRAWN,      /* the record is not used at all */
};
#define MISSING_REASONS 7

struct missing_code {
	char form[MISSING_CODE_BYTES]; /* "": every form */
	char code[MISSING_CODE_BYTES];
	enum missing why;
};

/* Zeroed: none. */
struct missing_codes {
	struct missing_code items[MISSING_MAX_CODES];
	size_t count;
};

/* "not_asked", ... */
const char *missing_word(enum missing why);
bool missing_read(const char *word, enum missing *ret);

/* One key of [missing] and its word. */
CHECKED enum err missing_add(struct missing_codes *m, const char *key, const char *word);

/* Is this code of a choice list a reason in this form? What is said of the form itself goes
 * before what is said of all. `m` may be NULL: none is. */
bool missing_is_code(
	const struct missing_codes *m, const char *form, const char *code, enum missing *ret);

#endif
