/* An API object: what it is, and what can be done with it (objects.c). */
#ifndef CTPSCEN_OBJECT_H
#define CTPSCEN_OBJECT_H

#include "operations.h"
#include "shim.h"

#include <pthread.h>

#define MOST_ARGUMENTS 4

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

/* Makes an object that nobody has a connection to yet; NULL where there is no memory for it. */
struct object *object_new(enum api_kind kind, generic_method *const *methods);
enum state object_state(struct object *object);

/* Makes a call and takes the answer: its value, and up to `room` bytes that come with it. -1 where nobody answers. What
 * the method was given is two numbers, and bytes. */
int32_t object_call(struct object *object, unsigned slot, int32_t value, int32_t second, const void *bytes,
                    size_t length, void *answer, size_t room);
/* The same for a method that takes and gives numbers alone. */
int32_t object_call_plainly(struct object *object, unsigned slot, int32_t value, int32_t second);
int32_t object_call_with_texts(struct object *object, unsigned slot, char *const *texts, int32_t count);
/* Gives a text that stays good until another one is given. */
const char *object_text(struct object *object, unsigned slot);

/* Starts the thread that makes the callbacks, once. */
void object_start(struct object *object);
/* Waits until the object is released. */
void object_join(struct object *object);
void object_release(struct object *object, unsigned slot);
/* Says that an object was used after its Release. */
void object_report_misuse(const struct object *object, unsigned slot);

void socket_close(int *socket);

#endif
