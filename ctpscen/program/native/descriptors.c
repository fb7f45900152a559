/* Waiting for descriptors in the venue's time.
 *
 * Where time may jump, a thread that waits for descriptors waits for one more: a socket on which the pacer rings when the
 * deadline has come. Where time runs at one speed for ever, the machine's own timeouts do, stretched or shortened.
 */
#define _GNU_SOURCE
#include "shim.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/socket.h>

#define FEW 32

/* ---- one wait, with the doorbell ---- */

static int poll_really(struct pollfd *all, nfds_t count, int64_t real, const sigset_t *mask) {
    struct timespec timeout = timespec_of(real == NEVER ? 0 : real);
    return NEXT(ppoll)(all, count, real == NEVER ? NULL : &timeout, mask);
}

/* Takes what the pacer has rung; true where that was all that happened. */
static int only_rang(struct pollfd *doorbell, int *ready) {
    char rung[64];
    if (!doorbell->revents)
        return 0;
    if (doorbell->revents & (POLLNVAL | POLLERR | POLLHUP))
        doorbell_lost();
    while (recv(doorbell->fd, rung, sizeof rung, MSG_DONTWAIT) > 0)
        ;
    return --*ready == 0;
}

/* Without a doorbell (-1) it looks at the clock every SLICE. `all` has room for one more than `count`. */
static int poll_beside(int doorbell, struct pollfd *all, nfds_t count, int64_t deadline, const sigset_t *mask) {
    struct pollfd *bell = &all[count];
    for (;;) {
        int64_t real = clock_real_until(deadline);
        *bell = (struct pollfd){.fd = doorbell, .events = POLLIN};
        int ready = poll_really(all, count + 1, doorbell < 0 && real > SLICE ? SLICE : real, mask);
        if (ready < 0 || (ready > 0 && !only_rang(bell, &ready)))
            return ready;
        if (clock_now() >= deadline)
            return poll_really(all, count, 0, mask);
        if (bell->revents & (POLLNVAL | POLLERR | POLLHUP))
            doorbell = -1;
    }
}

static int poll_published(struct pollfd *all, nfds_t count, int64_t deadline, const sigset_t *mask) {
    struct wait wait;
    int ready, doorbell = thread_doorbell();
    if (doorbell < 0 || !wait_begin(&wait, ON_DOORBELL, 0, deadline, NULL))
        return poll_beside(-1, all, count, deadline, mask);
    pthread_cleanup_push(wait_stop, &wait);
    ready = poll_beside(doorbell, all, count, deadline, mask);
    pthread_cleanup_pop(1);
    return ready;
}

static int poll_until(struct pollfd *all, nfds_t count, int64_t deadline, const sigset_t *mask) {
    struct pollfd few[FEW + 1], *volatile copy = few;
    int result;
    if (deadline == NEVER || !clock_may_jump())
        return poll_really(all, count, clock_real_until(deadline), mask);
    if (count == 0 && !mask) {
        int error = sleep_until(deadline);
        errno = error ? error : errno;
        return error ? -1 : 0;
    }
    if (count > FEW && !(copy = calloc(count + 1, sizeof *copy))) {
        errno = ENOMEM;
        return -1;
    }
    if (count)
        memcpy(copy, all, count * sizeof *all);
    pthread_cleanup_push(free, copy == few ? NULL : copy);
    result = poll_published(copy, count, deadline, mask);
    for (nfds_t i = 0; i < count; i++)
        all[i].revents = result > 0 ? copy[i].revents : 0;
    pthread_cleanup_pop(1);
    return result;
}

static int64_t deadline_in(int milliseconds) {
    return milliseconds < 0 ? NEVER : clock_after((int64_t)milliseconds * (SECOND / 1000));
}

/* ---- poll ---- */

EXPORT int poll(struct pollfd *all, nfds_t count, int milliseconds) {
    if (!clock_page() || milliseconds <= 0)
        return NEXT(poll)(all, count, milliseconds);
    return poll_until(all, count, deadline_in(milliseconds), NULL);
}

