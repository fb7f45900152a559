/* What the files of the shim share.
 *
 * The shim is loaded into a program before all other libraries. It takes the place of the CTP library (shim.c, objects.c,
 * libraries.c; tap/ stands before the real one instead), leads clocks and waits to the venue's time (clock.c, slots.c, waits.c, locks.c, descriptors.c, timers.c),
 * and keeps the program off the network where nothing stronger does (network.c). Children of the program inherit it, so it must do nothing in a process that
 * has no use for it: no thread, no descriptor, no output, until a function of CTP is called.
 */
#ifndef CTPSCEN_SHIM_H
#define CTPSCEN_SHIM_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#define EXPORT __attribute__((visibility("default")))

/* ---- the function that ours stands before (libraries.c) ---- */

/* Gives the next definition of a function after ours; NULL where this C library has none. */
void *next_function(_Atomic(void *) *found, const char *name);

#define NEXT(name)                                                                                                     \
    __extension__({                                                                                                    \
        static _Atomic(void *) found_##name;                                                                           \
        (__typeof__(name) *)next_function(&found_##name, #name);                                                       \
    })

/* ---- the real CTP library (libraries.c) ---- */

enum api_kind { TRADER = 1, MARKET = 2 };

/* A function of the CTP library that the code at `caller` is bound to, by its mangled name; NULL where no such library is
 * loaded in this process. */
void *library_function(enum api_kind kind, const char *symbol, const void *caller);
/* The version of the CTP library that the code at `caller` is bound to, as the library itself says it; NULL where no
 * such library is loaded in this process. */
const char *library_version(enum api_kind kind, const void *caller);

/* ---- frames to and from ctpscen (wire.c; `server.py` is the other end) ---- */

#define PROTOCOL 1u
#define LONGEST_FRAME (1u << 20)

enum frame_kind {
    HELLO_OBJECT = 1,
    TABLE = 2,
    REFUSED = 3,
    HELLO_CALLBACKS = 4,
    HELLO_DOORBELL = 5,
    HELLO_MISUSE = 6,
    HELLO_TAP = 7,
    HELLO_EVENTS = 8,
    CALL = 16,
    RETURNED = 17,
    CALLBACK = 18,
    DONE = 19,
    RING = 20,
};

struct frame_head {
    uint32_t length; /* of what follows these twelve bytes */
    uint16_t kind;
    uint16_t slot;
    int32_t value;
};

struct frame {
    struct frame_head head;
    unsigned char *body; /* of `head.length` bytes, and a zero behind them; freed by `frame_free` */
};

/* One piece of what is sent. */
struct piece {
    const void *bytes;
    size_t length;
};

/* Connects to ctpscen; -1 where it cannot be reached. The descriptor stands high, out of the way of programs that close
 * all low ones. */
int wire_dial(void);
/* Moves a descriptor to where programs that close everything below a number do not look. */
int out_of_the_way(int descriptor);
/* Sends a frame of several pieces. 0, or -1 where nobody reads any more. */
int wire_send(int socket, enum frame_kind kind, uint16_t slot, int32_t value, const struct piece *pieces, size_t count);
/* Receives a frame. 0, or -1 at the end of the stream and for a frame that is longer than any may be. */
int wire_receive(int socket, struct frame *frame);
void frame_free(struct frame *frame);
/* Tells whoever runs the program, on its standard error. */
void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* ---- the venue's time (clock.c) ----
 *
 * A page of shared memory that the pacer writes (`pacer.py`). Times are nanoseconds of the program's monotonic clock,
 * as the venue has it; its real-time clock is `realtime_offset` ahead of it.
 */

#define SECOND INT64_C(1000000000)
#define NEVER INT64_MAX
#define SLOT_COUNT 4096

/* One wait: of a thread, or of a timer. Whoever waits takes a slot, the pacer wakes it when its deadline has come. */
struct wait_slot {
    _Atomic int32_t process; /* 0 where the slot is free */
    _Atomic int32_t thread;
    _Atomic uint32_t word; /* what a thread sleeps on */
    _Atomic uint32_t kind;
    _Atomic int64_t deadline; /* 0 while nothing is waited for */
    _Atomic int64_t interval; /* of a timer that repeats */
    _Atomic uint64_t key;     /* the address of what is waited for besides time; 0 where it has come */
    _Atomic uint64_t ticket;  /* the order in which they began to wait */
    uint64_t unused[2];
};

enum slot_kind { ON_WORD = 0, ON_DOORBELL = 1, TIMER = 2 };

struct clock_page {
    uint32_t magic;
    uint32_t layout;
    _Atomic uint32_t sequence; /* odd while it is being written */
    uint32_t jumps;            /* whether time may jump; if not, it runs at one speed for ever */
    int64_t real_base;
    int64_t venue_base;
    int64_t realtime_offset;
    double speed;
    _Atomic uint32_t used_slots; /* none beyond is in use */
    uint32_t padding[1011];
    struct wait_slot slots[SLOT_COUNT];
};

/* The page; NULL where the program lives by the machine's clock. */
struct clock_page *clock_page(void);
/* Whether time jumps; if not, it runs at one speed for ever. */
int clock_may_jump(void);
/* The time on the monotonic clock. */
int64_t clock_now(void);
/* How many nanoseconds of the machine's clock pass until `deadline`; NEVER where time stands still. */
int64_t clock_real_until(int64_t deadline);
/* Whether a clock is one that follows the venue. */
int clock_is_followed(clockid_t clock);
/* A time on a clock that is followed, as one on the monotonic clock. */
int64_t clock_deadline(clockid_t clock, const struct timespec *time);
/* A time `duration` from now. */
int64_t clock_after(int64_t duration);
int64_t nanoseconds(const struct timespec *time);
struct timespec timespec_of(int64_t nanoseconds);
int has_valid_fraction(const struct timespec *time);

/* ---- waits that are published (slots.c) ---- */

/* A thread's wait, from `wait_begin` to `wait_end`. */
struct wait {
    struct wait_slot *slot;
    _Atomic int *counter; /* how many wait for the same kind of thing; NULL where that is not counted */
    int64_t deadline;
    uint32_t seen;
    int is_cancellable; /* whether pthread_cancel may end it, as POSIX has it for some waits */
};

/* Keys for what several processes share, where an address says nothing. */
#define SHARED_SEMAPHORE UINT64_C(1)
#define SHARED_FUTEX UINT64_C(2)

/* Publishes that this thread waits for `key` (0 for time alone) until `deadline`. False where no slot is to be had; the
 * thread then has to look at the clock itself, every `SLICE`. */
int wait_begin(struct wait *wait, enum slot_kind kind, uint64_t key, int64_t deadline, _Atomic int *counter);
/* Notes the state before the last look at what is waited for, so that `wait_sleep` misses nothing that comes after. */
void wait_prepare(struct wait *wait);
/* Sleeps until woken, until `deadline`, or for `longest` nanoseconds. 0, or EINTR after a signal. */
int wait_sleep(struct wait *wait, int64_t longest);
/* Whether it was woken by anybody but the pacer since `wait_prepare`. */
int wait_was_roused(const struct wait *wait);
/* Whether somebody has given this wait what it is for. */
int wait_was_met(const struct wait *wait);
/* Ends the wait; true where what it was for has come. */
int wait_end(struct wait *wait);
/* The same for a thread that is cancelled (pthread_cleanup_push), which may have ended its wait already. */
void wait_stop(void *wait);
/* Meets up to `count` waits of a key, the oldest first; gives how many there were. */
int meet_waits(uint64_t key, int count);
/* Wakes every wait of a key, so that it looks again. */
void rouse_waits(uint64_t key);

struct wait_slot *slot_take(enum slot_kind kind);
void slot_free(struct wait_slot *slot);
/* The socket on which the pacer rings for this thread; -1 where there is none. */
int thread_doorbell(void);
/* Forgets it: the program has closed it. */
void doorbell_lost(void);
/* A new socket on which the pacer rings for a slot; -1 where it cannot be had. */
int doorbell_of(const struct wait_slot *slot);

#define SLICE INT64_C(2000000)

/* Sleeps until a deadline of the monotonic clock. 0 or EINTR. (waits.c) */
int sleep_until(int64_t deadline);
/* The same for a thread that has no slot: it looks at the clock every SLICE. */
int sleep_in_slices(int64_t deadline);

#endif
