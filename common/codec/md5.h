/* md5 - the digest that OpenRosa calls a file's hash; nothing of weir's own rests on it.
 *
 * Source:      RFC 1321, by OpenSSL's libcrypto. Two files with one MD5 can be made at will: it
 *              tells a client that a file has changed, never that it is the right one.
 */
#ifndef WEIR_MD5_H
#define WEIR_MD5_H

#include "common/codec/bytes.h"

#define MD5_TEXT_BYTES 33

/* 32 lower-case hex digits and a zero byte. E_IO where libcrypto has no MD5 (FIPS mode). */
CHECKED enum err md5_text(char ret[static MD5_TEXT_BYTES], struct view v);

#endif
