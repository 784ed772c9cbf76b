#include "common/study/xpath_inside.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "common/base/mem.h"

#define ROUND_MAX_PLACES 15

/* The least or greatest of all arguments, sets by their nodes; what is empty does not count. */
static void
extreme(xmlXPathParserContext *p, int count, double sign)
{
	double found = NAN;
	for (int i = 0; i < count; i++) {
		xmlNode *const *nodes;
		int n = xpath_arg_nodes(p, count, i, &nodes);
		bool set = xpath_arg(p, count, i)->type == XPATH_NODESET;
		for (int k = 0; k < (set ? n : 1); k++) {
			OWNED_MEM char *text = set ? xpath_node_text(nodes[k]) : NULL;
			double v = set ? xpath_value(text) : xpath_arg_number(p, count, i);
			if (!isnan(v) && (isnan(found) || v * sign > found * sign))
				found = v;
		}
	}
	xpath_give_number(p, count, found);
}

static void
run_min(xmlXPathParserContext *p, int count)
{
	extreme(p, count, -1);
}

static void
run_max(xmlXPathParserContext *p, int count)
{
	extreme(p, count, 1);
}

static void
run_int(xmlXPathParserContext *p, int count)
{
	xpath_give_number(p, count, trunc(xpath_arg_number(p, count, 0)));
}

/* Halves go up, as in XPath; a second argument says how many places behind the point stay. */
static void
run_round(xmlXPathParserContext *p, int count)
{
	double n = xpath_arg_number(p, count, 0);
	double places = count > 1 ? trunc(xpath_arg_number(p, count, 1)) : 0;
	if (places == 0 || isnan(places)) {
		xpath_give_number(p, count, floor(n + 0.5));
		return;
	}
	places = fmax(-ROUND_MAX_PLACES, fmin(ROUND_MAX_PLACES, places));
	double scale = pow(10, fabs(places));
	double scaled = places > 0 ? n * scale : n / scale;
	/* 2.345 is a little less than itself; people mean what they see. */
	scaled = floor(scaled + 0.5 + fabs(scaled) * DBL_EPSILON);
	xpath_give_number(p, count, places > 0 ? scaled / scale : scaled * scale);
}

#define ONE(name, call)                                                                        \
	static void run_##name(xmlXPathParserContext *p, int count)                            \
	{                                                                                      \
		xpath_give_number(p, count, call(xpath_arg_number(p, count, 0)));              \
	}
#define TWO(name, call)                                                                        \
	static void run_##name(xmlXPathParserContext *p, int count)                            \
	{                                                                                      \
		xpath_give_number(p, count,                                                    \
			call(xpath_arg_number(p, count, 0), xpath_arg_number(p, count, 1)));   \
	}

static double
power_of_ten(double n)
{
	return pow(10, n);
}

ONE(abs, fabs)
ONE(exp, exp)
ONE(exp10, power_of_ten)
ONE(log, log)
ONE(log10, log10)
ONE(sqrt, sqrt)
ONE(sin, sin)
ONE(cos, cos)
ONE(tan, tan)
ONE(asin, asin)
ONE(acos, acos)
ONE(atan, atan)
ONE(floor, floor)
ONE(ceiling, ceil)
TWO(atan2, atan2)
TWO(pow, pow)

static void
run_pi(xmlXPathParserContext *p, int count)
{
	xpath_give_number(p, count, M_PI);
}

const struct xpath_function xpath_sums[] = {
	{"min", "min", 1, -1, XPATH_NUM, XPATH_FREE, run_min},
	{"max", "max", 1, -1, XPATH_NUM, XPATH_FREE, run_max},
	{"int", "int", 1, 1, XPATH_NUM, XPATH_FREE, run_int},
	{"round", "weir-round", 1, 2, XPATH_NUM, XPATH_FREE, run_round},
	{"floor", "weir-floor", 1, 1, XPATH_NUM, XPATH_FREE, run_floor},
	{"ceiling", "weir-ceiling", 1, 1, XPATH_NUM, XPATH_FREE, run_ceiling},
	{"abs", "abs", 1, 1, XPATH_NUM, XPATH_FREE, run_abs},
	{"pow", "pow", 2, 2, XPATH_NUM, XPATH_FREE, run_pow},
	{"exp", "exp", 1, 1, XPATH_NUM, XPATH_FREE, run_exp},
	{"exp10", "exp10", 1, 1, XPATH_NUM, XPATH_FREE, run_exp10},
	{"log", "log", 1, 1, XPATH_NUM, XPATH_FREE, run_log},
	{"log10", "log10", 1, 1, XPATH_NUM, XPATH_FREE, run_log10},
	{"sqrt", "sqrt", 1, 1, XPATH_NUM, XPATH_FREE, run_sqrt},
	{"sin", "sin", 1, 1, XPATH_NUM, XPATH_FREE, run_sin},
	{"cos", "cos", 1, 1, XPATH_NUM, XPATH_FREE, run_cos},
	{"tan", "tan", 1, 1, XPATH_NUM, XPATH_FREE, run_tan},
	{"asin", "asin", 1, 1, XPATH_NUM, XPATH_FREE, run_asin},
	{"acos", "acos", 1, 1, XPATH_NUM, XPATH_FREE, run_acos},
	{"atan", "atan", 1, 1, XPATH_NUM, XPATH_FREE, run_atan},
	{"atan2", "atan2", 2, 2, XPATH_NUM, XPATH_FREE, run_atan2},
	{"pi", "pi", 0, 0, XPATH_NUM, XPATH_FREE, run_pi},
	{0},
};
