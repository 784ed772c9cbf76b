#include "node/openrosa.h"

#include <string.h>

#include "common/net/http_path.h"

#define RETRY_SOON_S  30
#define RETRY_LATER_S 300

#define LIST_SPACE     "http://openrosa.org/xforms/xformsList"
#define MANIFEST_SPACE "http://openrosa.org/xforms/xformsManifest"
#define RESPONSE_SPACE "http://openrosa.org/http/response"

/* The outcome table of the reference, section 2.1, with what this node does instead of leaving
 * a tablet with a record that it can never send. */
static const struct openrosa_verdict verdicts[OPENROSA_OUTCOME_COUNT] = {
	[OPENROSA_NEW] = {"submit_success", "Saved.", 201, 0},
	[OPENROSA_SAME] = {"submit_success", "Saved: this record was here already.", 201, 0},
	[OPENROSA_FILES_ADDED] = {"submit_success",
		"Saved: further files of a record that is here.", 201, 0},
	[OPENROSA_WAITING_FILES] = {"submit_success",
		"Saved: some files of this record are still to come.", 201, 0},
	[OPENROSA_EDITED] = {"submit_success", "Saved: the record was corrected.", 201, 0},
	[OPENROSA_BRANCH] = {"submit_success",
		"Saved beside a newer correction of this record. The coordinator will look at "
		"it.",
		202, 0},
	[OPENROSA_HELD] = {"submit_success",
		"Saved, and kept aside. The coordinator will look at it.", 202, 0},
	[OPENROSA_DELETED] = {"submit_error",
		"This record was deleted here, or the person has withdrawn. Nothing was saved. "
		"Please delete it on the tablet.",
		409, 0},
	[OPENROSA_UNKNOWN_DEPRECATED] = {"submit_error",
		"This corrects a record that is not here. Please send the first one before.",
		404, 0},
	[OPENROSA_UNKNOWN_FORM] = {"submit_error",
		"This form is not part of the study at this site. Nothing was saved.", 404, 0},
	[OPENROSA_NOT_THIS_FORM] = {"submit_error",
		"This access is not for this form. Nothing was saved.", 401, 0},
	[OPENROSA_CLOSED] = {"submit_error",
		"This form takes no new records any more. Nothing was saved.", 409, 0},
	[OPENROSA_NO_XML] = {"submit_error",
		"The part xml_submission_file is missing. Nothing was saved.", 400, 0},
	[OPENROSA_BAD_MULTIPART] = {"submit_error",
		"What came is not a form of several parts. Nothing was saved.", 400, 0},
	[OPENROSA_BAD_XML] = {"submit_error",
		"What came is not a filled-in form. Nothing was saved.", 400, 0},
	[OPENROSA_BAD_VERSION] = {"error",
		"This address speaks OpenRosa 1.0: X-OpenRosa-Version has to be 1.0.", 400, 0},
	[OPENROSA_BAD_TOKEN] = {"error",
		"This access is not known here or was taken back. Ask the coordinator for a "
		"new "
		"one.",
		403, 0},
	[OPENROSA_TOO_LARGE] = {"submit_error",
		"This is more than can be sent at once. Nothing was saved.", 413, 0},
	[OPENROSA_TOO_OFTEN] = {"error",
		"Too much was sent with this access. It goes on by itself later.", 429,
		RETRY_SOON_S},
	[OPENROSA_BUSY] = {"submit_error",
		"The node is busy or just starting. Nothing was saved; please send again.", 503,
		RETRY_SOON_S},
	[OPENROSA_FULL] = {"submit_error",
		"The node has no room left. Nothing was saved; tell the coordinator.", 507,
		RETRY_LATER_S},
	[OPENROSA_BROKEN] = {"error", "Something is wrong in the node. Nothing was saved.", 500,
		0},
};

const struct openrosa_verdict *
openrosa_verdict(enum openrosa_outcome outcome)
{
	return &verdicts[outcome];
}

/* Text between tags or in an attribute. Control characters that XML 1.0 cannot hold are left
 * out; the forms that went in have none. */
static void
put(struct buf *out, const char *text)
{
	for (const char *p = text; *p; p++) {
		uint8_t c = (uint8_t)*p;
		if (c == '&')
			buf_format(out, "&amp;");
		else if (c == '<')
			buf_format(out, "&lt;");
		else if (c == '>')
			buf_format(out, "&gt;");
		else if (c == '"')
			buf_format(out, "&quot;");
		else if (c >= ' ' || c == '\t' || c == '\n')
			buf_u8(out, c);
	}
}

