// ZSets: rows with weights, kept in flat state.
//
// - z-set: rows with signed weights. delta: a z-set of changes. consolidate: add the weights of equal rows, drop zeros.
// - packed row: a batch's row as whole words (`RowLayout`), which state keeps, hashes and compares.
// - content: the rows of a relation by whole row (`WeightedRows`) or by key (`KeyedTable`).
// - arrangement: a z-set by key, for joins: a directory of keys and a chain of rows for each (`Arrangement`). probe: the walk
//   of a delta's rows through the chains of another arrangement.
// - ordered list: rows in an order, with ranks (`OrderedRows`, `TopRows`).
//
// Invariants: rows are equal if their packed words are, long texts by their bytes. Keys are canonical before they are
// packed, so that equal keys are equal words (DESIGN §9.13). State is changed by its one owner; other threads read it
// through a `RowsReference` and a snapshot.
