// JSONScan: JSON-lines records straight into typed columns, after a schema. It has no strict memory safety.
//
// - record: one line that is not blank; it must be exactly one JSON object, and becomes a row as PostgreSQL's
//   `json_populate_record` makes it (DIALECT.md §7). A blank line is not a record; blank lines are counted.
// - field: a declared name and the kind of value wanted under it. Names in a record are compared exactly, after their escapes
//   are decoded; of two equal ones the last counts; a missing one is NULL; an undeclared one is skipped but must be well-formed.
// - slice: text by place and length, in the input, or in the arena when escapes had to be decoded.
// - bad record: a record that makes no row. It leaves nothing in the columns, and a `BadRecord` says why.
// - decoder: scans a block of lines, and makes columns of what the scanner found (`RowDecoder`, `UpsertDecoder`); long texts stay in
//   the block, which the columns hold.
// - guess: the key that stood at this place in an earlier record, as it is spelt; right guesses are one comparison of 32 bytes.
//
// Invariants:
// - Whatever the bytes, scanning ends, reads nothing outside the input, and each record is a row or a bad record.
// - Every scanning loop stops at a line feed, and JSON allows none inside a line; so no loop checks for the end. Reads may go
//   63 bytes past a line's end: lines too near to the input's end are scanned in a padded copy.
// - A fault of form (not JSON, not UTF-8) goes before a fault of value (a field that does not fit its kind); of the latter the
//   first declared field's is reported, after the last of equal names was taken.
