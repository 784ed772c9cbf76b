/* pack_partners - partners.csv: the organisations that work at the sites of a study.
 *
 * Columns:     site, id, name, kind (nhs, council, private, voluntary, ...), example.
 * Always true: no site has a partner twice; one that works at several sites has one id, one
 *              name and one kind.
 * Forms:       one that names partners.csv as a list (select_one_from_file) is given the ids
 *              and names, each once; at a node those of its site alone.
 * Published:   each site with such a form has a partner, and as many as sites.csv says.
 */
#ifndef WEIR_PACK_PARTNERS_H
#define WEIR_PACK_PARTNERS_H

#include "common/study/pack.h"

#define PACK_PARTNERS "partners.csv"

/* NULL when the site has no such partner. */
const struct pack_partner *pack_partner(const struct pack *p, const char *site, const char *id);

/* Adds a partners.csv with the rows of one site, or with all where it has none. */
CHECKED enum err pack_partners_at(struct buf *out, struct view text, const char *site);

#endif
