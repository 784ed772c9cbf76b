#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "common/base/mem.h"
#include "common/codec/text.h"
#include "common/net/http_path.h"

#define OUT_MAX_BYTES ((size_t)1 << 20)

/* What a path gives is text that is written the same way again; a host that is fine has nothing
 * in it that could end a URL's authority. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	OWNED_BY(http_params_done) struct http_params p;
	OWNED_MEM char *path = xmemdup(size ? data : (const uint8_t *)"", size);
	if (http_host_is_fine(path))
		fuzz_must(!strpbrk(path, "/?#@\\ \"<>&"));
	if (http_path_match(&p, "/key/:token/form/:form/:version/media/:name", path))
		return 0;
	fuzz_must(p.count == 4 && http_params_value(&p, "name"));
	for (size_t i = 0; i < p.count; i++) {
		OWNED_BUF struct buf out;
		OWNED_MEM char *back = NULL;
		buf_init(&out, OUT_MAX_BYTES);
		fuzz_must(p.values[i][0] && text_is_utf8(view_text(p.values[i])));
		http_encode(&out, p.values[i]);
		fuzz_must(http_decode(&back, buf_view(&out)) == OK);
		fuzz_must(strcmp(back, p.values[i]) == 0);
	}
	return 0;
}
