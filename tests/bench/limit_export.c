/* limit_export.c - the least an export to HTML can do: read each Markdown file and render it.
 *
 *     limit_export FOLDER
 *
 * Nothing is written. Prints the bytes of HTML.
 */
#include <cmark.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LARGEST = 1 << 20 };

static char text[LARGEST];
static size_t bytes;

static int take(const char *path, const struct stat *st, int kind, struct FTW *where) {
    (void)st, (void)where;
    if (kind != FTW_F)
        return 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text);
    if (n < 0)
        return 1;
    close(fd);
    char *html = cmark_markdown_to_html(text, (size_t)n, CMARK_OPT_DEFAULT);
    bytes += strlen(html);
    free(html);
    return 0;
}

int main(int argc, char **argv) {
    if (argc != 2 || nftw(argv[1], take, 16, FTW_PHYS) != 0) {
        fputs("usage: limit_export FOLDER\n", stderr);
        return 64;
    }
    printf("%zu\n", bytes);
    return 0;
}
