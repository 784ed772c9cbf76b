/* xpath_token - the words of an expression, one after the other (XPath 1.0, section 3.7). */
#ifndef WEIR_XPATH_TOKEN_H
#define WEIR_XPATH_TOKEN_H

#include "common/codec/bytes.h"

enum xpath_token_kind {
	XPATH_T_END = 0,
	XPATH_T_NAME, /* with its prefix */
	XPATH_T_NUMBER,
	XPATH_T_QUOTED, /* with its quotes */
	XPATH_T_SIGN,   /* one of ( ) [ ] , / @ | + - * = < > and the longer ones */
	XPATH_T_WRONG,
};

struct xpath_token {
	enum xpath_token_kind kind;
	struct view text;
};

/* The token at the front of `at`, which moves behind it. */
struct xpath_token xpath_token_next(struct view *at);
bool xpath_token_is(const struct xpath_token *t, const char *sign);
/* A name without its prefix. */
struct view xpath_token_local(const struct xpath_token *t);

#endif
