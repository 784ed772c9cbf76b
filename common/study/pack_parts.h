/* pack_parts - sites, partners, waves and groups of a study pack. All of it is owned by the
 * pack. */
#ifndef WEIR_PACK_PARTS_H
#define WEIR_PACK_PARTS_H

#include "common/study/form.h"

struct expr;
struct pack;

/* What is the same for every consent of a study: whom it is given to, where and how long
 * answers are kept, on which grounds. In the words of study.ini; "" what it does not say; plain
 * and in one line. */
struct pack_legal {
	char *protocol;    /* number of the approved plan */
	char *controllers; /* organisations that decide, in law, what is done with the data */
	char *recipients;  /* who besides the controllers is given answers */
	char *storage;     /* where sealed answers lie */
	char *retention;   /* how long answers are kept after the last release */
	char *art6, *art9, *dpa2018;
	char *jurisdiction;
};

struct pack_site {
	char *id;
	char *name; /* the public name that releases print */
	char *kind; /* decides which approvals it needs */
	char *organisation_type;
	char *region;
	char *local_approach;  /* what `approach` lends from */
	const char **approach; /* kinds of person who may make the first approach */
	size_t approach_count;
	char *approvals; /* what `needs` lends from */
	const char *
		*needs; /* kinds of approval before it collects: at least [approvals.KIND] */
	size_t needs_count;
	bool example;
};

/* An organisation that works at a site. One that works at several stands there once each, with
 * the same id, name and kind. */
struct pack_partner {
	char *site;
	char *id;   /* as an approval names it, and as a record gives it */
	char *name; /* the public name that forms show */
	char *kind; /* nhs, council, private, voluntary, ... */
	bool example;
};

/* Days on which a form takes records in a wave: closes_ms is the first millisecond after the
 * last day. */
struct pack_window {
	const struct form *form;
	int64_t opens_ms;
	int64_t closes_ms;
};

struct pack_wave {
	uint32_t number;
	char *title;
	char *design;
	char *season; /* like waves have the same; "" if it is not said */
	struct pack_window *windows;
	size_t window_count;
};

/* Is there a window of the form in any wave? A form without takes records at any time. */
bool pack_has_windows(const struct pack *p, const struct form *f);
/* Does the form take records in this wave at this time? */
bool pack_wave_is_open(const struct pack_wave *w, const struct form *f, int64_t wall_ms);

struct pack_group {
	char *id;
	char *label;
	const struct form *form; /* NULL: system, what the nodes count */
	struct expr *where;      /* a condition on its records, NULL: all of them */
};

/* Days that a site collects by one word of the hub: [study] manifest_days, its bounds. */
#define PACK_IN_FORCE_DAYS     60
#define PACK_IN_FORCE_MIN_DAYS 14
#define PACK_IN_FORCE_MAX_DAYS 366

#endif
