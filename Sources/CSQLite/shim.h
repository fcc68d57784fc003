#pragma once
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

/// Returns when everything in the database's write-ahead log is on the disk; nothing to do where there is none.
static inline int leat_sqlite_sync_wal(sqlite3 *database) {
  sqlite3_file *wal = NULL;
  int result = sqlite3_file_control(database, "main", SQLITE_FCNTL_JOURNAL_POINTER, &wal);
  if (result != SQLITE_OK || !wal || !wal->pMethods) return result;
  return wal->pMethods->xSync(wal, SQLITE_SYNC_NORMAL);
}

/// Opens a plain file beside a database through the VFS `name` (NULL: the default); `path` is absolute and outlives the file.
/// Returns NULL where that fails. The result is freed by `leat_sqlite_close_file`.
static inline sqlite3_file *leat_sqlite_open_file(const char *name, const char *path) {
  sqlite3_vfs *vfs = sqlite3_vfs_find(name);
  if (!vfs) return NULL;
  sqlite3_file *file = (sqlite3_file *)calloc(1, vfs->szOsFile);
  int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_SUPER_JOURNAL;
  if (file && vfs->xOpen(vfs, path, file, flags, NULL) == SQLITE_OK) return file;
  if (file && file->pMethods) file->pMethods->xClose(file);
  free(file);
  return NULL;
}
static inline void leat_sqlite_close_file(sqlite3_file *file) {
  file->pMethods->xClose(file);
  free(file);
}
/// A short read fills the rest with zeros and is told as SQLITE_IOERR_SHORT_READ.
static inline int leat_sqlite_read_file(sqlite3_file *file, void *to, int count) {
  return file->pMethods->xRead(file, to, count, 0);
}
static inline int leat_sqlite_write_file(sqlite3_file *file, const void *bytes, int count) {
  return file->pMethods->xWrite(file, bytes, count, 0);
}
