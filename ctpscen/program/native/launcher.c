/* Starts a program under test, stands by until it is over, and leaves nothing behind.
 *
 *     launcher CONTROL NETWORK PRELOAD FOLDER CORES DOORS GRACE -- COMMAND...
 *
 * CONTROL is the number of a socket to ctpscen. NETWORK is `none` (a network namespace of its own, in which only its
 * loopback answers) or `open`; PRELOAD is what LD_PRELOAD becomes for the program alone, FOLDER where it starts, CORES
 * whether it may dump core (`cores` or `no-cores`). DOORS are how many ports of that network's loopback are listened at
 * for ctpscen, from FIRST_DOOR on. GRACE are the seconds that the program has to end when nobody is at CONTROL any more.
 * Standard input, output and error are the program's.
 *
 * It says on CONTROL, a line each: `network MODE`; `doors COUNT` where there are any, or there is a grace, and with it the
 * listening sockets and then a pipe that ends with the launcher; `started PID`, or `failed WHAT ERRNO` and no more; then `exited CODE`
 * or `killed SIGNAL`; at its own end `left COUNT`, the processes that were still there. It takes lines: `signal NUMBER`
 * is sent to the program's process group. When CONTROL ends, because ctpscen is done with the program or is dead, the
 * program is asked to end if it has a grace; then every process that came of it is killed, whatever group or session it went to: orphans become children of the launcher.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CONTROL = 1, NETWORK, PRELOAD, FOLDER, CORES, DOORS, GRACE, SEPARATOR, COMMAND };

#define EXIT_NOT_STARTED 96
#define LONGEST_LINE 256
#define FIRST_DOOR 41205
#define MOST_DOORS 64

static int control;

static void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void say(const char *format, ...) {
    char line[LONGEST_LINE];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(line, sizeof line - 1, format, arguments);
    va_end(arguments);
    if (length < 0 || length > (int)sizeof line - 2)
        return;
    line[length] = '\n';
    if (send(control, line, (size_t)length + 1, MSG_NOSIGNAL) < 0)
        return; /* ctpscen is gone, which the next poll finds */
}

static _Noreturn void fail(const char *what) {
    say("failed %s %d", what, errno);
    exit(EXIT_NOT_STARTED);
}

/* ---- a network of its own ---- */

static int write_file(const char *path, const char *text) {
    int descriptor = open(path, O_WRONLY | O_CLOEXEC);
    if (descriptor < 0)
        return -1;
    ssize_t written = write(descriptor, text, strlen(text));
    close(descriptor);
    return written < 0 ? -1 : 0;
}

/* Root needs no user namespace, and keeps its rights to everybody's files without one. */
static int leave_network(void) {
    char map[64];
    uid_t user = geteuid();
    gid_t group = getegid();
    if (user == 0 && unshare(CLONE_NEWNET) == 0)
        return 0;
    if (unshare(CLONE_NEWUSER | CLONE_NEWNET))
        return -1;
    if (write_file("/proc/self/setgroups", "deny") && errno != ENOENT)
        return -1;
    snprintf(map, sizeof map, "%u %u 1", user, user);
    if (write_file("/proc/self/uid_map", map))
        return -1;
    snprintf(map, sizeof map, "%u %u 1", group, group);
    return write_file("/proc/self/gid_map", map);
}

static int raise_loopback(void) {
    struct ifreq request = {.ifr_flags = IFF_UP | IFF_RUNNING};
    strcpy(request.ifr_name, "lo");
    int socket_of_ioctl = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (socket_of_ioctl < 0)
        return -1;
    int result = ioctl(socket_of_ioctl, SIOCSIFFLAGS, &request);
    close(socket_of_ioctl);
    return result;
}

/* ---- doors: where ctpscen listens in the program's network ---- */

/* The port is named, so that the socket keeps it when it stops listening and begins again, and may be had again while
 * connections through it are still ending. */
static int open_door(uint16_t port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int door = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), yes = 1;
    if (door < 0 || setsockopt(door, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) || bind(door, (struct sockaddr *)&address, sizeof address) || listen(door, SOMAXCONN))
        return -1;
    return door;
}

