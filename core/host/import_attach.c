/* import_attach.c - the files that notes link to, read where the person asked for them.
 *
 * The one idea: an importer says which files a note names ("file", relative to its own); they are read beneath the folder
 * of the source, or beneath the folder that was named and walked, and through no link. Runs in the task that writes the group, one source
 * at a time, so that no more than the files of one source are in memory.
 */
#include <fcntl.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/path.h"
#include "base/text.h"
#include "host/import_priv.h"

struct attaching {
    struct import_source *src;
    struct import_files *out;
    size_t cap, bytes;
    int root;          /* of what is read; -1: there is nothing to read beneath */
    bool opened;       /* root is ours to close */
    struct buf folder; /* of the source beneath root, "" or "a/b/" */
    size_t warned;
};

static void warn(struct attaching *at, const char *format, const char *name) {
    struct arena *a = &at->src->arena;
    if (at->warned++ >= ATTACH_WARNINGS)
        return;
    struct value w = value_map(a, 2);
    value_set(a, &w, "message", value_strf(a, format, name));
    value_set(a, &w, "line", value_nil);
    value_push(a, &at->src->warnings, w);
}

/* ---- where ---------------------------------------------------------------------------------------------------------- */

static void find_root(struct attaching *at) {
    const struct walk_file *f = at->src->file;
    const char *slash;
    at->root = -1;
    if (f->root >= 0) {
        at->root = at->src->import->walk.roots[f->root];
        slash = strrchr(f->rel, '/');
        if (slash)
            buf_add(&at->folder, f->rel, (size_t)(slash - f->rel) + 1);
    } else if ((slash = strrchr(f->path, '/')) != NULL) {
        struct buf folder = BUF_INIT;
        buf_add(&folder, f->path, slash == f->path ? 1 : (size_t)(slash - f->path));
        at->root = open(folder.data, O_PATH | O_DIRECTORY | O_CLOEXEC);
        at->opened = at->root >= 0;
        buf_release(&folder);
    }
}

/* Hidden files are nobody's pictures. */
static bool is_hidden(const char *name) {
    for (const char *part = name; part; part = strchr(part, '/')) {
        part += *part == '/';
        size_t len = strcspn(part, "/");
        if (*part == '.' && !(len == 1 || (len == 2 && part[1] == '.')))
            return true;
    }
    return false;
}

static bool good_name(const struct value *file) {
    return value_is(file, VALUE_STR) && file->len && file->len <= ATTACH_NAME_BYTES && file->s[0] != '/' &&
           memchr(file->s, '\0', file->len) == NULL && !is_hidden(file->s);
}

/* ---- reading -------------------------------------------------------------------------------------------------------- */

static const char *type_of(const char *name) {
    static const char *const types[][2] = {
        {"png", "image/png"},   {"jpg", "image/jpeg"},      {"jpeg", "image/jpeg"},       {"gif", "image/gif"},
        {"webp", "image/webp"}, {"avif", "image/avif"},     {"svg", "image/svg+xml"},     {"pdf", "application/pdf"},
        {"txt", "text/plain"},  {"csv", "text/csv"},        {"json", "application/json"}, {"mp3", "audio/mpeg"},
        {"mp4", "video/mp4"},   {"zip", "application/zip"},
    };
    size_t stem;
    const char *extension = path_extension(path_base(name), &stem);
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (!strcasecmp(types[i][0], extension))
            return types[i][1];
    return "application/octet-stream";
}

