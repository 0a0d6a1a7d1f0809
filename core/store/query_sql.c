/* query_sql.c - a query tree to one SQL condition with bound values.
 *
 * The one idea: words become as few FTS5 expressions as possible, fields become the SQL of query_fields.c with their
 * tests filled in, and no byte of the query itself is ever SQL. A leaf binds a form of its value once, however often
 * it is tested.
 */
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "store/grams_priv.h"
#include "store/names_priv.h"
#include "store/query_priv.h"
#include "store/read_priv.h"

enum { MATCH_DEPTH = 16, SQL_DEPTH = 6, SQL_ROOM = 160 * 1024, BUNDLE = 16, QUERY_HAS_MAX = 64 };

struct compiler {
    struct db *db;
    int target;
    struct arena *arena;
    struct query_sql *out;
    struct err *err;
    int depth;   /* of operators around us in this SELECT */
    bool ranked; /* rows come from the index, one by one, and are only looked up in sets: none of these may lead */
};

static void add(struct compiler *c, const char *sql) {
    buf_adds(&c->out->sql, sql);
}

void query_release(struct query_sql *qs) {
    buf_release(&qs->sql);
    buf_release(&qs->with);
}

bool query_is_plain(const struct query_sql *qs) {
    return qs->match && strcmp(qs->sql.data, "(1)") == 0;
}

int query_bind(struct query_sql *qs, struct arena *a, struct value v) {
    value_push(a, &qs->binds, v);
    return (int)qs->binds.len;
}

void query_bind_all(const struct query_sql *qs, sqlite3_stmt *st) {
    for (uint32_t i = 0; i < qs->binds.len; i++) {
        const struct value *v = &qs->binds.items[i];
        switch ((enum value_kind)v->kind) {
        case VALUE_INT:
            bind_int(st, (int)i + 1, v->i);
            break;
        case VALUE_FLOAT:
            bind_real(st, (int)i + 1, v->f);
            break;
        case VALUE_STR:
            bind_text(st, (int)i + 1, v->s, v->len);
            break;
        case VALUE_BIN:
            bind_blob(st, (int)i + 1, v->s, v->len);
            break;
        default:
            bind_text(st, (int)i + 1, NULL, 0);
        }
    }
}

/* ---- fields ---------------------------------------------------------------------------------------------------- */

/* SELECT of the talks, or of the notes, that have it by themselves; false where there is none. */
static bool add_own(struct compiler *c, struct query_leaf *l, const struct query_field *f, int type) {
    const char *set = type == ENTITY_TALK ? f->talks : f->notes;
    if (set) {
        query_expand(c->out, c->arena, l, set);
    } else if (f->rows[type]) {
        add(c, type == ENTITY_TALK ? "SELECT t.n FROM t_talk t WHERE " : "SELECT t.n FROM t_note t WHERE ");
        query_expand(c->out, c->arena, l, f->rows[type]);
    }
    return set || f->rows[type];
}

static bool has_own(const struct query_field *f, int type) {
    return (type == ENTITY_TALK ? f->talks : f->notes) || f->rows[type];
}

/* One more SELECT in a union: BEFORE, the set, AFTER. */
static void add_set(struct compiler *c, struct query_leaf *l, const struct query_field *f, int type, const char *before,
                    const char *after, bool *first) {
    if (!has_own(f, type)) {
        return;
    }
    add(c, *first ? "" : " UNION ALL ");
    *first = false;
    add(c, before);
    add_own(c, l, f, type);
    add(c, after);
}

#define TALKS_OF "SELECT talk FROM note_talk WHERE note IN ("
#define NOTES_OF "SELECT note FROM note_talk WHERE talk IN ("

