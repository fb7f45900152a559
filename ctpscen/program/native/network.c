/* The network, where no namespace of its own keeps the program off it: nothing but loopback and unix sockets answers.
 *
 * On with CTPSCEN_NETWORK=guard. What goes past libc (a static binary, a raw system call) goes past this, so whoever
 * starts the program says that it is only a guard.
 */
#define _GNU_SOURCE
#include "shim.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static int is_on;

/* Names would be asked for on the network by the C library itself, past every function of ours. */
__attribute__((constructor)) static void look_up_no_names(void) {
    static _Atomic(void *) found;
    const char *network = getenv("CTPSCEN_NETWORK");
    int (*configure)(const char *, const char *);
    is_on = network && strcmp(network, "guard") == 0;
    if (is_on && (configure = (int (*)(const char *, const char *))next_function(&found, "__nss_configure_lookup")))
        configure("hosts", "files");
}

static int is_near(const struct sockaddr *address, socklen_t length) {
    struct in_addr four;
    struct in6_addr six;
    if (length < sizeof(sa_family_t))
        return 1; /* the kernel refuses it */
    switch (address->sa_family) {
    case AF_INET:
        if (length < sizeof(struct sockaddr_in))
            return 1;
        memcpy(&four, (const char *)address + offsetof(struct sockaddr_in, sin_addr), sizeof four);
        return ntohl(four.s_addr) >> 24 == IN_LOOPBACKNET || four.s_addr == INADDR_ANY;
    case AF_INET6:
        if (length < offsetof(struct sockaddr_in6, sin6_scope_id))
            return 1;
        memcpy(&six, (const char *)address + offsetof(struct sockaddr_in6, sin6_addr), sizeof six);
        if (IN6_IS_ADDR_V4MAPPED(&six))
            return six.s6_addr[12] == IN_LOOPBACKNET;
        return IN6_IS_ADDR_LOOPBACK(&six) || IN6_IS_ADDR_UNSPECIFIED(&six);
    case AF_UNIX:
    case AF_UNSPEC:
    case AF_NETLINK:
        return 1;
    default:
        return 0;
    }
}

/* Whether a message may go where it is to go; sets errno where not. */
static int may_reach(const void *address, socklen_t length) {
    if (!is_on || !address || is_near(address, length))
        return 1;
    errno = ENETUNREACH;
    return 0;
}

EXPORT int connect(int socket, const struct sockaddr *address, socklen_t length) {
    return may_reach(address, length) ? NEXT(connect)(socket, address, length) : -1;
}

EXPORT ssize_t sendto(int socket, const void *bytes, size_t count, int flags, const struct sockaddr *address,
                      socklen_t length) {
    return may_reach(address, length) ? NEXT(sendto)(socket, bytes, count, flags, address, length) : -1;
}

EXPORT ssize_t sendmsg(int socket, const struct msghdr *message, int flags) {
    if (!message)
        return NEXT(sendmsg)(socket, message, flags);
    return may_reach(message->msg_name, message->msg_namelen) ? NEXT(sendmsg)(socket, message, flags) : -1;
}

EXPORT int sendmmsg(int socket, struct mmsghdr *messages, unsigned int count, int flags) {
    for (unsigned int i = 0; i < count; i++)
        if (!may_reach(messages[i].msg_hdr.msg_name, messages[i].msg_hdr.msg_namelen))
            return -1;
    return NEXT(sendmmsg)(socket, messages, count, flags);
}
