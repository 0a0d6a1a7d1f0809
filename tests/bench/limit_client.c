/* limit_client.c - the least a shell command can do: connect, send one line, print the line that comes back.
 *
 *     limit_client SOCKET LINE
 *
 * Linked statically, as the client of a daemon would be: no loader, no libraries.
 */
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { LONGEST = 64 * 1024 };

int main(int argc, char **argv) {
    static char line[LONGEST];
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    size_t n = argc == 3 ? strlen(argv[2]) : LONGEST;
    if (n >= LONGEST || strlen(argv[1]) >= sizeof to.sun_path)
        return 64;
    strcpy(to.sun_path, argv[1]);
    memcpy(line, argv[2], n);
    line[n++] = '\n';

    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof to))
        return 69;
    if (write(fd, line, n) != (ssize_t)n)
        return 74;
    size_t got = 0;
    while (got < LONGEST && !memchr(line, '\n', got)) {
        ssize_t more = read(fd, line + got, LONGEST - got);
        if (more <= 0)
            return 74;
        got += (size_t)more;
    }
    return write(1, line, got) == (ssize_t)got ? 0 : 73;
}
