/* Names by text alone; files opened beneath a folder, read within a bound, replaced whole. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/path.h"

/* ---- a folder of our own, left as found ------------------------------------------------------------------------ */

static char home[200];

static void remove_all(const char *dir) {
    DIR *d = opendir(dir);
    struct dirent *e;
    while (d && (e = readdir(d))) {
        char path[600];
        struct stat st;
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0) {
            continue;
        }
        snprintf(path, sizeof path, "%s/%s", dir, e->d_name);
        if (lstat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
            remove_all(path);
        } else {
            unlink(path);
        }
    }
    if (d) {
        closedir(d);
    }
    rmdir(dir);
}

static int enter(void **state) {
    (void)state;
    const char *tmp = getenv("TMPDIR");
    snprintf(home, sizeof home, "%.150s/lectern-path-XXXXXX", tmp ? tmp : "/tmp");
    return mkdtemp(home) && chdir(home) == 0 ? 0 : -1;
}

static int leave(void **state) {
    (void)state;
    int rc = chdir("/");
    remove_all(home);
    return rc;
}

static void put(const char *path, const char *text) {
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
}

static int entries(const char *dir) {
    int n = 0;
    DIR *d = opendir(dir);
    while (readdir(d)) {
        n++;
    }
    closedir(d);
    return n - 2;
}

/* ---- names ----------------------------------------------------------------------------------------------------- */

static void joins(void **state) {
    (void)state;
    static const char *const rows[][3] = {
        {"/a", "b", "/a/b"}, {"/a/", "b", "/a/b"}, {"/a", "/b", "/b"},
        {"", "b", "b"},      {"/", "b", "/b"},     {"a", "", "a/"},
    };
    struct buf out = BUF_INIT;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        path_join(&out, rows[i][0], rows[i][1]);
        assert_string_equal(out.data, rows[i][2]);
    }
    buf_release(&out);
}

static void absolute_paths_are_clean(void **state) {
    (void)state;
    static const char *const rows[][3] = {
        {"/w", "a", "/w/a"},
        {"/w", "./a//b/", "/w/a/b"},
        {"/w", "../a", "/a"},
        {"/w", "../../../..", "/"},
        {"/w", "/x/./y/../z", "/x/z"},
        {"/w", "", "/w"},
        {"/w", ".", "/w"},
        {"/", "a", "/a"},
        {"/w", "a/../..", "/"},
        {"/w", "...", "/w/..."},
        {"/w", ".a", "/w/.a"},
        {"/w", "file:x", "/w/file:x"},
        {"/w/../v/", "a", "/v/a"},
        {"/w", "//a", "/a"},
    };
    struct buf out = BUF_INIT;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        path_absolute(&out, rows[i][0], rows[i][1]);
        assert_string_equal(out.data, rows[i][2]);
    }
    path_absolute(&out, "/w", "a/b");
    path_absolute(&out, out.data, "../c"); /* its own bytes */
    assert_string_equal(out.data, "/w/a/c");
    buf_release(&out);
}

static void parts_of_names(void **state) {
    (void)state;
    static const struct {
        const char *path, *base, *extension;
        size_t stem;
    } rows[] = {
        {"a/b.tar.gz", "b.tar.gz", "gz", 5},
        {"b.md", "b.md", "md", 1},
        {"/x/README", "README", "", 6},
        {"/x/.profile", ".profile", "", 8},
        {"a.b/c", "c", "", 1},
        {"x.", "x.", "", 1},
        {"", "", "", 0},
        {"a/", "", "", 0},
        {"..", "..", "", 2},
        {".a.b", ".a.b", "b", 2},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        size_t stem;
        assert_string_equal(path_base(rows[i].path), rows[i].base);
        assert_string_equal(path_extension(rows[i].path, &stem), rows[i].extension);
        assert_int_equal(stem, rows[i].stem);
    }
}

static void within(void **state) {
    (void)state;
    assert_true(path_within("/a/b", "/a/b"));
    assert_true(path_within("/a/b", "/a/b/c"));
    assert_false(path_within("/a/b", "/a/bc"));
    assert_false(path_within("/a/b", "/a"));
    assert_true(path_within("/", "/anything"));
    assert_true(path_within("/", "/"));
}

/* ---- opening --------------------------------------------------------------------------------------------------- */

/* Valgrind does not know the system call that keeps files beneath their folder. */
static void skip_without_openat2(void) {
    struct err e;
    err_init(&e);
    int root = open(".", O_RDONLY | O_DIRECTORY);
    path_open_beneath(root, "nothing", O_RDONLY, 0, &e);
    close(root);
    if (strstr(e.message, "openat2")) {
        skip();
    }
}

