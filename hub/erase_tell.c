#include "hub/erase_inside.h"

#include <string.h>

#include "common/base/mem.h"
#include "common/study/terms.h"

#define PAPER_MAX_BYTES 8192

struct telling {
	erase_paper_fn *each;
	void *arg;
	size_t count;
};

/* Whom the site has nothing to hear of any more. */
static bool
is_told(const struct erase_wish *w, const char *site)
{
	int64_t erased_s = MAX(w->hub->erased_s, w->site.erased_s);
	return !w->hub->gone_s || strcmp(w->site.site, site) != 0 ||
	       (erase_wish_is_erased(w) && erase_now_s() - erased_s > ERASE_TOLD_S);
}

/* Those whom the site deleted, or those whom it did not. */
static enum err
tell(struct hub *h, const char *site, bool deleted, struct telling *to)
{
	size_t count;
	const struct forward_erasure *all = forward_erasures(erase_forward(h), &count);
	enum err e = OK;
	for (size_t i = count; !e && i > 0 && to->count < ERASE_TOLD_COUNT; i--) {
		OWNED_BUF struct buf paper;
		uint8_t signature[SIGNATURE_BYTES];
		struct erase_wish wish;
		buf_init(&paper, PAPER_MAX_BYTES);
		e = erase_wish_read(h, &all[i - 1], &wish);
		if (e || is_told(&wish, site) || deleted != (wish.site.gone_s != 0))
			continue;
		e = erase_paper_sign(h, &wish, &paper, signature);
		if (!e)
			to->each(to->arg, buf_view(&paper), signature);
		to->count++;
	}
	return e;
}

enum err
erase_papers(struct hub *h, const char *site, erase_paper_fn *each, void *arg)
{
	struct telling to = {.each = each, .arg = arg};
	enum err e = tell(h, site, false, &to);
	return e ? e : tell(h, site, true, &to);
}

static void
add_gone(struct terms *to, const struct forward_erasure *e)
{
	const size_t n = to->gone_count++;
	if ((n & (n - 1)) == 0)
		to->gone = xrealloc(to->gone, MAX(n * 2, (size_t)1), sizeof(*to->gone));
	memcpy(to->gone[n].start, e->receipt, sizeof(to->gone[n].start));
	to->gone[n].stopped_s = e->stopped_s;
	terms_mark(to->gone[n].mark, e->participant);
}

enum err
erase_named(struct hub *h, const char *site, struct terms *to)
{
	size_t count;
	const struct forward_erasure *all = forward_erasures(erase_forward(h), &count);
	enum err e = OK;
	for (size_t i = count; !e && i > 0 && to->gone_count < ERASE_NAMED_COUNT; i--) {
		struct erase_wish wish;
		if (!all[i - 1].gone_s)
			continue;
		e = erase_wish_read(h, &all[i - 1], &wish);
		if (!e && (!wish.site.site[0] || strcmp(wish.site.site, site) == 0))
			add_gone(to, &all[i - 1]);
	}
	return e;
}
