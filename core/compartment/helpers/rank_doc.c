/* rank_doc.c - reading: tokens, cues, roles, then features in three passes.
 *
 * The one idea: everything that is asked of a sentence later is counted here once, so that scoring is a product of two
 * rows of numbers.
 */
#include "compartment/helpers/rank_doc.h"

#include <lauxlib.h>
#include <math.h>
#include <string.h>

#include "base/text.h"
#include "compartment/helpers/rank_role.h"

const char *const feature_names[FEATURES] = {"first", "position", "cover", "share", "bigrams", "central",
                                             "short", "long",     "half",  "item",  "asks",    "about"};

/* What reading works on. Stack: 1 the text, 2 the language, 3 options, 4 the document. */
enum { AT_TEXT = 1, AT_LANGUAGE, AT_OPTIONS, AT_DOC };

struct reading {
    lua_State *L;
    struct rank_doc *d;
    uint64_t once; /* cues that were met and count once */
};

/* ---- tokens ---------------------------------------------------------------------------------------------------- */

static uint32_t add_form(struct reading *r, const struct token *t) {
    struct rank_doc *d = r->d;
    size_t before = d->forms.items.count;
    uint32_t at = hashed_add(r->L, AT_DOC, DOC_FORMS, &d->forms, t->hash);
    if (d->forms.items.count > before) {
        uint32_t stem = hashed_add(r->L, AT_DOC, DOC_STEMS, &d->stems, hash_stem(t->text, t->len));
        struct rank_form *form = &((struct rank_form *)d->forms.items.data)[at];
        form->stem = stem;
        form->sets = language_look_up(d->language, t, &form->stop);
    }
    return at;
}

static uint32_t written(const struct tokens *it, const struct token *t) {
    size_t width, behind = t->end;
    while (behind < it->n && (it->s[behind] == '*' || it->s[behind] == '_')) {
        behind++;
    }
    bool upper = words_is_upper(text_utf8_next(it->s + t->start, t->end - t->start, &width));
    bool colon = behind < it->n && it->s[behind] == ':';
    return (upper ? WRITTEN_UPPER : 0) | (colon ? WRITTEN_COLON : 0);
}

static void add_tokens(struct reading *r, struct rank_sentence *s) {
    struct rank_doc *d = r->d;
    struct tokens it = {.s = d->text + s->start, .n = s->end - s->start};
    struct token t;
    s->first = (uint32_t)d->tokens.count;
    while (tokens_next(&it, &t)) {
        uint32_t form = add_form(r, &t);
        struct rank_token *token = pool_push(r->L, AT_DOC, DOC_TOKENS, &d->tokens, 1, sizeof *token);
        *token = (struct rank_token){form, written(&it, &t)};
        s->count++;
        s->content += !((struct rank_form *)d->forms.items.data)[form].stop;
    }
}

/* ---- cues ------------------------------------------------------------------------------------------------------ */

static const struct membership *sets_of(const struct rank_doc *d, size_t token) {
    return &doc_form(d, token)->sets;
}

/* The token behind phrase P at AT, or 0 where it is not there. */
static size_t match(const struct rank_doc *d, const struct phrase *p, size_t at, size_t end) {
    enum { FILLERS = 3 };
    for (size_t i = 0; i < p->count; i++) {
        if (p->sets[i] == PHRASE_FILLERS) {
            for (size_t skipped = 0; skipped < FILLERS && at < end; skipped++) {
                bool here = i + 1 < p->count && membership_has(sets_of(d, at), p->sets[i + 1]);
                if (here || !membership_has(sets_of(d, at), PHRASE_FILLERS)) {
                    break;
                }
                at++;
            }
        } else if (at < end && membership_has(sets_of(d, at), p->sets[i])) {
            at++;
        } else {
            return 0;
        }
    }
    return at;
}

static void count_cue(struct reading *r, size_t sentence, const struct phrase *p, size_t behind, struct role_hints *h) {
    const struct cue *c = &r->d->language->cues[p->cue];
    double *value = doc_features(r->d, sentence) + FEATURES + p->cue;
    switch (c->role) {
    case CUE_SCORE:
        *value += *value < 1 ? 1.0 / c->max : 0;
        break;
    case CUE_REJECT:
        h->rejected = true;
        break;
    case CUE_KEY:
        h->rejected = h->rejected || (doc_token(r->d, behind - 1)->written & WRITTEN_COLON);
        break;
    case CUE_VERB:
        h->verb = true;
        break;
    case CUE_WEAK:
        h->weak = true;
        break;
    }
}

