/* desk_inside - what the files of desk share; nobody else includes this.
 *
 * desk: the process, requests, time. desk_act: answers, sync asked, acts logged. desk_names:
 * requests about names (desk_contact.h). desk_renewal: the review key renewed (renewal.h).
 */
#ifndef WEIR_NODE_DESK_INSIDE_H
#define WEIR_NODE_DESK_INSIDE_H

#include "common/net/link.h"

#include "node/desk.h"
#include "node/desk_change.h"
#include "node/desk_contact.h"
#include "node/ipc_desk.h"
#include "node/renewal.h"

#define DESK_PATH_BYTES  4096
#define DESK_FRAME_BYTES 65536

/* What the open request waits for. */
enum waiting { WAITS_NOT, WAITS_FOR_FACTS, WAITS_FOR_ACT, WAITS_FOR_STATES, WAITS_FOR_RENEWAL };

struct desk {
	const struct desk_config *config;
	struct reactor *reactor;
	struct link_context *context;
	struct link *door; /* commands */
	struct link *sync;
	struct custody *open; /* NULL: locked */
	char opened_by[CUSTODY_ID_BYTES];
	int64_t used_mono_ms;
	enum waiting waiting;
	int64_t asked_mono_ms;        /* when sync was asked last */
	bool owes_lock;               /* the idle lock is not in the log yet */
	enum node_verb verb;          /* of the open request */
	struct buf peer;              /* who is answered; empty: nobody (idle lock) */
	struct custody *candidate;    /* keys that wait for their check */
	char asks[CUSTODY_ID_BYTES];  /* who brought them */
	uint32_t site_number;         /* of the review key that sync hands out */
	struct desk_change *change;   /* that waits for its act */
	struct namebook *names;       /* open with the first need; NULL while it is locked */
	struct desk_contact *contact; /* the open request, when it is about names */
	bool renews;                  /* names are looked through: the review key may be */
	struct renewal *renewal;      /* under way; nobody is answered at its end */
	bool without_backup;          /* a review key from before goes without one */
	bool waits_for_backup;        /* one is left that waits */
	uint32_t due_count;           /* of names, when it was opened */
	bool moves;                   /* sync moves the vault for it */
	/* Of the names, when it was opened. */
	struct namebook_damage damage;
};

/* To whoever asks; nobody is asking when peer is empty. */
void desk_send_answer(struct desk *d, struct view peer, struct buf *frame);
void desk_answer(struct desk *d, struct view peer, enum err code);
/* The open request ends so. */
void desk_finish(struct desk *d, enum err code);
void desk_answer_status(struct desk *d, struct view peer);

int64_t desk_wait_ms(const struct desk *d);
/* Waits two seconds at most for a sync that listens and does not speak. */
CHECKED enum err desk_connect_sync(struct desk *d);
CHECKED enum err desk_ask_sync(
	struct desk *d, enum node_verb verb, struct view fields, enum waiting next);
/* An answer of sync; the reactor's. */
void desk_on_sync(struct reactor *r, void *arg);

/* What is done and by whom, a coordinator where no role is named; whom it is about. */
struct deed {
	const char *action, *outcome, *by, *role, *whom, *purpose, *decision;
};
CHECKED enum err desk_log(struct desk *d, const struct deed *done);
CHECKED enum err desk_log_lock(struct desk *d, const char *outcome);
/* A request about names; the act of one is kept; what sync knows of those it is about. */
CHECKED enum err desk_names_begin(struct desk *d, enum node_verb verb, struct cursor *fields);
void desk_names_kept(struct desk *d);
void desk_names_states(struct desk *d, struct cursor *states);
/* The desk was opened: are there names to look through for people who asked to be erased? The
 * request then ends later. */
CHECKED bool desk_names_sweep(struct desk *d);
/* Logs how many damaged rows the last walk met and the first of them, with what became of them;
 * nothing when there were none. */
void desk_tell_damage(const struct namebook *n, const char *what);
/* Everybody's name under a key that opens no copy from before. */
CHECKED enum err desk_names_renew(struct desk *d);
/* Begins a renewal if one is due (renewal.h); the answer to its open question. */
void desk_renewal_begin(struct desk *d);
void desk_renewal_answer(struct desk *d, enum err code, struct cursor *fields);
/* Changes who opens the desk, when the act is kept. An open desk is somebody's: it stays open
 * only when its coordinator does. */
CHECKED enum err desk_carry_out(struct desk *d);
/* What was open goes. */
void desk_lock(struct desk *d);

#endif
