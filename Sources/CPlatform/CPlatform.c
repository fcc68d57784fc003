#define _GNU_SOURCE
#include "CPlatform.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#ifndef MADV_PAGEOUT
#define MADV_PAGEOUT 21
#endif

#define HUGE_BYTES ((size_t)2 << 20)

static inline int result(int r) { return r < 0 ? -errno : r; }

const void *cp_memmem(const void *h, size_t n, const void *x, size_t m) { return memmem(h, n, x, m); }

int cp_futex_wait(const uint32_t *word, uint32_t expected, int64_t timeout_ns) {
  struct timespec limit = {timeout_ns / 1000000000, timeout_ns % 1000000000};
  return result((int)syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, expected, timeout_ns < 0 ? NULL : &limit, NULL, 0));
}
int cp_futex_wake(const uint32_t *word, int count) {
  return (int)syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, count, NULL, NULL, 0);
}

void *cp_reserve(size_t bytes) {
  // Two megabytes more than asked, trimmed to alignment: a huge page must lie wholly inside the mapping.
  size_t all = bytes + HUGE_BYTES;
  char *p = mmap(NULL, all, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (p == MAP_FAILED) return NULL;
  char *q = (char *)(((uintptr_t)p + HUGE_BYTES - 1) & ~(uintptr_t)(HUGE_BYTES - 1));
  if (q > p) munmap(p, (size_t)(q - p));
  size_t tail = (size_t)((p + all) - (q + bytes));
  if (tail) munmap(q + bytes, tail);
  return q;
}
void cp_unmap(void *base, size_t bytes) { munmap(base, bytes); }
void cp_advise_huge(void *base, size_t bytes) { madvise(base, bytes, MADV_HUGEPAGE); }
void cp_discard(void *base, size_t bytes) { madvise(base, bytes, MADV_DONTNEED); }
void cp_page_out(void *base, size_t bytes) { madvise(base, bytes, MADV_PAGEOUT); }
int cp_protect(void *base, size_t bytes, int writable) {
  return result(mprotect(base, bytes, PROT_READ | (writable ? PROT_WRITE : 0)));
}

static int64_t clock_ns(clockid_t id) {
  struct timespec t;
  clock_gettime(id, &t);
  return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}
int64_t cp_wall_microseconds(void) { return clock_ns(CLOCK_REALTIME) / 1000; }
int64_t cp_monotonic_nanoseconds(void) { return clock_ns(CLOCK_MONOTONIC); }
int64_t cp_thread_cpu_nanoseconds(void) { return clock_ns(CLOCK_THREAD_CPUTIME_ID); }
void cp_sleep_nanoseconds(int64_t ns) {
  struct timespec t = {ns / 1000000000, ns % 1000000000};
  while (nanosleep(&t, &t) < 0 && errno == EINTR) {}
}

struct start { void (*body)(void *); void *context; char name[16]; };

static void *thread_main(void *argument) {
  struct start start = *(struct start *)argument;
  free(argument);
  pthread_setname_np(pthread_self(), start.name);
  start.body(start.context);
  return NULL;
}
int cp_thread_start(uint64_t *handle, const char *name, size_t stack_bytes, void (*body)(void *), void *context) {
  struct start *start = malloc(sizeof *start);
  if (!start) return -ENOMEM;
  start->body = body;
  start->context = context;
  snprintf(start->name, sizeof start->name, "%s", name);
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  int error = pthread_attr_setstacksize(&attributes, stack_bytes);
  pthread_t thread;
  if (!error) error = pthread_create(&thread, &attributes, thread_main, start);
  pthread_attr_destroy(&attributes);
  if (error) { free(start); return -error; }
  *handle = (uint64_t)thread;
  return 0;
}
int cp_thread_join(uint64_t handle) { return -pthread_join((pthread_t)handle, NULL); }
int cp_thread_pin(int cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(cpu, &set);
  return result(sched_setaffinity(0, sizeof set, &set));
}
int32_t cp_process_id(void) { return getpid(); }

#define RETRY(expression) \
  ({ __typeof__(expression) r_; do r_ = (expression); while (r_ < 0 && errno == EINTR); r_ < 0 ? -errno : r_; })

int cp_open(const char *path, int mode) {
  static const int flags[] = {O_RDONLY, O_RDWR, O_RDWR | O_CREAT, O_RDWR | O_CREAT | O_EXCL, O_RDWR | O_CREAT | O_TRUNC,
                              O_WRONLY | O_CREAT | O_APPEND};
  return RETRY(open(path, flags[mode] | O_CLOEXEC, 0600));
}
void cp_close(int fd) { close(fd); }
int64_t cp_read(int fd, void *to, size_t n) { return RETRY(read(fd, to, n)); }
int64_t cp_pread(int fd, void *to, size_t n, int64_t at) { return RETRY(pread(fd, to, n, at)); }
int64_t cp_write(int fd, const void *from, size_t n) { return RETRY(write(fd, from, n)); }
int64_t cp_pwrite(int fd, const void *from, size_t n, int64_t at) { return RETRY(pwrite(fd, from, n, at)); }
int cp_fsync(int fd) { return RETRY(fsync(fd)); }
int cp_truncate(int fd, int64_t n) { return RETRY(ftruncate(fd, n)); }
int64_t cp_file_bytes(int fd) {
  struct stat s;
  return fstat(fd, &s) < 0 ? -errno : s.st_size;
}
int cp_lock_file(int fd) { return RETRY(flock(fd, LOCK_EX | LOCK_NB)); }
const void *cp_map_file(int fd, size_t n, int *error) {
  void *p = mmap(NULL, n, PROT_READ, MAP_PRIVATE, fd, 0);
  *error = p == MAP_FAILED ? -errno : 0;
  return p == MAP_FAILED ? NULL : p;
}
int cp_make_directory(const char *path) { return result(mkdir(path, 0700)); }
int cp_remove_file(const char *path) { return result(unlink(path)); }
int cp_remove_directory(const char *path) { return result(rmdir(path)); }
int cp_make_temporary_directory(char *pattern) { return mkdtemp(pattern) ? 0 : -errno; }

int cp_eventfd(void) { return result(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)); }
int cp_eventfd_signal(int fd) {
  uint64_t one = 1;
  int64_t r = cp_write(fd, &one, 8);
  return r < 0 && r != -EAGAIN ? (int)r : 0; // EAGAIN: the counter is full, so it is signalled already
}
int cp_eventfd_drain(int fd) {
  uint64_t n;
  int64_t r = cp_read(fd, &n, 8);
  return r < 0 && r != -EAGAIN ? (int)r : 0;
}
int cp_poll(int fd, int for_write, int wakeup, int64_t timeout_ms) {
  struct pollfd f[2] = {{fd, for_write ? POLLOUT : POLLIN, 0}, {wakeup, POLLIN, 0}};
  int64_t end = timeout_ms < 0 ? 0 : cp_monotonic_nanoseconds() + timeout_ms * 1000000;
  for (;;) {
    int64_t left = timeout_ms < 0 ? -1 : (end - cp_monotonic_nanoseconds() + 999999) / 1000000;
    if (timeout_ms >= 0 && left < 0) left = 0;
    int r = poll(f, 2, left > 1000000000 ? 1000000000 : (int)left);
    if (r < 0 && errno == EINTR) continue;
    if (r < 0) return -errno;
    return (f[0].revents ? 1 : 0) | (f[1].revents ? 2 : 0);
  }
}

