/* fault.c - from an error value to a report.
 *
 * The one idea: the report is made in the message handler, while the stack of the error is still there, and into C
 * buffers, so that an error about memory can be reported too. Code of the runtime ("=lectern...") is not what a
 * plugin's author wants to see: positions skip it.
 */
#include "compartment/fault.h"

#include <lauxlib.h>
#include <stdarg.h>
#include <string.h>

#include "base/err.h"
#include "base/msgpack.h"
#include "base/text.h"

#define ERROR_CLASS "lectern.error"
enum { TRACE_LEVELS = 40 };

void fault_init(struct fault *f) {
    buf_init(&f->message);
    buf_init(&f->hint);
    buf_init(&f->at);
    buf_init(&f->trace);
    f->code[0] = '\0';
}

void fault_release(struct fault *f) {
    buf_release(&f->message);
    buf_release(&f->hint);
    buf_release(&f->at);
    buf_release(&f->trace);
}

void fault_clear(struct fault *f) {
    buf_clear(&f->message);
    buf_clear(&f->hint);
    buf_clear(&f->at);
    buf_clear(&f->trace);
    f->code[0] = '\0';
}

static void set_text(struct buf *b, const char *s, size_t n, size_t max) {
    buf_clear(b);
    buf_add(b, s, text_utf8_cut(s, n, max));
}

static void set_code(struct fault *f, const char *code) {
    size_t n = strlen(code);
    bool known = n < sizeof f->code && err_code_of(code, n) != E_INTERNAL && err_code_of(code, n) != E_OK;
    strcpy(f->code, known ? code : "E_PLUGIN");
}

void fault_set(struct fault *f, const char *code, const char *message, const char *hint) {
    set_code(f, code);
    set_text(&f->message, message, strlen(message), FAULT_MESSAGE_MAX);
    set_text(&f->hint, hint ? hint : "", hint ? strlen(hint) : 0, FAULT_MESSAGE_MAX);
}

/* ---- positions ------------------------------------------------------------------------------------------------- */

static bool of_runtime(const lua_Debug *ar) {
    return strncmp(ar->source, "=lectern", 8) == 0;
}

static const char *display(const lua_Debug *ar) {
    return *ar->source == '@' ? ar->source + 1 : ar->short_src;
}

static bool plugin_frame(lua_State *L, int level, lua_Debug *ar) {
    for (; lua_getstack(L, level, ar); level++) {
        lua_getinfo(L, "Sl", ar);
        if (ar->currentline > 0 && !of_runtime(ar)) {
            return true;
        }
    }
    return false;
}

bool fault_where(lua_State *L, int level) {
    lua_Debug ar;
    if (!plugin_frame(L, level, &ar)) {
        return false;
    }
    lua_pushstring(L, display(&ar));
    lua_pushinteger(L, ar.currentline);
    return true;
}

/* The name that a position at the start of a message may have, and how long it is: "x.lua:12: " of "x.lua:12: boo". */
static size_t position_length(const char *s, size_t n, const lua_Debug *ar) {
    size_t name = strlen(ar->short_src);
    if (n <= name + 3 || memcmp(s, ar->short_src, name) != 0 || s[name] != ':') {
        return 0;
    }
    size_t at = name + 1;
    while (at < n && s[at] >= '0' && s[at] <= '9') {
        at++;
    }
    return at > name + 1 && at + 1 < n && s[at] == ':' && s[at + 1] == ' ' ? at + 2 : 0;
}

/* Lua puts "short_src:line: " before messages. Takes the position off S when a function of the stack could have put it
 * there; a position in the plugin becomes f->at. Returns the bytes taken off. */
static size_t strip_position(lua_State *L, const char *s, size_t n, struct fault *f) {
    lua_Debug ar;
    for (int level = 0; level < TRACE_LEVELS && lua_getstack(L, level, &ar); level++) {
        lua_getinfo(L, "S", &ar);
        size_t taken = ar.what[0] == 'C' ? 0 : position_length(s, n, &ar);
        if (taken == 0) {
            continue;
        }
        if (!of_runtime(&ar)) {
            size_t name = strlen(ar.short_src);
            buf_clear(&f->at);
            buf_adds(&f->at, display(&ar));
            buf_add(&f->at, s + name, taken - 2 - name);
        }
        return taken;
    }
    return 0;
}

