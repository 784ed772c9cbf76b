#include <string.h>
#include <strings.h>

#include "common/base/mem.h"
#include "common/study/xlsform_inside.h"

static void
put_expression(struct xf *x, int node, enum xf_column column, const char *attr)
{
	const struct xf_node *n = &x->nodes[node];
	const char *text = xf_cell(x, n, column);
	if (!*text)
		return;
	/* A spreadsheet writes TRUE where a person means true(). 1 and 0 are numbers here. */
	if (xf_yes(text) >= 0 && !strchr("01", *text))
		text = xf_yes(text) ? "true()" : "false()";
	OWNED_MEM char *made = xf_expression(
		x, text, (struct xf_at){.node = node, .place = xf_place(x, n, column)});
	xml_put_attr(&x->binds, attr, made);
}

/* A column that says yes, no or under which condition. */
static void
put_condition(struct xf *x, int node, enum xf_column column, const char *attr)
{
	const char *text = xf_cell(x, &x->nodes[node], column);
	if (xf_yes(text) == 1)
		xml_put_attr(&x->binds, attr, "true()");
	else if (xf_yes(text) < 0)
		put_expression(x, node, column, attr);
}

/* Ranges of parts are decimal, whole ones whole. */
static const char *
type_of(const struct xf *x, const struct xf_node *n)
{
	static const char *const keys[] = {"start", "end", "step"};
	if (n->type->control != XF_RANGE)
		return n->type->bind;
	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		OWNED_MEM char *value = xf_parameter(x, n, keys[i]);
		if (value && strchr(value, '.'))
			return "decimal";
	}
	return "int";
}

static void
put_preload(struct xf *x, const struct xf_type *type)
{
	if (!type->preload)
		return;
	xml_put_attr(&x->binds, "jr:preload", type->preload);
	xml_put_attr(&x->binds, "jr:preloadParams", type->params);
}

/* gives what a column says about the node: weir's as it stands, a bind's as an expression. */
static char *
custom_value(struct xf *x, int node, const struct xf_custom *c)
{
	const struct xf_node *n = &x->nodes[node];
	const struct sheet *s = x->book->survey;
	const char *text = sheet_cell(s, n->row, c->column);
	struct fault_place place = {sheet_name(s), sheet_row_number(s, n->row),
		sheet_column_name(s, (size_t)c->column)};
	if (c->of == XF_OF_BIND)
		return xf_expression(
			x, n->made ? "" : text, (struct xf_at){.node = node, .place = place});
	/* A node that the converter made goes no further than the row it was made for; a count
	 * stays at the site: how often a repeat was filled in shows in its answers. */
	if (n->made && n->made_column == XF_CALCULATION)
		text = strcmp(c->name, "goes") == 0 ? "site" : "";
	if (*text && strcmp(c->name, "list") == 0)
		xf_use_list(x, text);
	return xstrdup(text);
}

/* What the sheet says in columns bind::NAME and weir_NAME. */
static void
put_custom(struct xf *x, int node)
{
	for (size_t i = 0; i < x->custom_count; i++) {
		const struct xf_custom *c = &x->custom[i];
		if (c->of != XF_OF_BIND && c->of != XF_OF_WEIR)
			continue;
		OWNED_MEM char *value = custom_value(x, node, c);
		OWNED_MEM char *name =
			xasprintf("%s%s", c->of == XF_OF_WEIR ? "weir:" : "", c->name);
		if (*value)
			xml_put_attr(&x->binds, name, value);
	}
}

static void
put_save_to(struct xf *x, int node)
{
	const struct xf_node *n = &x->nodes[node];
	const char *property = xf_cell(x, n, XF_SAVE_TO);
	struct fault_place place = xf_place(x, n, XF_SAVE_TO);
	if (!*property)
		return;
	if (!x->entities)
		faults_add(x->faults, place, "save_to needs an entities sheet");
	else if (n->kind != XF_QUESTION)
		faults_add(x->faults, place, "only a question can be saved to an entity");
	else if (xf_repeat_of(x, node) >= 0)
		faults_add(x->faults, place,
			"entities made in a repeat are not built in this version");
	else if (!xf_is_name(property) || strcasecmp(property, "name") == 0 ||
		 strcasecmp(property, "label") == 0 || strncmp(property, "__", 2) == 0)
		faults_add(x->faults, place, "this cannot be the name of a property");
	else
		xml_put_attr(&x->binds, "entities:saveto", property);
}

static bool
group_has_bind(const struct xf *x, const struct xf_node *n)
{
	if (*xf_cell(x, n, XF_RELEVANT) || xf_yes(xf_cell(x, n, XF_READONLY)) != 0)
		return true;
	for (size_t i = 0; i < x->custom_count; i++)
		if ((x->custom[i].of == XF_OF_BIND || x->custom[i].of == XF_OF_WEIR) &&
			*sheet_cell(x->book->survey, n->row, x->custom[i].column))
			return true;
	return false;
}