static void only_files_beneath_are_opened(void **state) {
    (void)state;
    skip_without_openat2();
    static const struct {
        const char *rel;
        int rc; /* 0: opened */
    } rows[] = {
        {"file", 0},
        {"sub/inner", 0},
        {"sub/../file", 0},
        {"./file", 0},
        {"missing", -E_INPUT},
        {"file/x", -E_INPUT},
        {"../outside", -E_DENIED},
        {"sub/../../outside", -E_DENIED},
        {"/etc/passwd", -E_DENIED},
        {"link", -E_DENIED},
        {"folder-link/inner", -E_DENIED},
        {"escape/passwd", -E_DENIED},
        {"sub", -E_INPUT},
        {"pipe", -E_INPUT},
        {"socket", -E_INPUT},
        {"", -E_INPUT},
    };
    assert_int_equal(mkdir("root", 0700), 0);
    assert_int_equal(mkdir("root/sub", 0700), 0);
    put("outside", "secret");
    put("root/file", "text");
    put("root/sub/inner", "text");
    assert_int_equal(symlink("file", "root/link"), 0);
    assert_int_equal(symlink("sub", "root/folder-link"), 0);
    assert_int_equal(symlink("/etc", "root/escape"), 0);
    assert_int_equal(mkfifo("root/pipe", 0600), 0);
    struct sockaddr_un at = {.sun_family = AF_UNIX, .sun_path = "root/socket"};
    int server = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(bind(server, (struct sockaddr *)&at, sizeof at), 0);
    int root = open("root", O_RDONLY | O_DIRECTORY);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct err e;
        err_init(&e);
        int fd = path_open_beneath(root, rows[i].rel, O_RDONLY, 0, &e);
        assert_int_equal(fd < 0 ? fd : 0, rows[i].rc);
        assert_int_equal(fd < 0, e.message[0] != '\0');
        if (fd >= 0) {
            assert_int_equal(fcntl(fd, F_GETFL) & O_NONBLOCK, 0);
            assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
            close(fd);
        }
    }
    close(root);
    close(server);
}

static void files_are_made_beneath(void **state) {
    (void)state;
    skip_without_openat2();
    struct stat st;
    assert_int_equal(mkdir("out", 0700), 0);
    assert_int_equal(symlink("../escaped", "out/link"), 0);
    int root = open("out", O_RDONLY | O_DIRECTORY);
    int fd = path_open_beneath(root, "new", O_WRONLY | O_CREAT | O_EXCL, 0640, NULL);
    assert_true(fd >= 0);
    close(fd);
    assert_int_equal(stat("out/new", &st), 0);
    assert_int_equal(st.st_mode & 0777 & ~0640u, 0);
    assert_int_equal(path_open_beneath(root, "link", O_WRONLY | O_CREAT, 0600, NULL), -E_DENIED);
    assert_int_equal(path_open_beneath(root, "../new", O_WRONLY | O_CREAT, 0600, NULL), -E_DENIED);
    assert_int_not_equal(access("escaped", F_OK), 0);
    close(root);
}

static void named_files_are_opened(void **state) {
    (void)state;
    struct err e;
    err_init(&e);
    put("named", "text");
    assert_int_equal(symlink("named", "alias"), 0);
    int fd = path_open_named("alias", false, &e);
    assert_true(fd >= 0);
    close(fd);
    assert_int_equal(path_open_named("nowhere", false, &e), -E_INPUT);
    assert_string_equal(e.message, "cannot open 'nowhere': No such file or directory");
    assert_int_equal(path_open_named(".", false, &e), -E_INPUT);
    assert_string_equal(e.message, "'.' is a folder, not a file");
    assert_int_equal(path_open_named("/dev/zero", true, &e), -E_INPUT);
    assert_string_equal(e.message, "'/dev/zero' is a device, not a file");
    assert_int_equal(mkfifo("fifo", 0600), 0);
    assert_int_equal(path_open_named("fifo", false, &e), -E_INPUT); /* and does not wait for a writer */
}

static void pipes_are_read_where_allowed(void **state) {
    (void)state;
    int ends[2];
    char name[40];
    struct buf out = BUF_INIT;
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], "through a pipe", 14), 14);
    close(ends[1]);
    snprintf(name, sizeof name, "/dev/fd/%d", ends[0]);
    assert_int_equal(path_open_named(name, false, NULL), -E_INPUT);
    assert_int_equal(path_read(name, &out, 100, NULL), 0);
    assert_string_equal(out.data, "through a pipe");
    close(ends[0]);
    buf_release(&out);
}

/* ---- reading and writing --------------------------------------------------------------------------------------- */

static void reading_is_bounded(void **state) {
    (void)state;
    struct err e;
    struct buf out = BUF_INIT;
    err_init(&e);
    put("ten", "0123456789");
    assert_int_equal(path_read("ten", &out, 10, &e), 0);
    assert_string_equal(out.data, "0123456789");
    assert_int_equal(path_read("ten", &out, 9, &e), -E_DATA);
    assert_string_equal(e.message, "'ten': larger than 9 bytes");
    buf_clear(&out);
    put("empty", "");
    assert_int_equal(path_read("empty", &out, 0, &e), 0);
    assert_int_equal(out.len, 0);
    assert_int_equal(path_read("/proc/self/status", &out, 1 << 20, &e), 0); /* a file whose size is not known */
    assert_true(out.len > 100);
    assert_int_equal(path_read_fd(9999, &out, 10, &e), -E_INPUT);
    buf_release(&out);
}

