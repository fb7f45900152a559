/* The libraries of the process: the function that ours stands before, the real CTP library, and `dlopen`.
 *
 * The version of CTP decides where each method stands and how long each record is, so it is asked of the real library
 * that the caller was built for: first through the caller's own dependencies, then through what the program opened by
 * itself, then through everything that is loaded. RTLD_NEXT alone cannot see what Python loads in local scope.
 */
#define _GNU_SOURCE
#include "shim.h"

#include <dlfcn.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef const char *version_function(void);

static const char *const VERSION_SYMBOL[] = {
    [TRADER] = "_ZN19CThostFtdcTraderApi13GetApiVersionEv",
    [MARKET] = "_ZN15CThostFtdcMdApi13GetApiVersionEv",
};

/* The library of each API that the program opened by itself last. */
static _Atomic(void *) opened[MARKET + 1];

void *next_function(_Atomic(void *) *found, const char *name) {
    void *function = atomic_load_explicit(found, memory_order_relaxed);
    if (function)
        return function;
#ifdef __x86_64__
    /* The oldest condition variables are others, and an unversioned look-up may find them. */
    if (strncmp(name, "pthread_cond_", 13) == 0)
        function = dlvsym(RTLD_NEXT, name, "GLIBC_2.3.2");
#endif
    if (!function)
        function = dlsym(RTLD_NEXT, name);
    atomic_store_explicit(found, function, memory_order_relaxed);
    return function;
}

/* Whether an address belongs to the shim itself. */
static int is_ours(const void *address) {
    Dl_info ours, theirs;
    return dladdr((void *)(uintptr_t)is_ours, &ours) && dladdr(address, &theirs) && ours.dli_fbase == theirs.dli_fbase;
}

/* A function as a loaded library sees it, if that is not ours. */
static void *function_in(void *library, const char *symbol) {
    void *function = library ? dlsym(library, symbol) : NULL;
    return function && !is_ours(function) ? function : NULL;
}

/* The handle of what is loaded already under a name, the program itself under the empty one; NULL where nothing is. */
static void *loaded(const char *name) { return NEXT(dlopen)(*name ? name : NULL, RTLD_LAZY | RTLD_NOLOAD); }

/* The handle of the program or library that an address is in. */
static void *loaded_around(const void *address) {
    Dl_info where;
    struct link_map *map;
    return dladdr1(address, &where, (void **)&map, RTLD_DL_LINKMAP) && map ? loaded(map->l_name) : NULL;
}

/* A function as a library sees it whose handle was opened for that. */
static void *function_of(void *library, const char *symbol) {
    void *function = function_in(library, symbol);
    if (library)
        dlclose(library);
    return function;
}

struct search {
    const char *symbol;
    void *found;
};

static int look_in(struct dl_phdr_info *library, size_t size, void *data) {
    (void)size;
    struct search *search = data;
    search->found = function_of(loaded(library->dlpi_name), search->symbol);
    return search->found != NULL;
}

void *library_function(enum api_kind kind, const char *symbol, const void *caller) {
    void *function = function_of(loaded_around(caller), symbol);
    if (!function)
        function = function_in(atomic_load(&opened[kind]), symbol);
    if (!function) {
        struct search search = {.symbol = symbol};
        dl_iterate_phdr(look_in, &search);
        function = search.found;
    }
    return function;
}

const char *library_version(enum api_kind kind, const void *caller) {
    version_function *version = (version_function *)library_function(kind, VERSION_SYMBOL[kind], caller);
    return version ? version() : NULL;
}

/* ---- programs that open the CTP library by themselves ---- */

/* Which API's library a file name is; 0 for others. Bindings are named after the library that they need. */
static enum api_kind kind_of_file(const char *path) {
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    if (strncmp(name, "lib", 3) == 0)
        name += 3;
    if (strncmp(name, "thosttraderapi", 14) == 0)
        return TRADER;
    return strncmp(name, "thostmduserapi", 14) == 0 ? MARKET : 0;
}

/* Opens a bare name in the folders in which the caller's own libraries are looked for. */
static void *open_beside(const char *name, const void *caller) {
    void *result = NULL, *library = loaded_around(caller);
    Dl_serinfo size, *folders = NULL;
    if (library && dlinfo(library, RTLD_DI_SERINFOSIZE, &size) == 0 && (folders = malloc(size.dls_size))) {
        memcpy(folders, &size, sizeof size);
        unsigned count = dlinfo(library, RTLD_DI_SERINFOSIZE, folders) == 0 &&
                                 dlinfo(library, RTLD_DI_SERINFO, folders) == 0
                             ? folders->dls_cnt
                             : 0;
        for (unsigned i = 0; i < count && !result; i++) {
            char *path = NULL;
            if (asprintf(&path, "%s/%s", folders->dls_serpath[i].dls_name, name) >= 0) {
                result = NEXT(dlopen)(path, RTLD_NOW | RTLD_LOCAL);
                free(path);
            }
        }
    }
    free(folders);
    if (library)
        dlclose(library);
    return result;
}

static void *open_real(const char *path, const void *caller) {
    void *library = NEXT(dlopen)(path, RTLD_NOW | RTLD_LOCAL);
    if (!library && !strchr(path, '/'))
        library = open_beside(path, caller);
    return library;
}

/* What a program opens as the CTP library is ours; every other name goes on to the real function by a jump, so that it
 * sees the real caller, in whose folders it looks. */
EXPORT void *dlopen(const char *path, int flags) {
    __typeof__(dlopen) *next = NEXT(dlopen);
    enum api_kind kind = path && getenv("CTPSCEN_SOCKET") ? kind_of_file(path) : 0;
    if (!kind)
        return next(path, flags);
    void *library = open_real(path, __builtin_return_address(0));
    Dl_info ours;
    if (!library || !function_in(library, VERSION_SYMBOL[kind]) || !dladdr((void *)(uintptr_t)is_ours, &ours))
        return library;
    atomic_store(&opened[kind], library);
    return next(ours.dli_fname, flags);
}