static void add_frame(struct buf *b, const lua_Debug *ar) {
    if (ar->what[0] == 'C') {
        buf_addf(b, "  [C] in '%.60s'\n", ar->name ? ar->name : "?");
        return;
    }
    buf_addf(b, "  %.200s:%d in ", display(ar), ar->currentline);
    if (*ar->what == 'm') {
        buf_adds(b, "the top level");
    } else if (ar->name) {
        buf_addf(b, "%s '%.60s'", *ar->namewhat ? ar->namewhat : "function", ar->name);
    } else {
        buf_addf(b, "the function of line %d", ar->linedefined);
    }
    buf_adds(b, ar->istailcall ? " (tail call)\n" : "\n");
}

static bool called_by_runtime(lua_State *L, int level) {
    lua_Debug caller;
    return !lua_getstack(L, level + 1, &caller) || (lua_getinfo(L, "S", &caller) && of_runtime(&caller));
}

/* Frames of the runtime and of C called by it are left out, so that the trace ends where the plugin began. */
static void add_trace(lua_State *L, int level, struct buf *b) {
    lua_Debug ar;
    for (; level < TRACE_LEVELS && b->len < FAULT_TRACE_MAX && lua_getstack(L, level, &ar); level++) {
        lua_getinfo(L, "Slnt", &ar);
        bool ours = ar.what[0] == 'C' ? !ar.name || called_by_runtime(L, level) : of_runtime(&ar);
        if (!ours) {
            add_frame(b, &ar);
        }
    }
}

/* ---- error values ---------------------------------------------------------------------------------------------- */

static void take_field(lua_State *L, int index, const char *name, struct buf *to, size_t max) {
    lua_pushstring(L, name);
    lua_rawget(L, index);
    size_t n;
    const char *s = lua_type(L, -1) == LUA_TSTRING ? lua_tolstring(L, -1, &n) : NULL;
    if (s) {
        set_text(to, s, n, max);
    }
    lua_pop(L, 1);
}

static void capture_table(lua_State *L, int index, struct fault *f) {
    take_field(L, index, "code", &f->message, sizeof f->code - 1);
    set_code(f, f->message.data);
    buf_clear(&f->message);
    take_field(L, index, "message", &f->message, FAULT_MESSAGE_MAX);
    take_field(L, index, "hint", &f->hint, FAULT_MESSAGE_MAX);
    take_field(L, index, "at", &f->at, ERR_AT_MAX);
}

/* The plugin's __tostring may do anything; a second error in it would call the handler again. */
static int safe_tostring(lua_State *L) {
    luaL_tolstring(L, 1, NULL);
    return 1;
}

static void capture_by_tostring(lua_State *L, int index, struct fault *f) {
    if (luaL_getmetafield(L, index, "__tostring") == LUA_TNIL) {
        buf_addf(&f->message, "a %s was raised as an error, without a message", luaL_typename(L, index));
        return;
    }
    lua_pop(L, 1);
    lua_pushcfunction(L, safe_tostring);
    lua_pushvalue(L, index);
    size_t n = 0;
    const char *s = lua_pcall(L, 1, 1, 0) == LUA_OK ? lua_tolstring(L, -1, &n) : "an error that cannot say what it is";
    set_text(&f->message, s, n ? n : strlen(s), FAULT_MESSAGE_MAX);
    lua_pop(L, 1);
}

static void capture_string(lua_State *L, int index, struct fault *f) {
    size_t n;
    const char *s = lua_tolstring(L, index, &n);
    size_t skip = strip_position(L, s, n, f);
    set_text(&f->message, s + skip, n - skip, FAULT_MESSAGE_MAX);
}

static void locate(lua_State *L, int level, struct fault *f) {
    lua_Debug ar;
    if (!f->at.len && plugin_frame(L, level, &ar)) {
        buf_addf(&f->at, "%.200s:%d", display(&ar), ar.currentline);
    }
    if (!f->trace.len) {
        add_trace(L, level, &f->trace);
    }
}

void fault_locate(lua_State *L, struct fault *f) {
    locate(L, 0, f);
}