EXPORT int ppoll(struct pollfd *all, nfds_t count, const struct timespec *timeout, const sigset_t *mask) {
    if (!clock_page() || !timeout)
        return NEXT(ppoll)(all, count, timeout, mask);
    if (timeout->tv_sec < 0 || !has_valid_fraction(timeout)) {
        errno = EINVAL;
        return -1;
    }
    return poll_until(all, count, clock_after(nanoseconds(timeout)), mask);
}

/* What glibc calls where a program was built with checks of its buffers. */
int __poll_chk(struct pollfd *, nfds_t, int, size_t);
int __ppoll_chk(struct pollfd *, nfds_t, const struct timespec *, const sigset_t *, size_t);

EXPORT int __poll_chk(struct pollfd *all, nfds_t count, int milliseconds, size_t size) {
    if (size / sizeof *all < count)
        abort();
    return poll(all, count, milliseconds);
}

EXPORT int __ppoll_chk(struct pollfd *all, nfds_t count, const struct timespec *timeout, const sigset_t *mask,
                       size_t size) {
    if (size / sizeof *all < count)
        abort();
    return ppoll(all, count, timeout, mask);
}

/* ---- select, as a poll of the same descriptors ---- */

#define READABLE (POLLIN | POLLRDNORM | POLLRDBAND | POLLHUP | POLLERR)
#define WRITABLE (POLLOUT | POLLWRNORM | POLLWRBAND | POLLERR)

/* Sets of descriptors may be longer than fd_set: they are as long as `count` says. */
#define WORD_BITS (8 * (int)sizeof(unsigned long))

static int is_in(const fd_set *set, int descriptor) {
    const unsigned long *words = (const void *)set;
    return set && (words[descriptor / WORD_BITS] >> (descriptor % WORD_BITS) & 1);
}

static void put(fd_set *set, int descriptor) {
    unsigned long *words = (void *)set;
    words[descriptor / WORD_BITS] |= 1ul << (descriptor % WORD_BITS);
}

static void clear(fd_set *set, int count) {
    if (set)
        memset(set, 0, (size_t)((count + WORD_BITS - 1) / WORD_BITS) * sizeof(unsigned long));
}

struct three_sets {
    int count;
    fd_set *readable, *writable, *exceptional;
};

static nfds_t list_descriptors(const struct three_sets *sets, struct pollfd *all) {
    nfds_t listed = 0;
    for (int i = 0; i < sets->count; i++) {
        short events = (short)((is_in(sets->readable, i) ? POLLIN | POLLRDNORM | POLLRDBAND : 0) |
                               (is_in(sets->writable, i) ? POLLOUT | POLLWRNORM | POLLWRBAND : 0) |
                               (is_in(sets->exceptional, i) ? POLLPRI : 0));
        if (events)
            all[listed++] = (struct pollfd){.fd = i, .events = events};
    }
    return listed;
}

static int report(const struct pollfd *of, fd_set *set, int asked, int events) {
    if (!set || !(of->events & asked) || !(of->revents & events))
        return 0;
    put(set, of->fd);
    return 1;
}

/* Fills the sets from what a poll has found; gives how many bits are set, or -1 for a descriptor that is none. */
static int fill_sets(const struct three_sets *sets, const struct pollfd *all, nfds_t listed) {
    int bits = 0;
    for (nfds_t i = 0; i < listed; i++)
        if (all[i].revents & POLLNVAL) {
            errno = EBADF;
            return -1;
        }
    clear(sets->readable, sets->count);
    clear(sets->writable, sets->count);
    clear(sets->exceptional, sets->count);
    for (nfds_t i = 0; i < listed; i++)
        bits += report(&all[i], sets->readable, POLLIN, READABLE) +
                report(&all[i], sets->writable, POLLOUT, WRITABLE) +
                report(&all[i], sets->exceptional, POLLPRI, POLLPRI);
    return bits;
}

