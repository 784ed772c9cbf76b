#include "node/effect.h"

#include <string.h>

#define OBJECTION     "objection"
#define CAPACITY_LOST "capacity-lost"
#define ERASE         "erase"
#define UNTIL_ADVISED                                                                          \
	"Answers already given stay stored and are in no table until a consultee has advised."

static bool
permits(const struct wire_consent *c, const char *code)
{
	for (size_t i = 0; i < c->permission_count; i++)
		if (strcmp(c->permissions[i].code, code) == 0)
			return c->permissions[i].permit;
	return false;
}

static struct effect
objection(const struct pack *pack)
{
	static const char stays[] =
		"Answers already given stay in the study until the objection has been looked "
		"at.";
	const bool is_less = pack->objection == PACK_OBJECTION_CONTACT ||
			     pack->objection == PACK_OBJECTION_COLLECTION;
	return is_less ? (struct effect){"no-more-collection", stays}
		       : (struct effect){OBJECTION, NULL};
}

static struct effect
incapable(const struct pack *pack, const struct wire_consent *before)
{
	if (pack->incapable == PACK_INCAPABLE_STAYS)
		return (struct effect){
			CAPACITY_LOST, "Answers already given stay in the study."};
	if (pack->incapable != PACK_INCAPABLE_AS_PERMITTED)
		return (struct effect){CAPACITY_LOST, NULL};
	return permits(before, "retain-after-loss-of-capacity")
		       ? (struct effect){CAPACITY_LOST,
				 "Answers already given stay in the study: the person had "
				 "permitted that for this case."}
		       : (struct effect){"no-further-use", UNTIL_ADVISED};
}

const char *
effect_unused(const char *level, enum outlook outlook)
{
	if (outlook == OUTLOOK_COUNTED || strcmp(level, ERASE) == 0)
		return NULL;
	if (outlook == OUTLOOK_IN_NO_TABLE)
		return "Answers already given stay stored and are in no table, as before this "
		       "change.";
	if (strcmp(level, CAPACITY_LOST) == 0)
		return UNTIL_ADVISED;
	if (strcmp(level, WIRE_LEVEL_DIED) == 0)
		return "Answers already given stay stored and are in no table that is made "
		       "from now on.";
	return NULL;
}

struct effect
effect_of(const struct pack *pack, const struct wire_consent *before, const char *level)
{
	if (strcmp(level, OBJECTION) == 0)
		return objection(pack);
	if (strcmp(level, CAPACITY_LOST) == 0)
		return incapable(pack, before);
	return (struct effect){level, NULL};
}
