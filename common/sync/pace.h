/* pace - when a node may send its next piece of bulk, and how large that piece may be.
 *
 * Bulk is what can wait: records, acts, pieces of attachments. Control entries obey the window
 * alone, as an import brings many of them. Notices of changes of participation, receipts, pings
 * and what a session says about itself are never asked about here.
 * Always true: pure; the caller brings the time. What it lets pass obeys every rule of
 *              pace_rules, and leaves so little on the way that a control entry behind it
 *              overtakes within a bounded time (I11): the window.
 * Window:      bytes that may be unacknowledged. It begins at PACE_LEAST_BYTES, grows by what
 *              is acknowledged while acknowledgements come back within PACE_CALM_MS of the
 *              fastest one of the connection, stands still from there on, and is halved once a
 *              round when they take PACE_SLOW_MS more. So queues in front of a slow link,
 *              whoever keeps them, hold about two seconds of it. A link too slow for that
 *              carries one piece of PACE_LEAST_BYTES at a time; an entry that is larger by
 *              itself goes alone. After delay-based congestion control, as in RFC 6817
 *              (LEDBAT).
 * Rate:        a bucket of PACE_BURST_S seconds; it may go into debt by one piece.
 * It can hurt: what a caller sends without asking is not counted against quota and rate.
 */
#ifndef WEIR_PACE_H
#define WEIR_PACE_H

#include "common/codec/bytes.h"

#define PACE_LEAST_BYTES ((size_t)32 * 1024)
#define PACE_MOST_BYTES  ((size_t)4 * 1024 * 1024)
#define PACE_CALM_MS     1500
#define PACE_SLOW_MS     2500
#define PACE_BURST_S     2
#define PACE_SENT_COUNT  64 /* pieces on the way whose time is known: LANE_FLIGHTS_MAX_COUNT */
#define PACE_DAY_MIN     1440

/* What the site's people set; zeros: no limit. */
struct pace_rules {
	uint32_t kbit_per_s;
	uint32_t daily_mb; /* 10^6 bytes of bulk in a day of the site's clock */
	/* No bulk from the one minute of the day until the other, over midnight if need be; the
	 * same minute twice: none. */
	uint16_t quiet_from_min, quiet_to_min;
	bool metered; /* no bulk at all */
};

/* "08:00-17:00", or "" for none. E_FORMAT with a sentence. */
CHECKED enum err pace_read_hours(struct pace_rules *rules, const char *text);

struct pace_now {
	int64_t mono_ms;
	int64_t day;     /* number of the local day; it may jump */
	uint16_t minute; /* of that day */
};

struct pace_piece {
	uint64_t end_bytes; /* of all that was sent on the connection, up to and with it */
	int64_t sent_ms;
};

/* Embedded; read freely. */
struct pace {
	struct pace_rules rules;
	int64_t day;
	uint64_t day_bytes; /* of bulk, on that day */
	double tokens_bytes;
	int64_t tokens_ms; /* when the bucket was filled last */
	size_t window_bytes;
	int64_t fastest_ms; /* from sending to acknowledgement; -1: not known */
	uint64_t sent_bytes, acked_bytes, slowed_bytes;
	struct pace_piece pieces[PACE_SENT_COUNT];
	size_t piece_count;
};

enum pace_answer {
	PACE_GO,
	PACE_WINDOW, /* the line is full: until something is acknowledged */
	PACE_RATE,
	PACE_DAY,
	PACE_QUIET,
	PACE_METERED,
};

/* day_bytes: already sent on `day`, as kept. */
void pace_init(struct pace *p, const struct pace_rules *rules, const struct pace_now *now,
	uint64_t day_bytes);
/* A connection begins: nothing is on the way, and nothing is known of the line. */
void pace_connected(struct pace *p);

/* May a piece of bulk go now? flight_bytes: on the way unacknowledged. */
enum pace_answer pace_ask(struct pace *p, const struct pace_now *now, size_t flight_bytes);
/* So much is on the way that whatever has to go now would wait behind it. */
bool pace_is_full(const struct pace *p, size_t flight_bytes);
/* The most that the next piece should have; at least PACE_LEAST_BYTES. */
size_t pace_piece_bytes(const struct pace *p);

/* A question that hardly takes room was answered after this time: the greeting, a ping. */
void pace_round(struct pace *p, int64_t took_ms);
/* A piece went out; control entries are told of, too, with is_bulk false. */
void pace_sent(struct pace *p, const struct pace_now *now, size_t bytes, bool is_bulk);
/* So much is still on the way: what is not has been acknowledged. */
void pace_flight(struct pace *p, int64_t mono_ms, size_t flight_bytes);

/* A sentence for people on why bulk waits; "" where no rule of theirs is the reason. It
 * lasts. */
const char *pace_words(enum pace_answer a);

#endif
