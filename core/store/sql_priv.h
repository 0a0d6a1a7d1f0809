/* sql_priv.h - which SQL a stranger may run. Inside core/store only. */
#ifndef LECTERN_STORE_SQL_PRIV_H
#define LECTERN_STORE_SQL_PRIV_H

#include "store/db_priv.h"

extern const char *const sql_views[]; /* the documented views, up to NULL */

/* What the authorizer is given as context. */
struct sql_guard {
    const char *const *tables; /* every name in the schema, up to NULL */
    char denied[80];           /* what was refused last, for the message */
};
int sql_authorize(void *guard, int action, const char *one, const char *two, const char *database, const char *via);
/* Does TEXT define a common table expression with the name of a view? The authorizer could not tell the two apart. */
bool sql_shadows_view(const char *text);

#endif
