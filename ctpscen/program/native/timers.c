/* Timers that are descriptors, in the venue's time.
 *
 * Where time may jump, a timer is a socket on which the pacer sends the eight bytes that a timer gives; so it works in
 * every poll, select, epoll and read, of whatever thread. Where time runs at one speed for ever it is a real one, whose
 * durations are stretched or shortened.
 */
#define _GNU_SOURCE
#include "shim.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <unistd.h>

struct timer {
    struct timer *next;
    int descriptor;
    ino_t inode; /* of a descriptor that was closed and is something else now, it differs */
    clockid_t clock;
    struct wait_slot *slot; /* NULL where it is a real one */
};

static struct timer *timers;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void after_fork(void) { pthread_mutex_init(&lock, NULL); }

__attribute__((constructor)) static void prepare(void) {
    if (clock_page())
        pthread_atfork(NULL, NULL, after_fork);
}

static ino_t inode_of(int descriptor) {
    struct stat found;
    return fstat(descriptor, &found) == 0 ? found.st_ino : 0;
}

/* The timer behind a descriptor, forgetting one that is gone; the lock is held. */
static struct timer *timer_of(int descriptor) {
    struct timer **link = &timers;
    while (*link && (*link)->descriptor != descriptor)
        link = &(*link)->next;
    struct timer *found = *link;
    if (!found || inode_of(descriptor) == found->inode)
        return found;
    *link = found->next;
    free(found); /* the pacer saw the socket close, and frees the slot */
    return NULL;
}

static void remember(struct timer *timer) {
    pthread_mutex_lock(&lock);
    struct timer **link = &timers;
    while (*link && (*link)->descriptor != timer->descriptor)
        link = &(*link)->next;
    struct timer *before = *link;
    timer->next = before ? before->next : NULL;
    *link = timer;
    free(before);
    NEXT(pthread_mutex_unlock)(&lock);
}

/* A socket that looks as the program expects its timer: a low number, inherited where it asks for that. */
static int open_socket(const struct wait_slot *slot, int flags) {
    int high = doorbell_of(slot);
    if (high < 0)
        return -1;
    int descriptor = fcntl(high, flags & TFD_CLOEXEC ? F_DUPFD_CLOEXEC : F_DUPFD, 0);
    close(high);
    if (descriptor >= 0 && flags & TFD_NONBLOCK)
        fcntl(descriptor, F_SETFL, O_NONBLOCK);
    return descriptor;
}

EXPORT int timerfd_create(int clock, int flags) {
    struct timer *timer;
    if (!clock_is_followed(clock) || !(timer = calloc(1, sizeof *timer)))
        return NEXT(timerfd_create)(clock, flags);
    timer->clock = clock;
    timer->descriptor = -1;
    if (clock_may_jump() && (timer->slot = slot_take(TIMER))) {
        timer->descriptor = open_socket(timer->slot, flags);
        if (timer->descriptor < 0)
            slot_free(timer->slot);
    }
    if (timer->descriptor < 0) {
        timer->slot = NULL;
        timer->descriptor = NEXT(timerfd_create)(clock, flags);
    }
    int descriptor = timer->descriptor;
    if (descriptor < 0) {
        free(timer);
        return -1;
    }
    timer->inode = inode_of(descriptor);
    remember(timer);
    return descriptor;
}

static struct itimerspec state_of(const struct wait_slot *slot) {
    int64_t deadline = slot->deadline, interval = slot->interval, left = 0;
    if (deadline) {
        left = deadline - clock_now();
        if (left <= 0)
            left = interval ? interval - -left % interval : 0;
    }
    return (struct itimerspec){.it_interval = timespec_of(interval), .it_value = timespec_of(left)};
}

/* When a timer is first to expire. */
static int64_t first_expiry(const struct timer *timer, int flags, const struct itimerspec *to) {
    if (nanoseconds(&to->it_value) == 0)
        return 0;
    return flags & TFD_TIMER_ABSTIME ? clock_deadline(timer->clock, &to->it_value)
                                     : clock_after(nanoseconds(&to->it_value));
}

static void set_slot(const struct timer *timer, int flags, const struct itimerspec *to) {
    uint64_t expired;
    struct wait_slot *slot = timer->slot;
    slot->deadline = 0;
    while (recv(timer->descriptor, &expired, sizeof expired, MSG_DONTWAIT) > 0)
        ; /* what had expired before counts no more */
    slot->interval = nanoseconds(&to->it_interval);
    slot->ticket++; /* tells the pacer that it was set anew */
    slot->deadline = first_expiry(timer, flags, to);
}

static struct itimerspec stretched(const struct itimerspec *timer, double by) {
    return (struct itimerspec){
        .it_interval = timespec_of((int64_t)((double)nanoseconds(&timer->it_interval) * by)),
        .it_value = timespec_of((int64_t)((double)nanoseconds(&timer->it_value) * by)),
    };
}

static int set_real(const struct timer *timer, int flags, const struct itimerspec *to, struct itimerspec *before) {
    struct itimerspec real = stretched(to, 1 / clock_page()->speed), old;
    int64_t expiry = first_expiry(timer, flags, to);
    if (expiry) {
        int64_t left = clock_real_until(expiry);
        real.it_value = timespec_of(left ? left : 1);
    }
    int result = NEXT(timerfd_settime)(timer->descriptor, 0, &real, &old);
    if (result == 0 && before)
        *before = stretched(&old, clock_page()->speed);
    return result;
}

EXPORT int timerfd_settime(int descriptor, int flags, const struct itimerspec *to, struct itimerspec *before) {
    int result = 0;
    if (!clock_page())
        return NEXT(timerfd_settime)(descriptor, flags, to, before);
    if (to && (!has_valid_fraction(&to->it_value) || !has_valid_fraction(&to->it_interval))) {
        errno = EINVAL;
        return -1;
    }
    pthread_mutex_lock(&lock);
    struct timer *timer = to ? timer_of(descriptor) : NULL;
    if (!timer) {
        result = NEXT(timerfd_settime)(descriptor, flags, to, before);
    } else if (timer->slot) {
        if (before)
            *before = state_of(timer->slot);
        set_slot(timer, flags, to);
    } else {
        result = set_real(timer, flags, to, before);
    }
    NEXT(pthread_mutex_unlock)(&lock);
    return result;
}

EXPORT int timerfd_gettime(int descriptor, struct itimerspec *now) {
    int result = 0;
    if (!clock_page())
        return NEXT(timerfd_gettime)(descriptor, now);
    pthread_mutex_lock(&lock);
    struct timer *timer = timer_of(descriptor);
    if (timer && timer->slot) {
        *now = state_of(timer->slot);
    } else {
        result = NEXT(timerfd_gettime)(descriptor, now);
        if (result == 0 && timer)
            *now = stretched(now, clock_page()->speed);
    }
    NEXT(pthread_mutex_unlock)(&lock);
    return result;
}
