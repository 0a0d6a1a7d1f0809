/* api_html.c - text by strangers on its way into pages: cleaned, escaped, and read back out of HTML.
 *
 * The one idea: nearly all text is plain, so a table says which bytes need a look, and what needs none is the same string. It knows characters, not tags.
 */
#include "compartment/api.h"

#include <lauxlib.h>
#include <string.h>

#include "base/text.h"

/* What a byte needs. LEAD: may begin a character that is dropped. */
enum { PLAIN = 0, SPACE = 1, DROP = 2, LEAD = 4, QUOTED = 8 };

/* clang-format off */
static const unsigned char kinds[256] = {
    DROP,  DROP, DROP, DROP, DROP, DROP, DROP, DROP, DROP, SPACE, SPACE, DROP, DROP, DROP, DROP, DROP,
    DROP,  DROP, DROP, DROP, DROP, DROP, DROP, DROP, DROP, DROP,  DROP,  DROP, DROP, DROP, DROP, DROP,
    SPACE, PLAIN, ['"'] = QUOTED, ['&'] = QUOTED, ['\''] = QUOTED, ['<'] = QUOTED, ['>'] = QUOTED,
    [127] = DROP, [0xc2] = LEAD, [0xe2] = LEAD, [0xef] = LEAD,
};
/* clang-format on */

/* Length of the character at S that no page and no feed may hold, or 0: C1 controls, marks that turn the direction of
 * the text behind them, what XML has not. */
static size_t dropped(const unsigned char *s, size_t n) {
    if (s[0] == 0xc2) {
        return n >= 2 && s[1] >= 0x80 && s[1] <= 0x9f ? 2 : 0;
    }
    if (n < 3) {
        return 0;
    }
    if (s[0] == 0xef) {
        return s[1] == 0xbf && s[2] >= 0xbe && s[2] <= 0xbf ? 3 : 0;
    }
    bool embeds = s[1] == 0x80 && s[2] >= 0xaa && s[2] <= 0xae;
    bool isolates = s[1] == 0x81 && s[2] >= 0xa6 && s[2] <= 0xa9;
    return s[0] == 0xe2 && (embeds || isolates) ? 3 : 0;
}

static const char *entity(unsigned char c) {
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    default:
        return "&#39;";
    }
}

/* Eight bytes that are printable ASCII: none has its high bit, none is DEL or below a space. */
static bool printable(const unsigned char *s) {
    uint64_t w;
    memcpy(&w, s, sizeof w);
    return ((w | (w + 0x0101010101010101u) | (w - 0x2020202020202020u)) & 0x8080808080808080u) == 0;
}

static bool plain_eight(const unsigned char *s, unsigned what) {
    unsigned all = 0;
    for (int i = 0; i < 8; i++) {
        all |= kinds[s[i]];
    }
    return !(all & what);
}

/* How many bytes from S on need nothing of WHAT. */
static size_t plain(const unsigned char *s, size_t n, unsigned what) {
    size_t i = 0;
    while (i + 8 <= n && ((!(what & QUOTED) && printable(s + i)) || plain_eight(s + i, what))) {
        i += 8;
    }
    while (i < n && !(kinds[s[i]] & what)) {
        i++;
    }
    return i;
}

/* Append S without what is dropped; escaped where ESCAPES. */
static void add_clean(luaL_Buffer *b, const unsigned char *s, size_t n, bool escapes) {
    for (size_t i = 0; i < n;) {
        size_t run = plain(s + i, n - i, DROP | LEAD | (escapes ? QUOTED : 0));
        luaL_addlstring(b, (const char *)s + i, run);
        i += run;
        if (i == n) {
            return;
        }
        size_t gone = kinds[s[i]] == DROP ? 1 : kinds[s[i]] == LEAD ? dropped(s + i, n - i) : 0;
        if (!gone && kinds[s[i]] == QUOTED) {
            luaL_addstring(b, entity(s[i++]));
        } else if (!gone) {
            luaL_addchar(b, (char)s[i++]);
        }
        i += gone;
    }
}

