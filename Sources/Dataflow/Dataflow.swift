// Dataflow: operators over batches of weighted rows, driven tick by tick.
//
// - operator: a node that gets batches and pushes batches; linear ones keep no state.
// - error row: a row that an expression failed on; it travels beside the data and never ends a tick (DIALECT §7).
// - tick: one step of the whole dataflow. Its log entry holds all that a replay needs besides the sources' own contents
//   (DESIGN §4, §9.1, §9.6); numbers have no gaps and the clock never goes backwards.
//
// Invariant: `push` and `endTick` are functions of what was pushed and of the operator's state: no I/O, no clock.
