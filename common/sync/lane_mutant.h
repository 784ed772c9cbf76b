/* lane_mutant - single rules of the sync core that a test build can take away.
 *
 * Always true: in the programs every LANE_MUTANT() is the constant false and leaves no code.
 *              With WEIR_MUTANTS, which only tests/sim sets, at most a few are true at a time;
 *              simulator and explorer have to find each of them out.
 */
#ifndef WEIR_LANE_MUTANT_H
#define WEIR_LANE_MUTANT_H

#include "common/base/base.h"

enum lane_mutant {
	MUTANT_NONE,
	/* N3: the position is the node's own acked mark */
	MUTANT_TRUSTS_ACKED,
	/* N3: the hub's head is not looked for on the own chain */
	MUTANT_NODE_CHAIN,
	/* the hub appends behind whatever it has */
	MUTANT_HUB_CHAIN,
	/* the hub does not compare the ends that a HELLO names */
	MUTANT_HUB_MARKS,
	/* superseded tokens pass */
	MUTANT_TOKEN,
	/* H2: frames of any session pass */
	MUTANT_SESSION,
	/* H3, H4: ACK when an entry is handed over, not when it is STORED */
	MUTANT_ACK_EARLY,
	/* N2: READY before the token is committed */
	MUTANT_READY_EARLY,
	/* H1: WELCOME before the pending token is committed */
	MUTANT_WELCOME_EARLY,
	/* N4 and H5: records need not wait for control entries */
	MUTANT_CONTROL,
	/* one pending token for whoever greets */
	MUTANT_ONE_PENDING,
	/* a rebase may follow any place */
	MUTANT_RISE,
	/* WELCOME of any HELLO is taken */
	MUTANT_NONCE,
	/* a restored hub knows nothing of what it stored before */
	MUTANT_EVER,
	/* -- of the shells, in tests/sim -- */
	MUTANT_NO_FREEZE,  /* a restored hub releases at once */
	MUTANT_NO_JOURNAL, /* nothing outlives a restore of the hub */
	MUTANT_REPEATS,    /* a rebase says again what the hub has as a repetition */
	MUTANT_RETAINED,   /* retained follows the newest backup, not the oldest */
	/* -- of files and of the log -- */
	MUTANT_CHUNK_PROOF, /* the hub keeps whatever comes as a chunk */
	MUTANT_CHUNK_PLACE, /* and in whatever order */
	MUTANT_CHUNK_EARLY, /* it says that it has what it did not store yet */
	MUTANT_CHUNK_FIRST, /* chunks do not wait for entries */
	MUTANT_LOG_PROOF,   /* a log may go on as it likes */
	MUTANT_LOG_EARLY,   /* N6: a checkpoint is cosigned before it is stored */
	/* -- of several writers, in tests/sim -- */
	MUTANT_HEARD_ONE, /* the first writer that is heard ends RECOVERY */
	/* -- of what may be on the way -- */
	MUTANT_CREDIT, /* credit is not counted */
	MUTANT_WINDOW, /* all of the credit is used, however slow the line */
	/* -- of the shells -- */
	MUTANT_NOTICE, /* a change that came as a notice is not in the journal */
	/* -- of what is carried in bundles -- */
	MUTANT_CARRY_CONTROL, /* records do not wait for control entries */
	MUTANT_CARRY_PLACE,   /* what is there is not compared with what comes */
	MUTANT_CARRY_LOST,    /* a restored hub takes whatever fills the gap */
	MUTANT_CARRY_OWN,     /* a receipt is not looked for on the own chain */
	/* -- of a hub that went backwards -- */
	MUTANT_BACK_CLAIM,     /* a node's word is enough */
	MUTANT_BACK_SIGNATURE, /* a receipt that was not signed is */
	MUTANT_BACK_DEAF,      /* nothing tells it */
	MUTANT_CARRY_REACH, /* of a bundle that goes on from there, the end is not compared */
	MUTANT_COUNT
};

#ifdef WEIR_MUTANTS
bool lane_mutant_is(enum lane_mutant m);
#define LANE_MUTANT(m) lane_mutant_is(m)
#else
#define LANE_MUTANT(m) false
#endif

#endif
