/* Frames to and from ctpscen, over a unix socket. */
#define _GNU_SOURCE
#include "shim.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#define MOST_PIECES 8
#define LOWEST_DESCRIPTOR 512

void complain(const char *format, ...) {
    char text[1024];
    int length = snprintf(text, sizeof text, "ctpscen: ");
    va_list arguments;
    va_start(arguments, format);
    length += vsnprintf(text + length, sizeof text - (size_t)length - 1, format, arguments);
    va_end(arguments);
    if (length > (int)sizeof text - 2)
        length = (int)sizeof text - 2;
    text[length] = '\n';
    if (write(STDERR_FILENO, text, (size_t)length + 1) < 0)
        return; /* nobody is there to be told */
}

int out_of_the_way(int descriptor) {
    struct rlimit most;
    int lowest = LOWEST_DESCRIPTOR;
    if (getrlimit(RLIMIT_NOFILE, &most) == 0 && most.rlim_cur < 2 * LOWEST_DESCRIPTOR)
        lowest = (int)(most.rlim_cur / 2);
    int moved = fcntl(descriptor, F_DUPFD_CLOEXEC, lowest);
    if (moved < 0)
        return descriptor;
    close(descriptor);
    return moved;
}

int wire_dial(void) {
    const char *path = getenv("CTPSCEN_SOCKET");
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (!path || strlen(path) >= sizeof address.sun_path) {
        errno = ENOENT;
        return -1;
    }
    memcpy(address.sun_path, path, strlen(path) + 1);
    int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0)
        return -1;
    while (NEXT(connect)(descriptor, (const struct sockaddr *)&address, sizeof address) < 0) {
        if (errno == EINTR)
            continue;
        int error = errno;
        close(descriptor);
        errno = error;
        return -1;
    }
    return out_of_the_way(descriptor);
}

static int send_all(int socket, struct iovec *parts, size_t count) {
    while (count) {
        struct msghdr message = {.msg_iov = parts, .msg_iovlen = count};
        ssize_t sent = NEXT(sendmsg)(socket, &message, MSG_NOSIGNAL);
        if (sent < 0) {
            if (errno == EINTR)
                continue;
            return -1;
        }
        while (count && (size_t)sent >= parts->iov_len) {
            sent -= (ssize_t)parts->iov_len;
            parts++;
            count--;
        }
        if (count) {
            parts->iov_base = (char *)parts->iov_base + sent;
            parts->iov_len -= (size_t)sent;
        }
    }
    return 0;
}

int wire_send(int socket, enum frame_kind kind, uint16_t slot, int32_t value, const struct piece *pieces, size_t count) {
    struct frame_head head = {.kind = (uint16_t)kind, .slot = slot, .value = value};
    struct iovec parts[MOST_PIECES + 1] = {{.iov_base = &head, .iov_len = sizeof head}};
    size_t length = 0;
    if (count > MOST_PIECES)
        return -1;
    for (size_t i = 0; i < count; i++) {
        if (pieces[i].length > LONGEST_FRAME - length)
            return -1;
        length += pieces[i].length;
        parts[i + 1] = (struct iovec){.iov_base = (void *)(uintptr_t)pieces[i].bytes, .iov_len = pieces[i].length};
    }
    head.length = (uint32_t)length;
    return send_all(socket, parts, count + 1);
}

static int receive_all(int socket, void *bytes, size_t length) {
    unsigned char *next = bytes;
    while (length) {
        ssize_t got = recv(socket, next, length, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return -1;
        next += got;
        length -= (size_t)got;
    }
    return 0;
}

int wire_receive(int socket, struct frame *frame) {
    frame->body = NULL;
    if (receive_all(socket, &frame->head, sizeof frame->head))
        return -1;
    if (frame->head.length > LONGEST_FRAME)
        return -1;
    frame->body = malloc((size_t)frame->head.length + 1);
    if (!frame->body || receive_all(socket, frame->body, frame->head.length)) {
        frame_free(frame);
        return -1;
    }
    frame->body[frame->head.length] = 0;
    return 0;
}

void frame_free(struct frame *frame) {
    free(frame->body);
    frame->body = NULL;
}
