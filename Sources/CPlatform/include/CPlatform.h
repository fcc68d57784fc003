// What Swift cannot say itself: atomic access to raw words, futexes, memory mappings, and the few system calls of
// `Platform`. Nothing here keeps state.
//
// - Hot accessors are `static inline` and use compiler builtins alone, so that importing this header imports no libc.
// - Every call that can fail returns a value >= 0, or minus errno. None returns EINTR except the waits, which say so.
#pragma once
#include <stddef.h>
#include <stdint.h>

#define CP_INLINE static inline __attribute__((always_inline))

// Atomic access to raw words -----------------------------------------------------------------------------------------

CP_INLINE uint64_t cp_load_acquire_u64(const uint64_t *_Nonnull p) { return __atomic_load_n(p, __ATOMIC_ACQUIRE); }
CP_INLINE uint64_t cp_load_relaxed_u64(const uint64_t *_Nonnull p) { return __atomic_load_n(p, __ATOMIC_RELAXED); }
CP_INLINE void cp_store_release_u64(uint64_t *_Nonnull p, uint64_t v) { __atomic_store_n(p, v, __ATOMIC_RELEASE); }
CP_INLINE void cp_store_relaxed_u64(uint64_t *_Nonnull p, uint64_t v) { __atomic_store_n(p, v, __ATOMIC_RELAXED); }
CP_INLINE uint32_t cp_load_acquire_u32(const uint32_t *_Nonnull p) { return __atomic_load_n(p, __ATOMIC_ACQUIRE); }
CP_INLINE uint32_t cp_load_relaxed_u32(const uint32_t *_Nonnull p) { return __atomic_load_n(p, __ATOMIC_RELAXED); }
CP_INLINE void cp_store_release_u32(uint32_t *_Nonnull p, uint32_t v) { __atomic_store_n(p, v, __ATOMIC_RELEASE); }
CP_INLINE uint32_t cp_fetch_add_u32(uint32_t *_Nonnull p, uint32_t v) { return __atomic_fetch_add(p, v, __ATOMIC_SEQ_CST); }
CP_INLINE uint64_t cp_fetch_add_u64(uint64_t *_Nonnull p, uint64_t v) { return __atomic_fetch_add(p, v, __ATOMIC_SEQ_CST); }
/// Replaces `*p` by `v` if it holds `expected`; says whether it did.
CP_INLINE int cp_compare_exchange_u64(uint64_t *_Nonnull p, uint64_t expected, uint64_t v) {
  return __atomic_compare_exchange_n(p, &expected, v, 0, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED);
}
CP_INLINE void cp_fence_acquire(void) { __atomic_thread_fence(__ATOMIC_ACQUIRE); }
CP_INLINE void cp_fence_release(void) { __atomic_thread_fence(__ATOMIC_RELEASE); }
CP_INLINE void cp_fence_full(void) { __atomic_thread_fence(__ATOMIC_SEQ_CST); }

/// Copies `words` 8-byte words that another thread may be writing: each word is whole, the copy as a set may not be.
/// Both pointers are aligned to 8.
CP_INLINE void cp_copy_words(uint64_t *_Nonnull to, const uint64_t *_Nonnull from, size_t words) {
  for (size_t i = 0; i < words; i++) to[i] = __atomic_load_n(from + i, __ATOMIC_RELAXED);
}

CP_INLINE void cp_pause(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ __volatile__("yield");
#endif
}
CP_INLINE void cp_prefetch(const void *_Nonnull p) { __builtin_prefetch(p, 0, 3); }
CP_INLINE void cp_prefetch_write(const void *_Nonnull p) { __builtin_prefetch(p, 1, 3); }

// Unaligned loads ----------------------------------------------------------------------------------------------------

CP_INLINE uint64_t cp_load_unaligned_u64(const void *_Nonnull p) { uint64_t v; __builtin_memcpy(&v, p, 8); return v; }
CP_INLINE uint32_t cp_load_unaligned_u32(const void *_Nonnull p) { uint32_t v; __builtin_memcpy(&v, p, 4); return v; }

/// The first occurrence of `needle` in `haystack`, or NULL.
const void *_Nullable cp_memmem(const void *_Nonnull haystack, size_t bytes, const void *_Nonnull needle, size_t needle_bytes);

// Futexes (private to the process) -----------------------------------------------------------------------------------

/// Sleeps while `*word == expected`. `timeout_ns` < 0: for ever. Returns 0, -EAGAIN (value differs), -EINTR or -ETIMEDOUT.
int cp_futex_wait(const uint32_t *_Nonnull word, uint32_t expected, int64_t timeout_ns);
/// Wakes up to `count` sleepers; returns how many.
int cp_futex_wake(const uint32_t *_Nonnull word, int count);

// Memory mappings ----------------------------------------------------------------------------------------------------

