#include "common/trust/findings.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>

#include "common/base/mem.h"

#define STEP_COUNT     1024
#define TEXT_BYTES     512
#define JSON_MAX_BYTES ((size_t)1 << 20)

void
findings_done(struct findings *f)
{
	for (size_t i = 0; i < FINDINGS_KEPT_COUNT; i++)
		mem_drop(&f->kept[i]);
}

void
findings_add(struct findings *f, const char *format, ...)
{
	char text[TEXT_BYTES];
	va_list args;
	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (f->count < FINDINGS_KEPT_COUNT)
		f->kept[f->count] = xstrdup(text);
	f->count++;
}

void
findings_step(struct findings *f)
{
	f->looked++;
	if (f->progress && f->looked % STEP_COUNT == 0)
		f->progress(f->arg, f->looked);
}

enum err
findings_check(const struct findings *f)
{
	if (!f->count)
		return OK;
	if (f->count == 1)
		return fail(E_FORMAT, "%s", f->kept[0]);
	return fail(E_FORMAT, "%s; and %" PRIu64 " more", f->kept[0], f->count - 1);
}

static enum err
print_json(const struct findings *f)
{
	struct json_out w;
	OWNED_BUF struct buf scratch;
	buf_init(&scratch, JSON_MAX_BYTES);
	json_begin_stream(&w, &scratch, stdout);
	json_put_object(&w, NULL);
	json_put_int(&w, "rows", (int64_t)f->looked);
	json_put_int(&w, "count", (int64_t)f->count);
	json_put_array(&w, "findings");
	for (size_t i = 0; i < FINDINGS_KEPT_COUNT && f->kept[i]; i++)
		json_put_text(&w, NULL, f->kept[i]);
	json_put_close(&w);
	json_put_close(&w);
	return json_end(&w, "findings");
}

enum err
findings_print(const struct findings *f, bool json)
{
	if (json)
		return print_json(f);
	for (size_t i = 0; i < FINDINGS_KEPT_COUNT && f->kept[i]; i++)
		printf("%s\n", f->kept[i]);
	printf("%" PRIu64 " rows looked at, %" PRIu64 " findings\n", f->looked, f->count);
	return OK;
}