static int cleaned(lua_State *L, bool escapes) {
    size_t n;
    const unsigned char *s = (const unsigned char *)luaL_checklstring(L, 1, &n);
    lua_settop(L, 1);
    if (plain(s, n, DROP | LEAD | (escapes ? QUOTED : 0)) == n) {
        return 1;
    }
    luaL_Buffer b;
    luaL_buffinit(L, &b);
    add_clean(&b, s, n, escapes);
    luaL_pushresult(&b);
    return 1;
}

static int html_clean(lua_State *L) {
    return cleaned(L, false);
}

static int html_escape(lua_State *L) {
    return cleaned(L, true);
}

/* ---- labels ---------------------------------------------------------------------------------------------------- */

static bool is_label(const unsigned char *s, size_t n) {
    if (n == 0 || s[0] == ' ' || s[n - 1] == ' ') {
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        if (kinds[s[i]] != PLAIN && (s[i] != ' ' || s[i + 1] == ' ')) {
            return false;
        }
    }
    return true;
}

/* Append S as one line, escaped; how much that was. */
static size_t add_label(luaL_Buffer *b, const unsigned char *s, size_t n) {
    size_t before = luaL_bufflen(b);
    bool gap = false;
    for (size_t i = 0; i < n;) {
        size_t gone = kinds[s[i]] == DROP ? 1 : kinds[s[i]] == LEAD ? dropped(s + i, n - i) : 0;
        if (gone || kinds[s[i]] == SPACE) {
            gap = gap || !gone;
            i += gone ? gone : 1;
            continue;
        }
        if (gap && luaL_bufflen(b) > before) {
            luaL_addchar(b, ' ');
        }
        gap = false;
        if (kinds[s[i]] == QUOTED) {
            luaL_addstring(b, entity(s[i]));
        } else {
            luaL_addchar(b, (char)s[i]);
        }
        i++;
    }
    return luaL_bufflen(b) - before;
}

/* html_label(s|nil [, otherwise]) -> text */
static int html_label(lua_State *L) {
    size_t n = 0;
    const char *s = luaL_optlstring(L, 1, "", &n);
    lua_settop(L, 2);
    if (is_label((const unsigned char *)s, n)) {
        lua_settop(L, 1);
        return 1;
    }
    luaL_Buffer b;
    luaL_buffinit(L, &b);
    if (add_label(&b, (const unsigned char *)s, n) == 0) {
        size_t len;
        const char *otherwise = luaL_optlstring(L, 2, "Untitled", &len);
        add_clean(&b, (const unsigned char *)otherwise, len, true);
    }
    luaL_pushresult(&b);
    return 1;
}

/* ---- strings of JavaScript ------------------------------------------------------------------------------------- */

/* Append the character at S as it may stand in a string that no HTML around it could end; its length in S. */
static size_t add_script_character(luaL_Buffer *b, const unsigned char *s, size_t n) {
    bool separates = n >= 3 && s[0] == 0xe2 && s[1] == 0x80 && (s[2] == 0xa8 || s[2] == 0xa9);
    size_t gone = kinds[s[0]] == DROP ? 1 : kinds[s[0]] == LEAD ? dropped(s, n) : 0;
    if (gone) {
        return gone;
    }
    if (separates || *s == '\t') {
        luaL_addchar(b, ' ');
        return separates ? 3 : 1;
    }
    if (*s == '"' || *s == '\\') {
        luaL_addchar(b, '\\');
    }
    if (*s == '\n') {
        luaL_addstring(b, "\\n");
    } else if (*s == '<' || *s == '>' || *s == '&') {
        luaL_addstring(b, *s == '<' ? "\\u003c" : *s == '>' ? "\\u003e" : "\\u0026");
    } else {
        luaL_addchar(b, (char)*s);
    }
    return 1;
}

