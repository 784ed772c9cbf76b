/* pseudonym_of - who study codes stand for at a running node, and the key that decides it.
 *
 * pseudonym_of DIR CODE...: asks the node in DIR as its commands do. Prints the site's row key
 * and then a pseudonym for each code, in hex, a line each.
 */
#include <stdio.h>

#include "common/base/mem.h"
#include "common/codec/text.h"

#include "node/facts.h"

#define CODES_MOST 100

static void
print_hex(const uint8_t *bytes, size_t count)
{
	char hex[2 * HASH_BYTES + 1];
	text_hex(hex, bytes, count);
	printf("%s\n", hex);
}

int
main(int argc, char **argv)
{
	OWNED(client) struct client *sync = NULL;
	OWNED(facts) struct facts *facts = NULL;
	struct facts_person people[CODES_MOST];
	const size_t count = argc > 2 ? (size_t)argc - 2 : 0;
	if (count == 0 || count > CODES_MOST || crypto_init())
		return 2;
	enum err e = client_open(&sync, argv[1], "sync.sock");
	if (!e)
		e = facts_load(&facts, sync);
	if (!e)
		e = facts_people(sync, (const char *const *)argv + 2, count, people);
	if (e) {
		(void)fprintf(stderr, "pseudonym_of: %s\n", err_text());
		return 1;
	}
	print_hex(facts->site.row_key, sizeof(facts->site.row_key));
	for (size_t i = 0; i < count; i++)
		print_hex(people[i].participant, sizeof(people[i].participant));
	return 0;
}
