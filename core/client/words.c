/* words.c - leading globals, and the commands that make a host.
 *
 * The one idea: read on while every word is a global that is known, stop at the first that is not. A mistake is never
 * reported here: the host gets all words and knows better what could have been meant.
 */
#include "client/words.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

struct global {
    const char *name;
    bool takes_value;
};

static const struct global globals[] = {
    {"store", true},  {"config", true},   {"timeout", true},   {"color", true},    {"json", false},
    {"jsonl", false}, {"quiet", false},   {"verbose", false},  {"dry-run", false}, {"no-daemon", false},
    {"help", false},  {"version", false}, {"no-pager", false},
};

/* The global that WORD ("--name" or "--name=value") names; *VALUE is what follows "=", or NULL. */
static const struct global *global_of(const char *word, const char **value) {
    const char *name = word + 2;
    size_t n = strcspn(name, "=");
    *value = name[n] ? name + n + 1 : NULL;
    for (size_t i = 0; i < sizeof globals / sizeof *globals; i++) {
        if (strlen(globals[i].name) == n && memcmp(globals[i].name, name, n) == 0) {
            return &globals[i];
        }
    }
    return NULL;
}

static void note_global(struct words *w, const struct global *g, const char *value, bool *asks) {
    if (strcmp(g->name, "store") == 0) {
        w->store = value;
    } else if (strcmp(g->name, "config") == 0) {
        w->config = value;
    } else if (strcmp(g->name, "no-daemon") == 0) {
        w->no_daemon = true;
    } else if (strncmp(g->name, "json", 4) == 0) {
        w->json = true;
    } else if (strcmp(g->name, "quiet") == 0) {
        w->quiet = true;
    } else if (strcmp(g->name, "help") == 0 || strcmp(g->name, "version") == 0) {
        *asks = true;
    }
}

static bool read_letters(struct words *w, const char *letters, bool *asks) {
    if (!*letters || letters[strspn(letters, "qvVh")]) {
        return false;
    }
    w->quiet = w->quiet || strchr(letters, 'q');
    *asks = *asks || strpbrk(letters, "Vh");
    return true;
}

/* How many words the global at the front takes: 0 where it is none. */
static int read_global(struct words *w, char **words, int n, bool *asks) {
    if (words[0][0] != '-') {
        return 0;
    }
    if (words[0][1] != '-') {
        return read_letters(w, words[0] + 1, asks) ? 1 : 0;
    }
    const char *value;
    const struct global *g = global_of(words[0], &value);
    if (!g || (!g->takes_value && value) || (g->takes_value && !value && n < 2)) {
        return 0;
    }
    bool apart = g->takes_value && !value;
    note_global(w, g, apart ? words[1] : value, asks);
    return apart ? 2 : 1;
}

/* How many words of `daemon VERB` or `daemon.VERB` are at the front; *VERB is the second. */
static int read_daemon(char **words, int n, const char **verb) {
    if (n >= 1 && strncmp(words[0], "daemon.", 7) == 0) {
        *verb = words[0] + 7;
        return 1;
    }
    if (n >= 2 && strcmp(words[0], "daemon") == 0) {
        *verb = words[1];
        return 2;
    }
    return 0;
}

static enum words_for daemon_verb(const char *verb) {
    if (strcmp(verb, "run") == 0) {
        return WORDS_DAEMON_RUN;
    }
    if (strcmp(verb, "start") == 0) {
        return WORDS_DAEMON_START;
    }
    return strcmp(verb, "stop") == 0 ? WORDS_DAEMON_STOP : WORDS_HOST;
}

/* The words for lecternd, without the globals that concern the client; *ASKS when help is wanted instead. */
static void read_rest(struct words *w, char **words, int n, bool *asks) {
    w->rest = mem_alloc(((size_t)n + 1) * sizeof *w->rest);
    int kept = 0;
    for (int i = 0; i < n; i++) {
        bool json = strcmp(words[i], "--json") == 0 || strcmp(words[i], "--jsonl") == 0;
        bool quiet = strcmp(words[i], "--quiet") == 0 || strcmp(words[i], "-q") == 0;
        *asks = *asks || strcmp(words[i], "--help") == 0 || strcmp(words[i], "-h") == 0;
        w->json = w->json || json;
        w->quiet = w->quiet || quiet;
        if (!json && !quiet) {
            w->rest[kept++] = words[i];
        }
    }
}

static bool env_true(const char *name) {
    const char *value = getenv(name);
    return value && *value && strcmp(value, "0") != 0;
}

void words_read(struct words *w, int argc, char **argv) {
    *w = (struct words){.who = WORDS_HOST, .no_daemon = env_true("LECTERN_NO_DAEMON")};
    w->count = argc > 0 ? argc - 1 : 0;
    w->all = argc > 0 ? argv + 1 : argv;
    if (w->count == 1 && (strcmp(w->all[0], "-V") == 0 || strcmp(w->all[0], "--version") == 0)) {
        w->who = WORDS_VERSION;
        return;
    }
    bool asks = false;
    int at = 0;
    for (int took; at < w->count && (took = read_global(w, w->all + at, w->count - at, &asks)) > 0;) {
        at += took;
    }
    const char *verb;
    int took = read_daemon(w->all + at, w->count - at, &verb);
    if (took == 0) {
        return;
    }
    w->who = daemon_verb(verb);
    if (w->who != WORDS_HOST) {
        read_rest(w, w->all + at + took, w->count - at - took, &asks);
    }
    if (asks) {
        w->who = WORDS_HOST;
    }
}

void words_release(struct words *w) {
    mem_free(w->rest);
    w->rest = NULL;
}
