/* Waits that are published: a slot of the clock's page for each thread that waits, and for each timer.
 *
 * A thread publishes until when it waits, and for what, and sleeps on a word of its slot. The pacer wakes it when the
 * deadline has come; whoever releases, signals or posts what it waits for looks for its slot and wakes it. Nothing here
 * locks, so that a signal handler may post.
 */
#define _GNU_SOURCE
#include "shim.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Longer than any run: a wait that has a timeout at all is one that every signal interrupts. */
#define VERY_LONG (INT64_C(1000000) * SECOND)

static __thread struct wait_slot *own_slot;
static __thread int own_doorbell = -1;
static pthread_key_t at_thread_end;
static _Atomic uint64_t tickets;
/* Of a fork, whose threads are gone, the slots are the parent's. */
static _Atomic int32_t own_process;

static void thread_ends(void *slot) {
    slot_free(slot);
    own_slot = NULL;
    if (own_doorbell >= 0)
        close(own_doorbell);
    own_doorbell = -1;
}

static void after_fork(void) {
    own_process = getpid();
    own_slot = NULL;
    if (own_doorbell >= 0)
        close(own_doorbell);
    own_doorbell = -1;
    pthread_setspecific(at_thread_end, NULL);
}

__attribute__((constructor)) static void prepare(void) {
    own_process = getpid();
    if (!clock_page())
        return;
    pthread_key_create(&at_thread_end, thread_ends);
    pthread_atfork(NULL, NULL, after_fork);
}

struct wait_slot *slot_take(enum slot_kind kind) {
    struct clock_page *page = clock_page();
    if (!page)
        return NULL;
    for (uint32_t i = 0; i < SLOT_COUNT; i++) {
        struct wait_slot *slot = &page->slots[i];
        int32_t free = 0;
        if (atomic_load_explicit(&slot->process, memory_order_relaxed) ||
            !atomic_compare_exchange_strong(&slot->process, &free, own_process))
            continue;
        slot->kind = kind;
        slot->thread = (int32_t)NEXT(syscall)(SYS_gettid);
        uint32_t used = page->used_slots;
        while (used < i + 1 && !atomic_compare_exchange_weak(&page->used_slots, &used, i + 1))
            ;
        return slot;
    }
    return NULL;
}

void slot_free(struct wait_slot *slot) {
    slot->deadline = 0;
    slot->interval = 0;
    slot->key = 0;
    slot->process = 0;
}

static struct wait_slot *thread_slot(void) {
    if (!own_slot && (own_slot = slot_take(ON_WORD)))
        pthread_setspecific(at_thread_end, own_slot);
    return own_slot;
}

int doorbell_of(const struct wait_slot *slot) {
    int socket = wire_dial();
    if (socket < 0)
        return -1;
    uint32_t number = (uint32_t)(slot - clock_page()->slots);
    struct piece hello = {&number, sizeof number};
    if (wire_send(socket, HELLO_DOORBELL, 0, (int32_t)PROTOCOL, &hello, 1) == 0)
        return socket;
    close(socket);
    return -1;
}

void doorbell_lost(void) { own_doorbell = -1; }

int thread_doorbell(void) {
    if (own_doorbell < 0 && thread_slot())
        own_doorbell = doorbell_of(own_slot);
    return own_doorbell;
}

/* ---- the wait of a thread ---- */

int wait_begin(struct wait *wait, enum slot_kind kind, uint64_t key, int64_t deadline, _Atomic int *counter) {
    struct wait_slot *slot = thread_slot();
    *wait = (struct wait){.counter = counter, .deadline = deadline};
    if (!slot || slot->deadline) /* a signal handler may wait while its thread does */
        return 0;
    wait->slot = slot;
    if (counter)
        atomic_fetch_add(counter, 1);
    slot->kind = kind;
    slot->key = key;
    slot->ticket = atomic_fetch_add(&tickets, 1);
    slot->deadline = deadline;
    return 1;
}

void wait_prepare(struct wait *wait) { wait->seen = atomic_load(&wait->slot->word); }

int wait_sleep(struct wait *wait, int64_t longest) {
    int64_t real = clock_real_until(wait->deadline);
    if (real > longest)
        real = longest;
    if (real <= 0)
        return 0;
    struct timespec timeout = timespec_of(real < VERY_LONG ? real : VERY_LONG);
    int error = errno, before = PTHREAD_CANCEL_DEFERRED;
    if (wait->is_cancellable)
        pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, &before);
    long slept = NEXT(syscall)(SYS_futex, &wait->slot->word, FUTEX_WAIT, wait->seen, &timeout, NULL, 0);
    int interrupted = slept < 0 && errno == EINTR;
    if (wait->is_cancellable)
        pthread_setcanceltype(before, NULL);
    errno = error;
    return interrupted ? EINTR : 0;
}

int wait_was_roused(const struct wait *wait) { return atomic_load(&wait->slot->word) != wait->seen; }

int wait_was_met(const struct wait *wait) { return !atomic_load(&wait->slot->key); }

int wait_end(struct wait *wait) {
    int met = !atomic_exchange(&wait->slot->key, 0);
    wait->slot->deadline = 0;
    wait->slot = NULL;
    if (wait->counter)
        atomic_fetch_sub(wait->counter, 1);
    return met;
}

void wait_stop(void *wait) {
    if (((struct wait *)wait)->slot)
        wait_end(wait);
}

/* ---- waking others ---- */

static void wake(struct wait_slot *slot) {
    int error = errno;
    atomic_fetch_add(&slot->word, 1);
    NEXT(syscall)(SYS_futex, &slot->word, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
    errno = error;
}

static int waits_for(const struct wait_slot *slot, uint64_t key) {
    return atomic_load_explicit(&slot->key, memory_order_acquire) == key &&
           (key <= SHARED_FUTEX || atomic_load_explicit(&slot->process, memory_order_relaxed) == own_process);
}

static struct wait_slot *oldest(struct clock_page *page, uint64_t key) {
    struct wait_slot *found = NULL;
    uint32_t used = page->used_slots;
    for (uint32_t i = 0; i < used; i++)
        if (waits_for(&page->slots[i], key) && (!found || page->slots[i].ticket < found->ticket))
            found = &page->slots[i];
    return found;
}

int meet_waits(uint64_t key, int count) {
    struct clock_page *page = clock_page();
    int met = 0;
    while (page && met < count) {
        struct wait_slot *slot = oldest(page, key);
        if (!slot)
            break;
        uint64_t expected = key;
        if (!atomic_compare_exchange_strong(&slot->key, &expected, 0))
            continue; /* it has just ended */
        wake(slot);
        met++;
    }
    return met;
}

void rouse_waits(uint64_t key) {
    struct clock_page *page = clock_page();
    uint32_t used = page ? (uint32_t)page->used_slots : 0;
    for (uint32_t i = 0; i < used; i++)
        if (waits_for(&page->slots[i], key))
            wake(&page->slots[i]);
}
