// Connectors: where rows come from and where they go.
//
// - generator: a source that makes its rows from a seed. `Generator/Nexmark*` is the Nexmark benchmark's.
// - event: one row of one of Nexmark's three streams, person, auction or bid.
// - arena: the one byte buffer that all text of a generator lies in; a row's text is a `NexmarkText`, a slice of it.
//
// Invariant: the rows are a function of the seed alone, and the same as those of `peers/gen.c`, byte for byte in JSON.
