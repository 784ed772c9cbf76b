#include <string.h>

#include "common/base/mem.h"
#include "common/study/xlsform_inside.h"

/* The one row of the entities sheet. */
struct entity {
	const char *list;
	const char *label;
	const char *id;
	const char *create;
	const char *update;
};

static struct fault_place
place_of(const struct xf *x, const char *column)
{
	const struct sheet *s = x->book->entities;
	return (struct fault_place){sheet_name(s), sheet_row_number(s, 0), column};
}

static const char *
cell(const struct xf *x, const char *column)
{
	return sheet_cell(x->book->entities, 0, sheet_column(x->book->entities, column));
}

static void
check_columns(struct xf *x)
{
	static const char *const names[] = {
		"list_name", "dataset", "label", "entity_id", "create_if", "update_if"};
	const struct sheet *s = x->book->entities;
	for (size_t i = 0; i < sheet_columns(s); i++) {
		const char *head = sheet_column_name(s, i);
		size_t k = 0;
		while (k < ARRAY_LEN(names) && strcmp(names[k], head) != 0)
			k++;
		if (*head && k == ARRAY_LEN(names))
			faults_add(x->faults,
				(struct fault_place){
					sheet_name(s), sheet_header_number(s), head},
				"this column is not known");
	}
}

static bool
is_good(struct xf *x, const struct entity *e)
{
	size_t before = x->faults->errors;
	if (sheet_rows(x->book->entities) > 1)
		faults_add(x->faults,
			(struct fault_place){sheet_name(x->book->entities),
				sheet_row_number(x->book->entities, 1), NULL},
			"more than one entity list in a form is not built in this version");
	if (!xf_is_name(e->list) || strchr(e->list, '.') || strchr(e->list, ':') ||
		strncmp(e->list, "__", 2) == 0)
		faults_add(x->faults, place_of(x, "list_name"),
			"an entity list has a name of letters, digits, '_', '-', a letter "
			"first");
	if (!*e->id && *e->update)
		faults_add(x->faults, place_of(x, "update_if"),
			"an entity that is changed needs an entity_id");
	if (*e->id && *e->create && !*e->update)
		faults_add(x->faults, place_of(x, "create_if"),
			"with entity_id an entity is changed, not made: create_if needs "
			"update_if "
			"beside it");
	if (!*e->id && !*e->label)
		faults_add(x->faults, place_of(x, "label"),
			"an entity that is made needs a label");
	return x->faults->errors == before;
}

static void
put_bind(struct xf *x, const char *what, const char *text, const char *column)
{
	OWNED_MEM char *path = xf_absolute(x, what);
	xml_put_raw(&x->binds, "<bind");
	xml_put_attr(&x->binds, "nodeset", path);
	if (*text) {
		OWNED_MEM char *made = xf_expression(x, text,
			(struct xf_at){.node = XF_NOWHERE, .place = place_of(x, column)});
		xml_put_attr(&x->binds, "calculate", made);
	}
	xml_put_attr(&x->binds, "type", "string");
	xml_put_attr(&x->binds, "readonly", "true()");
	xml_put_raw(&x->binds, "/>\n");
}

/* The version that a client read before it changed the entity: the hub finds conflicts by
 * it. */
static void
put_base_version(struct xf *x, const struct entity *e)
{
	OWNED_MEM char *text =
		xasprintf("instance('%s')/root/item[name = %s]/__version", e->list, e->id);
	OWNED_MEM char *src = xasprintf("jr://file-csv/%s.csv", e->list);
	xf_source(x, e->list, src, place_of(x, "list_name"));
	put_bind(x, "meta/entity/@baseVersion", text, "entity_id");
}

static void
put_new_id(struct xf *x)
{
	OWNED_MEM char *path = xf_absolute(x, "meta/entity/@id");
	xml_put_raw(&x->actions, "<setvalue event=\"odk-instance-first-load\"");
	xml_put_attr(&x->actions, "ref", path);
	xml_put_raw(&x->actions, " value=\"uuid()\"/>\n");
}

static void
put_entity(struct xf *x, const struct entity *e)
{
	bool creates = !*e->id || *e->create;
	xml_put_raw(&x->meta, "<entity");
	xml_put_attr(&x->meta, "dataset", e->list);
	xml_put_attr(&x->meta, "id", "");
	if (creates)
		xml_put_attr(&x->meta, "create", "1");
	if (*e->id) {
		xml_put_attr(&x->meta, "update", "1");
		xml_put_attr(&x->meta, "baseVersion", "");
	}
	xml_put_raw(&x->meta, *e->label ? "><label/></entity>" : "/>");
	put_bind(x, "meta/entity/@id", e->id, "entity_id");
	if (!*e->id)
		put_new_id(x);
	if (*e->create)
		put_bind(x, "meta/entity/@create", e->create, "create_if");
	if (*e->update)
		put_bind(x, "meta/entity/@update", e->update, "update_if");
	if (*e->id)
		put_base_version(x, e);
	if (*e->label)
		put_bind(x, "meta/entity/label", e->label, "label");
}

void
xf_read_entities(struct xf *x)
{
	const struct sheet *s = x->book->entities;
	if (!s || sheet_rows(s) == 0)
		return;
	check_columns(x);
	const char *list = cell(x, "list_name");
	const struct entity e = {
		.list = *list ? list : cell(x, "dataset"),
		.label = cell(x, "label"),
		.id = cell(x, "entity_id"),
		.create = cell(x, "create_if"),
		.update = cell(x, "update_if"),
	};
	x->entities = true;
	x->updates = *e.id != '\0';
	if (is_good(x, &e))
		put_entity(x, &e);
}
