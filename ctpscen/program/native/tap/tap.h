/* What the files of the tap share.
 *
 * The tap is loaded into a program that trades for real. It stands between the program and the real CTP library: it makes
 * the library's objects, hands out its own in their place, and passes every call and every callback through with the
 * arguments that it was given. It leads the objects to the fronts that ctpscen names, holds back what the run does not
 * allow, and writes down what passes (events.c). It knows no version of CTP: what each slot means ctpscen says when an
 * object is made, and where nobody says it, no object is made.
 *
 * What is allowed is decided here and not by ctpscen, so that it holds when ctpscen is dead.
 */
#ifndef CTPSCEN_TAP_H
#define CTPSCEN_TAP_H

#include "../operations.h"
#include "../shim.h"

#define CALLBACKS 240
#define ARGUMENTS 4
#define VOLUMES 2
#define MOST_TEXTS 4096

/* Methods that only the tap tells apart, beside those of `enum operation` (`tapping/tables.py`). */
enum { REGISTER_FRONT = 11, DROPPED = 12 };

/* Whether a call may go on to the library. */
enum rule {
    PASSES = 0,
    IS_REFUSED = 1,
    IS_COUNTED = 2,    /* its lots are within the caps */
    NAMES_A_USER = 3,  /* who must be one of the profile's */
};

/* Why a call did not (`tapping/tables.py`). */
enum refusal {
    ALLOWED = 0,
    NOT_ALLOWED = 1,
    ORDER_TOO_LARGE = 2,
    RUN_TOO_LARGE = 3,
    UNWATCHED = 4,
    OTHER_USER = 5,
    NO_RECORD = 6,
};

/* All numbers of the tables are of 32 bits. Offsets are bytes from the beginning of the record. */
struct tapped_method {
    uint32_t operation, size;
    uint32_t rule;
    uint32_t volumes[VOLUMES]; /* offsets of the lots; 0 where there are none */
    uint32_t user, user_size;  /* offset and size of the user's name */
    uint32_t first_secret, secrets;
};

enum { NO_ARGUMENT = 0, IS_NUMBER = -2, IS_BOOLEAN = -3 };

struct tapped_callback {
    int32_t arguments[ARGUMENTS]; /* the size of a record, or one of the above */
    uint32_t first_secret, secrets;
};

/* A text in the first record of a call or callback that is not written down. */
struct secret {
    uint32_t offset, size;
};

/* What ctpscen answers when an object is made: this, the methods, the callbacks, the secrets, and texts that each end
 * with a zero: the file of the events, that of the limits, the fronts, the users. */
struct tap_table {
    uint32_t api; /* the number of the object through the run */
    uint32_t methods, callbacks, secrets;
    uint32_t fronts, users;
};

struct tapped {
    const void *const *methods; /* where C++ looks for it: first */
    void *real;
    enum api_kind kind;
    unsigned generation; /* of the process that made it: a fork has no use for it */
    _Atomic int is_released, has_fronts;
    struct tap_table table;
    struct tapped_method method[SLOTS];
    struct tapped_callback callback[CALLBACKS];
    const struct secret *secrets;
    const char **fronts, **users;
    /* What the library calls back in the program's place. */
    struct proxy {
        const void *const *callbacks;
        struct tapped *object;
    } proxy;
    void *_Atomic spi;
    const void *method_table[2 + SLOTS], *callback_table[2 + CALLBACKS];
};

/* ---- introducing objects (tables.c) ---- */

/* Asks ctpscen what an object is. Ends the process where nobody says it. */
void tap_introduce(struct tapped *object, const char *flow, const char *version);
/* Ends the process: what follows could not be watched, or would be another function than it seems. */
_Noreturn void tap_refuse(const char *why);
/* How often this process was forked from one that had the tap. */
unsigned tap_generation(void);

/* ---- what is allowed (limits.c; `tapping/limits.py` is the other end) ---- */

/* A page that all programs of a run share, and ctpscen. `used` are the lots of programs, `elsewhere` those of ctpscen's
 * own sessions. Each side adds its own before it looks at the sum. */
struct limits_page {
    uint32_t magic, layout;
    int64_t most_of_an_order, most_of_the_run;
    _Atomic int64_t used, elsewhere;
    _Atomic uint64_t lost;   /* events that could not be written down */
    _Atomic uint32_t asleep; /* whether ctpscen wants its doorbell rung */
};

/* Maps the page. -1 where that cannot be done. */
int limits_open(const char *path);
struct limits_page *limits_page(void);
/* Whether a call may go on; takes its lots from those of the run. */
enum refusal limits_check(const struct tapped *object, const struct tapped_method *method, const void *record);

/* ---- what is written down (events.c; `tapping/events.py` is the other end) ---- */

enum event_kind {
    EVENT_CALL = 1,
    EVENT_RETURNED = 2,
    EVENT_CALLBACK = 3,
    EVENT_DONE = 4,
    EVENT_REFUSED = 5,
    EVENT_MISUSE = 6,
};

struct event_head {
    uint32_t length; /* of what follows the head */
    uint16_t kind, slot;
    uint32_t api, thread;
    uint64_t sequence;
    int64_t time; /* of the machine's monotonic clock, in nanoseconds */
    int32_t value, second;
};

#define EVENT_ROOM 4096

struct event {
    unsigned char *bytes; /* the head, and what follows it */
    size_t length, room;
    int is_cut; /* whether there was no memory for all of it */
    _Alignas(struct event_head) unsigned char own[EVENT_ROOM];
};

/* Opens the file and the doorbell of this process, once. -1 where that cannot be done. */
int events_open(const char *path);
/* Whether ctpscen is there to read them. */
int events_are_watched(void);
void event_begin(struct event *event, enum event_kind kind, const struct tapped *object, unsigned slot, int32_t value,
                 int32_t second);
void event_add(struct event *event, const void *bytes, size_t length);
/* Adds a record without what nobody is to read. */
void event_add_record(struct event *event, const struct tapped *object, const void *record, size_t size,
                      uint32_t first_secret, uint32_t secrets);
/* Writes it down. */
void event_end(struct event *event);

#endif
