/* The timed waits for semaphores, mutexes and conditions, in the venue's time.
 *
 * A wait for something besides time cannot be left to libc, whose deadline is the machine's. The thread sleeps on a word
 * of its own instead (slots.c), and whoever posts, signals or unlocks through this library wakes it. Untimed waits are
 * libc's; a signal goes to both, and wakes one too many at worst, which POSIX allows.
 */
#define _GNU_SOURCE
#include "shim.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdarg.h>
#include <stdlib.h>

/* How many threads of this process wait, so that those who release have nothing to do where nobody does. */
static _Atomic int semaphore_waits, condition_waits, mutex_waits;

static uint64_t key_of(const volatile void *address) { return (uint64_t)(uintptr_t)address; }

/* C11's own names, which the headers of old versions of libc lack. */
enum { THREAD_SUCCESS = 0, THREAD_ERROR = 2, THREAD_TIMED_OUT = 4 };
int mtx_timedlock(void *restrict, const struct timespec *restrict);
int mtx_unlock(void *);
int cnd_timedwait(void *restrict, void *restrict, const struct timespec *restrict);
int cnd_signal(void *);
int cnd_broadcast(void *);

/* ---- semaphores ---- */

/* Whether a semaphore of this process may be one of several processes. */
static _Atomic int shares_semaphores;

EXPORT int sem_init(sem_t *semaphore, int shared, unsigned int value) {
    if (shared)
        shares_semaphores = 1;
    return NEXT(sem_init)(semaphore, shared, value);
}

EXPORT sem_t *sem_open(const char *name, int flags, ...) {
    shares_semaphores = 1;
    if (!(flags & O_CREAT))
        return NEXT(sem_open)(name, flags);
    va_list arguments;
    va_start(arguments, flags);
    mode_t mode = va_arg(arguments, mode_t);
    unsigned int value = va_arg(arguments, unsigned int);
    va_end(arguments);
    return NEXT(sem_open)(name, flags, mode, value);
}

EXPORT int sem_post(sem_t *semaphore) {
    int result = NEXT(sem_post)(semaphore);
    if (atomic_load(&semaphore_waits))
        rouse_waits(key_of(semaphore));
    if (shares_semaphores)
        rouse_waits(SHARED_SEMAPHORE);
    return result;
}

static int take_in_slices(sem_t *semaphore, int64_t deadline) {
    for (;;) {
        struct timespec until;
        NEXT(clock_gettime)(CLOCK_REALTIME, &until);
        until = timespec_of(nanoseconds(&until) + SLICE);
        if (NEXT(sem_timedwait)(semaphore, &until) == 0)
            return 0;
        if (errno != ETIMEDOUT || clock_now() >= deadline)
            return errno;
    }
}

static int take_until(sem_t *semaphore, int64_t deadline) {
    struct wait wait;
    volatile int error = 0; /* as a cancelled thread unwinds past it */
    if (sem_trywait(semaphore) == 0)
        return 0;
    if (errno != EAGAIN)
        return errno;
    uint64_t key = shares_semaphores ? SHARED_SEMAPHORE : key_of(semaphore);
    if (!wait_begin(&wait, ON_WORD, key, deadline, &semaphore_waits))
        return take_in_slices(semaphore, deadline);
    wait.is_cancellable = 1;
    pthread_cleanup_push(wait_stop, &wait);
    for (;;) {
        wait_prepare(&wait);
        if (sem_trywait(semaphore) == 0)
            break;
        if (clock_now() >= deadline)
            error = ETIMEDOUT;
        else
            error = wait_sleep(&wait, NEVER);
        if (error)
            break;
    }
    pthread_cleanup_pop(1);
    return error;
}

static int wait_for_semaphore(sem_t *semaphore, clockid_t clock, const struct timespec *time) {
    int error = has_valid_fraction(time) ? take_until(semaphore, clock_deadline(clock, time)) : EINVAL;
    if (!error)
        return 0;
    errno = error;
    return -1;
}

EXPORT int sem_timedwait(sem_t *restrict semaphore, const struct timespec *restrict time) {
    if (!clock_page())
        return NEXT(sem_timedwait)(semaphore, time);
    return wait_for_semaphore(semaphore, CLOCK_REALTIME, time);
}

EXPORT int sem_clockwait(sem_t *restrict semaphore, clockid_t clock, const struct timespec *restrict time) {
    if (!clock_is_followed(clock))
        return NEXT(sem_clockwait)(semaphore, clock, time);
    return wait_for_semaphore(semaphore, clock, time);
}

/* ---- mutexes ---- */