static void
check_group(struct xf *x, const struct xf_node *n)
{
	static const enum xf_column not_there[] = {XF_CALCULATION, XF_CONSTRAINT,
		XF_CHOICE_FILTER, XF_DEFAULT, XF_PARAMETERS, XF_TRIGGER, XF_SAVE_TO};
	for (size_t i = 0; i < ARRAY_LEN(not_there); i++)
		if (*xf_cell(x, n, not_there[i]))
			faults_add(x->faults, xf_place(x, n, not_there[i]),
				"a group or repeat has nothing in this column");
}

static void
put_calculate(struct xf *x, int node)
{
	const struct xf_node *n = &x->nodes[node];
	bool has = *xf_cell(x, n, XF_CALCULATION), trigger = *xf_cell(x, n, XF_TRIGGER);
	/* With a trigger it is worked out when that changes: an action beside the trigger. */
	if (has && !trigger)
		put_expression(x, node, XF_CALCULATION, "calculate");
	if (!has && !trigger && !n->made && strcmp(n->type->word, "calculate") == 0 &&
		!*xf_cell(x, n, XF_DEFAULT))
		faults_add(x->faults, xf_place(x, n, XF_CALCULATION),
			"a calculate needs a calculation");
}

void
xf_put_bind(struct xf *x, int node)
{
	const struct xf_node *n = &x->nodes[node];
	if (n->kind != XF_QUESTION) {
		check_group(x, n);
		if (!group_has_bind(x, n))
			return;
	}
	OWNED_MEM char *path = xf_absolute(x, n->path);
	xml_put_raw(&x->binds, "<bind");
	xml_put_attr(&x->binds, "nodeset", path);
	if (n->kind == XF_QUESTION) {
		xml_put_attr(&x->binds, "type", type_of(x, n));
		put_preload(x, n->type);
	}
	if (n->kind == XF_QUESTION && (strcmp(n->type->word, "note") == 0 ||
					      (n->made && n->made_column == XF_CALCULATION)))
		xml_put_attr(&x->binds, "readonly", "true()");
	else
		put_condition(x, node, XF_READONLY, "readonly");
	put_expression(x, node, XF_RELEVANT, "relevant");
	if (n->kind == XF_QUESTION) {
		put_condition(x, node, XF_REQUIRED, "required");
		xf_put_message(x, node, XF_REQUIRED_MESSAGE, "jr:requiredMsg");
		put_expression(x, node, XF_CONSTRAINT, "constraint");
		xf_put_message(x, node, XF_CONSTRAINT_MESSAGE, "jr:constraintMsg");
		put_calculate(x, node);
		xf_put_parameters(x, n, true, &x->binds);
	}
	put_save_to(x, node);
	put_custom(x, node);
	xml_put_raw(&x->binds, "/>\n");
}

/* ---- defaults and what the client records by itself ---- */

static void
put_default(struct xf *x, int node)
{
	const struct xf_node *n = &x->nodes[node];
	const char *text = xf_cell(x, n, XF_DEFAULT);
	if (n->kind != XF_QUESTION || !xf_is_dynamic(text))
		return;
	OWNED_MEM char *path = xf_absolute(x, n->path);
	OWNED_MEM char *value = xf_expression(
		x, text, (struct xf_at){.node = node, .place = xf_place(x, n, XF_DEFAULT)});
	xml_put_raw(&x->actions, "<setvalue");
	xml_put_attr(&x->actions, "event", "odk-instance-first-load");
	xml_put_attr(&x->actions, "ref", path);
	xml_put_attr(&x->actions, "value", value);
	xml_put_raw(&x->actions, "/>\n");
}

static void
put_background(struct xf *x, int node)
{
	const struct xf_node *n = &x->nodes[node];
	if (n->kind != XF_QUESTION || n->type->control != XF_BACKGROUND || !n->type->media)
		return;
	OWNED_MEM char *path = xf_absolute(x, n->path);
	bool audio = strcmp(n->type->bind, "binary") == 0;
	buf_format(&x->actions, "<%s", n->type->media);
	xml_put_attr(
		&x->actions, "event", audio ? "odk-instance-load" : "odk-instance-first-load");
	xml_put_attr(&x->actions, "ref", path);
	OWNED_MEM char *quality = xf_parameter(x, n, "quality");
	if (quality)
		xml_put_attr(&x->actions, "odk:quality", quality);
	xml_put_raw(&x->actions, "/>\n");
	if (xf_repeat_of(x, node) >= 0)
		faults_add(x->faults, xf_place(x, n, XF_TYPE), "'%s' cannot stand in a repeat",
			n->type->word);
}

void
xf_put_binds(struct xf *x)
{
	for (size_t i = 0; i < x->node_count; i++) {
		if (x->nodes[i].kind == XF_QUESTION)
			xf_check_parameters(x, &x->nodes[i]);
		xf_put_bind(x, (int)i);
		put_default(x, (int)i);
		put_background(x, (int)i);
	}
}
