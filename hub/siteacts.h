/* siteacts - sites merge, split, go on under another code or name, and leave.
 *
 * Acts (acts.h), canonical JSON:
 *   site-change       {"scope","kind","day","from":[],"into":[],"becomes","reason"}, by a
 *                     researcher or officer; kind merge, split, follow or name (lineage.h);
 *                     the statement's id is from[0]. scope "": sites of the study in force; a
 *                     site: its partner organisations
 *   site-strike       {"number","reason"}: a change was recorded wrongly; by an officer,
 *                     another person than the one who recorded it; the id is the number
 *   site-leave        {"site","data","day","reason"}, by a researcher or officer; data keep,
 *                     stop or erase (leaving.h)
 *   site-leave-agree  the same bytes, by an overseer whose organisation is the site, by its
 *                     code or its public name
 * Leaves:      site-changed, site-change-struck, site-leave-proposed, site-left; the request
 *              names site or change, the reason stands in it.
 * Questions:   lineage  {"changes":[{"number","scope","kind","day","from":[],"into":[],"was",
 *                       "becomes","reason","by","at_s","leaf","struck_by"}],"left":[{"site",
 *                       "data","day","reason","by","agreed_by","agreed_s","begun":bool,
 *                       "asked"}]}; asked: persons for whom erasure was begun
 *              sites    asks {"view"}: {"view","sites":[{"id","name","as","joined":bool,"left",
 *                       "data"}],"printed":[{"id","name"}],"notes":[]}
 * Partners:    a partner organisation that others merged into inherits none of their
 *              agreements: R20 asks for its own.
 * Errors:      E_NOTFOUND a site or partner that the study in force has not; E_CONFLICT what
 *              contradicts what was recorded; E_DENIED who may not; E_FORMAT.
 */
#ifndef WEIR_HUB_SITEACTS_H
#define WEIR_HUB_SITEACTS_H

#include "common/codec/json.h"

#include "hub/acts.h"

#define SITEACTS_BODY_MAX_BYTES 8192

CHECKED enum err siteacts_change(struct hub *h, const struct act *a, struct buf *reply);
CHECKED enum err siteacts_strike(struct hub *h, const struct act *a, struct buf *reply);
CHECKED enum err siteacts_leave(struct hub *h, const struct act *a, struct buf *reply);
CHECKED enum err siteacts_agree(struct hub *h, const struct act *a, struct buf *reply);

/* Add the answer's object. */
CHECKED enum err siteacts_lineage(struct hub *h, struct json_out *w);
CHECKED enum err siteacts_sites(struct hub *h, const struct json *args, struct json_out *w);

#endif