/// Reserves zero-filled address space (a multiple of 2 MiB, aligned to 2 MiB) that takes memory only where it is touched. NULL: none left.
void *_Nullable cp_reserve(size_t bytes);
/// Gives a mapping back.
void cp_unmap(void *_Nonnull base, size_t bytes);
/// Asks for 2 MiB pages; advice only.
void cp_advise_huge(void *_Nonnull base, size_t bytes);
/// Frees the memory of whole pages of 4 KiB; they read as zero afterwards.
void cp_discard(void *_Nonnull base, size_t bytes);
/// Asks the kernel to write the pages out; advice only.
void cp_page_out(void *_Nonnull base, size_t bytes);
/// Makes whole 4 KiB pages read-only (`writable` 0) or writable again.
int cp_protect(void *_Nonnull base, size_t bytes, int writable);

// Clocks -------------------------------------------------------------------------------------------------------------

int64_t cp_wall_microseconds(void);        // since 1970-01-01 00:00 UTC
int64_t cp_monotonic_nanoseconds(void);    // from an arbitrary start, never backwards
int64_t cp_thread_cpu_nanoseconds(void);   // CPU time of the calling thread
void cp_sleep_nanoseconds(int64_t ns);

// Threads ------------------------------------------------------------------------------------------------------------

/// Starts a joinable thread; only the first 15 bytes of `name` are kept by the kernel.
int cp_thread_start(uint64_t *_Nonnull handle, const char *_Nonnull name, size_t stack_bytes,
                    void (*_Nonnull body)(void *_Nullable), void *_Nullable context);
int cp_thread_join(uint64_t handle);
/// Pins the calling thread to one CPU.
int cp_thread_pin(int cpu);
int32_t cp_process_id(void);

// Files --------------------------------------------------------------------------------------------------------------

enum { CP_READ = 0, CP_READ_WRITE = 1, CP_CREATE = 2, CP_CREATE_NEW = 3, CP_TRUNCATE = 4, CP_APPEND = 5 };

int cp_open(const char *_Nonnull path, int mode);
void cp_close(int fd);
int64_t cp_read(int fd, void *_Nullable to, size_t bytes);
int64_t cp_pread(int fd, void *_Nullable to, size_t bytes, int64_t offset);
int64_t cp_write(int fd, const void *_Nullable from, size_t bytes);
int64_t cp_pwrite(int fd, const void *_Nullable from, size_t bytes, int64_t offset);
int cp_fsync(int fd);
int cp_truncate(int fd, int64_t bytes);
int64_t cp_file_bytes(int fd);
/// Locks the whole file for this open description without waiting: 0, or -EWOULDBLOCK.
int cp_lock_file(int fd);
/// Maps a file for reading. NULL: failed, `*error` holds -errno.
const void *_Nullable cp_map_file(int fd, size_t bytes, int *_Nonnull error);
int cp_make_directory(const char *_Nonnull path);
int cp_remove_file(const char *_Nonnull path);
int cp_remove_directory(const char *_Nonnull path);
/// A new directory named after `pattern`, whose last six bytes are XXXXXX and are filled in.
int cp_make_temporary_directory(char *_Nonnull pattern);

// Waiting for descriptors --------------------------------------------------------------------------------------------

int cp_eventfd(void);
int cp_eventfd_signal(int fd);
int cp_eventfd_drain(int fd);
/// Waits until `fd` is ready (`for_write` 0 or 1) or `wakeup` is readable; either may be -1. Returns bit 0 for `fd`, bit 1
/// for `wakeup`, 0 after `timeout_ms`; -EINTR is handled inside and does not prolong the wait.
int cp_poll(int fd, int for_write, int wakeup, int64_t timeout_ms);

// Whether the peer of a stream socket has closed it, or at least sends no more; bytes may still be there to be read.
int cp_peer_is_gone(int fd);

// Sockets (all non-blocking for the caller: -EAGAIN, then cp_poll) ---------------------------------------------------

int cp_listen_tcp(const char *_Nonnull address, uint16_t port, int backlog);
int cp_listen_unix(const char *_Nonnull path, int backlog);
int cp_local_port(int fd);
int cp_accept(int fd);
/// Begins a connection; -EINPROGRESS is reported as success with `*pending` 1: poll for writing, then `cp_socket_error`.
int cp_connect_tcp(const char *_Nonnull address, uint16_t port, int *_Nonnull pending);
int cp_connect_unix(const char *_Nonnull path, int *_Nonnull pending);
int cp_socket_error(int fd);
int64_t cp_receive(int fd, void *_Nullable to, size_t bytes);
int64_t cp_send(int fd, const void *_Nullable from, size_t bytes);
/// Ends both directions; a thread that polls the socket is woken.
void cp_shutdown(int fd);

// Errors -------------------------------------------------------------------------------------------------------------

/// Writes the text of an errno into `to`, ended by NUL.
void cp_error_text(int error, char *_Nonnull to, size_t bytes);
int cp_errno_again(void);
int cp_errno_timed_out(void);
