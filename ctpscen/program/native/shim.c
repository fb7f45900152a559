/* The CTP library in the place of the real one: API objects whose every method is a call to ctpscen.
 *
 * An object is, as in C++, a pointer to a table of functions. All objects share one table of functions that know their
 * number and nothing else; what the method with that number means in the version of CTP that the program was built for,
 * and how long its record is, ctpscen says when the object is made. Callbacks come as a number too, and are made on a
 * thread of the object's own, one after the other, each acknowledged.
 *
 * The real library punishes misuse with a crash; this one answers -1 and tells ctpscen.
 */
#define _GNU_SOURCE
#include "shim.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define SLOTS 200
#define MOST_ARGUMENTS 4
#define LONGEST_TEXT 65536
#define MOST_TEXTS 65536
#define EXIT_UNKNOWN_VERSION 97
#define READ_FAILED 0x1001
/* Seconds of the machine's clock that Release waits for a callback to come back. */
#define PATIENCE 2

/* What is done with the arguments of a method (`layouts.py`). */
enum operation {
    NOTHING = 0,
    RECORD = 1,       /* (record, request number) */
    TEXT = 2,         /* (text) */
    NUMBER = 3,       /* (number), (number, number) */
    TEXTS = 4,        /* (texts, how many) */
    REGISTER_SPI = 5, /* (spi) */
    INIT = 6,
    JOIN = 7,
    RELEASE = 8,
    GIVES_TEXT = 9,   /* () -> text */
    FILLS = 10,       /* (record that is written to) */
};

struct method {
    uint32_t operation;
    uint32_t size; /* of the record or text, in bytes */
};

/* What ctpscen answers when an object is made; as many methods follow as it says. */
struct table {
    uint32_t api; /* the number of the object through the run */
    uint32_t on_connected, on_disconnected;
    uint32_t count;
};

typedef long generic_method(void *, intptr_t, intptr_t, intptr_t);
typedef void generic_callback(void *, intptr_t, intptr_t, intptr_t, intptr_t);

struct spi {
    generic_callback **callbacks;
};

enum state { LIVE, RELEASED, LOST };

struct object {
    generic_method *const *methods; /* where C++ looks for it: first */
    struct object *next;
    enum api_kind kind;
    struct table table;
    struct method method[SLOTS];
    _Atomic(struct spi *) spi;
    pthread_mutex_t calling; /* one call after the other, on `calls` */
    int calls, callbacks;    /* sockets; -1 where there is none any more */
    char *text;              /* what a method gave last */
    pthread_mutex_t changing; /* guards what follows */
    pthread_cond_t changed;
    enum state state;
    int has_thread, in_callback;
    pthread_t thread;
};

static struct object *objects;
static pthread_mutex_t objects_lock = PTHREAD_MUTEX_INITIALIZER;

/* ---- calls ---- */

static int is_own_thread(const struct object *object) {
    return object->has_thread && pthread_equal(object->thread, pthread_self());
}

static void close_socket(int *socket) {
    if (*socket >= 0)
        close(*socket);
    *socket = -1;
}

/* Makes a call and takes the answer: its value, and up to `room` bytes that come with it. -1 where nobody answers. What
 * the method was given is two numbers, and bytes. */
static int32_t call(struct object *object, unsigned slot, int32_t value, int32_t second, const void *bytes,
                    size_t length, void *answer, size_t room) {
    struct {
        uint32_t in_callback, is_null;
        int32_t second;
    } how = {.in_callback = (uint32_t)is_own_thread(object), .is_null = !bytes, .second = second};
    struct piece pieces[] = {{&how, sizeof how}, {bytes, length}};
    struct frame frame = {.body = NULL};
    int32_t result = -1;
    pthread_mutex_lock(&object->calling);
    if (object->calls >= 0) {
        if (wire_send(object->calls, CALL, (uint16_t)slot, value, pieces, 2) == 0 &&
            wire_receive(object->calls, &frame) == 0 && frame.head.kind == RETURNED)
            result = frame.head.value;
        else
            close_socket(&object->calls);
    }
    if (frame.body && answer)
        memcpy(answer, frame.body, frame.head.length < room ? frame.head.length : room);
    frame_free(&frame);
    pthread_mutex_unlock(&object->calling);
    return result;
}

static int32_t call_plainly(struct object *object, unsigned slot, int32_t value, int32_t second) {
    return call(object, slot, value, second, NULL, 0, NULL, 0);
}

static enum state state_of(struct object *object) {
    pthread_mutex_lock(&object->changing);
    enum state state = object->state;
    pthread_mutex_unlock(&object->changing);
    return state;
}

