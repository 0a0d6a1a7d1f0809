/* api_host.c - asking the host, and what a task knows of itself.
 *
 * The one idea: every question is the same function. It encodes its parameters straight into the socket's buffer,
 * waits, and decodes the answer straight onto the stack; which methods there are is between the runtime and the host.
 */
#include "compartment/api.h"

#include <lauxlib.h>
#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/msgpack.h"
#include "base/text.h"
#include "compartment/globals.h"
#include "compartment/modules.h"
#include "compartment/sink.h"
#include "compartment/tasks.h"
#include "compartment/transfer.h"

enum { LINES_MAX = 1000, LOGGED_MAX = 256 * 1024, LINE_MAX_BYTES = 8 * 1024 };

/* The task that asks, or an error: a plugin's top level may only register. */
static struct task *asking_task(lua_State *L, const char *what) {
    struct vm *vm = vm_of(L);
    if (vm->loading) {
        fault_raise(L, "E_PLUGIN", "'%s' was called while the plugin was loading; its top level may only register",
                    what);
    }
    task_check(L);
    return vm->current;
}

/* ---- request --------------------------------------------------------------------------------------------------- */

/* "E_CODE: message" raised as an error of lectern. */
static int raise_answer(lua_State *L, const char *s, size_t n) {
    char code[24] = "E_INTERNAL";
    const char *colon = memmem(s, n, ": ", 2);
    if (colon && n > 2 && memcmp(s, "E_", 2) == 0 && (size_t)(colon - s) < sizeof code) {
        memcpy(code, s, (size_t)(colon - s));
        code[colon - s] = '\0';
        n -= (size_t)(colon + 2 - s);
        s = colon + 2;
    }
    fault_push(L, code, s, n, NULL);
    return lua_error(L);
}

static int answered(lua_State *L, int status, lua_KContext context) {
    (void)status;
    (void)context;
    task_check(L);
    struct task *t = vm_of(L)->current;
    struct unpack u = unpack_bytes(t->in.data, t->in.len);
    struct unpack_token error;
    if (unpack_next(&u, &error) != UNPACK_OK) {
        return luaL_error(L, "answer of the host is not MessagePack");
    }
    if (error.kind == UNPACK_STR) {
        return raise_answer(L, error.s, error.len);
    }
    if (error.kind != UNPACK_NIL) {
        return raise_answer(L, "the host refused", 16);
    }
    transfer_read(L, &u);
    return 1;
}

/* Send METHOD with the params at 2; the question's number. */
static int64_t send_request(lua_State *L, const char *method) {
    struct task *t = asking_task(L, method);
    struct buf *out = &vm_of(L)->link->out;
    size_t start = out->len;
    int64_t id = task_number(vm_of(L));
    lua_settop(L, 2);
    rpc_write_request(out, id, method);
    msgpack_write_array(out, 2);
    msgpack_write_int(out, t->call);
    if (!transfer_write_map(L, 2, out, method)) {
        transfer_undo(out, start);
        lua_error(L);
    }
    return id;
}

static int request(lua_State *L, const char *method) {
    int64_t id = send_request(L, method);
    vm_of(L)->current->waits_for = id;
    return task_wait(L, answered);
}

static int host_request(lua_State *L) {
    return request(L, luaL_checkstring(L, 1));
}

/* host.ask(method, params) -> number: the same without waiting; what it says is had by host.answer(number), once */
static int host_ask(lua_State *L) {
    const char *method = luaL_checkstring(L, 1);
    struct ahead *ahead = task_ahead(asking_task(L, method));
    if (!ahead) {
        return luaL_error(L, "'%s': too many questions at a time", method);
    }
    ahead->id = send_request(L, method);
    ahead->here = false;
    link_flush(vm_of(L)->link);
    lua_pushinteger(L, ahead->id);
    return 1;
}

static int host_answer(lua_State *L) {
    bool here;
    int64_t id = luaL_checkinteger(L, 1);
    if (!task_settle(asking_task(L, "answer"), id, &here)) {
        return luaL_error(L, "no such question");
    }
    return here ? answered(L, LUA_OK, 0) : task_wait(L, answered);
}