static void find_cues_at(struct reading *r, size_t sentence, size_t at, struct role_hints *h) {
    const struct language *g = r->d->language;
    const struct rank_sentence *s = doc_sentence(r->d, sentence);
    const struct membership *m = sets_of(r->d, at);
    const struct phrase *phrases = g->phrases.data;
    for (size_t word = 0; word < LANGUAGE_SETS / 64; word++) {
        for (uint64_t bits = m->bits[word]; bits; bits &= bits - 1) {
            size_t set = word * 64 + (size_t)__builtin_ctzll(bits);
            for (uint32_t p = g->from[set]; p < g->from[set + 1]; p++) {
                size_t behind =
                    phrases[p].anchored && at > s->first ? 0 : match(r->d, &phrases[p], at, s->first + s->count);
                if (behind) {
                    count_cue(r, sentence, &phrases[p], behind, h);
                }
            }
        }
    }
}

/* A cue that counts once is gone from a sentence when an earlier one had it. */
static void drop_repeated(struct reading *r, size_t sentence) {
    const struct language *g = r->d->language;
    double *values = doc_features(r->d, sentence) + FEATURES;
    for (size_t c = 0; c < g->ncues; c++) {
        if (!g->cues[c].once || values[c] <= 0) {
            continue;
        }
        values[c] = r->once >> c & 1 ? 0 : values[c];
        r->once |= (uint64_t)1 << c;
    }
}

/* ---- the title ------------------------------------------------------------------------------------------------- */

/* The tokens of TEXT become a sentence behind the last one; what it was is in *OUT, and only its tokens stay. */
static void read_aside(struct reading *r, const char *text, size_t n, struct rank_sentence *out) {
    const char *whole = r->d->text;
    r->d->text = text;
    *out = (struct rank_sentence){.end = n};
    add_tokens(r, out);
    r->d->text = whole;
}

/* The string OPTIONS.name, kept by the document in SLOT; its tokens. */
static struct rank_sentence read_option(struct reading *r, const char *name, int slot) {
    struct rank_sentence s = {0};
    size_t n;
    if (lua_istable(r->L, AT_OPTIONS) && lua_getfield(r->L, AT_OPTIONS, name) != LUA_TNIL) {
        const char *text = luaL_checklstring(r->L, -1, &n);
        lua_pushvalue(r->L, -1);
        lua_setiuservalue(r->L, AT_DOC, slot);
        read_aside(r, text, n > 1000 ? 1000 : n, &s);
    }
    return s;
}

static bool same_words(const struct rank_doc *d, const struct rank_sentence *a, const struct rank_sentence *b) {
    bool same = a->count == b->count;
    for (size_t i = 0; same && i < a->count; i++) {
        same = doc_token(d, a->first + i)->form == doc_token(d, b->first + i)->form;
    }
    return same;
}

static bool is_pair_of(const struct rank_doc *d, const struct rank_sentence *title, size_t at) {
    uint32_t a = doc_form(d, at)->stem, b = doc_form(d, at + 1)->stem;
    for (size_t i = title->first; i + 1 < title->first + title->count; i++) {
        if (doc_form(d, i)->stem == a && doc_form(d, i + 1)->stem == b) {
            return true;
        }
    }
    return false;
}

static size_t mark_words(const struct rank_doc *d, const struct rank_sentence *s, bool title) {
    size_t count = 0;
    for (size_t i = s->first; i < s->first + s->count; i++) {
        struct rank_stem *stem = doc_stem(d, i);
        bool *flag = title ? &stem->in_title : &stem->in_about;
        count += !doc_form(d, i)->stop && !*flag;
        *flag = *flag || !doc_form(d, i)->stop;
    }
    return count;
}

/* ---- features -------------------------------------------------------------------------------------------------- */

struct overlap {
    size_t title, about, different, pairs;
};

static struct overlap overlap_of(const struct rank_doc *d, size_t at, const struct rank_sentence *title) {
    const struct rank_sentence *s = doc_sentence(d, at);
    struct overlap o = {0};
    for (size_t i = s->first; i < s->first + s->count; i++) {
        struct rank_stem *stem = doc_stem(d, i);
        if (stem->in_title && i + 1 < s->first + s->count) {
            o.pairs += is_pair_of(d, title, i);
        }
        if (doc_form(d, i)->stop || stem->seen == at + 1) {
            continue;
        }
        stem->seen = (uint32_t)at + 1;
        o.different++;
        o.title += stem->in_title;
        o.about += stem->in_about;
    }
    return o;
}

static double share(size_t part, size_t of) {
    return of ? (double)(part < of ? part : of) / (double)of : 0;
}

