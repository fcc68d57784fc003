#pragma once
#include <stddef.h>
#include <stdint.h>

/// A simulated disk as a SQLite VFS, for tests of what a power loss leaves behind.
///
/// Files lie in memory, each twice: as programs see it, and as it is on the platter; the writes and truncations between the
/// two are kept in order until the file's xSync. So are creations and deletions until the directory is synced, which the
/// first xSync of a new journal or WAL does, as in SQLite's own unix VFS. Shared memory and locks are those of this process.
/// Every function may be called on any thread.
typedef struct ccrash ccrash;

/// What an injected error hits.
enum ccrash_operation { CCRASH_WRITE = 1, CCRASH_SYNC = 2, CCRASH_TRUNCATE = 4, CCRASH_DELETE = 8, CCRASH_OPEN = 16 };

/// Makes a disk and registers it as the VFS `name`.
/// - sector_bytes: what is kept, dropped or torn as one: 512 or 4096.
/// - powersafe_overwrite: whether a torn sector holds old and new bytes only where it was written (what SQLite assumes of disks
///   by default); otherwise SQLite is told that neighbours in a sector may be damaged, and they are.
ccrash *ccrash_new(const char *name, int sector_bytes, int powersafe_overwrite);

/// Unregisters the disk, and frees it once the last of its files is closed.
void ccrash_free(ccrash *disk);

/// The power fails in operation number `operations` (from 1) from now: it and all after it end with an I/O error.
void ccrash_power_off_after(ccrash *disk, int64_t operations);

/// Whether the power is off.
int ccrash_is_off(ccrash *disk);

/// Keeps, drops or tears each sector that was written and not synced, and keeps or drops each truncation, creation and deletion;
/// then the power is on again. No connection may be open.
/// - Returns: how many sectors were dropped or torn.
int64_t ccrash_reboot(ccrash *disk, uint64_t seed);

/// Brings everything written to the platter and switches the power on: what the end of a process alone leaves behind.
/// No connection may be open.
void ccrash_restart(ccrash *disk);

/// From now, operation number `nth` (from 1) among those in the mask `operations` ends with SQLite's result `code`, once.
/// A failed write may have written a part; what a failed sync should have synced never reaches the platter, though programs
/// see it, and though a later sync succeeds: so do Linux's file systems.
void ccrash_fail(ccrash *disk, int operations, int64_t nth, int code);

/// How many operations there were: writes, syncs, truncations, deletions.
int64_t ccrash_operations(ccrash *disk);

/// How many syncs there were.
int64_t ccrash_syncs(ccrash *disk);

/// The size of a file, -1 if there is none.
int64_t ccrash_file_bytes(ccrash *disk, const char *path);

/// Flips a bit of a file, on the platter and for programs.
void ccrash_flip(ccrash *disk, const char *path, int64_t bit);
