#pragma once
#include "CCrashVFS.h"
#include <pthread.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

// The disk behind the VFS. Callers hold its mutex.

#define CCRASH_REGIONS 64

typedef struct {
  uint8_t *bytes;
  int64_t count, room;
} ccrash_bytes;

/// A write, or (no bytes) a truncation, that programs see and the platter may lack.
typedef struct {
  int64_t offset, count;  // a truncation: the new size, -1
  uint8_t *bytes;
} ccrash_change;

typedef struct ccrash_node {
  struct ccrash_node *next;
  char *path;
  ccrash_bytes live, disk;
  int exists, exists_on_disk;
  ccrash_change *changes;  // since the last sync, in order
  int64_t change_count, change_room;
  int open_count, mapped_count;
  int shared, reserved, pending;  // SQLite's locks of the file
  void *regions[CCRASH_REGIONS];  // its shared memory
  int shm_shared[SQLITE_SHM_NLOCK], shm_exclusive[SQLITE_SHM_NLOCK];
} ccrash_node;

struct ccrash {
  sqlite3_vfs vfs, *system;
  pthread_mutex_t mutex;
  int sector_bytes, powersafe_overwrite;
  ccrash_node *nodes;
  int open_count, is_abandoned;  // the last close frees an abandoned disk
  int64_t next_temporary, operations, syncs;
  int is_off;
  int64_t power_off_at;  // the number of the operation, 0: never
  int failing, failing_code;
  int64_t failing_in;
  uint64_t random;
};

uint64_t ccrash_random(uint64_t *state);

/// The file at `path`, made if `create` says so; else NULL where there is none.
ccrash_node *ccrash_node_at(ccrash *disk, const char *path, int create);
void ccrash_node_write(ccrash_node *node, const void *bytes, int64_t count, int64_t offset);
void ccrash_node_truncate(ccrash_node *node, int64_t size);
void ccrash_node_sync(ccrash_node *node);
/// The changes never reach the platter.
void ccrash_node_forget_changes(ccrash_node *node);
void ccrash_node_free_regions(ccrash_node *node);
/// Frees a closed file that is neither there for programs nor on the platter.
void ccrash_node_forget(ccrash *disk, ccrash_node *node);
void ccrash_sync_directory(ccrash *disk);
void ccrash_free_nodes(ccrash *disk);

/// Counts an operation. Returns whether the power fails in it.
int ccrash_counted(ccrash *disk);
/// The result that is to be injected into this operation, or 0.
int ccrash_injected(ccrash *disk, int operation);
