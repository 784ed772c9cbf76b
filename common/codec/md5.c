#include "common/codec/md5.h"

#include <openssl/evp.h>

#include "common/codec/text.h"

enum err
md5_text(char ret[static MD5_TEXT_BYTES], struct view v)
{
	uint8_t digest[EVP_MAX_MD_SIZE];
	unsigned len = 0;
	ret[0] = '\0';
	if (EVP_Digest(v.at, v.len, digest, &len, EVP_md5(), NULL) != 1 ||
		2 * len + 1 != MD5_TEXT_BYTES)
		return fail(E_IO, "libcrypto has no MD5 here");
	text_hex(ret, digest, len);
	return OK;
}
