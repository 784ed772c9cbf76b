#include "common/study/xpath_inside.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"

#define EARTH_RADIUS_M 6378100.0 /* as ODK's clients have it */
#define MAX_POINTS     10000
#define PLACES_EXACT   100.0 /* ODK gives areas and distances to hundredths */

struct point {
	double latitude, longitude; /* radians */
};

struct line {
	struct point *points;
	size_t count;
	bool broken; /* what was read is no place */
};

static void
line_done(struct line *l)
{
	free(l->points);
}

static void
add_point(struct line *l, double latitude, double longitude)
{
	if (l->count == MAX_POINTS || fabs(latitude) > 90 || fabs(longitude) > 180) {
		l->broken = true;
		return;
	}
	l->points = xrealloc(l->points, l->count + 1, sizeof(*l->points));
	l->points[l->count++] = (struct point){latitude * M_PI / 180, longitude * M_PI / 180};
}

/* "latitude longitude [altitude [accuracy]]", several of them with ';' between. */
static void
add_points(struct line *l, const char *text)
{
	const char *at = text;
	while (*at) {
		char *end;
		double latitude = strtod(at, &end);
		bool good = end != at;
		at = end;
		double longitude = strtod(at, &end);
		good = good && end != at && isfinite(latitude) && isfinite(longitude);
		if (!good && text[strspn(text, " ;\t\r\n")] != '\0')
			l->broken = true;
		if (good)
			add_point(l, latitude, longitude);
		at += strcspn(at, ";");
		at += strspn(at, "; \t\r\n");
	}
}

static void
add_argument(struct line *l, const xmlXPathParserContext *p, int count, int i)
{
	xmlNode *const *nodes;
	int n = xpath_arg_nodes(p, count, i, &nodes);
	for (int k = 0; k < n; k++) {
		OWNED_MEM char *text = xpath_node_text(nodes[k]);
		add_points(l, text);
	}
	if (xpath_arg(p, count, i)->type == XPATH_NODESET)
		return;
	OWNED_MEM char *text = xpath_arg_text(p, count, i);
	add_points(l, text);
}

/* Haversine: the way on a sphere. */
static double
between(const struct point *a, const struct point *b)
{
	double down = sin((b->latitude - a->latitude) / 2);
	double along = sin((b->longitude - a->longitude) / 2);
	double h = down * down + cos(a->latitude) * cos(b->latitude) * along * along;
	return 2 * EARTH_RADIUS_M * asin(fmin(1, sqrt(h)));
}

static double
to_hundredths(double n)
{
	return round(n * PLACES_EXACT) / PLACES_EXACT;
}

static void
run_distance(xmlXPathParserContext *p, int count)
{
	OWNED_BY(line_done) struct line l = {0};
	double sum = 0;
	for (int i = 0; i < count; i++)
		add_argument(&l, p, count, i);
	for (size_t i = 1; i < l.count; i++)
		sum += between(&l.points[i - 1], &l.points[i]);
	xpath_give_number(p, count, l.broken ? NAN : to_hundredths(sum));
}

/* The spherical excess of the triangle of one edge and the pole, times the square of the radius
 * (Todhunter, Spherical Trigonometry, section 103); edges west and east cancel out. */
static double
area_of(const struct line *l)
{
	double sum = 0;
	for (size_t i = 0; i < l->count; i++) {
		const struct point *a = &l->points[i], *b = &l->points[(i + 1) % l->count];
		double t =
			tan((M_PI / 2 - a->latitude) / 2) * tan((M_PI / 2 - b->latitude) / 2);
		double along = b->longitude - a->longitude;
		sum += 2 * atan2(t * sin(along), 1 + t * cos(along));
	}
	return fabs(sum) * EARTH_RADIUS_M * EARTH_RADIUS_M;
}

static void
run_area(xmlXPathParserContext *p, int count)
{
	OWNED_BY(line_done) struct line l = {0};
	add_argument(&l, p, count, 0);
	xpath_give_number(p, count,
		l.broken      ? NAN
		: l.count < 3 ? 0
			      : to_hundredths(area_of(&l)));
}

/* Is the point inside? A line to the west of it crosses the outline an odd number of times. */
static bool
is_inside(const struct point *at, const struct line *l)
{
	bool inside = false;
	for (size_t i = 0; i < l->count; i++) {
		const struct point *a = &l->points[i], *b = &l->points[(i + 1) % l->count];
		if ((a->latitude > at->latitude) == (b->latitude > at->latitude))
			continue;
		double part = (at->latitude - a->latitude) / (b->latitude - a->latitude);
		if (at->longitude < a->longitude + part * (b->longitude - a->longitude))
			inside = !inside;
	}
	return inside;
}

static void
run_geofence(xmlXPathParserContext *p, int count)
{
	OWNED_BY(line_done) struct line point = {0}, shape = {0};
	add_argument(&point, p, count, 0);
	add_argument(&shape, p, count, 1);
	bool good = !point.broken && !shape.broken && point.count == 1 && shape.count >= 3;
	xpath_give_bool(p, count, good && is_inside(&point.points[0], &shape));
}

const struct xpath_function xpath_places[] = {
	{"distance", "distance", 1, -1, XPATH_NUM, XPATH_FREE, run_distance},
	{"area", "area", 1, 1, XPATH_NUM, XPATH_FREE, run_area},
	{"geofence", "geofence", 2, 2, XPATH_BOOL, XPATH_FREE, run_geofence},
	{0},
};
