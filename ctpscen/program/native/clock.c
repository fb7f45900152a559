/* The venue's clock: a page of memory shared with the pacer, and every function that reads a clock.
 *
 * The machine's monotonic clock is `real_base` where the venue's is `venue_base`, and from there the venue's runs at
 * `speed`. Without a page every clock is the machine's own.
 */
#define _GNU_SOURCE
#include "shim.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <unistd.h>

#define MAGIC 0x43505443u /* "CTPC" */
#define LAYOUT 1u
#define MOST_TRIES 1000

_Static_assert(sizeof(struct wait_slot) == 64, "pacer.py knows the layout");
_Static_assert(offsetof(struct clock_page, slots) == 4096, "pacer.py knows the layout");

static struct clock_page no_page;
static _Atomic(struct clock_page *) page;

static struct clock_page *map_page(void) {
    const char *path = getenv("CTPSCEN_CLOCK");
    int descriptor = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
    if (descriptor < 0)
        return &no_page;
    void *memory = mmap(NULL, sizeof(struct clock_page), PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    close(descriptor);
    if (memory == MAP_FAILED)
        return &no_page;
    struct clock_page *found = memory;
    if (found->magic == MAGIC && found->layout == LAYOUT)
        return found;
    complain("%s is not a clock of this version of ctpscen; the program keeps the machine's clock", path);
    munmap(memory, sizeof(struct clock_page));
    return &no_page;
}

struct clock_page *clock_page(void) {
    struct clock_page *found = atomic_load_explicit(&page, memory_order_acquire);
    if (!found) {
        struct clock_page *mine = map_page();
        if (atomic_compare_exchange_strong(&page, &found, mine))
            found = mine;
        else if (mine != &no_page)
            munmap(mine, sizeof(struct clock_page)); /* another thread was faster */
    }
    return found == &no_page ? NULL : found;
}

/* Before the program's own code, while its environment is as it was given. */
__attribute__((constructor)) static void find_page(void) { clock_page(); }

int clock_may_jump(void) {
    const struct clock_page *from = clock_page();
    return from && from->jumps;
}

static int64_t real_now(void) {
    struct timespec now;
    NEXT(clock_gettime)(CLOCK_MONOTONIC, &now);
    return nanoseconds(&now);
}

struct reading {
    int64_t real_base, venue_base, realtime_offset;
    double speed;
};

/* What the page says, all of one moment. A pacer that died while it wrote must not hold anybody up. */
static struct reading read_page(const struct clock_page *from) {
    struct reading found = {0};
    for (int i = 0; i < MOST_TRIES; i++) {
        uint32_t before = atomic_load_explicit(&from->sequence, memory_order_acquire);
        found = (struct reading){from->real_base, from->venue_base, from->realtime_offset, from->speed};
        atomic_thread_fence(memory_order_acquire);
        if (!(before & 1) && before == atomic_load_explicit(&from->sequence, memory_order_relaxed))
            break;
    }
    return found;
}

static int64_t venue_time(const struct reading *at) {
    if (at->speed <= 0)
        return at->venue_base;
    int64_t passed = real_now() - at->real_base;
    return at->venue_base + (at->speed == 1.0 ? passed : (int64_t)((double)passed * at->speed));
}

int64_t clock_now(void) {
    const struct clock_page *from = clock_page();
    if (!from)
        return real_now();
    struct reading at = read_page(from);
    return venue_time(&at);
}

int64_t clock_real_until(int64_t deadline) {
    const struct clock_page *from = clock_page();
    struct reading at = from ? read_page(from) : (struct reading){.speed = 1.0};
    int64_t left = deadline - (from ? venue_time(&at) : real_now());
    if (left <= 0)
        return 0;
    if (deadline == NEVER || at.speed <= 0)
        return NEVER;
    double real = (double)left / at.speed + 1; /* never early */
    return real < 1e18 ? (int64_t)real : NEVER;
}

static int is_realtime(clockid_t clock) { return clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE; }

int clock_is_followed(clockid_t clock) {
    return clock_page() && (is_realtime(clock) || clock == CLOCK_MONOTONIC || clock == CLOCK_MONOTONIC_COARSE ||
                            clock == CLOCK_MONOTONIC_RAW || clock == CLOCK_BOOTTIME);
}

static int64_t time_on(clockid_t clock) {
    struct reading at = read_page(clock_page());
    return venue_time(&at) + (is_realtime(clock) ? at.realtime_offset : 0);
}

int64_t nanoseconds(const struct timespec *time) {
    if (time->tv_sec >= NEVER / SECOND)
        return NEVER;
    if (time->tv_sec <= -(NEVER / SECOND))
        return -NEVER;
    return (int64_t)time->tv_sec * SECOND + time->tv_nsec;
}

struct timespec timespec_of(int64_t time) {
    return (struct timespec){.tv_sec = (time_t)(time / SECOND), .tv_nsec = (long)(time % SECOND)};
}

int has_valid_fraction(const struct timespec *time) { return time->tv_nsec >= 0 && time->tv_nsec < SECOND; }

int64_t clock_deadline(clockid_t clock, const struct timespec *time) {
    int64_t deadline = nanoseconds(time);
    if (deadline == NEVER || !is_realtime(clock))
        return deadline;
    struct reading at = read_page(clock_page());
    return deadline - at.realtime_offset;
}

int64_t clock_after(int64_t duration) {
    int64_t now = clock_now();
    return duration < NEVER - now ? now + duration : NEVER;
}

/* ---- reading the clock ---- */

EXPORT int clock_gettime(clockid_t clock, struct timespec *time) {
    if (!clock_is_followed(clock))
        return NEXT(clock_gettime)(clock, time);
    *time = timespec_of(time_on(clock));
    return 0;
}

EXPORT int gettimeofday(struct timeval *restrict time, void *restrict zone) {
    if (!clock_page())
        return NEXT(gettimeofday)(time, zone);
    struct timespec now = timespec_of(time_on(CLOCK_REALTIME));
    *time = (struct timeval){.tv_sec = now.tv_sec, .tv_usec = now.tv_nsec / 1000};
    return 0;
}

EXPORT time_t time(time_t *time) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (time)
        *time = now.tv_sec;
    return now.tv_sec;
}

EXPORT int timespec_get(struct timespec *time, int base) {
    if (base != TIME_UTC || !clock_page())
        return NEXT(timespec_get)(time, base);
    clock_gettime(CLOCK_REALTIME, time);
    return base;
}