int cp_peer_is_gone(int fd) {
  struct pollfd f = {fd, POLLRDHUP, 0};
  return poll(&f, 1, 0) > 0;
}

static int address_of(const char *text, uint16_t port, struct sockaddr_storage *a, socklen_t *n) {
  memset(a, 0, sizeof *a);
  struct sockaddr_in *v4 = (struct sockaddr_in *)a;
  struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)a;
  if (inet_pton(AF_INET, text, &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(port);
    *n = sizeof *v4;
    return 0;
  }
  if (inet_pton(AF_INET6, text, &v6->sin6_addr) == 1) {
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(port);
    *n = sizeof *v6;
    return 0;
  }
  return -EINVAL;
}
static int unix_address(const char *path, struct sockaddr_un *a) {
  memset(a, 0, sizeof *a);
  a->sun_family = AF_UNIX;
  if (strlen(path) >= sizeof a->sun_path) return -ENAMETOOLONG;
  strcpy(a->sun_path, path);
  return 0;
}
static int new_socket(int family) { return result(socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)); }
static int closing(int fd, int error) { close(fd); return error; }

int cp_listen_tcp(const char *text, uint16_t port, int backlog) {
  struct sockaddr_storage a;
  socklen_t n;
  int error = address_of(text, port, &a, &n);
  if (error) return error;
  int fd = new_socket(a.ss_family), one = 1;
  if (fd < 0) return fd;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (bind(fd, (struct sockaddr *)&a, n) < 0 || listen(fd, backlog) < 0) return closing(fd, -errno);
  return fd;
}
int cp_listen_unix(const char *path, int backlog) {
  struct sockaddr_un a;
  int error = unix_address(path, &a);
  if (error) return error;
  int fd = new_socket(AF_UNIX);
  if (fd < 0) return fd;
  if (bind(fd, (struct sockaddr *)&a, sizeof a) < 0 || listen(fd, backlog) < 0) return closing(fd, -errno);
  return fd;
}
int cp_local_port(int fd) {
  struct sockaddr_storage a;
  socklen_t n = sizeof a;
  if (getsockname(fd, (struct sockaddr *)&a, &n) < 0) return -errno;
  return ntohs(a.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&a)->sin6_port : ((struct sockaddr_in *)&a)->sin_port);
}
static void no_delay(int fd) {
  int one = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one); // fails on a unix socket, which has no delay anyway
}
int cp_accept(int fd) {
  int r = RETRY(accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (r >= 0) no_delay(r);
  return r;
}
static int begin_connect(int fd, const struct sockaddr *a, socklen_t n, int *pending) {
  *pending = 0;
  no_delay(fd);
  if (connect(fd, a, n) == 0) return fd;
  // After EINTR a connection goes on in the background, as after EINPROGRESS.
  if (errno != EINPROGRESS && errno != EINTR) return closing(fd, -errno);
  *pending = 1;
  return fd;
}
int cp_connect_tcp(const char *text, uint16_t port, int *pending) {
  struct sockaddr_storage a;
  socklen_t n;
  int error = address_of(text, port, &a, &n);
  if (error) return error;
  int fd = new_socket(a.ss_family);
  return fd < 0 ? fd : begin_connect(fd, (struct sockaddr *)&a, n, pending);
}
int cp_connect_unix(const char *path, int *pending) {
  struct sockaddr_un a;
  int error = unix_address(path, &a);
  if (error) return error;
  int fd = new_socket(AF_UNIX);
  return fd < 0 ? fd : begin_connect(fd, (struct sockaddr *)&a, sizeof a, pending);
}
int cp_socket_error(int fd) {
  int error = 0;
  socklen_t n = sizeof error;
  if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &n) < 0) return -errno;
  return -error;
}
int64_t cp_receive(int fd, void *to, size_t n) { return RETRY(recv(fd, to, n, MSG_DONTWAIT)); }
int64_t cp_send(int fd, const void *from, size_t n) { return RETRY(send(fd, from, n, MSG_DONTWAIT | MSG_NOSIGNAL)); }
void cp_shutdown(int fd) { shutdown(fd, SHUT_RDWR); }

void cp_error_text(int error, char *to, size_t n) {
  char text[128];
  snprintf(to, n, "%s", strerror_r(error, text, sizeof text));
}
int cp_errno_again(void) { return EAGAIN; }
int cp_errno_timed_out(void) { return ETIMEDOUT; }