static int html_script(lua_State *L) {
    size_t n = 0;
    const unsigned char *s = (const unsigned char *)luaL_optlstring(L, 1, "", &n);
    luaL_Buffer b;
    luaL_buffinit(L, &b);
    luaL_addchar(&b, '"');
    for (size_t i = 0; i < n;) {
        i += add_script_character(&b, s + i, n - i);
    }
    luaL_addchar(&b, '"');
    luaL_pushresult(&b);
    return 1;
}

/* ---- HTML as text ---------------------------------------------------------------------------------------------- */

struct reader {
    const char *s;
    size_t n;
    luaL_Buffer *out;
    size_t limit, added;
    bool gap, cut; /* CUT: the text goes on beyond LIMIT */
};

static void add_piece(struct reader *r, const char *piece, size_t n) {
    bool closes = n == 1 && *piece && strchr(".,;:!?)", *piece);
    if (r->gap && r->added > 0 && !closes && r->added < r->limit) {
        luaL_addchar(r->out, ' ');
        r->added++;
    }
    r->gap = false;
    r->cut = r->added + n > r->limit;
    if (!r->cut) {
        luaL_addlstring(r->out, piece, n);
        r->added += n;
    }
}

/* The character that the entity at S stands for; its length, 0: it is none, or has no end in what is read. */
static size_t read_entity(const char *s, size_t n, char *c) {
    static const struct {
        const char *text;
        char c;
    } known[] = {{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&#39;", '\''}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        size_t len = strlen(known[i].text);
        if (n >= len && memcmp(s, known[i].text, len) == 0) {
            *c = known[i].c;
            return len;
        }
    }
    return 0;
}

/* One tag, entity, space or character from AT on; where the next begins. */
static size_t read_on(struct reader *r, size_t at) {
    const char *s = r->s + at;
    size_t left = r->n - at;
    if (*s == '<') {
        const char *end = memchr(s, '>', left);
        r->gap = true;
        return end ? at + (size_t)(end - s) + 1 : r->n;
    }
    if (kinds[(unsigned char)*s] == SPACE || *s == '\r' || *s == '\v' || *s == '\f') {
        r->gap = true;
        return at + 1;
    }
    char c;
    size_t len = *s == '&' ? read_entity(s, left, &c) : 0;
    if (len) {
        add_piece(r, &c, 1);
        return at + len;
    }
    if (*s == '&' && !memchr(s, ';', left)) {
        return r->n;
    }
    text_utf8_next(s, left, &len);
    add_piece(r, s, len);
    return at + len;
}

/* html_text(html, limit) -> text: of HTML that we made, at most LIMIT bytes */
static int html_text(lua_State *L) {
    struct reader r = {.added = 0};
    r.s = luaL_checklstring(L, 1, &r.n);
    lua_Integer limit = luaL_checkinteger(L, 2);
    luaL_argcheck(L, limit >= 0, 2, "negative");
    luaL_Buffer b;
    luaL_buffinit(L, &b);
    r.out = &b;
    r.limit = (size_t)limit;
    for (size_t at = 0; at < r.n && !r.cut;) {
        at = read_on(&r, at);
    }
    luaL_pushresult(&b);
    return 1;
}

const struct api_row api_html_rows[] = {
    {"html_clean", html_clean, "(text) -> text", "without controls, marks that turn the direction, what XML has not"},
    {"html_escape", html_escape, "(text) -> text", "clean, and as content or a quoted attribute of HTML and XML"},
    {"html_label", html_label, "([text [, otherwise]]) -> text", "escaped as one line that is never empty"},
    {"html_script", html_script, "([text]) -> text", "as a string of JavaScript that may stand in HTML"},
    {"html_text", html_text, "(html, limit) -> text", "what HTML of ours says, at most LIMIT bytes of it"},
    {NULL, NULL, NULL, NULL},
};
