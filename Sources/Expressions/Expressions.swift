// Expressions: bound scalar expressions, the table of functions, and their evaluation a batch at a time.
//
// - bound: names are columns, functions are kernels, every node has a type.
// - overload: one meaning of a function's or operator's name: the types by which calls find it, and what runs.
// - cast: a function from one type to another, and the context in which it is applied unasked.
// - row error: why a row has no value. It is recorded beside the column and does not end the batch; who evaluates
//   decides what becomes of it (DIALECT §7).
// - reach: a row reaches a subexpression if SQL evaluates it there. CASE, AND, OR and COALESCE evaluate a branch only for the
//   rows that reach it, so that `CASE WHEN x = 0 THEN 0 ELSE 1/x END` does not fail.
//
// Invariant: evaluation is a function of the batch: no clock, no I/O, no state.
