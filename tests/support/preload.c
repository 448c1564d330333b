/* Stands between the program and the C library, and plays what no test can bring about: a resolver
 * that fails in a certain way, an address that is tried before another, time that flies. The
 * environment says which; without a word there, everything is passed on. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

typedef int lookup(const char *, const char *, const struct addrinfo *, struct addrinfo **);

/* PLAYED_LOOKUP: an error of getaddrinfo by its number, or "both" for ::1 before 127.0.0.1. */
int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
                struct addrinfo **found) {
    lookup *real = (lookup *)dlsym(RTLD_NEXT, "getaddrinfo");
    const char *played = getenv("PLAYED_LOOKUP");
    if (played == NULL) return real(name, service, hints, found);
    if (strcmp(played, "both") != 0) return atoi(played);
    struct addrinfo *last;
    int failed = real("::1", service, hints, found);
    if (failed) return failed;
    for (last = *found; last->ai_next; last = last->ai_next) {}
    return real("127.0.0.1", service, hints, &last->ai_next);
}

/* PLAYED_HASTE: how many times faster the monotonic clock goes. */
static long haste(void) {
    const char *played = getenv("PLAYED_HASTE");
    return played ? atol(played) : 1;
}

int clock_gettime(clockid_t clock, struct timespec *now) {
    int failed = (int)syscall(SYS_clock_gettime, clock, now);
    if (failed || clock != CLOCK_MONOTONIC) return failed;
    long long nanoseconds = (now->tv_sec * 1000000000LL + now->tv_nsec) * haste();
    now->tv_sec = nanoseconds / 1000000000LL;
    now->tv_nsec = nanoseconds % 1000000000LL;
    return 0;
}

int epoll_wait(int queue, struct epoll_event *events, int most, int milliseconds) {
    int (*real)(int, struct epoll_event *, int, int) = dlsym(RTLD_NEXT, "epoll_wait");
    return real(queue, events, most, milliseconds > 0 ? 1 + milliseconds / (int)haste() : milliseconds);
}
