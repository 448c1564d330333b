/* Replaces functions of the C library to produce what no test can otherwise cause: a resolver that
 * fails with a certain error, an address that is tried before another, a fast clock, a certain time, a disk
 * with a defect, a processor that is busy just after a child process has started, a signal just after its
 * handler was installed.
 * Also writes down how much memory the program took.
 * Environment variables select it; without them every call is passed on unchanged. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <netdb.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

typedef int lookup(const char *, const char *, const struct addrinfo *, struct addrinfo **);

/* PRELOAD_LOOKUP: the number of an error of getaddrinfo, or "both" for ::1 before 127.0.0.1. */
int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
                struct addrinfo **found) {
    lookup *real = (lookup *)dlsym(RTLD_NEXT, "getaddrinfo");
    const char *setting = getenv("PRELOAD_LOOKUP");
    if (setting == NULL) return real(name, service, hints, found);
    if (strcmp(setting, "both") != 0) return atoi(setting);
    struct addrinfo *last;
    int failed = real("::1", service, hints, found);
    if (failed) return failed;
    for (last = *found; last->ai_next; last = last->ai_next) {}
    return real("127.0.0.1", service, hints, &last->ai_next);
}

/* PRELOAD_CLOCK_SPEED: how many times faster the monotonic clock runs. */
static long clock_speed(void) {
    const char *setting = getenv("PRELOAD_CLOCK_SPEED");
    return setting ? atol(setting) : 1;
}

/* PRELOAD_TIME: the time of the system in seconds since 1970, at which it stops. */
int clock_gettime(clockid_t clock, struct timespec *now) {
    int failed = (int)syscall(SYS_clock_gettime, clock, now);
    const char *stopped = getenv("PRELOAD_TIME");
    if (!failed && clock == CLOCK_REALTIME && stopped != NULL) {
        now->tv_sec = atol(stopped);
        now->tv_nsec = 0;
    }
    if (failed || clock != CLOCK_MONOTONIC) return failed;
    long long nanoseconds = (now->tv_sec * 1000000000LL + now->tv_nsec) * clock_speed();
    now->tv_sec = nanoseconds / 1000000000LL;
    now->tv_nsec = nanoseconds % 1000000000LL;
    return 0;
}

/* PRELOAD_SYNC_ERROR: which call that writes a file to the disk fails, and every later one, counted
 * from 1: as on a disk with a defect. */
static int sync_fails(void) {
    static int calls;
    const char *first = getenv("PRELOAD_SYNC_ERROR");
    if (first == NULL || ++calls < atoi(first)) return 0;
    errno = EIO;
    return 1;
}

int fsync(int file) {
    return sync_fails() ? -1 : (int)syscall(SYS_fsync, file);
}

int fdatasync(int file) {
    return sync_fails() ? -1 : (int)syscall(SYS_fdatasync, file);
}

/* PRELOAD_SPAWN_DELAY: how long a call that starts a child process returns after the start, in
 * milliseconds below 1000. */
int posix_spawnp(pid_t *id, const char *file, const posix_spawn_file_actions_t *actions,
                 const posix_spawnattr_t *attributes, char *const arguments[], char *const variables[]) {
    int (*real)(pid_t *, const char *, const posix_spawn_file_actions_t *, const posix_spawnattr_t *,
                char *const[], char *const[]) = dlsym(RTLD_NEXT, "posix_spawnp");
    int failed = real(id, file, actions, attributes, arguments, variables);
    const char *delay = getenv("PRELOAD_SPAWN_DELAY");
    struct timespec left = {0, delay ? 1000000L * atoi(delay) : 0};
    while (nanosleep(&left, &left) == -1 && errno == EINTR) {}
    return failed;
}

/* PRELOAD_SIGNAL: the number of a signal that arrives as soon as its first handler is installed. */
int sigaction(int number, const struct sigaction *new, struct sigaction *old) {
    static int has_arrived;
    int (*real)(int, const struct sigaction *, struct sigaction *) = dlsym(RTLD_NEXT, "sigaction");
    const char *arriving = getenv("PRELOAD_SIGNAL");
    int failed = real(number, new, old);
    if (failed || new == NULL || arriving == NULL || atoi(arriving) != number) return failed;
    if (new->sa_handler == SIG_DFL || new->sa_handler == SIG_IGN || has_arrived++) return failed;
    raise(number);
    return failed;
}

int epoll_wait(int queue, struct epoll_event *events, int max_events, int milliseconds) {
    int (*real)(int, struct epoll_event *, int, int) = dlsym(RTLD_NEXT, "epoll_wait");
    return real(queue, events, max_events, milliseconds > 0 ? 1 + milliseconds / (int)clock_speed() : milliseconds);
}

/* PRELOAD_PEAK: the file that gets the line of /proc with the peak of the resident memory, at the end. */
__attribute__((destructor)) static void write_peak(void) {
    const char *path = getenv("PRELOAD_PEAK");
    char line[256];
    if (path == NULL) return;
    FILE *status = fopen("/proc/self/status", "r"), *peak = fopen(path, "w");
    while (status && peak && fgets(line, sizeof line, status)) {
        if (strncmp(line, "VmHWM:", 6) == 0) fputs(line, peak);
    }
    if (status) fclose(status);
    if (peak) fclose(peak);
}
