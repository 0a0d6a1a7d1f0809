/* limit_import.c - the least an import of Markdown notes can do, in one process and one thread: read each file,
 * parse and render it, store the row, index it.
 *
 *     limit_import DATABASE FOLDER BATCH
 *
 * BATCH notes are one durable transaction. Prints how many notes there were.
 */
#include <cmark.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "limit_store.h"

enum { LARGEST = 1 << 20 };

static sqlite3 *db;
static sqlite3_stmt *begin, *commit;
static struct limit_inserts inserts;
static long notes, batch;
static char text[LARGEST];

/* The value of KEY in the front matter HEAD; its length is the result. */
static int field(const char *head, const char *key, const char **value) {
    const char *at = strstr(head, key);
    *value = at ? at + strlen(key) : "";
    return (int)strcspn(*value, "\n");
}

static const char *split_front_matter(char *all) {
    char *end = strncmp(all, "---\n", 4) ? NULL : strstr(all + 4, "\n---\n");
    if (!end)
        return all;
    end[1] = '\0';
    return end + strlen("\n---\n");
}

static void take(const char *path, size_t n) {
    const char *body = split_front_matter(text);
    struct limit_note note = {.path = path, .body = body, .body_len = (int)(n - (size_t)(body - text))};
    note.title_len = field(text, "\ntitle: ", &note.title);
    note.speaker_len = field(text, "\nspeaker: ", &note.speaker);
    note.event_len = field(text, "\nevent: ", &note.event);
    note.date_len = field(text, "\ndate: ", &note.date);
    note.tags_len = field(text, "\ntags: ", &note.tags);

    cmark_node *tree = cmark_parse_document(body, (size_t)note.body_len, CMARK_OPT_DEFAULT);
    char *html = cmark_render_html(tree, CMARK_OPT_DEFAULT);
    cmark_node_free(tree);
    if (!html || !*html)
        exit(65);
    free(html);

    if (notes % batch == 0) {
        if (notes)
            limit_step(db, commit);
        limit_step(db, begin);
    }
    notes++;
    limit_insert(db, &inserts, &note);
}

static int visit(const char *path, const struct stat *st, int kind, struct FTW *where) {
    (void)where;
    if (kind != FTW_F || st->st_size >= LARGEST)
        return 0;
    int fd = open(path, O_RDONLY);
    ssize_t n = fd < 0 ? -1 : read(fd, text, LARGEST - 1);
    if (n < 0) {
        perror(path);
        exit(66);
    }
    close(fd);
    text[n] = '\0';
    take(path, (size_t)n);
    return 0;
}

int main(int argc, char **argv) {
    batch = argc == 4 ? atol(argv[3]) : 0;
    if (batch < 1) {
        fputs("usage: limit_import DATABASE FOLDER BATCH\n", stderr);
        return 64;
    }
    db = limit_open(argv[1]);
    inserts = limit_prepare_inserts(db);
    begin = limit_prepare(db, "begin immediate");
    commit = limit_prepare(db, "commit");
    if (nftw(argv[2], visit, 16, FTW_PHYS))
        return 66;
    if (notes)
        limit_step(db, commit);
    sqlite3_finalize(inserts.row);
    sqlite3_finalize(inserts.index);
    sqlite3_finalize(begin);
    sqlite3_finalize(commit);
    if (sqlite3_close(db) != SQLITE_OK)
        return 74;
    printf("%ld\n", notes);
    return 0;
}
