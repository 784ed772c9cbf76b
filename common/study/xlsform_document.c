#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/study/xlsform_inside.h"

#define MAX_PART_BYTES ((size_t)16 << 20)

static const struct {
	const char *prefix;
	const char *address;
} spaces[] = {
	{"xmlns", "http://www.w3.org/2002/xforms"},
	{"xmlns:h", "http://www.w3.org/1999/xhtml"},
	{"xmlns:ev", "http://www.w3.org/2001/xml-events"},
	{"xmlns:xsd", "http://www.w3.org/2001/XMLSchema"},
	{"xmlns:jr", "http://openrosa.org/javarosa"},
	{"xmlns:orx", "http://openrosa.org/xforms"},
	{"xmlns:odk", "http://www.opendatakit.org/xforms"},
	{"xmlns:entities", "http://www.opendatakit.org/xforms/entities"},
	{"xmlns:weir", "https://weir.example/xforms"},
};

/* ---- the primary instance ---- */

static void
put_leaf(struct xf *x, const struct xf_node *n)
{
	const char *text = xf_cell(x, n, XF_DEFAULT);
	if (xf_is_dynamic(text))
		text = "";
	buf_format(&x->primary, "<%s", n->name);
	for (size_t i = 0; i < x->custom_count; i++) {
		const char *cell = sheet_cell(x->book->survey, n->row, x->custom[i].column);
		if (x->custom[i].of == XF_OF_INSTANCE && *cell && !n->made)
			xml_put_attr(&x->primary, x->custom[i].name, cell);
	}
	if (!*text) {
		xml_put_raw(&x->primary, "/>");
		return;
	}
	xml_put_raw(&x->primary, ">");
	if (n->type->control == XF_UPLOAD && strcmp(n->type->word, "image") == 0 &&
		strncmp(text, "jr://", 5) != 0)
		xml_put_raw(&x->primary, "jr://images/");
	xml_put_text(&x->primary, text);
	buf_format(&x->primary, "</%s>", n->name);
}

/* A group that is open while the instance is written. A repeat is written twice: the template
 * of what it holds, then its first instance; inside a template there are only templates. */
struct pass {
	int node;
	bool template;
};

struct walk {
	struct xf *x;
	struct pass open[XF_MAX_DEPTH];
	size_t depth;
	size_t next;
};

static bool
in_template(const struct walk *w)
{
	for (size_t i = 0; i < w->depth; i++)
		if (w->open[i].template)
			return true;
	return false;
}

/* The instance of an outer repeat that is no template: inner ones there have no template. */
static bool
in_instance(const struct walk *w)
{
	for (size_t i = 0; i < w->depth; i++)
		if (w->x->nodes[w->open[i].node].kind == XF_REPEAT && !w->open[i].template)
			return true;
	return false;
}

static void
open_node(struct walk *w, int node, bool template)
{
	buf_format(&w->x->primary, "<%s", w->x->nodes[node].name);
	if (template)
		xml_put_attr(&w->x->primary, "jr:template", "");
	xml_put_raw(&w->x->primary, ">");
	w->open[w->depth++] = (struct pass){node, template};
	w->next = (size_t)node + 1;
}

static void
close_node(struct walk *w)
{
	struct pass p = w->open[--w->depth];
	buf_format(&w->x->primary, "</%s>", w->x->nodes[p.node].name);
	if (p.template && !in_template(w))
		open_node(w, p.node, false);
}

void
xf_put_primary(struct xf *x)
{
	struct walk w = {.x = x};
	while (w.next < x->node_count || w.depth > 0) {
		if (w.depth > 0 && w.next >= x->nodes[w.open[w.depth - 1].node].end) {
			close_node(&w);
			continue;
		}
		const struct xf_node *n = &x->nodes[w.next];
		if (n->kind == XF_QUESTION) {
			put_leaf(x, n);
			w.next++;
		} else {
			bool template = n->kind == XF_REPEAT && !in_instance(&w);
			open_node(&w, (int)w.next, template);
		}
	}
}

/* ---- meta ---- */