static int select_until(const struct three_sets *sets, int64_t deadline, const sigset_t *mask) {
    int result;
    if (sets->count < 0) {
        errno = EINVAL;
        return -1;
    }
    struct pollfd *all = calloc((size_t)sets->count + 1, sizeof *all);
    if (!all) {
        errno = ENOMEM;
        return -1;
    }
    pthread_cleanup_push(free, all);
    nfds_t listed = list_descriptors(sets, all);
    result = poll_until(all, listed, deadline, mask);
    if (result >= 0)
        result = fill_sets(sets, all, listed);
    pthread_cleanup_pop(1);
    return result;
}

EXPORT int select(int count, fd_set *restrict readable, fd_set *restrict writable, fd_set *restrict exceptional,
                  struct timeval *restrict timeout) {
    if (!clock_page() || !timeout)
        return NEXT(select)(count, readable, writable, exceptional, timeout);
    if (timeout->tv_sec < 0 || timeout->tv_usec < 0) {
        errno = EINVAL;
        return -1;
    }
    struct timespec duration = {.tv_sec = timeout->tv_sec + timeout->tv_usec / 1000000,
                                .tv_nsec = timeout->tv_usec % 1000000 * 1000};
    struct three_sets sets = {count, readable, writable, exceptional};
    int64_t deadline = clock_after(nanoseconds(&duration));
    int result = select_until(&sets, deadline, NULL), error = errno;
    int64_t left = deadline - clock_now();
    *timeout = (struct timeval){.tv_sec = left > 0 ? left / SECOND : 0, .tv_usec = left > 0 ? left % SECOND / 1000 : 0};
    errno = error;
    return result;
}

EXPORT int pselect(int count, fd_set *restrict readable, fd_set *restrict writable, fd_set *restrict exceptional,
                   const struct timespec *restrict timeout, const sigset_t *restrict mask) {
    if (!clock_page() || !timeout)
        return NEXT(pselect)(count, readable, writable, exceptional, timeout, mask);
    if (timeout->tv_sec < 0 || !has_valid_fraction(timeout)) {
        errno = EINVAL;
        return -1;
    }
    struct three_sets sets = {count, readable, writable, exceptional};
    return select_until(&sets, clock_after(nanoseconds(timeout)), mask);
}

/* ---- epoll ---- */

static int epoll_until(int epoll, struct epoll_event *events, int most, int64_t deadline, const sigset_t *mask) {
    for (;;) {
        int ready = NEXT(epoll_pwait)(epoll, events, most, 0, mask);
        if (ready || clock_now() >= deadline)
            return ready;
        struct pollfd itself = {.fd = epoll, .events = POLLIN};
        if (poll_until(&itself, 1, deadline, mask) < 0)
            return -1;
    }
}

EXPORT int epoll_pwait(int epoll, struct epoll_event *events, int most, int milliseconds, const sigset_t *mask) {
    if (!clock_page() || milliseconds <= 0)
        return NEXT(epoll_pwait)(epoll, events, most, milliseconds, mask);
    return epoll_until(epoll, events, most, deadline_in(milliseconds), mask);
}

EXPORT int epoll_wait(int epoll, struct epoll_event *events, int most, int milliseconds) {
    return epoll_pwait(epoll, events, most, milliseconds, NULL);
}

int epoll_pwait2(int, struct epoll_event *, int, const struct timespec *, const sigset_t *);

EXPORT int epoll_pwait2(int epoll, struct epoll_event *events, int most, const struct timespec *timeout,
                        const sigset_t *mask) {
    if (!clock_page() || !timeout)
        return NEXT(epoll_pwait2)(epoll, events, most, timeout, mask);
    if (timeout->tv_sec < 0 || !has_valid_fraction(timeout)) {
        errno = EINVAL;
        return -1;
    }
    return epoll_until(epoll, events, most, clock_after(nanoseconds(timeout)), mask);
}