static int refuse_to_wait(lua_State *L, const char *what) {
    return fault_raise(L, "E_PLUGIN",
                       "'%s' cannot wait here: inside table.sort, string.gsub, a metamethod or another callback of a "
                       "library; call it outside and pass its result in",
                       what);
}

static int host_question(lua_State *L) {
    const char *method = luaL_checkstring(L, 1);
    if (!vm_can_yield(vm_of(L), L)) {
        return refuse_to_wait(L, method);
    }
    return request(L, method);
}

static int slept(lua_State *L, int status, lua_KContext context) {
    (void)status;
    (void)context;
    task_check(L);
    return 0;
}

static int host_sleep(lua_State *L) {
    lua_Number seconds = luaL_checknumber(L, 1);
    luaL_argcheck(L, seconds >= 0 && seconds <= 86400, 1, "0 to 86400 seconds");
    asking_task(L, "sleep");
    if (!vm_can_yield(vm_of(L), L)) {
        return refuse_to_wait(L, "sleep");
    }
    return task_sleep(L, (uint64_t)(seconds * 1e6), slept);
}

/* ---- notifications --------------------------------------------------------------------------------------------- */

/* Count one more line of N bytes; false when it is one too many. */
static bool line_allowed(struct task *t, size_t n) {
    t->lines++;
    t->logged += n;
    if (t->lines > LINES_MAX || t->logged > LOGGED_MAX) {
        t->lines = LINES_MAX + 1; /* said once, then silence */
        return false;
    }
    return true;
}

static void write_log(struct vm *vm, const char *level, const char *s, size_t n, lua_Integer line) {
    struct buf *out = &vm->link->out;
    rpc_write_notification(out, "log");
    msgpack_write_array(out, line > 0 ? 4 : 3);
    msgpack_write_int(out, vm->current->call);
    msgpack_write_str(out, level, strlen(level));
    msgpack_write_str(out, s, n);
    if (line > 0) {
        msgpack_write_int(out, line);
    }
    link_settle(vm->link);
}

static void log_line(lua_State *L, const char *level, const char *s, size_t n, lua_Integer line) {
    static const char rest[] = "(further lines of this call are dropped)";
    struct vm *vm = vm_of(L);
    struct task *t = vm->current;
    if (!t || t->lines > LINES_MAX) {
        return;
    }
    n = text_utf8_cut(s, n, LINE_MAX_BYTES);
    if (line_allowed(t, n)) {
        write_log(vm, level, s, n, line);
    } else {
        write_log(vm, "warn", rest, sizeof rest - 1, 0);
    }
    task_check(L);
}

static int host_log(lua_State *L) {
    static const char *const levels[] = {"debug", "info", "warn", "error", NULL};
    const char *level = levels[luaL_checkoption(L, 1, NULL, levels)];
    size_t n;
    const char *s = luaL_checklstring(L, 2, &n);
    log_line(L, level, s, n, luaL_optinteger(L, 3, 0));
    return 0;
}

/* print(...): to the host's messages; never to anybody's stdout. */
static int print(lua_State *L) {
    struct task *t = vm_of(L)->current;
    if (!t || t->lines > LINES_MAX) {
        return 0;
    }
    int n = lua_gettop(L);
    luaL_Buffer b;
    luaL_buffinit(L, &b);
    for (int i = 1; i <= n; i++) {
        if (i > 1) {
            luaL_addchar(&b, '\t');
        }
        globals_tostring(L, i, NULL);
        luaL_addvalue(&b);
    }
    luaL_pushresult(&b);
    size_t len;
    const char *s = lua_tolstring(L, -1, &len);
    log_line(L, "info", s, len, 0);
    return 0;
}

