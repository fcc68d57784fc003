// Planner: from a statement's tree to a plan. Data in, data out: no I/O, no clock.
//
// - scope: the columns that names can mean at one place of a query.
// - binding: names become columns, calls become overloads, every expression gets a type and its implicit casts.
// - logical plan: relational operators over bound expressions.
//
// What DIALECT names and this build does not plan yet is refused with 0A000 and its name, never ignored.