/* The union of what talks and notes give to the target; false where nothing does. */
static bool add_union(struct compiler *c, struct query_leaf *l, const struct query_field *f) {
    bool first = true;
    switch (c->target) {
    case ENTITY_TALK:
        add_set(c, l, f, ENTITY_TALK, "SELECT * FROM (", ")", &first);
        if (f->flags & QUERY_TALKS_TOO) {
            add_set(c, l, f, ENTITY_NOTE, TALKS_OF, ")", &first);
        }
        break;
    case ENTITY_NOTE:
    case QUERY_DOCS:
        add_set(c, l, f, ENTITY_NOTE, "SELECT * FROM (", ")", &first);
        if (f->flags & QUERY_NOTES_TOO) {
            add_set(c, l, f, ENTITY_TALK, NOTES_OF, ")", &first);
        }
        if (c->target == QUERY_DOCS) {
            add_set(c, l, f, ENTITY_TALK, "SELECT * FROM (", ")", &first);
        }
        break;
    case ENTITY_EVENT:
        add_set(c, l, f, ENTITY_TALK, "SELECT event FROM t_talk WHERE n IN (", ")", &first);
        add_set(c, l, f, ENTITY_NOTE, "SELECT event FROM t_note WHERE n IN (", ")", &first);
        break;
    case ENTITY_SESSION:
        add_set(c, l, f, ENTITY_TALK, "SELECT session FROM t_talk WHERE n IN (", ")", &first);
        break;
    case ENTITY_PERSON:
        add_set(c, l, f, ENTITY_TALK, "SELECT person FROM t_appearance WHERE n IN (", ")", &first);
        add_set(c, l, f, ENTITY_NOTE, "SELECT person FROM t_appearance WHERE n IN (", ")", &first);
        add_set(c, l, f, ENTITY_NOTE, "SELECT author FROM t_note WHERE n IN (", ")", &first);
        break;
    case OBJECT_TAG:
        add_set(c, l, f, ENTITY_TALK, "SELECT tag FROM tagging WHERE n IN (", ")", &first);
        add_set(c, l, f, ENTITY_NOTE, "SELECT tag FROM tagging WHERE n IN (", ")", &first);
        break;
    case ENTITY_SOURCE:
        add_set(c, l, f, ENTITY_TALK, "SELECT source FROM origin WHERE n IN (", ")", &first);
        add_set(c, l, f, ENTITY_NOTE, "SELECT source FROM origin WHERE n IN (", ")", &first);
        break;
    default:
        break;
    }
    return !first;
}

/* To SQLite a plus hides what a column could be good for. */
static const char *row_of(const struct compiler *c) {
    return c->ranked ? "+t.rowid IN " : "t.rowid IN ";
}

static void add_field(struct compiler *c, struct query_leaf *l, const struct query_field *f) {
    unsigned inherits = c->target == ENTITY_TALK ? QUERY_TALKS_TOO : c->target == ENTITY_NOTE ? QUERY_NOTES_TOO : 0;
    if (c->target < OBJECT_TYPES && f->rows[c->target] && !(f->flags & inherits)) {
        query_expand(c->out, c->arena, l, f->rows[c->target]);
        return;
    }
    size_t start = c->out->sql.len;
    add(c, row_of(c));
    add(c, "(");
    if (c->target == QUERY_DOCS && f->docs) {
        query_expand(c->out, c->arena, l, f->docs);
    } else if (!add_union(c, l, f)) {
        c->out->sql.len = start;
        add(c, "0");
        return;
    }
    add(c, ")");
}

/* ---- the index ------------------------------------------------------------------------------------------------- */

static bool has_index(const struct compiler *c) {
    return c->target == ENTITY_TALK || c->target == ENTITY_NOTE || c->target == QUERY_DOCS;
}

/* Does the index find this text as one would expect? */
static bool is_indexed(const struct compiler *c, const struct query *q) {
    return has_index(c) && (q->node == QUERY_WORD || q->node == QUERY_PHRASE || q->node == QUERY_PREFIX) &&
           !query_is_run(q->text) && query_has_token(c->db, q->text);
}

/* Is all of Q words that the index finds, joined by AND and OR? */
static bool is_match(const struct compiler *c, const struct query *q, int depth) {
    if (q->node != QUERY_AND && q->node != QUERY_OR) {
        return is_indexed(c, q);
    }
    int left = depth + (q->left->node != q->node);
    int right = depth + (q->right->node != q->node);
    return depth < MATCH_DEPTH && is_match(c, q->left, left) && is_match(c, q->right, right);
}

/* The start of a condition that the index matches EXPRESSION, up to its last parenthesis. A talk is found by its
 * notes. */
static void add_match(struct compiler *c, const struct buf *expression) {
    add(c, row_of(c));
    add(c, c->target == ENTITY_TALK ? "(SELECT coalesce(x.talk, f.rowid) FROM fts f LEFT JOIN note_talk x ON x.note = "
                                      "f.rowid WHERE f.fts MATCH "
                                    : "(SELECT f.rowid FROM fts f WHERE f.fts MATCH ");
    buf_addf(&c->out->sql, "?%d",
             query_bind(c->out, c->arena, value_strn(c->arena, expression->data, expression->len)));
}