/* Unlocking inside libc, as a wait for a condition does it, tells nobody. */
#define LOOK_AT_MUTEX (20 * SECOND / 1000)

EXPORT int pthread_mutex_unlock(pthread_mutex_t *mutex) {
    int error = NEXT(pthread_mutex_unlock)(mutex);
    if (!error && atomic_load(&mutex_waits))
        rouse_waits(key_of(mutex));
    return error;
}

static int try_to_lock(pthread_mutex_t *mutex) {
    static const struct timespec past = {0};
    return NEXT(pthread_mutex_timedlock)(mutex, &past);
}

static int lock_until(pthread_mutex_t *mutex, int64_t deadline) {
    struct wait wait;
    int error = try_to_lock(mutex);
    if (error != ETIMEDOUT)
        return error;
    int published = wait_begin(&wait, ON_WORD, key_of(mutex), deadline, &mutex_waits);
    for (;;) {
        if (published)
            wait_prepare(&wait);
        error = try_to_lock(mutex);
        if (error != ETIMEDOUT || clock_now() >= deadline)
            break;
        if (published)
            wait_sleep(&wait, LOOK_AT_MUTEX);
        else
            sleep_in_slices(clock_after(1));
    }
    if (published)
        wait_end(&wait);
    return error;
}

static int lock_by(pthread_mutex_t *mutex, clockid_t clock, const struct timespec *time) {
    /* A time that is not one does not matter where the lock can be had at once. */
    if (!has_valid_fraction(time)) {
        int error = try_to_lock(mutex);
        return error == ETIMEDOUT ? EINVAL : error;
    }
    return lock_until(mutex, clock_deadline(clock, time));
}

EXPORT int pthread_mutex_timedlock(pthread_mutex_t *restrict mutex, const struct timespec *restrict time) {
    if (!clock_page())
        return NEXT(pthread_mutex_timedlock)(mutex, time);
    return lock_by(mutex, CLOCK_REALTIME, time);
}

int pthread_mutex_clocklock(pthread_mutex_t *restrict, clockid_t, const struct timespec *restrict);

EXPORT int pthread_mutex_clocklock(pthread_mutex_t *restrict mutex, clockid_t clock,
                                   const struct timespec *restrict time) {
    if (!clock_is_followed(clock))
        return NEXT(pthread_mutex_clocklock)(mutex, clock, time);
    return lock_by(mutex, clock, time);
}

EXPORT int mtx_timedlock(void *restrict mutex, const struct timespec *restrict time) {
    if (!clock_page())
        return NEXT(mtx_timedlock)(mutex, time);
    int error = lock_by(mutex, CLOCK_REALTIME, time);
    return error == 0 ? THREAD_SUCCESS : error == ETIMEDOUT ? THREAD_TIMED_OUT : THREAD_ERROR;
}

EXPORT int mtx_unlock(void *mutex) {
    return pthread_mutex_unlock(mutex) ? THREAD_ERROR : THREAD_SUCCESS;
}

/* ---- conditions ---- */

/* Those that pthread_cond_timedwait measures by the monotonic clock; what libc keeps of that has no fixed place. */
static struct {
    pthread_mutex_t lock;
    _Atomic size_t count;
    size_t room;
    const pthread_cond_t **all;
} monotonic = {.lock = PTHREAD_MUTEX_INITIALIZER};

static size_t place_of(const pthread_cond_t *condition) {
    size_t place = 0;
    while (place < monotonic.count && monotonic.all[place] != condition)
        place++;
    return place;
}

static void note_clock(const pthread_cond_t *condition, int is_monotonic) {
    if (!is_monotonic && !monotonic.count)
        return;
    pthread_mutex_lock(&monotonic.lock);
    size_t place = place_of(condition);
    if (!is_monotonic && place < monotonic.count) {
        monotonic.all[place] = monotonic.all[--monotonic.count];
    } else if (is_monotonic && place == monotonic.count) {
        if (monotonic.count == monotonic.room) {
            size_t room = monotonic.room ? 2 * monotonic.room : 16;
            const pthread_cond_t **all = realloc(monotonic.all, room * sizeof *all);
            if (all) {
                monotonic.all = all;
                monotonic.room = room;
            }
        }
        if (monotonic.count < monotonic.room)
            monotonic.all[monotonic.count++] = condition;
    }
    NEXT(pthread_mutex_unlock)(&monotonic.lock);
}

static clockid_t clock_of(const pthread_cond_t *condition) {
    if (!monotonic.count)
        return CLOCK_REALTIME;
    pthread_mutex_lock(&monotonic.lock);
    clockid_t clock = place_of(condition) < monotonic.count ? CLOCK_MONOTONIC : CLOCK_REALTIME;
    NEXT(pthread_mutex_unlock)(&monotonic.lock);
    return clock;
}

