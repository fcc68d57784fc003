// Connectors: where rows come from and where they go.
//
// - source: what makes batches of rows for one stream or table, on a thread of its own, into a bounded queue (`Source`).
// - partition: a part of a source that has an order: a file, or a generator's one sequence. Numbers are given when a partition
//   is discovered and kept for good; its name (the file's path) says which it is.
// - position: opaque bytes that say how far a partition has been read. Empty: from the beginning.
// - offset: a row's place in its partition, as people see it: the byte at which a line starts, an event's number.
// - row error: a record that made no row, with its offset and first bytes; it changes only itself.
// - replay: reading the rows between two positions again, the same rows with the same offsets.
// - generator: a source that makes its rows from a seed. `Generator/Nexmark*` is the Nexmark benchmark's.
// - event: one row of one of Nexmark's three streams, person, auction or bid.
// - arena: the one byte buffer that all text of a generator lies in; a row's text is a `NexmarkText`, a slice of it.
//
// Invariants: the rows between two positions depend on the partition's contents alone, not on how reads or batches were cut;
// a source never drops a record without a row error. Nexmark's rows are a function of the seed alone, and the same as those of
// `peers/gen.c`, byte for byte in JSON.
