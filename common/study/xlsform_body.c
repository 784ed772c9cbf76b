#include <string.h>

#include "common/base/mem.h"
#include "common/study/xlsform_inside.h"

static const char *const tags[] = {
	[XF_NONE] = "",
	[XF_INPUT] = "input",
	[XF_TRIGGERED] = "trigger",
	[XF_UPLOAD] = "upload",
	[XF_RANGE] = "range",
	[XF_SELECT_ONE] = "select1",
	[XF_SELECT_MANY] = "select",
	[XF_RANK] = "odk:rank",
	[XF_BACKGROUND] = "",
	[XF_OUTSIDE] = "",
};

/* ---- attributes ---- */

static void
put_cell(struct xf *x, int node, enum xf_column column, const char *attr)
{
	const struct xf_node *n = &x->nodes[node];
	const char *text = xf_cell(x, n, column);
	if (!*text)
		return;
	OWNED_MEM char *made = xf_expression(
		x, text, (struct xf_at){.node = node, .place = xf_place(x, n, column)});
	xml_put_attr(&x->body, attr, made);
}

static void
put_appearance(struct xf *x, int node)
{
	const struct xf_node *n = &x->nodes[node];
	if (strstr(xf_cell(x, n, XF_APPEARANCE), "search("))
		faults_add(x->faults, xf_place(x, n, XF_APPEARANCE),
			"search() is not built: use select_one_from_file");
	else
		put_cell(x, node, XF_APPEARANCE, "appearance");
	put_cell(x, node, XF_AUTOPLAY, "autoplay");
	put_cell(x, node, XF_ROWS, "rows");
	for (size_t i = 0; i < x->custom_count; i++) {
		const char *text = sheet_cell(x->book->survey, n->row, x->custom[i].column);
		if (x->custom[i].of == XF_OF_BODY && *text && !n->made)
			xml_put_attr(&x->body, x->custom[i].name, text);
	}
}

/* ---- choices ---- */

/* gives the nodeset of choices that are the answers to the question `from`: all instances in
 * which it was answered, and which the choice filter takes. */
static char *
answers_nodeset(struct xf *x, int node, const char *text)
{
	const struct xf_node *from = &x->nodes[x->nodes[node].from];
	OWNED_MEM char *base = xf_answers(x, node, x->nodes[node].from);
	OWNED_MEM char *filter = xf_expression(x, text,
		(struct xf_at){.node = node,
			.predicate = true,
			.choices = from->parent + 1,
			.place = xf_place(x, &x->nodes[node], XF_CHOICE_FILTER)});
	if (*filter)
		return xasprintf("%s[(./%s != '') and (%s)]", base, from->name, filter);
	return xasprintf("%s[./%s != '']", base, from->name);
}

static char *
list_id(const struct xf *x, const struct xf_node *n)
{
	if (n->list >= 0)
		return xstrdup(x->lists[n->list].name);
	return n->file ? xmemdup(n->file, strcspn(n->file, ".")) : xstrdup("");
}

static char *
nodeset(struct xf *x, int node)
{
	const struct xf_node *n = &x->nodes[node];
	const char *text = xf_cell(x, n, XF_CHOICE_FILTER);
	if (n->from >= 0)
		return answers_nodeset(x, node, text);
	OWNED_MEM char *filter = xf_expression(x, text,
		(struct xf_at){.node = node,
			.predicate = true,
			.place = xf_place(x, n, XF_CHOICE_FILTER)});
	OWNED_MEM char *id = list_id(x, n);
	return *filter ? xasprintf("instance('%s')/root/item[%s]", id, filter)
		       : xasprintf("instance('%s')/root/item", id);
}

/* randomize(nodeset, seed) when the parameters ask for it. */
static char *
shuffled(struct xf *x, int node, char *taken)
{
	OWNED_MEM char *set = taken;
	const struct xf_node *n = &x->nodes[node];
	OWNED_MEM char *wanted = xf_parameter(x, n, "randomize");
	OWNED_MEM char *seed = xf_parameter(x, n, "seed");
	if (!wanted || strcmp(wanted, "true") != 0)
		return take(set);
	if (!seed)
		return xasprintf("randomize(%s)", set);
	OWNED_MEM char *made = xf_expression(
		x, seed, (struct xf_at){.node = node, .place = xf_place(x, n, XF_PARAMETERS)});
	return xasprintf("randomize(%s, %s)", set, made);
}

