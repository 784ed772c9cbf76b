#include "hub/bundle_out_inside.h"

#include <string.h>

#include "common/base/mem.h"
#include "common/study/termspieces.h"

#include "hub/ingest_inside.h"
#include "hub/study.h"

static enum err
load_document(struct bundle_out *b, const uint8_t hash[static HASH_BYTES])
{
	struct vault_txn *t;
	buf_reset(&b->document);
	b->offset = 0;
	memcpy(b->document_hash, hash, HASH_BYTES);
	enum err e = hub_txn_reserve(b->hub, &t);
	return e ? e : vault_get(t, VAULT_DOCUMENTS, view_of(hash, HASH_BYTES), &b->document);
}

enum err
bundle_out_load_manifest(struct bundle_out *b)
{
	enum err e = study_offer(b->hub, &b->offer);
	if (e || b->offer.number <= b->about.config)
		return e;
	e = study_in_force(b->hub, &b->manifest);
	return e ? e : load_document(b, b->offer.hash);
}

static enum err
copy_terms(struct bundle_out *b)
{
	struct vault_txn *t;
	struct siteterms_say what;
	enum err e = hub_txn_reserve(b->hub, &t);
	if (!e)
		e = siteterms_refresh(b->ingest->terms, b->hub, t);
	if (e)
		return e;
	buf_add_view(&b->terms, siteterms_of(b->ingest->terms, b->about.writer.site, &what));
	b->terms_number = what.number;
	const struct standing_told told = {what.manifest_number, what.until_s};
	e = buf_check(&b->terms, "terms of a bundle");
	return e || !what.number ? e : standing_told_put(t, b->about.writer.public, &told);
}

enum err
bundle_out_terms(struct bundle_out *b, struct buf *out)
{
	OWNED_BUF struct buf piece, box;
	enum err e = b->terms_said == 0 ? copy_terms(b) : OK;
	const struct view terms = buf_view(&b->terms);
	buf_init(&piece, TERMS_FRAME_BYTES);
	buf_init(&box, BUNDLE_BOX_MAX_BYTES);
	if (!e && b->terms_said < termspieces_count(terms)) {
		e = termspieces_write(&piece, terms, b->terms_number, b->terms_said++);
		box_seal(&box, buf_view(&piece), b->about.writer.box);
		bundle_frame(out, &b->sum, BUNDLE_TERMS, buf_view(&box));
	}
	if (b->terms_said == termspieces_count(terms))
		b->step = STEP_FILES;
	return e ? e : buf_check(&box, "terms of a bundle");
}

/* One piece of the document at hand. */
static enum err
add_part(struct bundle_out *b, struct buf *out)
{
	struct sync_msg m = {.kind = SYNC_CFG_PART};
	size_t len = MIN(SYNC_CFG_PART_BYTES, b->document.len - b->offset);
	memcpy(m.cfg_part.hash, b->document_hash, HASH_BYTES);
	m.cfg_part.offset_bytes = b->offset;
	m.cfg_part.total_bytes = b->document.len;
	m.cfg_part.bytes = view_of(b->document.at + b->offset, len);
	b->offset += len;
	return bundle_out_message(b, &m, out);
}

enum err
bundle_out_study(struct bundle_out *b, struct buf *out)
{
	enum err e = OK;
	if (b->offset == b->document.len && b->step == STEP_DOCUMENTS) {
		if (b->document_count == b->manifest->document_count) {
			b->step = STEP_END;
			return OK;
		}
		e = load_document(b, b->manifest->documents[b->document_count++].hash);
	}
	if (!e && b->offset < b->document.len)
		e = add_part(b, out);
	if (!e && b->offset == b->document.len)
		b->step = STEP_DOCUMENTS;
	return e;
}