/* Says that an object was used after its Release. */
static void report_misuse(const struct object *object, unsigned slot) {
    int socket = wire_dial();
    struct piece which = {&object->table.api, sizeof object->table.api};
    struct frame answer;
    if (socket < 0)
        return;
    if (wire_send(socket, HELLO_MISUSE, (uint16_t)slot, (int32_t)PROTOCOL, &which, 1) == 0 &&
        wire_receive(socket, &answer) == 0)
        frame_free(&answer);
    close(socket);
}

/* ---- callbacks ---- */

struct arguments {
    intptr_t all[MOST_ARGUMENTS];
    void *records[MOST_ARGUMENTS];
};

/* Each argument is its length and that many bytes; -1 is NULL, -2 a number. Gives 0 where the frame is not well made. */
static int read_arguments(const struct frame *frame, struct arguments *arguments) {
    const unsigned char *next = frame->body, *end = frame->body + frame->head.length;
    int32_t length, number;
    memset(arguments, 0, sizeof *arguments);
    for (int i = 0; i < MOST_ARGUMENTS && next < end; i++) {
        if (end - next < (ptrdiff_t)sizeof length)
            return 0;
        memcpy(&length, next, sizeof length);
        next += sizeof length;
        if (length == -2) {
            if (end - next < (ptrdiff_t)sizeof number)
                return 0;
            memcpy(&number, next, sizeof number);
            next += sizeof number;
            arguments->all[i] = number;
        } else if (length >= 0) {
            if (end - next < length || !(arguments->records[i] = malloc(length ? (size_t)length : 1)))
                return 0;
            memcpy(arguments->records[i], next, (size_t)length);
            arguments->all[i] = (intptr_t)arguments->records[i];
            next += length;
        }
    }
    return next == end;
}

static void free_arguments(struct arguments *arguments) {
    for (int i = 0; i < MOST_ARGUMENTS; i++)
        free(arguments->records[i]);
}

/* Whether a callback may begin; then Release waits for its end. */
static int enter_callback(struct object *object) {
    pthread_mutex_lock(&object->changing);
    int may = object->state == LIVE;
    object->in_callback = may;
    pthread_mutex_unlock(&object->changing);
    return may;
}

static void leave_callback(struct object *object) {
    pthread_mutex_lock(&object->changing);
    object->in_callback = 0;
    pthread_cond_broadcast(&object->changed);
    pthread_mutex_unlock(&object->changing);
}

static void call_back(struct object *object, uint32_t slot, const intptr_t *a) {
    struct spi *spi = atomic_load(&object->spi);
    if (!enter_callback(object))
        return;
    if (spi)
        spi->callbacks[slot](spi, a[0], a[1], a[2], a[3]);
    leave_callback(object);
}

/* The object's thread, from Init to Release. */
static void *make_callbacks(void *data) {
    struct object *object = data;
    struct arguments arguments;
    struct frame frame;
    int is_connected = 0, socket = object->callbacks;
    while (wire_receive(socket, &frame) == 0) {
        int is_good = frame.head.kind == CALLBACK && read_arguments(&frame, &arguments);
        if (is_good) {
            if (frame.head.slot == object->table.on_connected || frame.head.slot == object->table.on_disconnected)
                is_connected = frame.head.slot == object->table.on_connected;
            call_back(object, frame.head.slot, arguments.all);
        }
        if (frame.head.kind == CALLBACK)
            free_arguments(&arguments);
        frame_free(&frame);
        if (!is_good || wire_send(socket, DONE, 0, 0, NULL, 0))
            break;
    }
    /* Nobody is at the other end: for the program, the front has gone. */
    if (is_connected && state_of(object) == LIVE)
        call_back(object, object->table.on_disconnected, (intptr_t[MOST_ARGUMENTS]){READ_FAILED});
    pthread_mutex_lock(&object->changing);
    close_socket(&object->callbacks);
    pthread_mutex_unlock(&object->changing);
    return NULL;
}

static void start_thread(struct object *object) {
    pthread_mutex_lock(&object->changing);
    if (!object->has_thread && object->state == LIVE)
        object->has_thread = pthread_create(&object->thread, NULL, make_callbacks, object) == 0;
    pthread_mutex_unlock(&object->changing);
}

/* ---- the life of an object ---- */

static void join(struct object *object) {
    pthread_mutex_lock(&object->changing);
    while (object->state == LIVE)
        pthread_cond_wait(&object->changed, &object->changing);
    pthread_mutex_unlock(&object->changing);
}

