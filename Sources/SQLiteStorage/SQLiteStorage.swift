// SQLiteStorage: the durable side of the engine, on SQLite.
//
// - database: one connection, used by one thread at a time. statement: a prepared SQL text of a database.
// - log: the tick entries of `leat.db`, in the file's WAL with `synchronous=FULL`: what `append` returned from is on disk.
// - log thread: writes and syncs in groups what the driver hands over while it computes.
// - chunk: rows of a local stream, encoded as one batch. Named: a tick's entry says where it lies. Unnamed: written ahead of
//   its tick, and deleted at the next opening if that never came.
// - note: `leat.db-tick`, which says how far the log was on the disk, so that a log which lost its end is found out.
//
// Invariants: an entry is handed to a replay only if its checksum, which covers its number, fits, and none is left out; a
// range of a stream is read whole or not at all; after an error that leaves open what is on the disk nothing is written any more.
