/* Sleeping, and the futex, in the venue's time. */
#define _GNU_SOURCE
#include "shim.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <stdarg.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

/* ---- sleeping ---- */

int sleep_in_slices(int64_t deadline) {
    while (clock_now() < deadline) {
        int64_t left = clock_real_until(deadline);
        struct timespec slice = timespec_of(left < SLICE ? left : SLICE);
        if (NEXT(nanosleep)(&slice, NULL) < 0 && errno == EINTR)
            return EINTR;
    }
    return 0;
}

int sleep_until(int64_t deadline) {
    struct wait wait;
    volatile int error = 0; /* as a cancelled thread unwinds past it */
    if (!wait_begin(&wait, ON_WORD, 0, deadline, NULL))
        return sleep_in_slices(deadline);
    wait.is_cancellable = 1;
    pthread_cleanup_push(wait_stop, &wait);
    while (!error && clock_now() < deadline) {
        wait_prepare(&wait);
        error = wait_sleep(&wait, NEVER);
    }
    pthread_cleanup_pop(1);
    return error;
}

EXPORT int clock_nanosleep(clockid_t clock, int flags, const struct timespec *time, struct timespec *left) {
    if (!clock_is_followed(clock))
        return NEXT(clock_nanosleep)(clock, flags, time, left);
    if (time->tv_sec < 0 || !has_valid_fraction(time))
        return EINVAL;
    int64_t deadline = flags & TIMER_ABSTIME ? clock_deadline(clock, time) : clock_after(nanoseconds(time));
    int error = sleep_until(deadline);
    if (error && left && !(flags & TIMER_ABSTIME)) {
        int64_t rest = deadline - clock_now();
        *left = timespec_of(rest > 0 ? rest : 0);
    }
    return error;
}

EXPORT int nanosleep(const struct timespec *time, struct timespec *left) {
    if (!clock_page())
        return NEXT(nanosleep)(time, left);
    int error = clock_nanosleep(CLOCK_MONOTONIC, 0, time, left);
    if (!error)
        return 0;
    errno = error;
    return -1;
}

EXPORT int usleep(useconds_t duration) {
    struct timespec time = {.tv_sec = duration / 1000000, .tv_nsec = (long)(duration % 1000000) * 1000};
    return nanosleep(&time, NULL);
}

EXPORT unsigned int sleep(unsigned int duration) {
    struct timespec left = {.tv_sec = duration};
    return nanosleep(&left, &left) ? (unsigned int)left.tv_sec : 0;
}

int thrd_sleep(const struct timespec *, struct timespec *);

EXPORT int thrd_sleep(const struct timespec *time, struct timespec *left) {
    if (!clock_page())
        return NEXT(thrd_sleep)(time, left);
    int error = clock_nanosleep(CLOCK_REALTIME, 0, time, left);
    return error == 0 ? 0 : error == EINTR ? -1 : -2;
}

/* ---- the futex, through syscall(): libstdc++'s futures and atomics, Rust's locks ---- */

/* How many threads of this process wait for one, so that those who release have nothing to do where nobody does. */
static _Atomic int futex_waits;

static uint64_t futex_key(long address, int operation) {
    return operation & FUTEX_PRIVATE_FLAG ? (uint64_t)address : SHARED_FUTEX;
}

static long await_futex(const long *a) {
    int operation = (int)a[1], command = operation & FUTEX_CMD_MASK, error = 0;
    const struct timespec *time = (const struct timespec *)a[3];
    struct wait wait;
    if (time->tv_sec < 0 || !has_valid_fraction(time)) {
        errno = EINVAL;
        return -1;
    }
    int64_t deadline = command == FUTEX_WAIT
                           ? clock_after(nanoseconds(time))
                           : clock_deadline(operation & FUTEX_CLOCK_REALTIME ? CLOCK_REALTIME : CLOCK_MONOTONIC, time);
    uint64_t key = futex_key(a[0], operation);
    if (!wait_begin(&wait, ON_WORD, key, deadline, &futex_waits)) {
        struct timespec slice = timespec_of(SLICE);
        int plain = FUTEX_WAIT | (operation & FUTEX_PRIVATE_FLAG);
        long result = NEXT(syscall)(SYS_futex, a[0], plain, a[2], &slice, NULL, 0);
        if (result < 0 && errno == ETIMEDOUT && clock_now() < deadline)
            return 0; /* as after a spurious wake-up */
        return result;
    }
    for (;;) {
        wait_prepare(&wait);
        if (wait_was_met(&wait))
            break;
        if (atomic_load((const _Atomic uint32_t *)a[0]) != (uint32_t)a[2])
            error = EAGAIN;
        else if (clock_now() >= deadline)
            error = ETIMEDOUT;
        else
            error = wait_sleep(&wait, NEVER);
        /* Who wakes for several processes wakes all who wait; each looks for itself, as after a spurious wake-up. */
        if (error || (key == SHARED_FUTEX && wait_was_roused(&wait)))
            break;
    }
    if (wait_end(&wait) || !error)
        return 0;
    errno = error;
    return -1;
}

static int meet_futex(const long *a, uint64_t key, long woken) {
    switch ((int)a[1] & FUTEX_CMD_MASK) {
    case FUTEX_WAKE:
    case FUTEX_WAKE_BITSET:
        return meet_waits(key, (int)a[2] - (int)woken);
    case FUTEX_REQUEUE:
    case FUTEX_CMP_REQUEUE:
        return meet_waits(key, INT_MAX);
    case FUTEX_WAKE_OP:
        return meet_waits(key, INT_MAX) + meet_waits((uint64_t)a[4], INT_MAX);
    }
    return 0;
}

static long wake_futex(const long *a) {
    int operation = (int)a[1];
    long woken = NEXT(syscall)(SYS_futex, a[0], a[1], a[2], a[3], a[4], a[5]);
    if (woken < 0)
        return woken;
    uint64_t key = futex_key(a[0], operation);
    if (key == SHARED_FUTEX)
        rouse_waits(key);
    else if (atomic_load(&futex_waits))
        woken += meet_futex(a, key, woken);
    return woken;
}

static long call_futex(const long *a) {
    int command = (int)a[1] & FUTEX_CMD_MASK;
    return (command == FUTEX_WAIT || command == FUTEX_WAIT_BITSET) && a[3] ? await_futex(a) : wake_futex(a);
}

EXPORT long syscall(long number, ...) {
    long a[6];
    va_list arguments;
    va_start(arguments, number);
    for (int i = 0; i < 6; i++)
        a[i] = va_arg(arguments, long);
    va_end(arguments);
    if (clock_page()) {
        switch (number) {
        case SYS_futex:
            return call_futex(a);
        case SYS_clock_gettime:
            return clock_gettime((clockid_t)a[0], (struct timespec *)a[1]);
        case SYS_gettimeofday:
            return gettimeofday((struct timeval *)a[0], (void *)a[1]);
        case SYS_nanosleep:
            return nanosleep((const struct timespec *)a[0], (struct timespec *)a[1]);
        case SYS_clock_nanosleep: {
            int error = clock_nanosleep((clockid_t)a[0], (int)a[1], (const struct timespec *)a[2],
                                        (struct timespec *)a[3]);
            errno = error ? error : errno;
            return error ? -1 : 0;
        }
        }
    }
    return NEXT(syscall)(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}
