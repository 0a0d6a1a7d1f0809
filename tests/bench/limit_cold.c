/* limit_cold.c - the least a command without a daemon can do: a Lua state with its libraries, a database opened and
 * asked.
 *
 *     limit_cold DATABASE
 */
#include <lauxlib.h>
#include <lualib.h>
#include <sqlite3.h>

int main(int argc, char **argv) {
    sqlite3 *db;
    sqlite3_stmt *s;
    if (argc != 2)
        return 64;
    lua_State *lua = luaL_newstate();
    luaL_openlibs(lua);
    if (luaL_dostring(lua, "return 1 + 1"))
        return 70;
    if (sqlite3_open(argv[1], &db) != SQLITE_OK)
        return 74;
    if (sqlite3_prepare_v2(db, "select count(*) from sqlite_schema", -1, &s, NULL) != SQLITE_OK)
        return 74;
    return sqlite3_step(s) == SQLITE_ROW ? 0 : 74;
}