static void add_words(struct compiler *c, const struct query *q) {
    struct buf expression = BUF_INIT;
    query_match(&expression, q);
    add_match(c, &expression);
    add(c, ")");
    buf_release(&expression);
}

/* Documents with the text of Q anywhere in COLUMNS of doc. Few can have it: they have all its pieces, or none yet. */
static void add_inside(struct compiler *c, const struct query *q, const char *columns) {
    static const char of_notes[] = "t.rowid IN (SELECT coalesce(x.talk, e.n) FROM entity e LEFT JOIN note_talk x ON "
                                   "x.note = e.n WHERE e.n IN ";
    bool talks = c->target == ENTITY_TALK;
    struct buf folded = BUF_INIT, pieces = BUF_INIT;
    text_fold(&folded, q->text, strlen(q->text));
    grams_match(&pieces, q->text, strlen(q->text));
    buf_addf(&c->out->sql, "%s(", talks ? of_notes : row_of(c));
    if (pieces.len) {
        buf_addf(&c->out->sql, "SELECT rowid FROM grams WHERE grams MATCH ?%d UNION ALL ",
                 query_bind(c->out, c->arena, value_strn(c->arena, pieces.data, pieces.len)));
    }
    buf_addf(&c->out->sql,
             "SELECT n FROM entity WHERE type IN (0, 1) AND n > %s) AND EXISTS (SELECT 1 FROM doc d WHERE d.n = %s AND "
             "lectern_inside(?%d,%s))%s",
             pieces.len ? "(SELECT n FROM grams_upto)" : "0", talks ? "e.n" : "t.rowid",
             query_bind(c->out, c->arena, value_strn(c->arena, folded.data, folded.len)), columns, talks ? ")" : "");
    buf_release(&folded);
    buf_release(&pieces);
}

static bool is_text(const struct query *q) {
    return q->node == QUERY_WORD || q->node == QUERY_PHRASE || q->node == QUERY_PREFIX || q->node == QUERY_INSIDE;
}

/* Words in one column. The title of a note about several talks is also all of theirs: those are looked at
 * themselves. */
static void add_column(struct compiler *c, struct query_leaf *l, const struct query_field *f) {
    struct buf expression = BUF_INIT;
    buf_addf(&expression, "{%s} : ", f->name);
    query_match(&expression, l->value);
    add_match(c, &expression);
    buf_release(&expression);
    if (c->target == ENTITY_TALK && strcmp(f->name, "title") == 0) {
        add(c, " AND (x.talk IS NULL OR (SELECT count(*) FROM note_talk y WHERE y.note = x.note) = 1 OR "
               "EXISTS (SELECT 1 FROM t_talk k WHERE k.n = x.talk AND ");
        query_expand(c->out, c->arena, l, "{words k.title}");
        add(c, "))");
    }
    add(c, ")");
}

/* ---- the tree -------------------------------------------------------------------------------------------------- */

static const struct query_field *named_field(struct compiler *c, struct query_leaf *l, const char *field) {
    const struct query_field *f = query_field_of(query_has, l->value->text, strlen(l->value->text));
    if (!f && strcmp(field, "is") == 0) {
        return query_field_of(query_fields, "kind", 4); /* is:keynote */
    }
    if (!f && c->err->code == E_OK) {
        const char *names[QUERY_HAS_MAX];
        size_t count = 0;
        for (const struct query_field *h = query_has; h->name && count < QUERY_HAS_MAX; h++) {
            names[count++] = h->name;
        }
        const char *near = text_nearest(l->value->text, names, count);
        query_refuse(l->value, "is nothing that can be had",
                     near ? arena_printf(c->arena, "did you mean 'has:%s'?", near)
                          : "has:note, has:question, has:award, has:conflict, has:slides ...; see lectern help query",
                     c->err);
    }
    return f;
}

/* The field of a node; what its name goes on with is the leaf's. */
static const struct query_field *field_of(const struct query *q, struct query_leaf *l) {
    const char *dot = strchr(q->field, '.');
    l->name = dot ? dot + 1 : NULL;
    return query_field_of(query_fields, q->field, dot ? (size_t)(dot - q->field) : strlen(q->field));
}

