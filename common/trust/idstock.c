#include "common/trust/idstock.h"

#include <string.h>

void
idstock_take(uint8_t ret[static ID_BYTES], struct idstock *s)
{
	if (s->left == 0) {
		crypto_random(s->at, sizeof(s->at));
		s->left = IDSTOCK_COUNT;
	}
	s->left--;
	memcpy(ret, s->at[s->left], ID_BYTES);
	crypto_wipe(s->at[s->left], ID_BYTES);
}