static void large_files_are_read_whole(void **state) {
    (void)state;
    struct buf data = BUF_INIT;
    struct buf back = BUF_INIT;
    for (int i = 0; data.len < 3000000; i++) {
        buf_addf(&data, "line %d\n", i);
    }
    assert_int_equal(path_write_atomic("large", data.data, data.len, 0600, NULL), 0);
    assert_int_equal(path_read("large", &back, data.len, NULL), 0);
    assert_int_equal(back.len, data.len);
    assert_memory_equal(back.data, data.data, data.len);
    buf_release(&data);
    buf_release(&back);
}

static void writing_replaces_whole(void **state) {
    (void)state;
    struct buf out = BUF_INIT;
    struct stat st;
    assert_int_equal(mkdir("w", 0700), 0);
    mode_t mask = umask(077);
    assert_int_equal(path_write_atomic("w/file", "first", 5, 0644, NULL), 0);
    umask(mask);
    assert_int_equal(stat("w/file", &st), 0);
    assert_int_equal(st.st_mode & 0777, 0644);
    int old = open("w/file", O_RDONLY);
    assert_int_equal(path_write_atomic("w/file", "2nd", 3, 0600, NULL), 0);
    assert_int_equal(path_read("w/file", &out, 100, NULL), 0);
    assert_string_equal(out.data, "2nd");
    buf_clear(&out);
    assert_int_equal(path_read_fd(old, &out, 100, NULL), 0); /* who had it open still has the first */
    assert_string_equal(out.data, "first");
    close(old);
    assert_int_equal(path_write_atomic("w/empty", NULL, 0, 0600, NULL), 0);
    assert_int_equal(entries("w"), 2);
    buf_release(&out);
}

static void failed_writing_leaves_nothing(void **state) {
    (void)state;
    struct err e;
    err_init(&e);
    assert_int_equal(mkdir("f", 0700), 0);
    assert_int_equal(mkdir("f/taken", 0700), 0);
    assert_int_equal(path_write_atomic("f/taken", "x", 1, 0600, &e), -E_OUTPUT);
    assert_string_equal(e.message, "cannot write 'f/taken': Is a directory");
    assert_int_equal(entries("f"), 1);
    assert_int_equal(path_write_atomic("nofolder/x", "x", 1, 0600, &e), -E_OUTPUT);
    assert_string_equal(e.message, "cannot write beside 'nofolder/x': No such file or directory");
    char name[300] = "f/";
    memset(name + 2, 'n', 255);
    assert_int_equal(path_write_atomic(name, "x", 1, 0600, NULL), 0); /* the longest name there is */
    assert_int_equal(entries("f"), 2);
}

static void folders_are_made(void **state) {
    (void)state;
    struct err e;
    struct stat st;
    err_init(&e);
    assert_int_equal(path_mkdirs("m/a/b/c", 0700, &e), 0);
    assert_int_equal(path_mkdirs("m/a/b/c", 0700, &e), 0);
    assert_int_equal(stat("m/a/b/c", &st), 0);
    assert_true(S_ISDIR(st.st_mode));
    assert_int_equal(path_mkdirs("m//x/", 0700, &e), 0);
    assert_int_equal(stat("m/x", &st), 0);
    put("m/plain", "");
    assert_int_equal(path_mkdirs("m/plain/x", 0700, &e), -E_OUTPUT);
    assert_string_equal(e.message, "cannot make the folder 'm/plain': File exists");
    assert_int_equal(path_mkdirs("/", 0700, &e), 0);
    char absolute[220];
    snprintf(absolute, sizeof absolute, "%s/deep/er", home);
    assert_int_equal(path_mkdirs(absolute, 0700, &e), 0);
    assert_int_equal(stat("deep/er", &st), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(joins),
        cmocka_unit_test(absolute_paths_are_clean),
        cmocka_unit_test(parts_of_names),
        cmocka_unit_test(within),
        cmocka_unit_test(only_files_beneath_are_opened),
        cmocka_unit_test(files_are_made_beneath),
        cmocka_unit_test(named_files_are_opened),
        cmocka_unit_test(pipes_are_read_where_allowed),
        cmocka_unit_test(reading_is_bounded),
        cmocka_unit_test(large_files_are_read_whole),
        cmocka_unit_test(writing_replaces_whole),
        cmocka_unit_test(failed_writing_leaves_nothing),
        cmocka_unit_test(folders_are_made),
    };
    return cmocka_run_group_tests(tests, enter, leave);
}