static bool is_type(const struct query *value) {
    static const char *const names[] = {"talk", "note", "event", "session", "person", "source", "tag"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        bool prefix = value->node == QUERY_PREFIX;
        if (prefix ? strncasecmp(names[i], value->text, strlen(value->text)) == 0
                   : strcasecmp(names[i], value->text) == 0) {
            return true;
        }
    }
    return value->node == QUERY_REGEX;
}

static void add_leaf(struct compiler *c, const struct query *q) {
    struct query_leaf l = query_leaf_of(q->node == QUERY_FIELD ? q->left : q);
    const struct query_field *f = &query_words;
    l.err = c->err;
    if (q->node == QUERY_FIELD) {
        f = field_of(q, &l);
        f = f && f->flags & QUERY_NAMED ? named_field(c, &l, q->field) : f;
    }
    if (f && strcmp(f->name, "type") == 0 && !is_type(l.value) && c->err->code == E_OK) {
        query_refuse(l.value, "is no type", "talk, note, event, session, person, source or tag", c->err);
    }
    if (!f) {
        add(c, "0");
        return;
    }
    c->out->names_mentions |= strcmp(f->name, "kind") == 0 && strcasestr(l.value->text, "mention") != NULL;
    if (f->flags & QUERY_COLUMN && is_indexed(c, l.value) && l.value->text[0]) {
        add_column(c, &l, f);
    } else if (f == &query_words && has_index(c) && is_text(q)) {
        add_inside(c, q, "d.title,d.speakers,d.tags,d.body");
    } else if (has_index(c) && is_text(l.value) && l.value->text[0] && strcmp(f->name, "body") == 0) {
        add_inside(c, l.value, "d.body");
    } else {
        add_field(c, &l, f);
    }
}

static void add_tree(struct compiler *c, const struct query *q);

/* Those operands of a row of ANDs (or ORs) that the index answers together, as one tree; the rest in REST. */
struct operands {
    const struct query *match;
    const struct query *rest[512];
    size_t nrest;
};

static const struct query *joined(struct compiler *c, enum query_node node, const struct query *a,
                                  const struct query *b) {
    struct query *q = arena_zalloc(c->arena, sizeof *q);
    q->node = node;
    q->left = a;
    q->right = b;
    return q;
}

static void split_operands(struct compiler *c, const struct query *q, enum query_node node, struct operands *o) {
    if (q->node == node) {
        split_operands(c, q->left, node, o);
        split_operands(c, q->right, node, o);
    } else if (is_match(c, q, 1)) {
        o->match = o->match ? joined(c, node, o->match, q) : q;
    } else if (o->nrest < sizeof o->rest / sizeof *o->rest) {
        o->rest[o->nrest++] = q;
    }
}

/* What does not fit any more is dropped, like terms beyond the last that the parser takes. Operands go in bundles,
 * since a row of them is a tree as high as it is long. */
static void add_operands(struct compiler *c, const struct operands *o, enum query_node node) {
    const char *between = node == QUERY_AND ? " AND " : " OR ";
    size_t count = 0;
    add(c, "(");
    if (o->match) {
        add(c, "(");
        add_words(c, o->match);
        count++;
    }
    for (size_t i = 0; i < o->nrest && (c->out->sql.len + c->out->with.len < SQL_ROOM || !count); i++, count++) {
        add(c, count ? between : "");
        add(c, count % BUNDLE == 0 ? "(" : "");
        add_tree(c, o->rest[i]);
        add(c, count % BUNDLE == BUNDLE - 1 ? ")" : "");
    }
    add(c, count % BUNDLE ? ")" : "");
    add(c, count ? ")" : "1)");
}

static void add_list(struct compiler *c, const struct query *q) {
    struct operands *o = arena_zalloc(c->arena, sizeof *o);
    split_operands(c, q, q->node, o);
    add_operands(c, o, q->node);
}

