#include <string.h>

#include "common/base/mem.h"

#include "hub/opening_inside.h"

/* A printed site takes part as soon as one does that counts for it. */
void
opening_print_sites(struct opening *o)
{
	const struct sitecut *cut = o->ask.cut;
	o->printed_count = cut ? cut->printed_count : o->ask.site_count;
	o->printed = xcalloc(o->printed_count + 1, sizeof(*o->printed));
	o->printed_of = xcalloc(o->ask.site_count + 1, sizeof(*o->printed_of));
	for (size_t i = 0; i < o->printed_count; i++) {
		memcpy(o->printed[i].id, cut ? cut->printed[i].id : o->ask.sites[i].id,
			sizeof(o->printed[i].id));
		o->printed[i].state = SITE_NOT_IN_WAVE;
	}
	for (size_t i = 0; i < o->ask.site_count; i++) {
		const enum site_state state = o->ask.sites[i].state;
		const size_t to = cut ? cut->sites[i].printed : i;
		o->printed_of[i] = (uint16_t)to;
		if (state == SITE_TAKES_PART || o->printed[to].state == SITE_NOT_IN_WAVE)
			o->printed[to].state = state;
	}
}

enum err
opening_find_site(const struct opening *o, const char *site, size_t *ret)
{
	for (size_t i = 0; i < o->ask.site_count; i++)
		if (strcmp(o->ask.sites[i].id, site) == 0) {
			*ret = i;
			return OK;
		}
	return fail(E_NOTFOUND, "no site %s", site);
}
