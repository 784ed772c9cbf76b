/* import_when - when each row of a sheet was filled in, and the wave that it belongs to.
 *
 * When:        its cell filled_in, else --filled-in, else now: then nobody said so.
 *              Of a record about the site nothing is said: it opens the site (R23) from now.
 * Wave:        --wave, else the one in which the form took records when the row was filled in;
 *              a form without windows has none.
 * Always true: what is found is not after now, and every row is in a window of its wave.
 * Errors:      E_FORMAT something is said of a record about the site; the day of --filled-in
 *              is none, or has not begun; E_NOTFOUND no such wave; E_DENIED no wave of the form
 *              was open then, naming the row where it says when itself.
 */
#ifndef WEIR_NODE_IMPORT_WHEN_H
#define WEIR_NODE_IMPORT_WHEN_H

#include "node/import.h"

#define IMPORT_WAVE_BYTES 16

struct import_when {
	int64_t at_s;
	bool said; /* by the sheet or by whoever brings it */
	char wave[IMPORT_WAVE_BYTES];
};

struct import_when_ask {
	const struct pack *pack;
	const struct form *form;
	const struct import *rows;
	const char *day; /* of --filled-in; NULL: not said */
	int64_t wave;    /* of --wave; 0: not said */
	int64_t now_s;
};

/* ret holds one for each row. */
CHECKED enum err import_when_find(struct import_when *ret, const struct import_when_ask *q);

#endif
