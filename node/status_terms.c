#include "node/status_terms.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "node/ipc_submit.h"

#define TEXT_MAX_BYTES  512
#define NEEDS_COUNT_MAX 32
#define FORMS_MAX_BYTES 8192

/* the last day */

enum err
status_terms_until(const struct json *status, int64_t number)
{
	const char *until = "", *refused = "";
	bool is_over = false;
	enum err e = json_get_text(status, "in_force_until", TEXT_MAX_BYTES, &until);
	if (!e)
		e = json_get_bool(status, "over", &is_over);
	if (!e)
		e = json_get_text(status, "refused_until", TEXT_MAX_BYTES, &refused);
	if (e)
		return e;
	printf("study version %" PRId64, number);
	if (*until)
		printf(", %s until %s by the hub's word",
			is_over ? "was in force here" : "in force here", until);
	printf("\n");
	if (is_over)
		printf("to decide: nothing new is collected until the hub is heard: connect "
		       "this "
		       "node, or ask the research team for a bundle and read it: weir-node "
		       "bundle read FILE. Withdrawals, corrections and what was collected "
		       "before "
		       "go on\n");
	if (*refused)
		printf("refused: a newer word of the hub about the study, which had run out on "
		       "%s "
		       "when it came\n",
			refused);
	return OK;
}

/* the terms */

/* Nothing keeps the site from collecting, as far as approvals go. */
static enum err
lacks_nothing(const struct json *status, const struct json *terms, bool *ret)
{
	const struct json *list = NULL;
	bool is_over = false, has_left = false;
	enum err e = json_get_array(terms, "lacks", NEEDS_COUNT_MAX, &list);
	if (!e)
		e = json_get_bool(status, "over", &is_over);
	if (!e)
		e = json_get_bool(terms, "has_left", &has_left);
	*ret = !e && !is_over && !has_left && !json_count(list) &&
	       !json_int_or_0(terms, "lacks_more");
	return e;
}

/* What the site has to have before it may collect; the rest of a reason is the rule's. */
static enum err
print_lacks(const struct json *terms)
{
	const struct json *list = NULL, *one = NULL;
	enum err e = json_get_array(terms, "lacks", NEEDS_COUNT_MAX, &list);
	for (size_t i = 0; !e && i < json_count(list); i++) {
		const char *reason = "", *forms = "";
		e = json_item_object(list, i, "lacks", &one);
		if (!e)
			e = json_get_text(one, "reason", TEXT_MAX_BYTES, &reason);
		if (!e)
			e = json_get_text(one, "forms", FORMS_MAX_BYTES, &forms);
		if (!e)
			printf("not collected now: %s: %s (records of tablets are held until "
			       "it is mended, imports are refused)\n",
				forms, reason);
	}
	const int64_t more = e ? 0 : json_int_or_0(terms, "lacks_more");
	if (more)
		printf("not collected now: %" PRId64 " more reasons, shown when these are "
		       "mended\n",
			more);
	return e;
}

/* Whom the study took out of everything because somebody rang. */
static enum err
print_confirm(const struct json *terms)
{
	const struct json *list = NULL, *one = NULL;
	enum err e = json_get_array(terms, "confirm", NEEDS_COUNT_MAX, &list);
	for (size_t i = 0; !e && i < json_count(list); i++) {
		const char *receipt = "", *since = "";
		e = json_item_object(list, i, "confirm", &one);
		if (!e)
			e = json_get_text(one, "receipt", TEXT_MAX_BYTES, &receipt);
		if (!e)
			e = json_get_text(one, "since", TEXT_MAX_BYTES, &since);
		if (!e)
			printf("to decide: the participant with receipt %s rang the study, "
			       "which has left them out of everything since %s: ask them "
			       "which level they meant and enter it, with the receipt number "
			       "or the study code: weir-node change --level LEVEL\n",
				receipt, since);
	}
	const int64_t more = e ? 0 : json_int_or_0(terms, "confirm_more");
	if (more)
		printf("to decide: %" PRId64 " more participants rang the study; they are "
		       "shown when these are entered: weir-node change --level LEVEL\n",
			more);
	return e;
}

/* What becomes of the site, in its words. */
static enum err
print_left(const struct json *terms)
{
	const char *day = "", *data = "";
	bool has_left = false;
	enum err e = json_get_text(terms, "left", TEXT_MAX_BYTES, &day);
	if (!e)
		e = json_get_text(terms, "data", TEXT_MAX_BYTES, &data);
	if (!e)
		e = json_get_bool(terms, "has_left", &has_left);
	if (e || !*day)
		return e;
	printf("this site %s the study on %s: nothing new is collected here from then on. "
	       "Its data at the study: %s. What lies here still goes to the hub, and what "
	       "participants choose is still entered and sent. What is held back here has %d "
	       "days from then on, and is erased unless it can go on: weir-node held list\n",
		has_left ? "left" : "leaves", day,
		strcmp(data, "keep") == 0   ? "used as before"
		: strcmp(data, "stop") == 0 ? "not used any more"
					    : "erased, person by person",
		HOLD_DAYS);
	return OK;
}

enum err
status_terms_print(const struct json *status)
{
	const struct json *terms = NULL;
	int64_t number = 0;
	const char *made = "";
	bool is_complete = false;
	enum err e = json_get_object(status, "terms", &terms);
	if (!e)
		e = json_get_int(terms, "number", 0, INT64_MAX, &number);
	if (!e)
		e = json_get_text(terms, "made", TEXT_MAX_BYTES, &made);
	if (!e)
		e = lacks_nothing(status, terms, &is_complete);
	if (!e && number)
		printf("approvals of this site as the hub knew them at %s%s\n", made,
			is_complete ? ": all that it needs to collect are in force" : "");
	if (!e)
		e = print_left(terms);
	if (!e)
		e = print_lacks(terms);
	return e ? e : print_confirm(terms);
}
