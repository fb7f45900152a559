/* What passes, written down: a file to which each process of the program appends, and a doorbell.
 *
 * The file is the system's as soon as `write` has returned, so nothing is lost when the program crashes, and nobody has
 * to read for the program to go on. The doorbell is rung only when ctpscen says that it sleeps. What cannot be written is
 * counted in the page of the limits; after that nothing more is written, because what follows half an event says nothing.
 */
#define _GNU_SOURCE
#include "tap.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static int file = -1, doorbell = -1, is_broken;
static uint64_t sequence;
static unsigned generation;
static pthread_mutex_t opening = PTHREAD_MUTEX_INITIALIZER, writing = PTHREAD_MUTEX_INITIALIZER;

unsigned tap_generation(void) { return generation; }

/* The file is the parent's; a child that makes objects of its own is given another. */
static void in_child(void) {
    generation++;
    if (file >= 0)
        close(file);
    if (doorbell >= 0)
        close(doorbell);
    file = doorbell = -1;
    sequence = 0;
    is_broken = 0;
    pthread_mutex_init(&opening, NULL);
    pthread_mutex_init(&writing, NULL);
}

static void at_fork(void) { pthread_atfork(NULL, NULL, in_child); }

static int open_doorbell(void) {
    uint32_t process = (uint32_t)getpid();
    struct piece hello = {&process, sizeof process};
    int socket = wire_dial();
    if (socket < 0 || wire_send(socket, HELLO_EVENTS, 0, (int32_t)PROTOCOL, &hello, 1) == 0)
        return socket;
    close(socket);
    return -1;
}

int events_open(const char *path) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, at_fork);
    pthread_mutex_lock(&opening);
    if (file < 0) {
        int opened = open(path, O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW);
        doorbell = opened < 0 ? -1 : open_doorbell();
        if (doorbell >= 0)
            file = out_of_the_way(opened);
        else if (opened >= 0)
            close(opened);
    }
    int result = file < 0 ? -1 : 0;
    pthread_mutex_unlock(&opening);
    return result;
}

int events_are_watched(void) {
    char nothing;
    ssize_t got = recv(doorbell, &nothing, 1, MSG_PEEK | MSG_DONTWAIT);
    return got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR));
}

/* ---- one event ---- */

void event_begin(struct event *event, enum event_kind kind, const struct tapped *object, unsigned slot, int32_t value,
                 int32_t second) {
    static __thread uint32_t thread;
    static __thread unsigned thread_generation;
    if (!thread || thread_generation != generation) {
        thread = (uint32_t)syscall(SYS_gettid);
        thread_generation = generation;
    }
    struct event_head head = {.kind = (uint16_t)kind,
                              .slot = (uint16_t)slot,
                              .api = object->table.api,
                              .thread = thread,
                              .value = value,
                              .second = second};
    event->bytes = event->own;
    event->room = sizeof event->own;
    event->length = sizeof head;
    event->is_cut = 0;
    memcpy(event->bytes, &head, sizeof head);
}

static int has_room(struct event *event, size_t length) {
    if (length > LONGEST_FRAME || event->is_cut) {
        event->is_cut = 1;
        return 0;
    }
    if (event->length + length <= event->room)
        return 1;
    size_t room = 2 * (event->length + length);
    unsigned char *bytes = event->bytes == event->own ? malloc(room) : realloc(event->bytes, room);
    if (!bytes) {
        event->is_cut = 1;
        return 0;
    }
    if (event->bytes == event->own)
        memcpy(bytes, event->own, event->length);
    event->bytes = bytes;
    event->room = room;
    return 1;
}

void event_add(struct event *event, const void *bytes, size_t length) {
    if (!length || !has_room(event, length))
        return;
    memcpy(event->bytes + event->length, bytes, length);
    event->length += length;
}

void event_add_record(struct event *event, const struct tapped *object, const void *record, size_t size,
                      uint32_t first_secret, uint32_t secrets) {
    if (!has_room(event, size))
        return;
    unsigned char *copy = event->bytes + event->length;
    event_add(event, record, size);
    for (uint32_t i = first_secret; i < first_secret + secrets; i++) {
        const struct secret *secret = &object->secrets[i];
        unsigned char was_given = copy[secret->offset];
        memset(copy + secret->offset, 0, secret->size);
        copy[secret->offset] = was_given ? '*' : 0;
    }
}

static int write_all(const unsigned char *bytes, size_t length) {
    while (length) {
        ssize_t written = write(file, bytes, length);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return -1;
        bytes += written;
        length -= (size_t)written;
    }
    return 0;
}

static void ring(void) {
    static const struct frame_head rung = {.kind = RING};
    struct limits_page *page = limits_page();
    if (atomic_load(&page->asleep) && atomic_exchange(&page->asleep, 0) &&
        send(doorbell, &rung, sizeof rung, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
        return; /* it has been rung often enough, or nobody is there */
}

void event_end(struct event *event) {
    struct event_head *head = (struct event_head *)(void *)event->bytes;
    struct timespec now;
    int error = errno;
    head->length = (uint32_t)(event->length - sizeof *head);
    pthread_mutex_lock(&writing);
    clock_gettime(CLOCK_MONOTONIC, &now);
    head->sequence = ++sequence;
    head->time = now.tv_sec * SECOND + now.tv_nsec;
    is_broken = is_broken || event->is_cut || write_all(event->bytes, event->length);
    if (is_broken)
        atomic_fetch_add(&limits_page()->lost, 1);
    pthread_mutex_unlock(&writing);
    ring();
    if (event->bytes != event->own)
        free(event->bytes);
    errno = error;
}
