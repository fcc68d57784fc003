#include "disk.h"

uint64_t ccrash_random(uint64_t *state) {
  uint64_t z = (*state += 0x9e3779b97f4a7c15u);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

static void resize(ccrash_bytes *b, int64_t count) {
  if (count > b->room) {
    b->room = count * 2 > 4096 ? count * 2 : 4096;
    b->bytes = realloc(b->bytes, b->room);
  }
  if (count > b->count) memset(b->bytes + b->count, 0, count - b->count);
  b->count = count;
}

static void overwrite(ccrash_bytes *b, const uint8_t *bytes, int64_t count, int64_t offset) {
  if (offset + count > b->count) resize(b, offset + count);
  memcpy(b->bytes + offset, bytes, count);
}

static ccrash_change *append_change(ccrash_node *node) {
  if (node->change_count == node->change_room) {
    node->change_room = node->change_room ? node->change_room * 2 : 16;
    node->changes = realloc(node->changes, node->change_room * sizeof(ccrash_change));
  }
  return &node->changes[node->change_count++];
}

void ccrash_node_write(ccrash_node *node, const void *bytes, int64_t count, int64_t offset) {
  ccrash_change *change = append_change(node);
  *change = (ccrash_change){offset, count, malloc(count)};
  memcpy(change->bytes, bytes, count);
  overwrite(&node->live, bytes, count, offset);
}

void ccrash_node_truncate(ccrash_node *node, int64_t size) {
  *append_change(node) = (ccrash_change){size, -1, NULL};
  resize(&node->live, size);
}

void ccrash_node_forget_changes(ccrash_node *node) {
  for (int64_t i = 0; i < node->change_count; i++) free(node->changes[i].bytes);
  node->change_count = 0;
}

void ccrash_node_sync(ccrash_node *node) {
  for (int64_t i = 0; i < node->change_count; i++) {
    ccrash_change *change = &node->changes[i];
    if (change->count < 0) resize(&node->disk, change->offset);
    else overwrite(&node->disk, change->bytes, change->count, change->offset);
  }
  ccrash_node_forget_changes(node);
}

void ccrash_node_free_regions(ccrash_node *node) {
  for (int i = 0; i < CCRASH_REGIONS; i++) {
    free(node->regions[i]);
    node->regions[i] = NULL;
  }
}

ccrash_node *ccrash_node_at(ccrash *disk, const char *path, int create) {
  ccrash_node *node = disk->nodes;
  while (node && strcmp(node->path, path)) node = node->next;
  if (!node && create) {
    node = calloc(1, sizeof *node);
    node->path = strdup(path);
    node->next = disk->nodes;
    disk->nodes = node;
  }
  if (!node || (!node->exists && !create)) return NULL;
  node->exists = 1;
  return node;
}

static void free_node(ccrash_node *node) {
  ccrash_node_forget_changes(node);
  ccrash_node_free_regions(node);
  free(node->changes);
  free(node->live.bytes);
  free(node->disk.bytes);
  free(node->path);
  free(node);
}

void ccrash_node_forget(ccrash *disk, ccrash_node *node) {
  if (node->exists || node->exists_on_disk || node->open_count) return;
  ccrash_node **link = &disk->nodes;
  while (*link != node) link = &(*link)->next;
  *link = node->next;
  free_node(node);
}

void ccrash_free_nodes(ccrash *disk) {
  while (disk->nodes) {
    ccrash_node *node = disk->nodes;
    disk->nodes = node->next;
    free_node(node);
  }
}

void ccrash_sync_directory(ccrash *disk) {
  for (ccrash_node *node = disk->nodes, *next; node; node = next) {
    next = node->next;
    node->exists_on_disk = node->exists;
    ccrash_node_forget(disk, node);
  }
}

int ccrash_counted(ccrash *disk) {
  disk->operations++;
  if (disk->operations == disk->power_off_at) disk->is_off = 1;
  return disk->is_off;
}

int ccrash_injected(ccrash *disk, int operation) {
  if (!(disk->failing & operation) || --disk->failing_in > 0) return 0;
  disk->failing = 0;
  return disk->failing_code;
}

/// Lets a sector of a write reach the platter whole, in part, or not at all. Returns whether it is not whole.
static int settle_sector(ccrash *disk, ccrash_node *node, const uint8_t *bytes, int64_t count, int64_t offset, uint64_t *random) {
  uint64_t dice = ccrash_random(random) % 3;
  if (dice == 0) {
    overwrite(&node->disk, bytes, count, offset);
    return 0;
  }
  if (dice == 1) return 1;
  // Torn: the first bytes are new, the rest is old.
  overwrite(&node->disk, bytes, (int64_t)(ccrash_random(random) % (uint64_t)count), offset);
  if (!disk->powersafe_overwrite) {
    // And some others of the sector, written or not, are anything.
    int64_t start = offset / disk->sector_bytes * disk->sector_bytes, end = start + disk->sector_bytes;
    if (end > node->disk.count) end = node->disk.count;
    for (int i = 0; i < 8 && end > start; i++) {
      int64_t at = start + (int64_t)(ccrash_random(random) % (uint64_t)(end - start));
      node->disk.bytes[at] = (uint8_t)ccrash_random(random);
    }
  }
  return 1;
}

static int64_t settle_changes(ccrash *disk, ccrash_node *node, uint64_t *random) {
  int64_t lost = 0;
  for (int64_t i = 0; i < node->change_count; i++) {
    ccrash_change *change = &node->changes[i];
    if (change->count < 0) {
      if (ccrash_random(random) & 1) resize(&node->disk, change->offset);
      continue;
    }
    for (int64_t done = 0; done < change->count;) {
      int64_t at = change->offset + done;
      int64_t count = disk->sector_bytes - at % disk->sector_bytes;
      if (count > change->count - done) count = change->count - done;
      lost += settle_sector(disk, node, change->bytes + done, count, at, random);
      done += count;
    }
    // The new length may be known though the data is not there.
    if (change->offset + change->count > node->disk.count && ccrash_random(random) % 4 == 0)
      resize(&node->disk, change->offset + change->count);
  }
  return lost;
}

static void switch_on(ccrash *disk) {
  disk->is_off = 0;
  disk->power_off_at = 0;
  disk->failing = 0;
}

void ccrash_restart(ccrash *disk) {
  pthread_mutex_lock(&disk->mutex);
  for (ccrash_node *node = disk->nodes; node; node = node->next) ccrash_node_sync(node);
  ccrash_sync_directory(disk);
  switch_on(disk);
  pthread_mutex_unlock(&disk->mutex);
}

int64_t ccrash_reboot(ccrash *disk, uint64_t seed) {
  pthread_mutex_lock(&disk->mutex);
  uint64_t random = seed;
  int64_t lost = 0;
  for (ccrash_node *node = disk->nodes, *next; node; node = next) {
    next = node->next;
    lost += settle_changes(disk, node, &random);
    if (node->exists != node->exists_on_disk) node->exists_on_disk = ccrash_random(&random) & 1;
    node->exists = node->exists_on_disk;
    if (!node->exists) resize(&node->disk, 0);
    ccrash_node_forget_changes(node);
    resize(&node->live, 0);
    resize(&node->live, node->disk.count);
    if (node->disk.count) memcpy(node->live.bytes, node->disk.bytes, node->disk.count);
    node->shared = node->reserved = node->pending = 0;
    ccrash_node_forget(disk, node);
  }
  switch_on(disk);
  pthread_mutex_unlock(&disk->mutex);
  return lost;
}

void ccrash_power_off_after(ccrash *disk, int64_t operations) {
  pthread_mutex_lock(&disk->mutex);
  disk->power_off_at = disk->operations + operations;
  pthread_mutex_unlock(&disk->mutex);
}

void ccrash_fail(ccrash *disk, int operations, int64_t nth, int code) {
  pthread_mutex_lock(&disk->mutex);
  disk->failing = operations;
  disk->failing_in = nth;
  disk->failing_code = code;
  pthread_mutex_unlock(&disk->mutex);
}

static int64_t read_counter(ccrash *disk, const int64_t *counter) {
  pthread_mutex_lock(&disk->mutex);
  int64_t value = *counter;
  pthread_mutex_unlock(&disk->mutex);
  return value;
}
int64_t ccrash_operations(ccrash *disk) { return read_counter(disk, &disk->operations); }
int64_t ccrash_syncs(ccrash *disk) { return read_counter(disk, &disk->syncs); }
int ccrash_is_off(ccrash *disk) {
  pthread_mutex_lock(&disk->mutex);
  int is_off = disk->is_off;
  pthread_mutex_unlock(&disk->mutex);
  return is_off;
}

int64_t ccrash_file_bytes(ccrash *disk, const char *path) {
  pthread_mutex_lock(&disk->mutex);
  ccrash_node *node = ccrash_node_at(disk, path, 0);
  int64_t count = node ? node->live.count : -1;
  pthread_mutex_unlock(&disk->mutex);
  return count;
}

void ccrash_flip(ccrash *disk, const char *path, int64_t bit) {
  pthread_mutex_lock(&disk->mutex);
  ccrash_node *node = ccrash_node_at(disk, path, 0);
  if (node && bit / 8 < node->live.count) node->live.bytes[bit / 8] ^= 1 << (bit % 8);
  if (node && bit / 8 < node->disk.count) node->disk.bytes[bit / 8] ^= 1 << (bit % 8);
  pthread_mutex_unlock(&disk->mutex);
}
