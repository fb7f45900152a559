/* The objects of the tap: each stands for one of the real library, in a table of functions that know their number and
 * nothing else, and its proxy stands for the program's SPI object before the library.
 *
 * Nothing is locked while a call is passed on: the library may call back before it returns. Neither class of CTP has a
 * virtual destructor, so the first function that is declared is the first of the table; before it stand the offset to
 * the top and the type information, which are the real object's.
 */
#define _GNU_SOURCE
#include "tap.h"

#include <stdlib.h>
#include <string.h>

typedef long any_method(void *, intptr_t, intptr_t, intptr_t);
typedef void any_callback(void *, intptr_t, intptr_t, intptr_t, intptr_t);
typedef void *any_create(const char *, int, int, int);

#define REFUSED_BY_TAP (-3)

/* ---- calls ---- */

static long forward(const struct tapped *object, unsigned slot, intptr_t a, intptr_t b, intptr_t c) {
    any_method *const *methods = *(any_method *const *const *)object->real;
    return methods[slot](object->real, a, b, c);
}

static void add_texts(struct event *event, char *const *texts, int32_t count) {
    for (int32_t i = 0; texts && i < count; i++) {
        if (texts[i])
            event_add(event, texts[i], strnlen(texts[i], LONGEST_TEXT));
        event_add(event, "", 1);
    }
}

/* A call as it was made: its numbers, and the text or record that it was given. `second` of a record tells NULL. */
static void report_call(const struct tapped *object, unsigned slot, enum event_kind kind, int32_t why, intptr_t a,
                        intptr_t b) {
    const struct tapped_method *method = &object->method[slot];
    struct event event;
    int has_record = method->operation == RECORD && a;
    int32_t value = (int32_t)a, second = (int32_t)b;
    if (method->operation == RECORD)
        value = second;
    else if (method->operation == TEXTS)
        value = second;
    if (kind == EVENT_REFUSED)
        second = why;
    event_begin(&event, kind, object, slot, value, second);
    if (has_record)
        event_add_record(&event, object, (const void *)a, method->size, method->first_secret, method->secrets);
    else if ((method->operation == TEXT || method->operation == REGISTER_FRONT || method->operation == DROPPED) && a)
        event_add(&event, (const char *)a, strnlen((const char *)a, LONGEST_TEXT));
    else if (method->operation == TEXTS)
        add_texts(&event, (char *const *)a, (int32_t)b);
    event_end(&event);
}

static void report_return(const struct tapped *object, unsigned slot, long result) {
    const char *text = object->method[slot].operation == GIVES_TEXT ? (const char *)result : NULL;
    struct event event;
    event_begin(&event, EVENT_RETURNED, object, slot, text ? 0 : (int32_t)result, 0);
    if (text)
        event_add(&event, text, strnlen(text, LONGEST_TEXT));
    event_end(&event);
}

static void report_misuse(const struct tapped *object, unsigned slot) {
    struct event event;
    event_begin(&event, EVENT_MISUSE, object, slot, 0, 0);
    event_end(&event);
}

/* What is answered where the library must not be asked. */
static long nothing(const struct tapped *object, unsigned slot) {
    uint32_t operation = object->method[slot].operation;
    return operation == GIVES_TEXT ? (long)"" : operation == RELEASE ? 0 : -1;
}

/* The library gets the program's SPI object as a proxy, which has its type. */
static long register_spi(struct tapped *object, unsigned slot, intptr_t spi, intptr_t b, intptr_t c) {
    if (spi)
        object->callback_table[1] = (*(const void *const *const *)spi)[-1];
    atomic_store(&object->spi, (void *)spi);
    return forward(object, slot, spi ? (intptr_t)&object->proxy : 0, b, c);
}

