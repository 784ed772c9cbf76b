#include "hub/acts.h"

#include <string.h>

#include "common/base/clock.h"
#include "common/codec/text.h"
#include "common/trust/leaf.h"
#include "common/trust/statement.h"

#include "hub/audit.h"
#include "hub/record.h"

void
acts_leaf(struct leaf *ret, struct act_leaf_room *room, const struct act *a, const char *action)
{
	uint8_t id[ID_BYTES];
	crypto_random(id, sizeof(id));
	*ret = (struct leaf){.action = action, .t_s = leaf_minute_s(clock_wall_ms())};
	*room = (struct act_leaf_room){0};
	text_hex(room->id, id, sizeof(id));
	ret->id = room->id;
	if (a->by.id[0] == '\0')
		return;
	text_hex(room->key_id, a->by.sign_public, 8);
	text_hex(room->commit, a->digest, sizeof(a->digest));
	ret->actor = a->by.id;
	ret->role = a->role;
	ret->org = a->by.organisation;
	ret->key_id = room->key_id;
	ret->object_commit = room->commit;
	ret->request_id = a->id;
	ret->outcome = "done";
}

enum err
acts_leaf_person(struct leaf *ret, struct act_leaf_room *room, const struct act *a,
	const char *action, const struct record_person *person)
{
	uint8_t id[HASH_BYTES];
	enum err e = statement_id(id, a->signed_statement);
	acts_leaf(ret, room, a, action);
	text_hex(room->commit, id, sizeof(id));
	ret->object_type = "person";
	ret->request_id = NULL;
	if (person) {
		audit_person_commit(room->person, room->id, person->audit_key);
		ret->person_commit = room->person;
		ret->site = person->site;
	}
	return e;
}