/* Waits until no callback is being made, but not for ever: the program may hold a lock that the callback wants. */
static void await_callback(struct object *object) {
    struct timespec until;
    NEXT(clock_gettime)(CLOCK_REALTIME, &until);
    until.tv_sec += PATIENCE;
    while (object->in_callback)
        if (NEXT(pthread_cond_timedwait)(&object->changed, &object->changing, &until) == ETIMEDOUT)
            break;
}

/* The object itself stays, so that what comes after is an answer and not a crash. */
static long release(struct object *object, unsigned slot) {
    call_plainly(object, slot, 0, 0);
    pthread_mutex_lock(&object->changing);
    int is_first = object->state == LIVE, is_own = is_own_thread(object), has_thread = object->has_thread;
    object->state = RELEASED;
    pthread_cond_broadcast(&object->changed);
    if (object->callbacks >= 0)
        shutdown(object->callbacks, SHUT_RDWR); /* its thread ends, and closes it */
    if (!has_thread)
        close_socket(&object->callbacks);
    if (!is_own)
        await_callback(object);
    int is_busy = object->in_callback;
    pthread_mutex_unlock(&object->changing);
    if (!is_first)
        return 0;
    if (has_thread && (is_own || is_busy))
        pthread_detach(object->thread);
    else if (has_thread)
        pthread_join(object->thread, NULL);
    pthread_mutex_lock(&object->calling);
    close_socket(&object->calls);
    pthread_mutex_unlock(&object->calling);
    return 0;
}

static long give_text(struct object *object, unsigned slot) {
    size_t room = object->method[slot].size;
    char *text = calloc(room + 1, 1);
    if (!text)
        return (long)"";
    if (call(object, slot, 0, 0, NULL, 0, text, room) < 0) {
        free(text);
        return (long)"";
    }
    pthread_mutex_lock(&object->changing);
    if (object->text && strcmp(object->text, text) == 0) {
        free(text); /* a pointer that was given stays good as long as it says the same */
    } else {
        free(object->text);
        object->text = text;
    }
    text = object->text;
    pthread_mutex_unlock(&object->changing);
    return (long)text;
}

static long call_with_texts(struct object *object, unsigned slot, char *const *texts, int32_t count) {
    size_t length = 0;
    if (!texts || count < 0 || count > MOST_TEXTS)
        return call_plainly(object, slot, 0, 0);
    for (int32_t i = 0; i < count; i++)
        length += (texts[i] ? strnlen(texts[i], LONGEST_TEXT) : 0) + 1;
    char *all = malloc(length ? length : 1), *next = all;
    if (!all)
        return -1;
    for (int32_t i = 0; i < count; i++) {
        size_t size = texts[i] ? strnlen(texts[i], LONGEST_TEXT) : 0;
        if (size)
            memcpy(next, texts[i], size);
        next[size] = 0;
        next += size + 1;
    }
    long result = call(object, slot, count, 0, all, length, NULL, 0);
    free(all);
    return result;
}

/* Every method of every object. */
static long dispatch(struct object *object, unsigned slot, intptr_t a, intptr_t b) {
    static char nothing[] = "";
    const struct method *method = &object->method[slot];
    const void *bytes = (const void *)a;
    if (state_of(object) != LIVE) {
        if (state_of(object) == RELEASED)
            report_misuse(object, slot);
        return method->operation == GIVES_TEXT ? (long)nothing : method->operation == RELEASE ? 0 : -1;
    }
    switch (method->operation) {
    case RECORD:
        return call(object, slot, (int32_t)b, 0, bytes, bytes ? method->size : 0, NULL, 0);
    case TEXT:
        return call(object, slot, 0, 0, bytes, bytes ? strnlen(bytes, LONGEST_TEXT) : 0, NULL, 0);
    case NUMBER:
        return call_plainly(object, slot, (int32_t)a, (int32_t)b);
    case TEXTS:
        return call_with_texts(object, slot, (char *const *)a, (int32_t)b);
    case REGISTER_SPI:
        atomic_store(&object->spi, (struct spi *)a);
        return call_plainly(object, slot, a != 0, 0);
    case INIT: {
        long result = call_plainly(object, slot, 0, 0);
        start_thread(object);
        return result;
    }
    case JOIN:
        call_plainly(object, slot, 0, 0);
        join(object);
        return 0;
    case RELEASE:
        return release(object, slot);
    case GIVES_TEXT:
        return give_text(object, slot);
    case FILLS:
        return call(object, slot, 0, 0, NULL, 0, (void *)a, a ? method->size : 0);
    default:
        return call_plainly(object, slot, 0, 0);
    }
}