/* Whatever front the program was configured with, it is the run's that the library gets, once. */
static long register_fronts(const struct tapped *object, unsigned slot) {
    for (uint32_t i = 0; i < object->table.fronts; i++) {
        char front[256];
        size_t length = strnlen(object->fronts[i], sizeof front - 1);
        memcpy(front, object->fronts[i], length);
        front[length] = 0;
        forward(object, slot, (intptr_t)front, 0, 0);
    }
    return 0;
}

static long pass_on(struct tapped *object, unsigned slot, intptr_t a, intptr_t b, intptr_t c) {
    switch (object->method[slot].operation) {
    case REGISTER_SPI:
        return register_spi(object, slot, a, b, c);
    case REGISTER_FRONT:
        return atomic_exchange(&object->has_fronts, 1) ? 0 : register_fronts(object, slot);
    case DROPPED: /* names of fronts that are not the run's */
        return 0;
    default:
        return forward(object, slot, a, b, c);
    }
}

/* Every method of every object. */
static long dispatch(struct tapped *object, unsigned slot, intptr_t a, intptr_t b, intptr_t c) {
    if (object->generation != tap_generation())
        return slot < object->table.methods ? nothing(object, slot) : -1;
    if (slot >= object->table.methods)
        tap_refuse("a function was called that this version of CTP does not have");
    const struct tapped_method *method = &object->method[slot];
    int is_release = method->operation == RELEASE;
    if (is_release ? atomic_exchange(&object->is_released, 1) : atomic_load(&object->is_released)) {
        report_misuse(object, slot);
        return nothing(object, slot);
    }
    enum refusal refusal = limits_check(object, method, (const void *)a);
    if (refusal != ALLOWED) {
        report_call(object, slot, EVENT_REFUSED, (int32_t)refusal, a, b);
        return REFUSED_BY_TAP;
    }
    report_call(object, slot, EVENT_CALL, 0, a, b);
    long result = pass_on(object, slot, a, b, c);
    report_return(object, slot, result);
    return result;
}

/* ---- callbacks ---- */

static void report_callback(const struct tapped *object, unsigned slot, const intptr_t *given) {
    static const int32_t null = -1, number = IS_NUMBER;
    const struct tapped_callback *callback = &object->callback[slot];
    struct event event;
    event_begin(&event, EVENT_CALLBACK, object, slot, 0, 0);
    for (int i = 0; i < ARGUMENTS && callback->arguments[i] != NO_ARGUMENT; i++) {
        int32_t size = callback->arguments[i];
        if (size < 0) { /* what is above the argument in its register says nothing */
            int32_t value = size == IS_BOOLEAN ? (given[i] & 0xff) != 0 : (int32_t)given[i];
            event_add(&event, &number, sizeof number);
            event_add(&event, &value, sizeof value);
        } else if (!given[i]) {
            event_add(&event, &null, sizeof null);
        } else {
            event_add(&event, &size, sizeof size);
            event_add_record(&event, object, (const void *)given[i], (size_t)size, callback->first_secret,
                             i == 0 ? callback->secrets : 0);
        }
    }
    event_end(&event);
}

/* Every callback of every object. */
static void call_back(struct proxy *proxy, unsigned slot, intptr_t a, intptr_t b, intptr_t c, intptr_t d) {
    struct tapped *object = proxy->object;
    void *spi = atomic_load(&object->spi);
    if (slot >= object->table.callbacks)
        tap_refuse("a callback was made that this version of CTP does not have");
    if (!spi)
        return;
    report_callback(object, slot, (const intptr_t[]){a, b, c, d});
    any_callback *const *callbacks = *(any_callback *const *const *)spi;
    callbacks[slot](spi, a, b, c, d);
    struct event event;
    event_begin(&event, EVENT_DONE, object, slot, 0, 0);
    event_end(&event);
}

/* ---- the tables that all objects copy ---- */

