/* ipc_review - what the desk asks of sync to renew the review key of the site (sync_review.h,
 * renewal.h), and the receipts of erasures. Fields as in ipc.h.
 *
 * SYNC_REVIEW  asks text who opened the desk;
 *              answer: u32 number in force, 32 public, u32 taken, u32 destroyed, u32 number
 *              that has to be in force for what was erased (0: any), blob box to the key in
 *              force over 32 random bytes, u8 1 there are keys to wrap again, u8 1 the numbers
 *              before may go (sync_review.h). `proof` below are
 *              these bytes, until they are asked for again: intake reaches sync, too, and no
 *              key is changed for who does not hold it. After a restore the key file may be
 *              ahead of the vault: then one SYNC_REVIEW_SET is taken without
 * SYNC_REVIEW_SET    asks 32 proof, u32 number, 32 public: in force from now on
 * SYNC_REVIEW_LIST   what is sealed for numbers before it. asks blob place ("" at first);
 *              answer: u32 count x (u8 kind, blob key, blob box), blob next place ("" no more)
 * SYNC_REVIEW_PUT    asks 32 proof, u32 count x (u8 kind, blob key, blob old box, blob new
 *              box); answer: u32 count that stood there still
 * SYNC_REVIEW_TAKEN  asks 32 proof, u32 number: all is sealed for it. The vault moves to a new
 *              file, and the old one goes. E_BUSY: list again
 * SYNC_REVIEW_GONE   asks 32 proof, u8 1 without a backup, u32 number: the secret halves before
 *              it are destroyed, and those whose parts had gone before are erased
 * SYNC_REVIEW_KEPT   a backup was made and checked. asks u32 number for which everything in it
 *              is sealed, 64 signature by the writer over these 4 bytes (format
 *              SYNC_REVIEW_KEPT_FORMAT); answer: empty
 * SYNC_REWRAP_LIST   keys of held records that are wrapped for a destroyed number of the
 *              study's intake key, and for the site (sync_rewrap.h). asks blob place ("" at
 *              first); answer: blob SignedManifest in force, u32 count x (blob place of the
 *              key, 16 participant, blob its wrap for the study, blob that for the site), blob
 *              next place ("" no more)
 * SYNC_REWRAP_PUT    asks 32 proof, u32 count x (blob place of the key, blob old wrap, blob new
 *              wrap); answer: u32 records of which something was replaced
 * SYNC_ERASE   delete the person that the hub's paper is about (sync_erase.h). asks blob paper,
 *              blob signature (both empty: only list); answer: u32 count, count x (text
 *              receipt JSON, 64 signature by the writer) of all that were ever deleted
 * SYNC_ERASED  the receipt of one erasure. asks 5 first bytes of the change's instance; answer:
 *              text paper, 64 signature, u8 1 it is the hub's with what this site signed in it,
 *              0 it is this site's alone
 */
#ifndef WEIR_NODE_IPC_REVIEW_H
#define WEIR_NODE_IPC_REVIEW_H

#include "node/ipc.h"

#define REVIEW_PROOF_BYTES      32
#define SYNC_REVIEW_KEPT_FORMAT "weir-review-kept-v1"

#endif
