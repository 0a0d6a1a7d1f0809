/* functions_priv.h - SQL functions of ours, on every connection: lectern_words(text, " key "), lectern_regex(pattern,
 * text), lectern_inside(folded, text, ...), lectern_key (keys_priv.h), and SQLite's own instr, replace and trim in
 * linear time. */
#ifndef LECTERN_STORE_FUNCTIONS_PRIV_H
#define LECTERN_STORE_FUNCTIONS_PRIV_H

#include <sqlite3.h>
#include <stdbool.h>

int functions_add(sqlite3 *handle); /* all of them; an SQLite code */
int functions_add_rank(fts5_api *api);
int functions_add_tokenizer(fts5_api *api);
void keys_function(sqlite3_context *context, int argc, sqlite3_value **argv); /* see keys_priv.h */
int functions_add_text(sqlite3 *handle);                                      /* those that stand in for SQLite's own */

#endif