static void
put_element(struct buf *out, const char *name, const char *text)
{
	buf_format(out, "<%s>", name);
	put(out, text);
	buf_format(out, "</%s>", name);
}

static void
put_declaration(struct buf *out)
{
	buf_format(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
}

/* documents */

/* "https://host/key/TOKEN/form/ID/VERSION": the version is "-" where a form has none. */
static void
put_form_address(
	struct buf *out, const struct openrosa_base *base, const struct openrosa_form *form)
{
	buf_format(out, "%s://", base->scheme);
	put(out, base->host);
	put(out, base->path);
	buf_format(out, "/form/");
	http_encode(out, form->id);
	buf_u8(out, '/');
	http_encode(out, form->version[0] ? form->version : "-");
}

static void
put_hash(struct buf *out, const char *md5)
{
	buf_format(out, "<hash>md5:%s</hash>", md5);
}

static void
put_form(struct buf *out, const struct openrosa_base *base, const struct openrosa_form *form)
{
	buf_format(out, "<xform>");
	put_element(out, "formID", form->id);
	put_element(out, "name", form->title[0] ? form->title : form->id);
	put_element(out, "version", form->version);
	put_hash(out, form->md5);
	buf_format(out, "<downloadUrl>");
	put_form_address(out, base, form);
	buf_format(out, "/xml</downloadUrl>");
	if (form->file_count > 0) {
		buf_format(out, "<manifestUrl>");
		put_form_address(out, base, form);
		buf_format(out, "/manifest</manifestUrl>");
	}
	buf_format(out, "</xform>\n");
}

void
openrosa_list(struct buf *out, const struct openrosa_base *base,
	const struct openrosa_form *forms, size_t count, const char *only_id)
{
	put_declaration(out);
	buf_format(out, "<xforms xmlns=\"" LIST_SPACE "\">\n");
	for (size_t i = 0; i < count; i++)
		if (!only_id || strcmp(forms[i].id, only_id) == 0)
			put_form(out, base, &forms[i]);
	buf_format(out, "</xforms>\n");
}

void
openrosa_manifest(
	struct buf *out, const struct openrosa_base *base, const struct openrosa_form *form)
{
	put_declaration(out);
	buf_format(out, "<manifest xmlns=\"" MANIFEST_SPACE "\">\n");
	for (size_t i = 0; i < form->file_count; i++) {
		buf_format(out, "<mediaFile>");
		put_element(out, "filename", form->files[i].name);
		put_hash(out, form->files[i].md5);
		buf_format(out, "<downloadUrl>");
		put_form_address(out, base, form);
		buf_format(out, "/media/");
		http_encode(out, form->files[i].name);
		buf_format(out, "</downloadUrl></mediaFile>\n");
	}
	buf_format(out, "</manifest>\n");
}

enum err
openrosa_integrity(struct buf *out, const char *ids)
{
	size_t count = 0;
	put_declaration(out);
	buf_format(out, "<data><entities>\n");
	for (const char *at = ids; *at;) {
		size_t len = strcspn(at, ",");
		if (len > 0 && ++count > OPENROSA_IDS_MAX_COUNT)
			return fail(E_FORMAT, "more than %d entities were asked for at once",
				OPENROSA_IDS_MAX_COUNT);
		if (len > 0) {
			buf_format(out, "<entity id=\"");
			for (size_t i = 0; i < len; i++)
				put(out, (const char[]){at[i], '\0'});
			buf_format(out, "\"><deleted>false</deleted></entity>\n");
		}
		at += len + (at[len] == ',');
	}
	buf_format(out, "</entities></data>\n");
	return buf_check(out, "answer about entities");
}

void
openrosa_response(struct buf *out, enum openrosa_outcome outcome, const char *words)
{
	const struct openrosa_verdict *v = openrosa_verdict(outcome);
	put_declaration(out);
	buf_format(out,
		"<OpenRosaResponse xmlns=\"" RESPONSE_SPACE "\"><message nature=\"%s\">",
		v->nature);
	put(out, words && words[0] ? words : v->words);
	buf_format(out, "</message></OpenRosaResponse>\n");
}
