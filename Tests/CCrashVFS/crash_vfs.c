#include "disk.h"
#include <stdio.h>

// SQLite's face of the disk: every method takes the disk's lock, and does nothing but fail while the power is off.

typedef struct crash_file {
  sqlite3_file base;
  ccrash *disk;
  ccrash_node *node;
  int lock;              // SQLITE_LOCK_...
  int syncs_directory;   // a new journal or WAL, whose first sync also syncs the directory
  int delete_on_close;
  int is_mapped;         // whether it counts among the node's users of shared memory
  unsigned shm_shared, shm_exclusive;  // bits of the locks that it holds
} crash_file;

#define FILE_OF(f) ((crash_file *)(f))
#define LOCKED(disk, expression) \
  do { \
    pthread_mutex_lock(&(disk)->mutex); \
    int locked_result = (expression); \
    pthread_mutex_unlock(&(disk)->mutex); \
    return locked_result; \
  } while (0)

static void free_disk(ccrash *disk) {
  ccrash_free_nodes(disk);
  pthread_mutex_destroy(&disk->mutex);
  free((char *)disk->vfs.zName);
  free(disk);
}

static int x_close(sqlite3_file *file) {
  crash_file *f = FILE_OF(file);
  ccrash *disk = f->disk;
  pthread_mutex_lock(&disk->mutex);
  if (f->delete_on_close) f->node->exists = f->node->exists_on_disk = 0;
  f->node->open_count--;
  ccrash_node_forget(disk, f->node);
  int is_last = --disk->open_count == 0 && disk->is_abandoned;
  pthread_mutex_unlock(&disk->mutex);
  if (is_last) free_disk(disk);
  return SQLITE_OK;
}

static int read_file(crash_file *f, void *to, int count, int64_t offset) {
  if (f->disk->is_off) return SQLITE_IOERR_READ;
  int64_t there = f->node->live.count - offset;
  if (there < 0) there = 0;
  if (there > count) there = count;
  if (there > 0) memcpy(to, f->node->live.bytes + offset, there);
  if (there == count) return SQLITE_OK;
  memset((char *)to + there, 0, count - there);
  return SQLITE_IOERR_SHORT_READ;
}
static int x_read(sqlite3_file *f, void *to, int count, sqlite3_int64 offset) {
  LOCKED(FILE_OF(f)->disk, read_file(FILE_OF(f), to, count, offset));
}

static int write_file(crash_file *f, const void *bytes, int count, int64_t offset) {
  if (f->disk->is_off) return SQLITE_IOERR_WRITE;
  int injected = ccrash_injected(f->disk, CCRASH_WRITE);
  // A failed write has written a part, the write in which the power fails may have reached the platter as a whole.
  if (injected) count = (int)(ccrash_random(&f->disk->random) % (uint64_t)(count + 1));
  if (count > 0) ccrash_node_write(f->node, bytes, count, offset);
  if (injected) return injected;
  return ccrash_counted(f->disk) ? SQLITE_IOERR_WRITE : SQLITE_OK;
}
static int x_write(sqlite3_file *f, const void *bytes, int count, sqlite3_int64 offset) {
  LOCKED(FILE_OF(f)->disk, write_file(FILE_OF(f), bytes, count, offset));
}

static int truncate_file(crash_file *f, int64_t size) {
  if (f->disk->is_off) return SQLITE_IOERR_TRUNCATE;
  int injected = ccrash_injected(f->disk, CCRASH_TRUNCATE);
  if (injected) return injected;
  ccrash_node_truncate(f->node, size);
  return ccrash_counted(f->disk) ? SQLITE_IOERR_TRUNCATE : SQLITE_OK;
}
static int x_truncate(sqlite3_file *f, sqlite3_int64 size) { LOCKED(FILE_OF(f)->disk, truncate_file(FILE_OF(f), size)); }

static int sync_file(crash_file *f) {
  if (f->disk->is_off || ccrash_counted(f->disk)) return SQLITE_IOERR_FSYNC;
  int injected = ccrash_injected(f->disk, CCRASH_SYNC);
  if (injected) {
    ccrash_node_forget_changes(f->node);
    return injected;
  }
  f->disk->syncs++;
  ccrash_node_sync(f->node);
  if (f->syncs_directory) {
    ccrash_sync_directory(f->disk);
    f->syncs_directory = 0;
  }
  return SQLITE_OK;
}
static int x_sync(sqlite3_file *f, int flags) {
  (void)flags;
  LOCKED(FILE_OF(f)->disk, sync_file(FILE_OF(f)));
}

static int x_size(sqlite3_file *f, sqlite3_int64 *size) {
  pthread_mutex_lock(&FILE_OF(f)->disk->mutex);
  *size = FILE_OF(f)->node->live.count;
  pthread_mutex_unlock(&FILE_OF(f)->disk->mutex);
  return SQLITE_OK;
}