static struct fault_place
settings_place(const struct xf *x, const char *column)
{
	const struct sheet *s = x->book->settings;
	if (!s)
		return (struct fault_place){sheet_name(x->book->survey), 0, NULL};
	return (struct fault_place){sheet_name(s), sheet_row_number(s, 0), column};
}

static void
put_audit(struct xf *x)
{
	struct xf_said said = xf_type_said("audit");
	OWNED_MEM char *path = xf_absolute(x, "meta/audit");
	struct xf_node n = {.type = said.type, .row = x->audit_row};
	xml_put_raw(&x->meta, "<audit/>");
	xml_put_raw(&x->binds, "<bind");
	xml_put_attr(&x->binds, "nodeset", path);
	xml_put_attr(&x->binds, "type", "binary");
	xf_check_parameters(x, &n);
	xf_put_parameters(x, &n, true, &x->binds);
	xml_put_raw(&x->binds, "/>\n");
}

static void
put_meta(struct xf *x)
{
	OWNED_MEM char *id = xf_absolute(x, "meta/instanceID");
	OWNED_MEM char *name = xf_absolute(x, "meta/instanceName");
	if (!x->settings.no_id) {
		xml_put_raw(&x->meta, "<instanceID/>");
		xml_put_raw(&x->binds, "<bind");
		xml_put_attr(&x->binds, "nodeset", id);
		xml_put_raw(&x->binds,
			" type=\"string\" readonly=\"true()\" jr:preload=\"uid\"/>\n");
	}
	if (*x->settings.instance_name) {
		OWNED_MEM char *made = xf_expression(x, x->settings.instance_name,
			(struct xf_at){.node = XF_NOWHERE,
				.place = settings_place(x, "instance_name")});
		xml_put_raw(&x->meta, "<instanceName/>");
		xml_put_raw(&x->binds, "<bind");
		xml_put_attr(&x->binds, "nodeset", name);
		xml_put_attr(&x->binds, "type", "string");
		xml_put_attr(&x->binds, "calculate", made);
		xml_put_raw(&x->binds, "/>\n");
	}
	if (x->audit)
		put_audit(x);
}

/* ---- the whole ---- */

/* Does the settings column namespaces declare the prefix of this attribute, or do we? */
static bool
is_declared(const struct xf *x, const char *name)
{
	const char *colon = strchr(name, ':');
	if (!colon)
		return true;
	OWNED_MEM char *prefix = xmemdup(name, (size_t)(colon - name));
	OWNED_MEM char *xmlns = xasprintf("xmlns:%s", prefix);
	for (size_t i = 0; i < ARRAY_LEN(spaces); i++)
		if (strcmp(spaces[i].prefix, xmlns) == 0)
			return true;
	OWNED_MEM char *equals = xasprintf("%s=", prefix);
	return strstr(x->settings.namespaces, equals) != NULL;
}

static void
check_custom(struct xf *x)
{
	const struct sheet *s = x->book->survey;
	for (size_t i = 0; i < x->custom_count; i++) {
		const char *head = sheet_column_name(s, (size_t)x->custom[i].column);
		struct fault_place place = {sheet_name(s), sheet_header_number(s), head};
		static const char *const taken[] = {"nodeset", "ref", "type", "id"};
		if (!is_declared(x, x->custom[i].name))
			faults_add(x->faults, place,
				"the prefix of this name has to be declared in the column "
				"namespaces of the settings sheet");
		for (size_t k = 0; k < ARRAY_LEN(taken); k++)
			if (strcmp(x->custom[i].name, taken[k]) == 0)
				faults_add(x->faults, place,
					"this attribute is the converter's own");
	}
}