void fault_capture(lua_State *L, int index, struct fault *f) {
    index = lua_absindex(L, index);
    fault_clear(f);
    set_code(f, "E_PLUGIN");
    if (!lua_checkstack(L, 8)) {
        buf_adds(&f->message, "stack overflow");
        return;
    }
    if (lua_type(L, index) == LUA_TSTRING) {
        capture_string(L, index, f);
    } else if (lua_type(L, index) == LUA_TTABLE) {
        capture_table(L, index, f);
    }
    if (!f->message.len) {
        capture_by_tostring(L, index, f);
    }
    locate(L, 1, f); /* level 0 is the message handler */
}

/* ---- the response ---------------------------------------------------------------------------------------------- */

static void write_pair(struct buf *out, const char *key, const struct buf *text) {
    msgpack_write_str(out, key, strlen(key));
    if (text_utf8_valid(text->data, text->len) == text->len) {
        msgpack_write_str(out, text->data, text->len);
        return;
    }
    struct buf safe = BUF_INIT;
    text_safe(&safe, text->data, text->len, true);
    msgpack_write_str(out, safe.data, safe.len);
    buf_release(&safe);
}

/* The string in the error slot is one line, safe to print. */
static void write_line(const struct fault *f, struct buf *out) {
    struct buf line = BUF_INIT;
    buf_addf(&line, "%s: ", f->code);
    text_safe(&line, f->message.data, f->message.len, false);
    msgpack_write_str(out, line.data, text_utf8_cut(line.data, line.len, FAULT_MESSAGE_MAX));
    buf_release(&line);
}

void fault_write(const struct fault *f, int64_t id, struct buf *out) {
    msgpack_write_array(out, 4);
    msgpack_write_int(out, RPC_RESPONSE);
    msgpack_write_int(out, id);
    write_line(f, out);
    msgpack_write_map(out, 5);
    write_pair(out, "message", &f->message);
    msgpack_write_str(out, "code", 4);
    msgpack_write_str(out, f->code, strlen(f->code));
    write_pair(out, "hint", &f->hint);
    write_pair(out, "at", &f->at);
    write_pair(out, "trace", &f->trace);
}

/* ---- lectern's own errors -------------------------------------------------------------------------------------- */

void fault_push(lua_State *L, const char *code, const char *message, size_t n, const char *hint) {
    lua_createtable(L, 0, 4);
    lua_pushlstring(L, message, n);
    lua_setfield(L, -2, "message");
    lua_pushstring(L, code);
    lua_setfield(L, -2, "code");
    if (hint && *hint) {
        lua_pushstring(L, hint);
        lua_setfield(L, -2, "hint");
    }
    if (fault_where(L, 0)) {
        lua_pushfstring(L, "%s:%d", lua_tostring(L, -2), (int)lua_tointeger(L, -1));
        lua_setfield(L, -4, "at");
        lua_pop(L, 2);
    }
    luaL_setmetatable(L, ERROR_CLASS);
}

int fault_raise(lua_State *L, const char *code, const char *format, ...) {
    char text[ERR_MESSAGE_MAX];
    va_list ap;
    va_start(ap, format);
    int n = vsnprintf(text, sizeof text, format, ap);
    va_end(ap);
    size_t len = n < 0 ? 0 : (size_t)n < sizeof text ? (size_t)n : sizeof text - 1;
    fault_push(L, code, text, text_utf8_cut(text, len, len), NULL);
    return lua_error(L);
}

/* "file:line: message", as an error string of Lua would read. */
static int error_tostring(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_getfield(L, 1, "at");
    lua_getfield(L, 1, "message");
    if (lua_isstring(L, -2) && lua_isstring(L, -1)) {
        lua_pushfstring(L, "%s: %s", lua_tostring(L, -2), lua_tostring(L, -1));
    } else if (!lua_isstring(L, -1)) {
        lua_pushliteral(L, "error");
    }
    return 1;
}

/* Old habits: "could not: " .. err */
static int error_concat(lua_State *L) {
    luaL_tolstring(L, 1, NULL);
    luaL_tolstring(L, 2, NULL);
    lua_concat(L, 2);
    return 1;
}

void fault_open(lua_State *L) {
    static const luaL_Reg methods[] = {{"__tostring", error_tostring}, {"__concat", error_concat}, {NULL, NULL}};
    luaL_newmetatable(L, ERROR_CLASS);
    luaL_setfuncs(L, methods, 0);
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_pop(L, 1);
}
