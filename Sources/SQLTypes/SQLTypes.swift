// SQLTypes: what SQL values, types and errors are. It imports nothing.
//
// - type: a scalar SQL type (`SQLType`) with PostgreSQL's names, object ids and modifiers.
// - value text: the one text form of a value, as PostgreSQL writes it (`Numeric`, dates, intervals, floats).
// - error: `SQLError`, with a SQLSTATE and a range in the statement's text; its wording is decided here, once.
//
// Invariant: reading the text that was written gives the same value back.