/* prefix="address" pairs of the settings sheet, as xmlns:prefix="address". */
static void
put_namespaces(struct xf *x, struct buf *out)
{
	for (const char *p = x->settings.namespaces; *p;) {
		p += strspn(p, " ,");
		size_t len = strcspn(p, "=");
		OWNED_MEM char *prefix = xmemdup(p, len);
		char quote[] = {'\0', '\0'};
		if (len && p[len])
			*quote = p[len + 1];
		if (!xf_is_name(prefix) || (*quote != '"' && *quote != '\'')) {
			faults_add(x->faults, settings_place(x, "namespaces"),
				"namespaces are written prefix=\"address\"");
			return;
		}
		size_t size = strcspn(p + len + 2, quote);
		OWNED_MEM char *address = xmemdup(p + len + 2, size);
		OWNED_MEM char *attr = xasprintf("xmlns:%s", prefix);
		xml_put_attr(out, attr, address);
		p += len + 2 + size;
		p += *p != '\0';
		p += strspn(p, " ,");
	}
}

static void
put_head(struct xf *x, struct buf *out)
{
	xml_put_raw(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<h:html");
	for (size_t i = 0; i < ARRAY_LEN(spaces); i++)
		xml_put_attr(out, spaces[i].prefix, spaces[i].address);
	put_namespaces(x, out);
	xml_put_raw(out, ">\n<h:head>\n<h:title>");
	xml_put_text(out, x->settings.title);
	xml_put_raw(out, "</h:title>\n<model odk:xforms-version=\"1.0.0\"");
	if (x->entities)
		xml_put_attr(
			out, "entities:entities-version", x->updates ? "2023.1.0" : "2022.1.0");
	xml_put_raw(out, ">\n");
}

static void
put_submission(struct xf *x, struct buf *out)
{
	const struct xf_settings *s = &x->settings;
	if (!*s->key && !*s->submission && !*s->auto_send && !*s->auto_delete)
		return;
	xml_put_raw(out, "<submission");
	if (*s->submission) {
		xml_put_attr(out, "action", s->submission);
		xml_put_attr(out, "method", "post");
	}
	if (*s->key)
		xml_put_attr(out, "base64RsaPublicKey", s->key);
	if (*s->auto_send)
		xml_put_attr(out, "orx:auto-send", s->auto_send);
	if (*s->auto_delete)
		xml_put_attr(out, "orx:auto-delete", s->auto_delete);
	xml_put_raw(out, "/>\n");
}

static void
put_instance(struct xf *x, struct buf *out)
{
	const struct xf_settings *s = &x->settings;
	xml_put_raw(out, "<instance>\n<");
	xml_put_raw(out, s->root);
	if (*s->space)
		xml_put_attr(out, "xmlns", s->space);
	xml_put_attr(out, "id", s->id);
	if (*s->version)
		xml_put_attr(out, "version", s->version);
	xml_put_raw(out, ">");
	buf_add_view(out, buf_view(&x->primary));
	xml_put_raw(out, "<meta>");
	buf_add_view(out, buf_view(&x->meta));
	buf_format(out, "</meta></%s>\n</instance>\n", s->root);
	if (x->last_saved)
		xml_put_raw(out, "<instance id=\"__last-saved\""
				 " src=\"jr://instance/last-saved\"/>\n");
}

void
xf_put_document(struct xf *x, struct buf *out)
{
	OWNED_BUF struct buf lists;
	buf_init(&lists, MAX_PART_BYTES);
	check_custom(x);
	xf_put_binds(x);
	xf_put_body(x);
	xf_put_primary(x);
	put_meta(x);
	xf_put_lists(x, &lists);
	put_head(x, out);
	xf_put_itext(x, out);
	put_instance(x, out);
	buf_add_view(out, buf_view(&lists));
	buf_add_view(out, buf_view(&x->binds));
	put_submission(x, out);
	buf_add_view(out, buf_view(&x->actions));
	xml_put_raw(out, "</model>\n</h:head>\n<h:body");
	if (*x->settings.style)
		xml_put_attr(out, "class", x->settings.style);
	xml_put_raw(out, ">\n");
	buf_add_view(out, buf_view(&x->body));
	xml_put_raw(out, "</h:body>\n</h:html>\n");
	const struct buf *parts[] = {&x->meta, &x->binds, &x->actions, &x->body, &x->primary};
	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		out->broken = out->broken || parts[i]->broken;
	out->broken = out->broken || lists.broken;
}
