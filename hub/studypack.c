#include "hub/studypack.h"

#include "hub/faultlist.h"

enum err
studypack_load(struct pack **ret, const char *dir, const char *otherwise)
{
	OWNED(faults) struct faults *faults = faults_new();
	enum err e = pack_load(ret, dir, faults);
	if (e != E_FORMAT || !faults->errors)
		return e;
	faultlist_print(faults);
	return fail(e, "%s: %zu faults; %s", dir, faults->errors, otherwise);
}
