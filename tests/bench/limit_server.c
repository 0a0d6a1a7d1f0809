/* limit_server.c - the least a daemon can do for one command: accept, read a line, do it, answer, close.
 *
 *     limit_server SOCKET [DATABASE]
 *
 * A line "=CODE" is Lua, compiled and run in one state. A line "+TEXT" is a note: a row and its index entry, durable
 * before the answer. One client at a time and no event loop, so each command costs one wake each way.
 */
#include <lauxlib.h>
#include <lualib.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "limit_store.h"

enum { LONGEST = 64 * 1024 };

static lua_State *lua;
static sqlite3 *db;
static sqlite3_stmt *begin, *commit;
static struct limit_inserts inserts;
static char line[LONGEST];

static size_t evaluate(const char *code, size_t n) {
    size_t len;
    if (luaL_loadbufferx(lua, code, n, "=line", "t") == LUA_OK)
        lua_pcall(lua, 0, 1, 0);
    const char *text = luaL_tolstring(lua, -1, &len);
    if (len >= LONGEST)
        len = LONGEST - 1;
    memcpy(line, text, len);
    lua_settop(lua, 0);
    return len;
}

static size_t add_note(const char *text, size_t n) {
    struct limit_note note = {.path = "", .title = text, .title_len = (int)n, .body = text, .body_len = (int)n};
    limit_step(db, begin);
    limit_insert(db, &inserts, &note);
    limit_step(db, commit);
    return (size_t)snprintf(line, sizeof line, "%lld", (long long)sqlite3_last_insert_rowid(db));
}

static void serve(int fd) {
    size_t got = 0;
    while (got < LONGEST && !memchr(line, '\n', got)) {
        ssize_t n = read(fd, line + got, LONGEST - got);
        if (n <= 0)
            return;
        got += (size_t)n;
    }
    char *end = memchr(line, '\n', got);
    if (!end || end == line)
        return;
    size_t n = (size_t)(end - line) - 1;
    n = *line == '+' && db ? add_note(line + 1, n) : evaluate(line + 1, n);
    line[n++] = '\n';
    if (write(fd, line, n) != (ssize_t)n)
        return;
}

int main(int argc, char **argv) {
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    if (argc < 2 || argc > 3 || strlen(argv[1]) >= sizeof at.sun_path) {
        fputs("usage: limit_server SOCKET [DATABASE]\n", stderr);
        return 64;
    }
    signal(SIGPIPE, SIG_IGN);
    lua = luaL_newstate();
    luaL_openlibs(lua);
    if (argc == 3) {
        db = limit_open(argv[2]);
        inserts = limit_prepare_inserts(db);
        begin = limit_prepare(db, "begin immediate");
        commit = limit_prepare(db, "commit");
    }
    strcpy(at.sun_path, argv[1]);
    unlink(argv[1]);
    int listener = socket(AF_UNIX, SOCK_STREAM, 0);
    if (listener < 0 || bind(listener, (struct sockaddr *)&at, sizeof at) || listen(listener, 64)) {
        perror(argv[1]);
        return 73;
    }
    for (;;) {
        int fd = accept(listener, NULL, NULL);
        if (fd < 0)
            continue;
        serve(fd);
        close(fd);
    }
}
