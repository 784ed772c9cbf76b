/* unsealed - a weir-node that leaves answers as they are; for tests only, never installed.
 *
 * Linked with --wrap=seal_answers: the byte search has to find such a program out.
 */
#include "common/trust/seal.h"

enum err __wrap_seal_answers(struct buf *out, struct view content,
	const struct seal_context *context, struct secret *key);

enum err
__wrap_seal_answers(struct buf *out, struct view content, const struct seal_context *context,
	struct secret *key)
{
	(void)context;
	(void)key;
	buf_add_view(out, content);
	return buf_check(out, "answers");
}
