// Columnar: rows as columns in contiguous memory.
//
// - buffer: an immutable (once published), 64-byte aligned and padded piece of memory, counted by ARC.
// - column: `count` values of one physical type in a buffer, an optional null bitmap, and the arenas that its text lies in.
//   A constant column holds one value that stands for every row.
// - batch: columns of equal length with a weight per row; no weights means that all are +1.
// - kernel: a loop over the rows of columns. One dispatch a batch; nothing allocates per row.
// - canonical form: the one form of all values that are equal (1.0 and 1.00), in which equal keys are equal bytes.
//
// Invariants: a null slot holds zero bytes; a text view of up to 12 bytes is inline and padded with zeros, so that equal
// short texts are equal words. Pointers stay in this target: what leaves it is columns.