EXPORT int pthread_cond_init(pthread_cond_t *restrict condition, const pthread_condattr_t *restrict attributes) {
    clockid_t clock = CLOCK_REALTIME;
    if (attributes)
        pthread_condattr_getclock(attributes, &clock);
    if (clock_page())
        note_clock(condition, clock == CLOCK_MONOTONIC);
    return NEXT(pthread_cond_init)(condition, attributes);
}

EXPORT int pthread_cond_destroy(pthread_cond_t *condition) {
    note_clock(condition, 0);
    return NEXT(pthread_cond_destroy)(condition);
}

EXPORT int pthread_cond_signal(pthread_cond_t *condition) {
    int error = NEXT(pthread_cond_signal)(condition);
    if (atomic_load(&condition_waits))
        meet_waits(key_of(condition), 1);
    return error;
}

EXPORT int pthread_cond_broadcast(pthread_cond_t *condition) {
    int error = NEXT(pthread_cond_broadcast)(condition);
    if (atomic_load(&condition_waits))
        meet_waits(key_of(condition), INT_MAX);
    return error;
}

struct condition_wait {
    struct wait wait;
    pthread_mutex_t *mutex;
};

/* Also when the thread is cancelled: it leaves with the mutex, as POSIX has it. */
static void leave_condition(void *data) {
    struct condition_wait *waiting = data;
    wait_stop(&waiting->wait);
    pthread_mutex_lock(waiting->mutex);
}

/* Without a slot nobody can signal us: lets the caller look again, as after a spurious wake-up. */
static int look_soon(pthread_cond_t *condition, pthread_mutex_t *mutex, int64_t deadline) {
    struct timespec until;
    NEXT(clock_gettime)(clock_of(condition), &until);
    until = timespec_of(nanoseconds(&until) + SLICE);
    int error = NEXT(pthread_cond_timedwait)(condition, mutex, &until);
    return error == ETIMEDOUT && clock_now() < deadline ? 0 : error;
}

static int await_condition(pthread_cond_t *condition, pthread_mutex_t *mutex, int64_t deadline) {
    struct condition_wait waiting = {.mutex = mutex};
    struct wait *wait = &waiting.wait;
    int met = 0;
    if (!wait_begin(wait, ON_WORD, key_of(condition), deadline, &condition_waits))
        return look_soon(condition, mutex, deadline);
    wait->is_cancellable = 1;
    int error = pthread_mutex_unlock(mutex);
    if (error) {
        wait_end(wait);
        return error;
    }
    pthread_cleanup_push(leave_condition, &waiting);
    for (;;) {
        wait_prepare(wait);
        if (wait_was_met(wait) || clock_now() >= deadline)
            break;
        wait_sleep(wait, NEVER);
    }
    met = wait_end(wait);
    pthread_cleanup_pop(1);
    return met ? 0 : ETIMEDOUT;
}

EXPORT int pthread_cond_timedwait(pthread_cond_t *restrict condition, pthread_mutex_t *restrict mutex,
                                  const struct timespec *restrict time) {
    if (!clock_page())
        return NEXT(pthread_cond_timedwait)(condition, mutex, time);
    return has_valid_fraction(time) ? await_condition(condition, mutex, clock_deadline(clock_of(condition), time)) : EINVAL;
}

int pthread_cond_clockwait(pthread_cond_t *restrict, pthread_mutex_t *restrict, clockid_t,
                           const struct timespec *restrict);

EXPORT int pthread_cond_clockwait(pthread_cond_t *restrict condition, pthread_mutex_t *restrict mutex, clockid_t clock,
                                  const struct timespec *restrict time) {
    if (!clock_is_followed(clock))
        return NEXT(pthread_cond_clockwait)(condition, mutex, clock, time);
    return has_valid_fraction(time) ? await_condition(condition, mutex, clock_deadline(clock, time)) : EINVAL;
}

EXPORT int cnd_timedwait(void *restrict condition, void *restrict mutex, const struct timespec *restrict time) {
    int error = pthread_cond_timedwait(condition, mutex, time);
    return error == 0 ? THREAD_SUCCESS : error == ETIMEDOUT ? THREAD_TIMED_OUT : THREAD_ERROR;
}

EXPORT int cnd_signal(void *condition) {
    return pthread_cond_signal(condition) ? THREAD_ERROR : THREAD_SUCCESS;
}

EXPORT int cnd_broadcast(void *condition) {
    return pthread_cond_broadcast(condition) ? THREAD_ERROR : THREAD_SUCCESS;
}
