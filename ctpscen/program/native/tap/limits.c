/* What of a program's calls may go on to the library.
 *
 * The lots of a run are counted in a page that all its programs share, in all their processes, and ctpscen; so neither a
 * second object nor a fork has a count of its own. Where nobody watches any more, nobody would cancel what is left: then
 * nothing that is counted goes on.
 */
#define _GNU_SOURCE
#include "tap.h"

#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAGIC 0x6c696d74u /* tmil */
#define LAYOUT 1u

static struct limits_page *page;
static pthread_mutex_t opening = PTHREAD_MUTEX_INITIALIZER;

struct limits_page *limits_page(void) { return page; }

static struct limits_page *map(const char *path) {
    struct stat status;
    int file = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    if (file < 0)
        return NULL;
    void *mapped = MAP_FAILED;
    if (fstat(file, &status) == 0 && status.st_size >= (off_t)sizeof *page)
        mapped = mmap(NULL, sizeof *page, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    close(file);
    struct limits_page *found = mapped == MAP_FAILED ? NULL : mapped;
    return found && found->magic == MAGIC && found->layout == LAYOUT ? found : NULL;
}

int limits_open(const char *path) {
    pthread_mutex_lock(&opening);
    if (!page)
        page = map(path);
    pthread_mutex_unlock(&opening);
    return page ? 0 : -1;
}

static int64_t lots(const struct tapped_method *method, const void *record) {
    int64_t sum = 0;
    for (int i = 0; i < VOLUMES; i++) {
        int32_t volume;
        if (!method->volumes[i])
            continue;
        memcpy(&volume, (const char *)record + method->volumes[i], sizeof volume);
        sum += volume < 0 ? -(int64_t)volume : volume;
    }
    return sum;
}

static enum refusal count(const struct tapped_method *method, const void *record) {
    if (!record)
        return NO_RECORD;
    int64_t volume = lots(method, record);
    if (volume > page->most_of_an_order)
        return ORDER_TOO_LARGE;
    if (volume && !events_are_watched())
        return UNWATCHED;
    int64_t used = atomic_fetch_add(&page->used, volume) + volume;
    if (used + atomic_load(&page->elsewhere) <= page->most_of_the_run)
        return ALLOWED;
    atomic_fetch_sub(&page->used, volume);
    return RUN_TOO_LARGE;
}

static enum refusal check_user(const struct tapped *object, const struct tapped_method *method, const void *record) {
    if (!record)
        return NO_RECORD;
    const char *user = (const char *)record + method->user;
    for (uint32_t i = 0; i < object->table.users; i++)
        if (strncmp(user, object->users[i], method->user_size) == 0)
            return ALLOWED;
    return OTHER_USER;
}

enum refusal limits_check(const struct tapped *object, const struct tapped_method *method, const void *record) {
    switch (method->rule) {
    case PASSES:
        return ALLOWED;
    case IS_COUNTED:
        return count(method, record);
    case NAMES_A_USER:
        return check_user(object, method, record);
    default:
        return NOT_ALLOWED;
    }
}
