// SQLTypes: what SQL values, types and errors are. It imports nothing.
//
// - type: a scalar SQL type (`SQLType`) with PostgreSQL's names, object ids and modifiers.
// - value text: the one text form of a value, as PostgreSQL writes it (`SQLTextConvertible`): Bool, Int16, Int32,
//   Int64, Float, Double, `Numeric`, `SQLDate`, `SQLTimestamp`, `Interval`. Readers take bytes, writers append bytes.
// - date: days since 1970-01-01. timestamp: microseconds since 1970-01-01 00:00, for a TIMESTAMPTZ in UTC; it has the
//   same type here, and the `zoned` forms of reading and writing.
// - error: `SQLError`, with a SQLSTATE and a range in the statement's text; its wording is decided here, once.
//
// Invariant: reading the text that was written gives the same value back.