static int lock_file(crash_file *f, int level) {
  ccrash_node *node = f->node;
  if (f->lock >= level) return SQLITE_OK;
  int own = f->lock >= SQLITE_LOCK_SHARED;
  if (level == SQLITE_LOCK_SHARED) {
    if (node->pending) return SQLITE_BUSY;
    node->shared++;
  } else if (level == SQLITE_LOCK_RESERVED) {
    if (node->reserved) return SQLITE_BUSY;
    node->reserved = 1;
  } else {
    if (f->lock < SQLITE_LOCK_PENDING && node->pending) return SQLITE_BUSY;
    if (f->lock < SQLITE_LOCK_RESERVED && node->reserved) return SQLITE_BUSY;
    node->pending = node->reserved = 1;
    if (node->shared > own) {
      f->lock = SQLITE_LOCK_PENDING;
      return SQLITE_BUSY;
    }
  }
  f->lock = level;
  return SQLITE_OK;
}
static int x_lock(sqlite3_file *f, int level) { LOCKED(FILE_OF(f)->disk, lock_file(FILE_OF(f), level)); }

static int unlock_file(crash_file *f, int level) {
  if (f->lock <= level) return SQLITE_OK;
  if (f->lock >= SQLITE_LOCK_PENDING) f->node->pending = 0;
  if (f->lock >= SQLITE_LOCK_RESERVED) f->node->reserved = 0;
  if (level == SQLITE_LOCK_NONE) f->node->shared--;
  f->lock = level;
  return SQLITE_OK;
}
static int x_unlock(sqlite3_file *f, int level) { LOCKED(FILE_OF(f)->disk, unlock_file(FILE_OF(f), level)); }

static int x_check_reserved(sqlite3_file *f, int *is_reserved) {
  pthread_mutex_lock(&FILE_OF(f)->disk->mutex);
  *is_reserved = FILE_OF(f)->node->reserved;
  pthread_mutex_unlock(&FILE_OF(f)->disk->mutex);
  return SQLITE_OK;
}

static int x_control(sqlite3_file *f, int operation, void *argument) {
  (void)f, (void)operation, (void)argument;
  return SQLITE_NOTFOUND;
}
static int x_sector_size(sqlite3_file *f) { return FILE_OF(f)->disk->sector_bytes; }
static int x_characteristics(sqlite3_file *f) {
  return FILE_OF(f)->disk->powersafe_overwrite ? SQLITE_IOCAP_POWERSAFE_OVERWRITE : 0;
}

static int map_region(crash_file *f, int region, int bytes, int extend, void volatile **memory) {
  ccrash_node *node = f->node;
  *memory = NULL;
  if (f->disk->is_off) return SQLITE_IOERR_SHMMAP;
  if (!f->is_mapped) f->is_mapped = 1, node->mapped_count++;
  if (region >= CCRASH_REGIONS) return SQLITE_IOERR_SHMSIZE;
  if (!node->regions[region]) {
    if (!extend) return SQLITE_OK;
    node->regions[region] = calloc(1, bytes);
  }
  *memory = node->regions[region];
  return SQLITE_OK;
}
static int x_shm_map(sqlite3_file *f, int region, int bytes, int extend, void volatile **memory) {
  LOCKED(FILE_OF(f)->disk, map_region(FILE_OF(f), region, bytes, extend, memory));
}

static int lock_shm(crash_file *f, int first, int count, int flags) {
  ccrash_node *node = f->node;
  for (int pass = 0; pass < 2; pass++) {  // first look, then take: all or none
    for (int i = first; i < first + count; i++) {
      unsigned bit = 1u << i;
      if (flags & SQLITE_SHM_UNLOCK) {
        if (!pass) continue;
        if (f->shm_shared & bit) node->shm_shared[i]--;
        if (f->shm_exclusive & bit) node->shm_exclusive[i] = 0;
        f->shm_shared &= ~bit;
        f->shm_exclusive &= ~bit;
      } else if (flags & SQLITE_SHM_SHARED) {
        if (f->shm_shared & bit) continue;
        if (node->shm_exclusive[i]) return SQLITE_BUSY;
        if (pass) node->shm_shared[i]++, f->shm_shared |= bit;
      } else {
        if (node->shm_exclusive[i] && !pass) return SQLITE_BUSY;
        if (node->shm_shared[i]) return SQLITE_BUSY;
        if (pass) node->shm_exclusive[i] = 1, f->shm_exclusive |= bit;
      }
    }
  }
  return SQLITE_OK;
}
static int x_shm_lock(sqlite3_file *f, int first, int count, int flags) {
  LOCKED(FILE_OF(f)->disk, lock_shm(FILE_OF(f), first, count, flags));
}
static void x_shm_barrier(sqlite3_file *f) {
  (void)f;
  __sync_synchronize();
}
static int unmap(crash_file *f) {
  if (!f->is_mapped) return SQLITE_OK;
  lock_shm(f, 0, SQLITE_SHM_NLOCK, SQLITE_SHM_UNLOCK);
  f->is_mapped = 0;
  if (--f->node->mapped_count == 0) ccrash_node_free_regions(f->node);
  return SQLITE_OK;
}
static int x_shm_unmap(sqlite3_file *f, int delete_flag) {
  (void)delete_flag;
  LOCKED(FILE_OF(f)->disk, unmap(FILE_OF(f)));
}