static void
put_ref(struct xf *x, const char *tag, const char *ref)
{
	buf_format(&x->body, "<%s", tag);
	xml_put_attr(&x->body, "ref", ref);
	xml_put_raw(&x->body, "/>");
}

static void
put_itemset(struct xf *x, int node)
{
	const struct xf_node *n = &x->nodes[node];
	bool geojson = n->file && strstr(n->file, ".geojson");
	OWNED_MEM char *set = shuffled(x, node, nodeset(x, node));
	OWNED_MEM char *value = n->file ? xf_parameter(x, n, "value") : NULL;
	OWNED_MEM char *label = n->file ? xf_parameter(x, n, "label") : NULL;
	const char *name = n->from >= 0 ? x->nodes[n->from].name : NULL;
	bool itext = n->list >= 0 && x->lists[n->list].itext;
	xml_put_raw(&x->body, "<itemset");
	xml_put_attr(&x->body, "nodeset", set);
	xml_put_raw(&x->body, ">");
	put_ref(x, "value", name ? name : value ? value : geojson ? "id" : "name");
	put_ref(x, "label",
		name      ? name
		: label   ? label
		: itext   ? "jr:itext(itextId)"
		: geojson ? "title"
			  : "label");
	xml_put_raw(&x->body, "</itemset>");
}

/* ---- actions beside a control ---- */

/* Does the cell "${a}, ${b}" name the node? */
static bool
triggers(const char *cell, const char *name)
{
	for (const char *p = cell; (p = strstr(p, "${")) != NULL;) {
		p += 2 + strspn(p + 2, " ");
		size_t len = strcspn(p, " }");
		if (len == strlen(name) && strncmp(p, name, len) == 0)
			return true;
	}
	return false;
}

static void
put_action(struct xf *x, int node, int trigger)
{
	const struct xf_node *n = &x->nodes[node];
	OWNED_MEM char *path = xf_absolute(x, n->path);
	bool geo = n->type && n->type->control == XF_BACKGROUND;
	const char *text = xf_cell(x, n, XF_CALCULATION);
	/* Paths of an action lead from the trigger beside which it stands. */
	OWNED_MEM char *value = xf_expression(x, text,
		(struct xf_at){.node = trigger, .place = xf_place(x, n, XF_CALCULATION)});
	xml_put_raw(&x->body, geo ? "<odk:setgeopoint" : "<setvalue");
	xml_put_attr(&x->body, "event", "xforms-value-changed");
	xml_put_attr(&x->body, "ref", path);
	if (*value && !geo)
		xml_put_attr(&x->body, "value", value);
	xml_put_raw(&x->body, "/>");
}

static void
put_triggered(struct xf *x, int trigger)
{
	if (x->at[XF_TRIGGER] < 0)
		return;
	for (size_t i = 0; i < x->node_count; i++)
		if (triggers(xf_cell(x, &x->nodes[i], XF_TRIGGER), x->nodes[trigger].name))
			put_action(x, (int)i, trigger);
}

static bool
is_visible(const struct xf *x, const struct xf_node *n)
{
	const struct xf_row row = {&x->words, n->row};
	if (n->kind != XF_QUESTION)
		return false;
	if (n->made)
		return n->made_column == XF_RELEVANT;
	bool words = *xf_word(x, row, XF_LABEL, 0) || *xf_word(x, row, XF_HINT, 0) ||
		     *xf_word(x, row, XF_GUIDANCE, 0) || xf_has_media(x, row);
	bool worked_out = *xf_cell(x, n, XF_CALCULATION) || *xf_cell(x, n, XF_TRIGGER);
	return *tags[n->type->control] && (words || !worked_out);
}

static void
check_trigger(struct xf *x, const struct xf_node *n)
{
	const char *text = xf_cell(x, n, XF_TRIGGER);
	struct fault_place place = xf_place(x, n, XF_TRIGGER);
	if (*text && !strstr(text, "${"))
		faults_add(x->faults, place, "a trigger is written ${name}");
	for (const char *p = text; (p = strstr(p, "${")) != NULL;) {
		p += 2 + strspn(p + 2, " ");
		OWNED_MEM char *name = xmemdup(p, strcspn(p, " }"));
		int i = xf_named(x, name, place);
		if (i >= 0 && !is_visible(x, &x->nodes[i]))
			faults_add(x->faults, place,
				"'%s' is not to be seen, so it can trigger nothing", name);
	}
}

