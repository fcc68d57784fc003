// SQLiteStorage: the durable side of the engine, on SQLite.
//
// - database: one connection, owned by one thread. statement: a prepared SQL text of a database.
// - log: the tick entries of `leat.db`, in the file's WAL with `synchronous=FULL`: what `append` returned from is on disk.
//
// Invariant: an entry is handed to a replay only if its checksum, which covers its number, fits, and none is left out.
