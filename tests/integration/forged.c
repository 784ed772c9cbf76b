/* forged - a weir-hub that lies on its way to the ledger; for tests only, never installed.
 *
 * Linked with --wrap=link_call. WEIR_FORGE says what becomes of a signed act:
 *   replay  it is handed in twice; what is answered the second time counts
 *   bytes   the last byte of its body is another one than the one that was signed
 */
#include <stdlib.h>
#include <string.h>

#include "common/codec/bytes.h"
#include "common/net/call.h"
#include "common/net/link.h"

#include "hub/ipc.h"

enum err __real_link_call(
	struct link *l, struct view request, int64_t timeout_ms, struct link_message **ret);
enum err __wrap_link_call(
	struct link *l, struct view request, int64_t timeout_ms, struct link_message **ret);

static bool
is_act(struct view request)
{
	uint16_t verb = 0;
	struct cursor fields;
	return !call_read(request, &verb, &fields) && verb == LEDGER_SUBMIT;
}

static enum err
send_changed(struct link *l, struct view request, int64_t timeout_ms, struct link_message **ret)
{
	OWNED_BUF struct buf changed;
	buf_init(&changed, request.len);
	buf_add_view(&changed, request);
	changed.at[changed.len - 1] ^= 1;
	return __real_link_call(l, buf_view(&changed), timeout_ms, ret);
}

static enum err
send_twice(struct link *l, struct view request, int64_t timeout_ms, struct link_message **ret)
{
	OWNED(link_message) struct link_message *first = NULL;
	struct cursor fields;
	enum err e = __real_link_call(l, request, timeout_ms, &first);
	if (!e)
		e = call_read_answer(first->payload, &fields);
	return e ? e : __real_link_call(l, request, timeout_ms, ret);
}

enum err
__wrap_link_call(
	struct link *l, struct view request, int64_t timeout_ms, struct link_message **ret)
{
	const char *how = getenv("WEIR_FORGE");
	if (!how || !is_act(request))
		return __real_link_call(l, request, timeout_ms, ret);
	if (strcmp(how, "replay") == 0)
		return send_twice(l, request, timeout_ms, ret);
	return send_changed(l, request, timeout_ms, ret);
}