static void measure(const struct rank_doc *d, size_t at, const struct rank_sentence *title, size_t about) {
    const struct rank_sentence *s = doc_sentence(d, at);
    struct overlap o = overlap_of(d, at, title);
    double *f = doc_features(d, at), words = (double)s->count;
    f[FEATURE_COVER] = share(o.title, d->title_words);
    f[FEATURE_SHARE] = (double)o.title / sqrt(1 + (double)o.different);
    f[FEATURE_BIGRAMS] = share(o.pairs, title->count ? title->count - 1 : 0);
    f[FEATURE_ABOUT] = share(o.about, about);
    f[FEATURE_SHORT] = words < 12 ? (12 - words) / 12 : 0;
    f[FEATURE_LONG] = words > 35 ? fmin(2, (words - 35) / 35) : 0;
    f[FEATURE_HALF] = role_stops(d->text, s->start, s->end) ? 0 : 1;
    f[FEATURE_ITEM] = s->kind == BLOCK_ITEM;
    f[FEATURE_ASKS] = role_asks(d->text, s->start, s->end);
}

static void place(const struct rank_doc *d) {
    size_t usable = 0, at = 0;
    for (size_t i = 0; i < d->sentences.count; i++) {
        usable += doc_sentence(d, i)->role == ROLE_USABLE;
    }
    for (size_t i = 0; i < d->sentences.count; i++) {
        double *f = doc_features(d, i);
        f[FEATURE_FIRST] = at == 0 && doc_sentence(d, i)->role == ROLE_USABLE;
        f[FEATURE_POSITION] = usable > 1 ? fmin(1, (double)at / (double)(usable - 1)) : 0;
        at += doc_sentence(d, i)->role == ROLE_USABLE;
    }
}

/* ---- centrality ------------------------------------------------------------------------------------------------ */

/* log(sentences / sentences with the word) + 1 for each stem. */
static void weigh_stems(const struct rank_doc *d) {
    struct rank_stem *stems = d->stems.items.data;
    size_t live = 0;
    for (size_t i = 0; i < d->stems.items.count; i++) {
        stems[i].seen = 0;
    }
    for (size_t i = 0; i < d->sentences.count; i++) {
        const struct rank_sentence *s = doc_sentence(d, i);
        if (!doc_live(s)) {
            continue;
        }
        live++;
        for (size_t t = s->first; t < s->first + s->count; t++) {
            struct rank_stem *stem = doc_stem(d, t);
            stem->df += stem->seen != i + 1;
            stem->seen = (uint32_t)i + 1;
        }
    }
    for (size_t i = 0; i < d->stems.items.count; i++) {
        stems[i].weight = stems[i].df ? log((double)live / stems[i].df) + 1 : 0;
        stems[i].seen = 0;
    }
}

/* Sum over the tokens of S that are no stop words of F(stem). */
static double length_of(const struct rank_doc *d, const struct rank_sentence *s) {
    double sum = 0;
    for (size_t t = s->first; t < s->first + s->count; t++) {
        doc_stem(d, t)->sum = 0;
    }
    for (size_t t = s->first; t < s->first + s->count; t++) {
        struct rank_stem *stem = doc_stem(d, t);
        double w = doc_form(d, t)->stop ? 0 : stem->weight;
        sum += w * w + 2 * w * stem->sum; /* (a + w)^2 - a^2: a word may come twice */
        stem->sum += w;
    }
    return sqrt(sum);
}

/* The cosine of each sentence with all others together is a product with their sum: linear, where a table of all pairs
 * is not. */
static void centralities(struct reading *r) {
    struct rank_doc *d = r->d;
    struct rank_stem *stems = d->stems.items.data;
    double best = 0;
    struct pool scratch = {0};
    double *lengths =
        pool_push(r->L, AT_DOC, DOC_SCRATCH, &scratch, d->sentences.count + d->stems.items.count, sizeof *lengths);
    double *sum = lengths + d->sentences.count;
    for (size_t i = 0; i < d->sentences.count; i++) {
        const struct rank_sentence *s = doc_sentence(d, i);
        lengths[i] = doc_live(s) ? length_of(d, s) : 0;
        for (size_t t = s->first; lengths[i] > 0 && t < s->first + s->count; t++) {
            if (!doc_form(d, t)->stop) {
                sum[doc_form(d, t)->stem] += stems[doc_form(d, t)->stem].weight / lengths[i];
            }
        }
    }
    for (size_t i = 0; i < d->sentences.count; i++) {
        const struct rank_sentence *s = doc_sentence(d, i);
        double value = lengths[i] > 0 ? -1 : 0;
        for (size_t t = s->first; lengths[i] > 0 && t < s->first + s->count; t++) {
            value +=
                doc_form(d, t)->stop ? 0 : stems[doc_form(d, t)->stem].weight / lengths[i] * sum[doc_form(d, t)->stem];
        }
        doc_features(d, i)[FEATURE_CENTRAL] = fmax(0, value);
        best = fmax(best, value);
    }
    for (size_t i = 0; best > 0 && i < d->sentences.count; i++) {
        doc_features(d, i)[FEATURE_CENTRAL] /= best;
    }
}

