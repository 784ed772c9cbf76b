/* answer - one question to the ledger while it is answered; the table of them is answers.h. */
#ifndef WEIR_HUB_ANSWER_H
#define WEIR_HUB_ANSWER_H

#include "common/codec/json.h"

#include "hub/answers.h"

struct answer {
	const struct answers *from;
	struct vault_txn *txn;
	const struct json *args;
	struct json_out out; /* an object */
};

#endif