static void send_descriptors(const int *descriptors, size_t count) {
    char line[LONGEST_LINE];
    union {
        char bytes[CMSG_SPACE(sizeof(int) * (MOST_DOORS + 1))];
        struct cmsghdr aligned;
    } control_data = {.bytes = {0}};
    struct iovec text = {line, (size_t)snprintf(line, sizeof line, "doors %zu\n", count - 1)};
    struct msghdr message = {.msg_iov = &text,
                             .msg_iovlen = 1,
                             .msg_control = control_data.bytes,
                             .msg_controllen = CMSG_SPACE(sizeof(int) * count)};
    struct cmsghdr *head = CMSG_FIRSTHDR(&message);
    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN(sizeof(int) * count);
    memcpy(CMSG_DATA(head), descriptors, sizeof(int) * count);
    if (sendmsg(control, &message, MSG_NOSIGNAL) < 0)
        fail("doors");
}

/* Opens the doors, and hands them out with the end of a pipe whose other end stays here for as long as this lives. */
static void hand_out_doors(int count) {
    int all[MOST_DOORS + 1], life[2];
    if (count > MOST_DOORS || pipe2(life, O_CLOEXEC))
        fail("doors");
    for (int i = 0; i < count; i++)
        if ((all[i] = open_door((uint16_t)(FIRST_DOOR + i))) < 0)
            fail("doors");
    all[count] = life[0];
    send_descriptors(all, (size_t)count + 1);
    for (int i = 0; i <= count; i++)
        close(all[i]);
}

/* ---- the program ---- */

/* Between fork and exec. `report` takes the error of an exec that failed. */
static _Noreturn void become(char **arguments, int report, pid_t parent) {
    sigset_t none;
    setsid();
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(EXIT_NOT_STARTED);
    if (strcmp(arguments[CORES], "cores") != 0)
        setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (*arguments[PRELOAD])
        setenv("LD_PRELOAD", arguments[PRELOAD], 1);
    if (chdir(arguments[FOLDER]) == 0)
        execvp(arguments[COMMAND], arguments + COMMAND);
    int error = errno;
    if (write(report, &error, sizeof error) < 0)
        _exit(EXIT_NOT_STARTED);
    _exit(EXIT_NOT_STARTED);
}

static pid_t start(char **arguments) {
    int report[2], error, nothing;
    if (pipe2(report, O_CLOEXEC))
        fail("pipe");
    pid_t parent = getpid(), child = fork();
    if (child < 0)
        fail("fork");
    if (child == 0)
        become(arguments, report[1], parent);
    close(report[1]);
    if (read(report[0], &error, sizeof error) == sizeof error) {
        waitpid(child, NULL, 0);
        errno = error;
        fail("exec");
    }
    close(report[0]);
    /* What the program writes ends when the program's ends of the pipes close. */
    nothing = open("/dev/null", O_RDWR);
    for (int descriptor = 0; nothing >= 0 && descriptor < 3; descriptor++)
        dup2(nothing, descriptor);
    if (nothing > 2)
        close(nothing);
    return child;
}

/* ---- its end ---- */

/* The processes that have this one as their parent; gives how many of up to `room`. */
static size_t list_children(pid_t *all, size_t room) {
    char path[64], text[LONGEST_LINE * 16];
    size_t count = 0;
    snprintf(path, sizeof path, "/proc/self/task/%d/children", getpid());
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return 0;
    ssize_t length = read(descriptor, text, sizeof text - 1);
    close(descriptor);
    text[length > 0 ? length : 0] = 0;
    for (char *next = text, *end; count < room; next = end) {
        pid_t child = (pid_t)strtol(next, &end, 10);
        if (end == next)
            break;
        all[count++] = child;
    }
    return count;
}

/* Children of those that are killed become ours, and their turn comes. */
static void kill_everything(pid_t group, int is_group) {
    pid_t children[64];
    unsigned left = 0;
    if (is_group)
        kill(-group, SIGKILL);
    for (;;) {
        size_t count = list_children(children, sizeof children / sizeof *children);
        for (size_t i = 0; i < count; i++)
            kill(children[i], SIGKILL);
        pid_t ended = waitpid(-1, NULL, 0);
        if (ended < 0 && errno != EINTR)
            break;
        left += ended > 0 && ended != group;
    }
    say("left %u", left);
}

