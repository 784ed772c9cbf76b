/* holders - who opens the study key, changed by two of those who do.
 *
 * Act:         keeper-holders {"holders":[id, ...],"reason","study_public"}, statement id
 *              "holders": all holders as they are to be (two to seven, in rising order of their
 *              ids), and the study key (hex) that they hold now, so that nothing agreed before
 *              a change is carried out after it. The first holder proposes, another one's
 *              statement over the same bytes agrees; then the keeper carries it out.
 * Row:         META "holders" -> version u8 | u8 1 proposed, 2 agreed | blob body | blob
 *              SignedStatement | blob the other's (empty while it is proposed)
 * Always true: the ledger agrees to nobody who has not the role holder or is out of office;
 *              the keeper looks at statements, cards and present holders itself, with the
 *              study root alone, and it takes the study secret, which two holders opened.
 * Errors:      E_DENIED, E_NOTFOUND, E_CONFLICT, E_FORMAT in words; those of vault.h.
 */
#ifndef WEIR_HUB_HOLDERS_H
#define WEIR_HUB_HOLDERS_H

#include "hub/acts.h"
#include "hub/keeperkey.h"

#define HOLDERS_KIND           "keeper-holders"
#define HOLDERS_ID             "holders"
#define HOLDERS_BODY_MAX_BYTES 4096

struct holders_body {
	char id[KEEPERKEY_HOLDERS_COUNT][ROW_ID_BYTES];
	size_t count;
	char reason[ROW_TEXT_BYTES];
	uint8_t study_public[BOX_PUBLIC_BYTES];
};
/* Rising order of the ids, as an act has them. */
void holders_sort(struct holders_body *b);
CHECKED enum err holders_write(struct buf *out, const struct holders_body *b);
/* Who holds the key of the hub in this directory now, in rising order of their ids; a reason is
 * none. */
CHECKED enum err holders_read(struct holders_body *ret, const char *dir);
/* gives a line where so few hold it that one lost passphrase ends the study key, with the
 * command that lets another one hold it; "" where they are enough, or there is no key yet. */
char *holders_warning(const char *dir);

/* Act. */
CHECKED enum err holders_agree(struct hub *h, const struct act *a, struct buf *reply);

/* What two present holders agreed on, as the keeper sees it; all lent. */
struct holders_known {
	const char *dir; /* of the hub */
	const char *study;
	const uint8_t *root_public;
	struct vault_txn *txn;
};
/* Their box keys come from cards that the root signed. The names in list are lent by body. */
struct holders_agreed {
	struct holders_body body;
	struct keeperkey_holder list[KEEPERKEY_HOLDERS_COUNT];
};
CHECKED enum err holders_check(const struct holders_known *known, struct holders_agreed *ret);

#endif