/* ---- reading --------------------------------------------------------------------------------------------------- */

static void read_sentence(struct reading *r, const struct sentence *found, const struct rank_sentence *title) {
    struct rank_doc *d = r->d;
    size_t at = d->sentences.count;
    struct rank_sentence *s = pool_push(r->L, AT_DOC, DOC_SENTENCES, &d->sentences, 1, sizeof *s);
    *s = (struct rank_sentence){.start = found->start, .end = found->end, .kind = found->kind, .whole = found->whole};
    add_tokens(r, s);
    pool_push(r->L, AT_DOC, DOC_FEATURES, &d->features, d->nfeatures, sizeof(double));
    struct role_hints hints = {.rejected = title->count > 0 && same_words(d, s, title)};
    for (size_t t = s->first; t < s->first + s->count; t++) {
        find_cues_at(r, at, t, &hints);
    }
    s->role = role_of(d, s, &hints);
    if (s->role != ROLE_NONE) {
        drop_repeated(r, at);
    }
}

/* Where the sentences begin: a first line that only says the title is none of them. */
static size_t behind_title(const struct reading *r) {
    size_t n, at = 0;
    lua_getiuservalue(r->L, AT_DOC, DOC_TITLE);
    const char *title = lua_tolstring(r->L, -1, &n);
    if (title) {
        at = role_behind_title(r->d->text, r->d->n, title, n);
    }
    lua_pop(r->L, 1);
    return at < r->d->n ? at : 0;
}

/* A text of nothing but fragments: the longer ones, or answers, are what there is. */
static void make_do(const struct rank_doc *d) {
    enum { FRAGMENT_WORDS = 6 };
    for (size_t i = 0; i < d->sentences.count; i++) {
        if (doc_sentence(d, i)->role == ROLE_USABLE) {
            return;
        }
    }
    for (size_t i = 0; i < d->sentences.count; i++) {
        struct rank_sentence *s = doc_sentence(d, i);
        if (doc_live(s) && s->count >= FRAGMENT_WORDS) {
            s->role = ROLE_USABLE;
        }
    }
}

/* Room from the beginning for what a text of N bytes has, as far as a note goes; growing costs a copy each time. */
static void expect(struct rank_doc *d) {
    size_t n = d->n < 64 * 1024 ? d->n : 64 * 1024;
    d->tokens.cap = 32 + n / 6;
    d->sentences.cap = 8 + n / 80;
    d->features.cap = d->sentences.cap * d->nfeatures;
    d->forms.items.cap = d->stems.items.cap = 32 + n / 20;
}

static struct rank_doc *new_doc(lua_State *L) {
    struct rank_doc *d = lua_newuserdatauv(L, sizeof *d, DOC_VALUES);
    memset(d, 0, sizeof *d);
    luaL_setmetatable(L, RANK_DOC);
    d->text = lua_tolstring(L, AT_TEXT, &d->n);
    d->language = lua_touserdata(L, AT_LANGUAGE);
    d->forms.stride = sizeof(struct rank_form);
    d->stems.stride = sizeof(struct rank_stem);
    d->nfeatures = FEATURES + d->language->ncues;
    expect(d);
    lua_pushvalue(L, AT_TEXT);
    lua_setiuservalue(L, AT_DOC, DOC_TEXT);
    lua_pushvalue(L, AT_LANGUAGE);
    lua_setiuservalue(L, AT_DOC, DOC_LANGUAGE);
    return d;
}

int doc_read(lua_State *L) {
    luaL_checkstring(L, AT_TEXT);
    luaL_checkudata(L, AT_LANGUAGE, RANK_LANGUAGE);
    lua_settop(L, AT_OPTIONS);
    struct reading r = {.L = L, .d = new_doc(L)};
    struct rank_sentence title = read_option(&r, "title", DOC_TITLE), about = read_option(&r, "about", DOC_SCRATCH);
    r.d->title_words = mark_words(r.d, &title, true);
    size_t about_words = mark_words(r.d, &about, false);
    struct sentences it;
    struct sentence found;
    size_t from = behind_title(&r);
    sentences_init(&it, r.d->text + from, r.d->n - from);
    while (sentences_next(&it, &found)) {
        found.start += from;
        found.end += from;
        read_sentence(&r, &found, &title);
    }
    make_do(r.d);
    for (size_t i = 0; i < r.d->sentences.count; i++) {
        measure(r.d, i, &title, about_words);
    }
    place(r.d);
    weigh_stems(r.d);
    centralities(&r);
    lua_settop(L, AT_DOC);
    return 1;
}