/* Takes what has ended; true while the program itself goes on. */
static int reap(pid_t program, int goes_on) {
    int status;
    pid_t ended;
    while ((ended = waitpid(-1, &status, WNOHANG)) > 0) {
        if (ended != program)
            continue;
        goes_on = 0;
        if (WIFEXITED(status))
            say("exited %d", WEXITSTATUS(status));
        else
            say("killed %d", WTERMSIG(status));
    }
    return goes_on;
}

static void obey(const char *line, pid_t program, int goes_on) {
    int number;
    if (sscanf(line, "signal %d", &number) == 1 && goes_on)
        kill(-program, number);
}

/* Does what the lines say that have come; false at the end of them. */
static int take_orders(pid_t program, int goes_on) {
    static char line[LONGEST_LINE];
    static size_t length;
    ssize_t got = recv(control, line + length, sizeof line - length, 0);
    if (got < 0 && errno == EINTR)
        return 1;
    if (got <= 0)
        return 0;
    length += (size_t)got;
    for (;;) {
        char *end = memchr(line, '\n', length);
        if (!end)
            return length < sizeof line; /* nobody sends a line as long */
        *end = 0;
        obey(line, program, goes_on);
        length -= (size_t)(end + 1 - line);
        memmove(line, end + 1, length);
    }
}

/* The other ends of the program's standard output and error, which this process has for its own until it starts: a program
 * that writes when ctpscen is dead must not die of it before it has come to an end. */
static int outputs[2] = {-1, -1};

static void keep_outputs(void) {
    outputs[0] = open("/proc/self/fd/1", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    outputs[1] = open("/proc/self/fd/2", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
}

static void discard_output(void) {
    char nothing[4096];
    for (int i = 0; i < 2; i++)
        while (outputs[i] >= 0 && read(outputs[i], nothing, sizeof nothing) > 0)
            ;
}

/* Asks the program to end, and gives it some seconds; true where it goes on. */
static int ask_to_end(pid_t program, int signals, int seconds) {
    struct signalfd_siginfo happened;
    struct pollfd end = {.fd = signals, .events = POLLIN};
    kill(-program, SIGTERM);
    int goes_on = 1;
    for (int left = seconds * 100; goes_on && left > 0; left--) {
        discard_output();
        if (poll(&end, 1, 10) > 0 && read(signals, &happened, sizeof happened) > 0)
            goes_on = reap(program, goes_on);
    }
    return goes_on;
}

static void stand_by(pid_t program, int signals, int grace) {
    int goes_on = 1;
    for (;;) {
        struct pollfd all[] = {{.fd = control, .events = POLLIN}, {.fd = signals, .events = POLLIN}};
        if (poll(all, 2, -1) < 0 && errno != EINTR)
            break;
        if (all[1].revents) {
            struct signalfd_siginfo happened;
            if (read(signals, &happened, sizeof happened) > 0)
                goes_on = reap(program, goes_on);
        }
        if (all[0].revents && !take_orders(program, goes_on))
            break;
    }
    if (goes_on && grace > 0)
        goes_on = ask_to_end(program, signals, grace);
    kill_everything(program, goes_on);
}

int main(int count, char **arguments) {
    sigset_t child;
    if (count <= COMMAND)
        return EXIT_NOT_STARTED;
    control = atoi(arguments[CONTROL]);
    fcntl(control, F_SETFD, FD_CLOEXEC);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    signal(SIGINT, SIG_IGN); /* of a terminal: ctpscen decides what becomes of the program */
    if (strcmp(arguments[NETWORK], "none") == 0 && (leave_network() || raise_loopback()))
        fail("network");
    say("network %s", arguments[NETWORK]);
    int doors = atoi(arguments[DOORS]), grace = atoi(arguments[GRACE]);
    if (doors > 0 || grace > 0)
        hand_out_doors(doors);
    if (grace > 0)
        keep_outputs();
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    sigprocmask(SIG_BLOCK, &child, NULL);
    int signals = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
    if (signals < 0)
        fail("signalfd");
    pid_t program = start(arguments);
    say("started %d", program);
    stand_by(program, signals, grace);
    return 0;
}
