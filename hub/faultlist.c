#include "hub/faultlist.h"

#include <stdio.h>

#include "common/base/mem.h"
#include "common/codec/json.h"

#define MAX_JSON_BYTES ((size_t)4 << 20)

void
faultlist_print(const struct faults *f)
{
	for (size_t i = 0; i < f->count; i++) {
		OWNED_MEM char *line = faults_line(&f->items[i]);
		fprintf(f->items[i].warning ? stderr : stdout, "%s\n", line);
	}
	if (f->dropped)
		printf("and %zu more\n", f->dropped);
}

enum err
faultlist_print_json(const struct faults *f)
{
	OWNED_BUF struct buf out;
	struct json_out w;
	buf_init(&out, MAX_JSON_BYTES);
	json_begin(&w, &out);
	json_put_object(&w, NULL);
	json_put_array(&w, "faults");
	for (size_t i = 0; i < f->count; i++) {
		json_put_object(&w, NULL);
		json_put_text(&w, "file", f->items[i].file);
		json_put_int(&w, "row", (int64_t)f->items[i].row);
		json_put_text(&w, "column", f->items[i].column);
		json_put_text(&w, "reason", f->items[i].reason);
		json_put_bool(&w, "warning", f->items[i].warning);
		json_put_close(&w);
	}
	json_put_close(&w);
	json_put_int(&w, "errors", (int64_t)f->errors);
	json_put_close(&w);
	enum err e = json_end(&w, "faults");
	if (!e)
		printf("%.*s\n", (int)out.len, (const char *)out.at);
	return e;
}
