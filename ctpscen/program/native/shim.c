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
#include "object.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Every method of every object. */
static long dispatch(struct object *object, unsigned slot, intptr_t a, intptr_t b) {
    static char nothing[] = "";
    const struct method *method = &object->method[slot];
    const void *bytes = (const void *)a;
    if (object_state(object) != LIVE) {
        if (object_state(object) == RELEASED)
            object_report_misuse(object, slot);
        return method->operation == GIVES_TEXT ? (long)nothing : method->operation == RELEASE ? 0 : -1;
    }
    switch (method->operation) {
    case RECORD:
        return object_call(object, slot, (int32_t)b, 0, bytes, bytes ? method->size : 0, NULL, 0);
    case TEXT:
        return object_call(object, slot, 0, 0, bytes, bytes ? strnlen(bytes, LONGEST_TEXT) : 0, NULL, 0);
    case NUMBER:
        return object_call_plainly(object, slot, (int32_t)a, (int32_t)b);
    case TEXTS:
        return object_call_with_texts(object, slot, (char *const *)a, (int32_t)b);
    case REGISTER_SPI:
        atomic_store(&object->spi, (struct spi *)a);
        return object_call_plainly(object, slot, a != 0, 0);
    case INIT: {
        long result = object_call_plainly(object, slot, 0, 0);
        object_start(object);
        return result;
    }
    case JOIN:
        object_call_plainly(object, slot, 0, 0);
        object_join(object);
        return 0;
    case RELEASE:
        object_release(object, slot);
        return 0;
    case GIVES_TEXT:
        return (long)object_text(object, slot);
    case FILLS:
        return object_call(object, slot, 0, 0, NULL, 0, (void *)a, a ? method->size : 0);
    default:
        return object_call_plainly(object, slot, 0, 0);
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
        socket_close(&object->calls);
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
        socket_close(&object->callbacks);
}

static pthread_once_t described = PTHREAD_ONCE_INIT;

static void *create(enum api_kind kind, const char *flow, const void *caller) {
    const char *version = library_version(kind, caller);
    pthread_once(&described, describe_types);
    struct object *object = object_new(kind, cpp_tables[kind].methods);
    if (!object)
        return NULL;
    introduce(object, flow, version ? version : "");
    open_callbacks(object);
    return object;
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