#define TEN(what, tens)                                                                                                \
    what(tens##0) what(tens##1) what(tens##2) what(tens##3) what(tens##4) what(tens##5) what(tens##6) what(tens##7)    \
        what(tens##8) what(tens##9)
#define TO_199(what)                                                                                                   \
    what(0) what(1) what(2) what(3) what(4) what(5) what(6) what(7) what(8) what(9) TEN(what, 1) TEN(what, 2)          \
        TEN(what, 3) TEN(what, 4) TEN(what, 5) TEN(what, 6) TEN(what, 7) TEN(what, 8) TEN(what, 9) TEN(what, 10)       \
        TEN(what, 11) TEN(what, 12) TEN(what, 13) TEN(what, 14) TEN(what, 15) TEN(what, 16) TEN(what, 17)              \
        TEN(what, 18) TEN(what, 19)
#define TO_239(what) TO_199(what) TEN(what, 20) TEN(what, 21) TEN(what, 22) TEN(what, 23)

#define METHOD(number)                                                                                                 \
    static long method_##number(void *object, intptr_t a, intptr_t b, intptr_t c) {                                    \
        return dispatch(object, number, a, b, c);                                                                      \
    }
TO_199(METHOD)

#define CALLBACK_(number)                                                                                              \
    static void callback_##number(void *proxy, intptr_t a, intptr_t b, intptr_t c, intptr_t d) {                       \
        call_back(proxy, number, a, b, c, d);                                                                          \
    }
TO_239(CALLBACK_)

#define METHOD_ENTRY(number) method_##number,
#define CALLBACK_ENTRY(number) callback_##number,
static any_method *const all_methods[SLOTS] = {TO_199(METHOD_ENTRY)};
static any_callback *const all_callbacks[CALLBACKS] = {TO_239(CALLBACK_ENTRY)};

/* ---- making objects ---- */

static void *create(enum api_kind kind, const char *symbol, const char *flow, const int *options, const void *caller) {
    any_create *real_create = (any_create *)library_function(kind, symbol, caller);
    const char *version = library_version(kind, caller);
    if (!real_create || !version)
        tap_refuse("the real CTP library cannot be found in this process");
    struct tapped *object = calloc(1, sizeof *object);
    if (!object)
        return NULL;
    object->kind = kind;
    tap_introduce(object, flow, version);
    object->generation = tap_generation();
    object->real = real_create(flow, options[0], options[1], options[2]);
    if (!object->real) {
        free(object);
        return NULL;
    }
    object->method_table[1] = (*(const void *const *const *)object->real)[-1];
    memcpy(object->method_table + 2, all_methods, sizeof all_methods);
    memcpy(object->callback_table + 2, all_callbacks, sizeof all_callbacks);
    object->methods = object->method_table + 2;
    object->proxy = (struct proxy){object->callback_table + 2, object};
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

EXPORT void *_ZN19CThostFtdcTraderApi19CreateFtdcTraderApiEPKc(const char *flow) {
    return create(TRADER, __func__, flow, (const int[]){0, 0, 0}, CALLER);
}

EXPORT void *_ZN19CThostFtdcTraderApi19CreateFtdcTraderApiEPKcb(const char *flow, int a) {
    return create(TRADER, __func__, flow, (const int[]){a, 0, 0}, CALLER);
}

EXPORT void *_ZN15CThostFtdcMdApi15CreateFtdcMdApiEPKcbb(const char *flow, int a, int b) {
    return create(MARKET, __func__, flow, (const int[]){a, b, 0}, CALLER);
}

EXPORT void *_ZN15CThostFtdcMdApi15CreateFtdcMdApiEPKcbbb(const char *flow, int a, int b, int c) {
    return create(MARKET, __func__, flow, (const int[]){a, b, c}, CALLER);
}

static const char *version_or_nothing(enum api_kind kind, const void *caller) {
    const char *version = library_version(kind, caller);
    return version ? version : "";
}

EXPORT const char *_ZN19CThostFtdcTraderApi13GetApiVersionEv(void) { return version_or_nothing(TRADER, CALLER); }

EXPORT const char *_ZN15CThostFtdcMdApi13GetApiVersionEv(void) { return version_or_nothing(MARKET, CALLER); }