/* 0 and the content in OUT; else it was said why not. */
static int read_file(struct attaching *at, const char *name, struct buf *out) {
    struct buf rel = BUF_INIT;
    struct err err;
    err_init(&err);
    buf_addf(&rel, "%s%s", at->folder.data ? at->folder.data : "", name);
    int fd = path_open_beneath(at->root, rel.data, 0, 0, &err);
    int rc = fd < 0 ? fd : path_read_fd(fd, out, ATTACH_FILE_BYTES, &err);
    if (fd >= 0)
        close(fd);
    if (rc == -(int)E_DATA)
        warn(at, "'%s' is larger than 16 MiB and was not attached", name);
    else if (rc == -(int)E_DENIED)
        warn(at, "'%s' was not attached: it is a link, or lies outside the folder", name);
    else if (rc)
        warn(at, "'%s' was not attached: it cannot be read", name);
    if (!rc && at->bytes + out->len > ATTACH_SOURCE_BYTES) {
        warn(at, "'%s' was not attached: more than 64 MiB with this source", name);
        rc = -(int)E_DATA;
    }
    buf_release(&rel);
    err_release(&err);
    return rc;
}

/* The file NAME, read once however often it is named; NULL where it cannot be. */
static const struct ingest_file *file_called(struct attaching *at, const char *name) {
    struct import_files *files = at->out;
    struct buf content = BUF_INIT;
    for (size_t i = 0; i < files->n; i++)
        if (!strcmp(files->names[i], name))
            return files->list[i].data ? &files->list[i] : NULL;
    if (files->n >= ATTACH_FILES) {
        warn(at, "'%s' was not attached: more than 1,000 files with this source", name);
        return NULL;
    }
    if (files->n == at->cap) {
        at->cap = at->cap ? 2 * at->cap : 16;
        files->list = mem_array(files->list, at->cap, sizeof *files->list);
        files->names = mem_array(files->names, at->cap, sizeof *files->names);
    }
    struct ingest_file *f = &files->list[files->n];
    *f = (struct ingest_file){.data = NULL};
    files->names[files->n++] = name;
    if (read_file(at, name, &content)) {
        buf_release(&content);
        return NULL;
    }
    buf_reserve(&content, 1); /* an empty file is one, too */
    at->bytes += content.len;
    f->data = content.data;
    f->len = content.len;
    sha256(f->data, f->len, f->sha256);
    return f;
}

/* {file = NAME} becomes what it is, or stays: then the store looks what it had. */
static struct value attached(struct attaching *at, const struct value *entry) {
    struct arena *a = &at->src->arena;
    const struct value *name = value_get(entry, "file");
    if (!good_name(name) || at->root < 0)
        return *entry;
    const struct ingest_file *f = file_called(at, name->s);
    if (!f)
        return *entry;
    char hex[2 * SHA256_BYTES + 1];
    hex_encode(f->sha256, SHA256_BYTES, hex);
    struct value out = value_map(a, 4);
    value_set(a, &out, "name", *name);
    value_set(a, &out, "bytes", value_int((int64_t)f->len));
    value_set(a, &out, "mime", value_lit(type_of(name->s)));
    value_set(a, &out, "sha256", value_str(a, hex));
    return out;
}

static void attach_to(struct attaching *at, struct value *record) {
    const struct value *list = value_get(record, "attachments");
    if (!value_eqs(value_get(record, "type"), "note") || !value_is(list, VALUE_ARRAY))
        return;
    struct value out = value_array(&at->src->arena, list->len);
    for (uint32_t i = 0; i < list->len; i++) {
        const struct value *entry = value_at(list, i);
        bool file = value_is(entry, VALUE_MAP) && value_is(value_get(entry, "file"), VALUE_STR);
        value_push(&at->src->arena, &out, file ? attached(at, entry) : *entry);
    }
    value_set(&at->src->arena, record, "attachments", out);
}

void import_attach(struct import_source *s, struct import_files *out) {
    struct attaching at = {.src = s, .out = out, .folder = BUF_INIT};
    *out = (struct import_files){.n = 0};
    if (!strcmp(s->file->shown, "-"))
        return;
    find_root(&at);
    for (uint32_t i = 0; i < s->records.len; i++)
        attach_to(&at, &s->records.items[i]);
    if (at.opened)
        close(at.root);
    buf_release(&at.folder);
}

void import_files_release(struct import_files *f) {
    for (size_t i = 0; i < f->n; i++)
        mem_free((void *)(uintptr_t)f->list[i].data);
    mem_free(f->list);
    mem_free(f->names);
}
