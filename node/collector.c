#include "node/collector.h"

#include <string.h>

#include "common/codec/json.h"
#include "common/codec/text.h"

#define ADDRESS_MAX_BYTES  1024
#define SETTINGS_MAX_BYTES 4096
#define ADLER_MODULUS      65521u /* RFC 1950 */
#define STORED_MAX_BYTES   65535
#define EVEN_LIMIT         248 /* the largest multiple of 62 in a byte */

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

void
collector_token_make(char ret[static COLLECTOR_TOKEN_BYTES])
{
	size_t len = 0;
	while (len < COLLECTOR_TOKEN_LEN) {
		uint8_t random[COLLECTOR_TOKEN_LEN];
		crypto_random(random, sizeof(random));
		for (size_t i = 0; i < sizeof(random) && len < COLLECTOR_TOKEN_LEN; i++)
			if (random[i] < EVEN_LIMIT)
				ret[len++] = letters[random[i] % (sizeof(letters) - 1)];
		crypto_wipe(random, sizeof(random));
	}
	ret[len] = 0;
}

void
collector_token_hash(uint8_t ret[static HASH_BYTES], const char *token)
{
	crypto_hash_one(ret, "weir-token-v1", view_text(token));
}

enum err
collector_address(struct buf *out, const char *url, const char *token)
{
	size_t len = strlen(url);
	if (strncmp(url, "https://", 8) != 0 && strncmp(url, "http://", 7) != 0)
		return fail(
			E_FORMAT, "the address of the door begins with https:// or http://");
	if (len > ADDRESS_MAX_BYTES)
		return fail(E_FORMAT, "the address of the door is too long");
	while (len && url[len - 1] == '/')
		len--;
	buf_format(out, "%.*s/v1/key/%s/projects/1", (int)len, url, token);
	return buf_check(out, "address of the door");
}

enum err
collector_settings(struct buf *out, const char *address, const char *project)
{
	struct json_out w;
	json_begin(&w, out);
	json_put_object(&w, NULL);
	json_put_object(&w, "general");
	json_put_text(&w, "server_url", address);
	json_put_text(&w, "form_update_mode", "match_exactly");
	json_put_text(&w, "autosend", "wifi_and_cellular");
	json_put_close(&w);
	json_put_object(&w, "admin");
	json_put_close(&w);
	json_put_object(&w, "project");
	json_put_text(&w, "name", project);
	json_put_close(&w);
	json_put_close(&w);
	return json_end(&w, "settings of a collector");
}

static uint32_t
adler32(struct view v)
{
	uint32_t a = 1, b = 0;
	for (size_t i = 0; i < v.len; i++) {
		a = (a + v.at[i]) % ADLER_MODULUS;
		b = (b + a) % ADLER_MODULUS;
	}
	return b << 16 | a;
}

enum err
collector_code(char **ret, struct view settings)
{
	OWNED_BUF struct buf zlib;
	buf_init(&zlib, SETTINGS_MAX_BYTES);
	*ret = NULL;
	if (settings.len > MIN(SETTINGS_MAX_BYTES / 2, STORED_MAX_BYTES))
		return fail(E_FORMAT, "the settings are too long for a code");
	buf_u8(&zlib, 0x78); /* deflate, window of 32 KiB */
	buf_u8(&zlib, 0x01); /* makes the two bytes a multiple of 31 */
	buf_u8(&zlib, 0x01); /* the last block, stored */
	buf_u8(&zlib, (uint8_t)settings.len);
	buf_u8(&zlib, (uint8_t)(settings.len >> 8));
	buf_u8(&zlib, (uint8_t)~settings.len);
	buf_u8(&zlib, (uint8_t)(~settings.len >> 8));
	buf_add_view(&zlib, settings);
	buf_u32(&zlib, adler32(settings));
	enum err e = buf_check(&zlib, "settings of a collector");
	if (!e)
		*ret = text_base64(buf_view(&zlib));
	return e;
}