/* ---- controls, groups, repeats ---- */

static void
check_words(struct xf *x, const struct xf_node *n)
{
	const struct xf_row row = {&x->words, n->row};
	if (n->made || *xf_word(x, row, XF_LABEL, 0) || xf_has_media(x, row) ||
		(!x->book->study && *xf_word(x, row, XF_HINT, 0)))
		return;
	faults_add(x->faults, xf_word_place(x, row, XF_LABEL), "the question has no label");
}

static bool
is_select(const struct xf_node *n)
{
	return n->type->control == XF_SELECT_ONE || n->type->control == XF_SELECT_MANY ||
	       n->type->control == XF_RANK;
}

void
xf_put_control(struct xf *x, int node)
{
	const struct xf_node *n = &x->nodes[node];
	check_trigger(x, n);
	if (*xf_cell(x, n, XF_CHOICE_FILTER) && !is_select(n))
		faults_add(x->faults, xf_place(x, n, XF_CHOICE_FILTER),
			"only a question with choices can filter them");
	if (!is_visible(x, n))
		return;
	check_words(x, n);
	OWNED_MEM char *path = xf_absolute(x, n->path);
	const char *tag = tags[n->type->control];
	buf_format(&x->body, "<%s", tag);
	xml_put_attr(&x->body, "ref", path);
	if (n->type->control == XF_UPLOAD)
		xml_put_attr(&x->body, "mediatype", n->type->media);
	put_appearance(x, node);
	xf_put_parameters(x, n, false, &x->body);
	xml_put_raw(&x->body, ">");
	xf_put_words(x, node);
	if (is_select(n))
		put_itemset(x, node);
	put_triggered(x, node);
	buf_format(&x->body, "</%s>\n", tag);
}

/* Defaults that are worked out anew for each new instance of the repeat. */
static void
put_new_repeat(struct xf *x, int repeat)
{
	for (size_t i = (size_t)repeat + 1; i < x->nodes[repeat].end; i++) {
		const struct xf_node *n = &x->nodes[i];
		const char *text = xf_cell(x, n, XF_DEFAULT);
		if (n->kind != XF_QUESTION || !xf_is_dynamic(text) ||
			xf_repeat_of(x, (int)i) != repeat)
			continue;
		OWNED_MEM char *path = xf_absolute(x, n->path);
		OWNED_MEM char *value = xf_expression(x, text,
			(struct xf_at){.node = (int)i, .place = xf_place(x, n, XF_DEFAULT)});
		xml_put_raw(&x->body, "<setvalue");
		xml_put_attr(&x->body, "event", "odk-new-repeat");
		xml_put_attr(&x->body, "ref", path);
		xml_put_attr(&x->body, "value", value);
		xml_put_raw(&x->body, "/>\n");
	}
}

static void
begin(struct xf *x, int node)
{
	const struct xf_node *n = &x->nodes[node];
	OWNED_MEM char *path = xf_absolute(x, n->path);
	xml_put_raw(&x->body, "<group");
	xml_put_attr(&x->body, "ref", path);
	if (n->kind == XF_GROUP)
		put_appearance(x, node);
	xml_put_raw(&x->body, ">");
	xf_put_words(x, node);
	if (n->kind == XF_GROUP) {
		xml_put_raw(&x->body, "\n");
		return;
	}
	xml_put_raw(&x->body, "<repeat");
	xml_put_attr(&x->body, "nodeset", path);
	put_appearance(x, node);
	if (n->counter >= 0) {
		OWNED_MEM char *count = xf_path(x, node, n->counter);
		xml_put_attr(&x->body, "jr:count", count);
		xml_put_attr(&x->body, "jr:noAddRemove", "true()");
	}
	xml_put_raw(&x->body, ">\n");
	put_new_repeat(x, node);
}

void
xf_put_body(struct xf *x)
{
	int open = XF_NOWHERE;
	for (size_t i = 0; i <= x->node_count; i++) {
		while (open >= 0 && i >= x->nodes[open].end) {
			xml_put_raw(&x->body, x->nodes[open].kind == XF_REPEAT
						      ? "</repeat></group>\n"
						      : "</group>\n");
			open = x->nodes[open].parent;
		}
		if (i == x->node_count)
			return;
		if (x->nodes[i].kind == XF_QUESTION) {
			xf_put_control(x, (int)i);
		} else {
			begin(x, (int)i);
			open = (int)i;
		}
	}
}
