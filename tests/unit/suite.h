/* suite - what every cmocka suite includes, in the order that cmocka wants. */
#ifndef WEIR_SUITE_H
#define WEIR_SUITE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* cmocka's fail() and our fail() cannot both have the name; tests say fail_msg(). */
#undef fail
#undef fail_msg
#define fail_msg(...)                                                                          \
	do {                                                                                   \
		print_error(__VA_ARGS__);                                                      \
		print_error("\n");                                                             \
		_fail(__FILE__, __LINE__);                                                     \
	} while (0)

#include "common/base/err.h"

/* The call has to succeed; its sentence is printed if it does not. */
#define assert_ok(call)                                                                        \
	do {                                                                                   \
		enum err e_ = (call);                                                          \
		if (e_ != OK)                                                                  \
			fail_msg("%s: %s: %s", #call, err_word(e_), err_text());               \
	} while (0)

/* The call has to fail with this code. */
#define assert_err(call, code) assert_string_equal(err_word(call), err_word(code))

#endif
