/* How an object of the tap comes to know what it is: ctpscen says it, or there is no object. */
#define _GNU_SOURCE
#include "tap.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

_Noreturn void tap_refuse(const char *why) {
    complain("%s; the program is ended, because it would trade without being watched", why);
    _exit(EXIT_UNKNOWN_VERSION);
}

/* ---- reading the answer ---- */

struct rest {
    unsigned char *next, *end;
};

static void *take(struct rest *rest, size_t length) {
    if ((size_t)(rest->end - rest->next) < length)
        tap_refuse("the tables of this version cannot be read");
    void *found = rest->next;
    rest->next += length;
    return found;
}

static const char *take_text(struct rest *rest) {
    size_t left = (size_t)(rest->end - rest->next), length = strnlen((const char *)rest->next, left);
    return take(rest, length + 1);
}

static const char **take_texts(struct rest *rest, uint32_t count) {
    const char **texts = count > MOST_TEXTS ? NULL : calloc(count + 1, sizeof *texts);
    if (!texts)
        tap_refuse("the tables of this version cannot be kept");
    for (uint32_t i = 0; i < count; i++)
        texts[i] = take_text(rest);
    return texts;
}

static int is_within(uint64_t offset, uint64_t size, uint64_t room) { return offset + size <= room; }

/* Whether every place that a table names is inside its record. */
static int is_sound(const struct tapped *object) {
    const struct tap_table *table = &object->table;
    for (uint32_t slot = 0; slot < table->methods; slot++) {
        const struct tapped_method *method = &object->method[slot];
        for (int i = 0; i < VOLUMES; i++)
            if (method->volumes[i] && !is_within(method->volumes[i], sizeof(int32_t), method->size))
                return 0;
        if (!is_within(method->user, method->user_size, method->size) ||
            !is_within(method->first_secret, method->secrets, table->secrets))
            return 0;
        for (uint32_t i = 0; i < method->secrets; i++) {
            const struct secret *secret = &object->secrets[method->first_secret + i];
            if (!is_within(secret->offset, secret->size, method->size))
                return 0;
        }
    }
    for (uint32_t slot = 0; slot < table->callbacks; slot++) {
        const struct tapped_callback *callback = &object->callback[slot];
        if (!is_within(callback->first_secret, callback->secrets, table->secrets))
            return 0;
        for (uint32_t i = 0; i < callback->secrets; i++) {
            const struct secret *secret = &object->secrets[callback->first_secret + i];
            if (callback->arguments[0] < 0 ||
                !is_within(secret->offset, secret->size, (uint64_t)callback->arguments[0]))
                return 0;
        }
    }
    return 1;
}

/* Takes what the answer says; the object keeps its body. */
static void take_answer(struct tapped *object, struct frame *frame) {
    struct rest rest = {frame->body, frame->body + frame->head.length};
    struct tap_table *table = &object->table;
    memcpy(table, take(&rest, sizeof *table), sizeof *table);
    if (table->methods > SLOTS || table->callbacks > CALLBACKS || table->secrets > LONGEST_FRAME)
        tap_refuse("the tables of this version are too long");
    size_t methods = table->methods * sizeof *object->method;
    size_t callbacks = table->callbacks * sizeof *object->callback;
    memcpy(object->method, take(&rest, methods), methods);
    memcpy(object->callback, take(&rest, callbacks), callbacks);
    object->secrets = take(&rest, table->secrets * sizeof *object->secrets);
    const char *events = take_text(&rest), *limits = take_text(&rest);
    object->fronts = take_texts(&rest, table->fronts);
    object->users = take_texts(&rest, table->users);
    if (!is_sound(object))
        tap_refuse("the tables of this version do not fit its records");
    if (limits_open(limits))
        tap_refuse("the limits of the run cannot be read");
    if (events_open(events))
        tap_refuse("what passes cannot be written down");
}

void tap_introduce(struct tapped *object, const char *flow, const char *version) {
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
    int socket = wire_dial();
    if (socket < 0)
        tap_refuse("ctpscen cannot be reached");
    if (wire_send(socket, HELLO_TAP, 0, 0, pieces, 5) || wire_receive(socket, &frame))
        tap_refuse("ctpscen does not answer");
    if (frame.head.kind != TABLE)
        tap_refuse(frame.head.kind == REFUSED ? (const char *)frame.body : "an answer that cannot be read");
    take_answer(object, &frame);
    close(socket);
    free(folder);
}