static const sqlite3_io_methods methods = {
    2, x_close, x_read, x_write, x_truncate, x_sync, x_size, x_lock, x_unlock, x_check_reserved, x_control, x_sector_size,
    x_characteristics, x_shm_map, x_shm_lock, x_shm_barrier, x_shm_unmap, NULL, NULL};

static int open_file(ccrash *disk, const char *path, crash_file *f, int flags) {
  if (disk->is_off) return SQLITE_CANTOPEN;
  int injected = ccrash_injected(disk, CCRASH_OPEN);
  if (injected) return injected;
  char temporary[32];
  if (!path) {
    snprintf(temporary, sizeof temporary, "temporary-%lld", (long long)disk->next_temporary++);
    path = temporary;
  }
  ccrash_node *node = ccrash_node_at(disk, path, flags & SQLITE_OPEN_CREATE);
  if (!node) return SQLITE_CANTOPEN;
  int is_journal = flags & (SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_SUPER_JOURNAL | SQLITE_OPEN_WAL);
  node->open_count++;
  disk->open_count++;
  f->disk = disk;
  f->node = node;
  f->delete_on_close = flags & SQLITE_OPEN_DELETEONCLOSE;
  f->syncs_directory = is_journal && (flags & SQLITE_OPEN_CREATE);
  f->base.pMethods = &methods;
  return SQLITE_OK;
}
static int x_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *f, int flags, int *out_flags) {
  memset(f, 0, sizeof(crash_file));
  if (out_flags) *out_flags = flags;
  LOCKED((ccrash *)vfs->pAppData, open_file(vfs->pAppData, path, FILE_OF(f), flags));
}

static int delete_file(ccrash *disk, const char *path, int sync_directory) {
  if (disk->is_off) return SQLITE_IOERR_DELETE;
  int injected = ccrash_injected(disk, CCRASH_DELETE);
  if (injected) return injected;
  ccrash_node *node = ccrash_node_at(disk, path, 0);
  if (!node) return SQLITE_IOERR_DELETE_NOENT;
  node->exists = 0;
  ccrash_node_truncate(node, 0);
  if (ccrash_counted(disk)) return SQLITE_IOERR_DELETE;
  if (sync_directory) ccrash_sync_directory(disk);
  return SQLITE_OK;
}
static int x_delete(sqlite3_vfs *vfs, const char *path, int sync_directory) {
  LOCKED((ccrash *)vfs->pAppData, delete_file(vfs->pAppData, path, sync_directory));
}

static int x_access(sqlite3_vfs *vfs, const char *path, int flags, int *result) {
  (void)flags;
  ccrash *disk = vfs->pAppData;
  pthread_mutex_lock(&disk->mutex);
  *result = ccrash_node_at(disk, path, 0) != NULL;
  pthread_mutex_unlock(&disk->mutex);
  return SQLITE_OK;
}
static int x_full_path(sqlite3_vfs *vfs, const char *path, int room, char *out) {
  (void)vfs;
  sqlite3_snprintf(room, out, "%s", path);
  return SQLITE_OK;
}

// The rest is the system's own.
static sqlite3_vfs *system_vfs(sqlite3_vfs *vfs) { return ((ccrash *)vfs->pAppData)->system; }
static int x_randomness(sqlite3_vfs *vfs, int count, char *out) {
  return system_vfs(vfs)->xRandomness(system_vfs(vfs), count, out);
}
static int x_sleep(sqlite3_vfs *vfs, int microseconds) { return system_vfs(vfs)->xSleep(system_vfs(vfs), microseconds); }
static int x_time(sqlite3_vfs *vfs, double *now) { return system_vfs(vfs)->xCurrentTime(system_vfs(vfs), now); }
static int x_last_error(sqlite3_vfs *vfs, int room, char *out) {
  (void)vfs, (void)room, (void)out;
  return 0;
}

ccrash *ccrash_new(const char *name, int sector_bytes, int powersafe_overwrite) {
  ccrash *disk = calloc(1, sizeof *disk);
  pthread_mutex_init(&disk->mutex, NULL);
  disk->system = sqlite3_vfs_find(NULL);
  disk->sector_bytes = sector_bytes;
  disk->powersafe_overwrite = powersafe_overwrite;
  disk->vfs = (sqlite3_vfs){
      .iVersion = 1, .szOsFile = sizeof(crash_file), .mxPathname = 1024, .zName = strdup(name), .pAppData = disk,
      .xOpen = x_open, .xDelete = x_delete, .xAccess = x_access, .xFullPathname = x_full_path,
      .xRandomness = x_randomness, .xSleep = x_sleep, .xCurrentTime = x_time, .xGetLastError = x_last_error};
  sqlite3_vfs_register(&disk->vfs, 0);
  return disk;
}

void ccrash_free(ccrash *disk) {
  sqlite3_vfs_unregister(&disk->vfs);
  pthread_mutex_lock(&disk->mutex);
  disk->is_abandoned = 1;
  int is_closed = disk->open_count == 0;
  pthread_mutex_unlock(&disk->mutex);
  if (is_closed) free_disk(disk);
}
