/* What API objects do: their calls to ctpscen, the callbacks that come back, their end. */
#define _GNU_SOURCE
#include "object.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MOST_TEXTS 65536
#define READ_FAILED 0x1001
/* Seconds of the machine's clock that Release waits for a callback to come back. */
#define PATIENCE 2

/* ---- calls ---- */

static int is_own_thread(const struct object *object) {
    return object->has_thread && pthread_equal(object->thread, pthread_self());
}

void socket_close(int *socket) {
    if (*socket >= 0)
        close(*socket);
    *socket = -1;
}

/* Makes a call and takes the answer: its value, and up to `room` bytes that come with it. -1 where nobody answers. What
 * the method was given is two numbers, and bytes. */
int32_t object_call(struct object *object, unsigned slot, int32_t value, int32_t second, const void *bytes,
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
            socket_close(&object->calls);
    }
    if (frame.body && answer)
        memcpy(answer, frame.body, frame.head.length < room ? frame.head.length : room);
    frame_free(&frame);
    pthread_mutex_unlock(&object->calling);
    return result;
}

int32_t object_call_plainly(struct object *object, unsigned slot, int32_t value, int32_t second) {
    return object_call(object, slot, value, second, NULL, 0, NULL, 0);
}

enum state object_state(struct object *object) {
    pthread_mutex_lock(&object->changing);
    enum state state = object->state;
    pthread_mutex_unlock(&object->changing);
    return state;
}

/* Says that an object was used after its Release. */
void object_report_misuse(const struct object *object, unsigned slot) {
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
    if (is_connected && object_state(object) == LIVE)
        call_back(object, object->table.on_disconnected, (intptr_t[MOST_ARGUMENTS]){READ_FAILED});
    pthread_mutex_lock(&object->changing);
    socket_close(&object->callbacks);
    pthread_mutex_unlock(&object->changing);
    return NULL;
}

void object_start(struct object *object) {
    pthread_mutex_lock(&object->changing);
    if (!object->has_thread && object->state == LIVE)
        object->has_thread = pthread_create(&object->thread, NULL, make_callbacks, object) == 0;
    pthread_mutex_unlock(&object->changing);
}

/* ---- the life of an object ---- */

void object_join(struct object *object) {
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
void object_release(struct object *object, unsigned slot) {
    object_call_plainly(object, slot, 0, 0);
    pthread_mutex_lock(&object->changing);
    int is_first = object->state == LIVE, is_own = is_own_thread(object), has_thread = object->has_thread;
    object->state = RELEASED;
    pthread_cond_broadcast(&object->changed);
    if (object->callbacks >= 0)
        shutdown(object->callbacks, SHUT_RDWR); /* its thread ends, and closes it */
    if (!has_thread)
        socket_close(&object->callbacks);
    if (!is_own)
        await_callback(object);
    int is_busy = object->in_callback;
    pthread_mutex_unlock(&object->changing);
    if (!is_first)
        return;
    if (has_thread && (is_own || is_busy))
        pthread_detach(object->thread);
    else if (has_thread)
        pthread_join(object->thread, NULL);
    pthread_mutex_lock(&object->calling);
    socket_close(&object->calls);
    pthread_mutex_unlock(&object->calling);
}

const char *object_text(struct object *object, unsigned slot) {
    size_t room = object->method[slot].size;
    char *text = calloc(room + 1, 1);
    if (!text)
        return "";
    if (object_call(object, slot, 0, 0, NULL, 0, text, room) < 0) {
        free(text);
        return "";
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
    return text;
}

int32_t object_call_with_texts(struct object *object, unsigned slot, char *const *texts, int32_t count) {
    size_t length = 0;
    if (!texts || count < 0 || count > MOST_TEXTS)
        return object_call_plainly(object, slot, 0, 0);
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
    int32_t result = object_call(object, slot, count, 0, all, length, NULL, 0);
    free(all);
    return result;
}

/* ---- all objects of the process ---- */

static struct object *objects;
static pthread_mutex_t objects_lock = PTHREAD_MUTEX_INITIALIZER;

static void prepare_locks(struct object *object) {
    pthread_mutex_init(&object->calling, NULL);
    pthread_mutex_init(&object->changing, NULL);
    pthread_cond_init(&object->changed, NULL);
}

static void before_fork(void) { pthread_mutex_lock(&objects_lock); }

static void in_parent(void) { pthread_mutex_unlock(&objects_lock); }

/* The threads of its objects are the parent's; what a child calls is answered as without a connection. */
static void in_child(void) {
    for (struct object *object = objects; object; object = object->next) {
        prepare_locks(object);
        socket_close(&object->calls);
        socket_close(&object->callbacks);
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

struct object *object_new(enum api_kind kind, generic_method *const *methods) {
    struct object *object = calloc(1, sizeof *object);
    if (!object)
        return NULL;
    object->methods = methods;
    object->kind = kind;
    object->calls = object->callbacks = -1;
    prepare_locks(object);
    keep(object);
    return object;
}