/* ---- the table that all objects share ---- */

#define TEN(what, tens)                                                                                                \
    what(tens##0) what(tens##1) what(tens##2) what(tens##3) what(tens##4) what(tens##5) what(tens##6) what(tens##7)    \
        what(tens##8) what(tens##9)
#define FROM_10_TO_199(what)                                                                                           \
    TEN(what, 1) TEN(what, 2) TEN(what, 3) TEN(what, 4) TEN(what, 5) TEN(what, 6) TEN(what, 7) TEN(what, 8)            \
    TEN(what, 9) TEN(what, 10) TEN(what, 11) TEN(what, 12) TEN(what, 13) TEN(what, 14) TEN(what, 15) TEN(what, 16)     \
    TEN(what, 17) TEN(what, 18) TEN(what, 19)
#define ALL(what)                                                                                                      \
    what(0) what(1) what(2) what(3) what(4) what(5) what(6) what(7) what(8) what(9) FROM_10_TO_199(what)

#define METHOD(number)                                                                                                 \
    static long method_##number(void *object, intptr_t a, intptr_t b, intptr_t c) {                                    \
        (void)c;                                                                                                       \
        return dispatch(object, number, a, b);                                                                         \
    }
ALL(METHOD)

/* What `typeid` and `dynamic_cast` of a program look at: laid out as every C++ compiler on Linux does it. */
struct type_description {
    const void *of_descriptions; /* in the C++ library, where the process has one */
    const char *name;
};

static struct type_description types[] = {
    [TRADER] = {.name = "19CThostFtdcTraderApi"},
    [MARKET] = {.name = "15CThostFtdcMdApi"},
};

struct cpp_table {
    intptr_t offset;
    const struct type_description *type;
    generic_method *methods[SLOTS];
};

#define ENTRY(number) method_##number,
static const struct cpp_table cpp_tables[] = {
    [TRADER] = {.type = &types[TRADER], .methods = {ALL(ENTRY)}},
    [MARKET] = {.type = &types[MARKET], .methods = {ALL(ENTRY)}},
};

static void describe_types(void) {
    const char *descriptions = dlsym(RTLD_DEFAULT, "_ZTVN10__cxxabiv117__class_type_infoE");
    for (int kind = TRADER; descriptions && kind <= MARKET; kind++)
        types[kind].of_descriptions = descriptions + 2 * sizeof(void *);
}

/* ---- making objects ---- */

static int take_table(struct object *object, const struct frame *frame) {
    if (frame->head.kind != TABLE || frame->head.length < sizeof object->table)
        return 0;
    memcpy(&object->table, frame->body, sizeof object->table);
    size_t size = object->table.count * sizeof(struct method);
    if (object->table.count > SLOTS || frame->head.length != sizeof object->table + size)
        return 0;
    memcpy(object->method, frame->body + sizeof object->table, size);
    return 1;
}

/* Introduces an object: who, which version, which folder. Exits where that version is not known: every method would be
 * another one. Without ctpscen the object is as good as one whose front never answers. */
static void introduce(struct object *object, const char *flow, const char *version) {
    struct frame frame;
    char *folder = getcwd(NULL, 0);
    struct {
        uint32_t protocol, process, kind;
    } hello = {PROTOCOL, (uint32_t)getpid(), object->kind};
    struct piece pieces[] = {
        {&hello, sizeof hello},
        {version, strlen(version) + 1},
        {folder ? folder : "", folder ? strlen(folder) + 1 : 1},
        {flow ? flow : "", flow ? strnlen(flow, LONGEST_TEXT) : 0},
        {"", 1},
    };
    object->calls = wire_dial();
    if (object->calls < 0) {
        complain("it cannot be reached (%s); this program's CTP calls give -1", strerror(errno));
    } else if (wire_send(object->calls, HELLO_OBJECT, 0, 0, pieces, 5) || wire_receive(object->calls, &frame)) {
        complain("it does not answer; this program's CTP calls give -1");
        close_socket(&object->calls);
    } else {
        int is_known = take_table(object, &frame);
        if (!is_known) {
            complain("%s", frame.head.kind == REFUSED ? (const char *)frame.body : "an answer that cannot be read");
            _exit(EXIT_UNKNOWN_VERSION);
        }
        frame_free(&frame);
    }
    free(folder);
}

static void open_callbacks(struct object *object) {
    struct piece which = {&object->table.api, sizeof object->table.api};
    if (object->calls < 0)
        return;
    object->callbacks = wire_dial();
    if (object->callbacks >= 0 && wire_send(object->callbacks, HELLO_CALLBACKS, 0, (int32_t)PROTOCOL, &which, 1))
        close_socket(&object->callbacks);
}

static void before_fork(void) { pthread_mutex_lock(&objects_lock); }

static void in_parent(void) { pthread_mutex_unlock(&objects_lock); }

/* The threads of its objects are the parent's; what a child calls is answered as without a connection. */
static void in_child(void) {
    for (struct object *object = objects; object; object = object->next) {
        pthread_mutex_init(&object->calling, NULL);
        pthread_mutex_init(&object->changing, NULL);
        pthread_cond_init(&object->changed, NULL);
        close_socket(&object->calls);
        close_socket(&object->callbacks);
        object->has_thread = object->in_callback = 0;
        if (object->state == LIVE)
            object->state = LOST;
    }
    pthread_mutex_unlock(&objects_lock);
}

static void keep(struct object *object) {
    static int is_prepared;
    pthread_mutex_lock(&objects_lock);
    int is_first = !is_prepared;
    is_prepared = 1;
    object->next = objects;
    objects = object;
    pthread_mutex_unlock(&objects_lock);
    if (is_first)
        pthread_atfork(before_fork, in_parent, in_child);
}

static pthread_once_t described = PTHREAD_ONCE_INIT;

static void *create(enum api_kind kind, const char *flow, const void *caller) {
    const char *version = library_version(kind, caller);
    struct object *object = calloc(1, sizeof *object);
    if (!object)
        return NULL;
    pthread_once(&described, describe_types);
    object->methods = cpp_tables[kind].methods;
    object->kind = kind;
    object->calls = object->callbacks = -1;
    pthread_mutex_init(&object->calling, NULL);
    pthread_mutex_init(&object->changing, NULL);
    pthread_cond_init(&object->changed, NULL);
    introduce(object, flow, version ? version : "");
    open_callbacks(object);
    keep(object);
    return object;
}

/* ---- the program's output ---- */

/* A line is written when it is whole, as to a terminal, if standard output is what ctpscen reads. */
__attribute__((constructor)) static void write_lines(void) {
    const char *expected = getenv("CTPSCEN_OUTPUT");
    unsigned long device, inode;
    struct stat output;
    if (expected && sscanf(expected, "%lu:%lu", &device, &inode) == 2 && fstat(STDOUT_FILENO, &output) == 0 &&
        output.st_dev == device && output.st_ino == inode)
        setvbuf(stdout, NULL, _IOLBF, 0);
}

/* ---- the six functions that programs find by name, in all versions of CTP ---- */

#define CALLER __builtin_return_address(0)

void *_ZN19CThostFtdcTraderApi19CreateFtdcTraderApiEPKc(const char *);
void *_ZN19CThostFtdcTraderApi19CreateFtdcTraderApiEPKcb(const char *, int);
const char *_ZN19CThostFtdcTraderApi13GetApiVersionEv(void);
void *_ZN15CThostFtdcMdApi15CreateFtdcMdApiEPKcbb(const char *, int, int);
void *_ZN15CThostFtdcMdApi15CreateFtdcMdApiEPKcbbb(const char *, int, int, int);
const char *_ZN15CThostFtdcMdApi13GetApiVersionEv(void);

EXPORT void *_ZN19CThostFtdcTraderApi19CreateFtdcTraderApiEPKc(const char *flow) { return create(TRADER, flow, CALLER); }

EXPORT void *_ZN19CThostFtdcTraderApi19CreateFtdcTraderApiEPKcb(const char *flow, int is_production) {
    (void)is_production;
    return create(TRADER, flow, CALLER);
}

EXPORT void *_ZN15CThostFtdcMdApi15CreateFtdcMdApiEPKcbb(const char *flow, int uses_udp, int is_multicast) {
    (void)uses_udp;
    (void)is_multicast;
    return create(MARKET, flow, CALLER);
}

EXPORT void *_ZN15CThostFtdcMdApi15CreateFtdcMdApiEPKcbbb(const char *flow, int uses_udp, int is_multicast,
                                                          int is_production) {
    (void)uses_udp;
    (void)is_multicast;
    (void)is_production;
    return create(MARKET, flow, CALLER);
}

static const char *version_or_nothing(enum api_kind kind, const void *caller) {
    const char *version = library_version(kind, caller);
    return version ? version : "";
}

EXPORT const char *_ZN19CThostFtdcTraderApi13GetApiVersionEv(void) { return version_or_nothing(TRADER, CALLER); }

EXPORT const char *_ZN15CThostFtdcMdApi13GetApiVersionEv(void) { return version_or_nothing(MARKET, CALLER); }
