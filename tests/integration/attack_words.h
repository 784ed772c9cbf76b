/* attack_words - bytes of a person, looked for in every table of a hub's vault.
 *
 * File:        name and hex, a line each, as erased.py writes it.
 * Always true: keys and opened values of all VAULT_TABLES are looked at; a row that does not
 *              open is an error: "none" is never said of what nobody could read. One row of
 *              META is passed over: "vault-format" is not sealed as rows are (vault.h).
 * Prints:      table, name and in how many rows, a line for each word that a table has.
 * Errors:      E_FORMAT the file; E_AUTH names the table; those of the store.
 */
#ifndef WEIR_ATTACK_WORDS_H
#define WEIR_ATTACK_WORDS_H

#include "tests/integration/attack_rows.h"

CHECKED enum err attack_words_find(struct attack_rows *rows, const char *path);

#endif