/* SQLite's parser has a small stack: an inner operator becomes a SELECT of its own, named before the whole. */
static void add_aside(struct compiler *c, const struct query *q) {
    static const char *const tables[QUERY_TARGETS] = {
        [ENTITY_TALK] = "t_talk",       [ENTITY_NOTE] = "t_note",     [ENTITY_EVENT] = "t_event",
        [ENTITY_SESSION] = "t_session", [ENTITY_PERSON] = "t_person", [ENTITY_SOURCE] = "t_source",
        [OBJECT_TAG] = "t_tag",         [QUERY_DOCS] = "entity",
    };
    struct buf around = c->out->sql;
    struct compiler here = *c;
    c->out->sql = (struct buf)BUF_INIT;
    c->depth = 0;
    c->ranked = false;
    add_tree(c, q);
    int number = ++c->out->withs;
    buf_addf(&c->out->with, "%sq%d(n) AS (SELECT t.rowid FROM %s t WHERE %s) ", c->out->with.len ? ", " : "WITH ",
             number, tables[c->target], c->out->sql.data);
    buf_release(&c->out->sql);
    c->out->sql = around;
    *c = here;
    buf_addf(&c->out->sql, "%sq%d", row_of(c), number);
}

static void add_tree(struct compiler *c, const struct query *q) {
    bool nests = q->node == QUERY_AND || q->node == QUERY_OR || q->node == QUERY_NOT;
    if (nests && c->depth >= SQL_DEPTH) {
        add_aside(c, q);
        return;
    }
    c->depth += nests;
    switch (q->node) {
    case QUERY_ALL:
        add(c, "1");
        break;
    case QUERY_AND:
    case QUERY_OR:
        add_list(c, q);
        break;
    case QUERY_NOT: /* unknown is not so */
        add(c, "((");
        add_tree(c, q->left);
        add(c, ") IS NOT TRUE)");
        break;
    default:
        if (is_indexed(c, q)) {
            add_words(c, q);
        } else {
            add_leaf(c, q);
        }
    }
    c->depth -= nests;
}

/* Q without terms that are no words; NULL where nothing is left. */
static const struct query *without_noise(struct compiler *c, const struct query *q) {
    if (q->node == QUERY_AND || q->node == QUERY_OR) {
        const struct query *a = without_noise(c, q->left);
        const struct query *b = without_noise(c, q->right);
        return a && b ? joined(c, q->node, a, b) : a ? a : b;
    }
    if (q->node == QUERY_NOT) {
        const struct query *a = without_noise(c, q->left);
        struct query *not = a ? arena_zalloc(c->arena, sizeof *not ) : NULL;
        if (not ) {
            not ->node = QUERY_NOT;
            not ->left = a;
        }
        return not ;
    }
    bool text = q->node == QUERY_WORD || q->node == QUERY_PHRASE || q->node == QUERY_PREFIX;
    return text && !query_has_token(c->db, q->text) ? NULL : q;
}

/* Documents: what the index matches at the top ranks, so it stays out of the condition. */
static void add_ranked(struct compiler *c, const struct query *q) {
    struct operands *o = arena_zalloc(c->arena, sizeof *o);
    if (q->node == QUERY_AND) {
        split_operands(c, q, QUERY_AND, o);
    } else if (is_match(c, q, 0)) {
        o->match = q;
    } else {
        o->rest[o->nrest++] = q;
    }
    if (o->match) {
        struct buf expression = BUF_INIT;
        query_match(&expression, o->match);
        c->out->match = arena_dup(c->arena, expression.data, expression.len);
        buf_release(&expression);
        c->out->tree = o->match;
        o->match = NULL;
        c->ranked = true;
    }
    add_operands(c, o, QUERY_AND);
}

int query_compile(struct db *db, const struct query *q, int target, struct arena *a, struct query_sql *out,
                  struct err *err) {
    struct err wrong;
    struct compiler c = {.db = db, .target = target, .arena = a, .out = out, .err = &wrong};
    *out = (struct query_sql)QUERY_SQL_INIT;
    out->binds = value_array(a, 0);
    int rc = query_expand_saved(db, &q, a, err);
    if (rc) {
        return rc;
    }
    err_init(&wrong);
    const struct query *words = has_index(&c) ? without_noise(&c, q) : NULL;
    q = words ? words : q;
    if (target == QUERY_DOCS) {
        add_ranked(&c, q);
    } else {
        add_tree(&c, q);
    }
    if (wrong.code != E_OK) {
        rc = -(int)wrong.code;
        err_copy(err, &wrong);
    } else if (out->binds.len > 4000) {
        rc = err_set(err, E_USAGE, "the query is too long");
    }
    err_release(&wrong);
    return rc;
}