static int host_progress(lua_State *L) {
    lua_Number done = luaL_checknumber(L, 1);
    lua_Number total = luaL_optnumber(L, 2, 0);
    size_t n;
    const char *text = luaL_optlstring(L, 3, "", &n);
    struct task *t = asking_task(L, "progress");
    struct buf *out = &vm_of(L)->link->out;
    rpc_write_notification(out, "progress");
    msgpack_write_array(out, 4);
    msgpack_write_int(out, t->call);
    msgpack_write_float(out, done);
    msgpack_write_float(out, total);
    msgpack_write_str(out, text, text_utf8_cut(text, n, LINE_MAX_BYTES));
    link_settle(vm_of(L)->link);
    return 0;
}

/* ---- what a task knows ----------------------------------------------------------------------------------------- */

static int host_now(lua_State *L) {
    lua_pushinteger(L, clock_now_ms());
    return 1;
}

static int host_date(lua_State *L) {
    char text[CLOCK_TEXT];
    clock_rfc3339(luaL_optinteger(L, 1, clock_now_ms()), text);
    lua_pushlstring(L, text, strcspn(text, "T"));
    return 1;
}

static int host_where(lua_State *L) {
    return fault_where(L, (int)luaL_optinteger(L, 1, 1)) ? 2 : 0;
}

static int host_loading(lua_State *L) {
    lua_pushboolean(L, vm_of(L)->loading);
    return 1;
}

/* The job lives in the registry under the task's address; the task forgets it when it ends. */
static int host_job(lua_State *L) {
    struct task *t = vm_of(L)->current;
    if (lua_gettop(L) > 0) {
        lua_settop(L, 1);
        lua_rawsetp(L, LUA_REGISTRYINDEX, t);
        return 0;
    }
    lua_rawgetp(L, LUA_REGISTRYINDEX, t);
    return 1;
}

static int host_error(lua_State *L) {
    size_t n;
    const char *message = luaL_checklstring(L, 2, &n);
    fault_push(L, luaL_checkstring(L, 1), message, n, luaL_optstring(L, 3, NULL));
    return 1;
}

const struct api_row api_host_rows[] = {
    {"request", host_request, "(method, params) -> result", "ask the host and wait; params is a map"},
    {"ask", host_ask, "(method, params) -> number", "ask the host and go on; what it says is had by answer, once"},
    {"answer", host_answer, "(number) -> result", "wait for what was asked"},
    {"question", host_question, "(method, params) -> result",
     "the same for what may take long: only where waiting suspends"},
    {"sleep", host_sleep, "(seconds)", "suspend"},
    {"log", host_log, "(level, text)", "a line for the host's log: debug, info, warn, error"},
    {"progress", host_progress, "(done, total, text)", "how far the task is"},
    {"now", host_now, "() -> ms", "wall clock, milliseconds since 1970"},
    {"date", host_date, "([ms]) -> text", "YYYY-MM-DD, UTC"},
    {"where", host_where, "([level]) -> file, line", "the plugin's code that called"},
    {"loading", host_loading, "() -> boolean", "whether the plugin's top level runs"},
    {"job", host_job, "([job]) -> job", "the job of the current task; sets it where given"},
    {"error", host_error, "(code, message [, hint]) -> error", "an error of lectern, to be raised"},
    {NULL, NULL, NULL, NULL},
};

/* ---- the table ------------------------------------------------------------------------------------------------- */

static void add_rows(lua_State *L, const struct api_row *rows) {
    for (; rows->name; rows++) {
        lua_pushcfunction(L, rows->function);
        lua_setfield(L, -2, rows->name);
    }
}

void api_open(lua_State *L) {
    lua_pushcfunction(L, print);
    lua_setglobal(L, "print");
    api_text_open(L);
    lua_newtable(L);
    add_rows(L, api_host_rows);
    add_rows(L, api_html_rows);
    add_rows(L, api_text_rows);
    transfer_push_null(L);
    lua_setfield(L, -2, "null");
    transfer_open_batch(L);
    lua_setfield(L, -2, "batch");
    sink_open(L);
    lua_setfield(L, -2, "sink");
}
