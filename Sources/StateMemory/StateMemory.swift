// StateMemory: the flat memory that operators, tables and views keep their rows in (DESIGN §3, §9.12, §9.15, §9.17).
//
// - space: one engine's address ranges, snapshots and byte counts (`StateSpace`).
// - array: flat bytes that grow without moving, so that an id is an index (`StateArray`). One thread writes it.
// - page, line: 16 KiB and 256 bytes of an array. A line is the unit of *dirty*, a page that of *saved*.
// - dirty: changed since the last checkpoint took the marks. saved: the number of the newest snapshot with a copy.
// - declare: to say, before a change, which lines will change. `willChange` lends the writer that does so, and through
//   which alone an array is writable.
// - snapshot: a tick that a reader on another thread sees while later ticks change the arrays. Its number is tick + 1.
// - range: the addresses that an array lies in. A replaced range is freed after the last reader who could look into it.
//
// Invariant: a byte of an array changes only after its line is dirty and, while a snapshot is open, its page is saved
// for the newest open snapshot. Writer and reader of one page meet like this:
//
//     writer                                        reader of snapshot s
//       copy the page aside                           copy the live page
//       saved := n (release)                          acquire
//       release                                       look at saved: below s: the copy is the page as of s
//       change the live page                                         else: take the saved copy, the oldest >= s
//
// Writers and spans live as long as the access to their owner. A class that owns an array or a table passes it to a
// function as an `inout` (or borrowing) parameter, and takes the writer there.
//
// No lock is held while the page is copied on either side. The list of an array's copies is behind a short lock, which a
// writer takes only when it saves a page, so never while no snapshot is open.

/// The unit of copies for snapshots and of pages in checkpoints.
package let pageBytes = 1 << 14
/// The unit of dirty marks: a page has 64.
package let lineBytes = 1 << 8

@usableFromInline let pageShift = 14
@usableFromInline let lineShift = 8

/// The marks of one page, beside the array.
///
/// | offset | size | meaning                                                            |
/// |--------|------|--------------------------------------------------------------------|
/// | 0      | 8    | dirty: bit i is set if line i changed since `takeDirty`             |
/// | 8      | 8    | saved: number of the newest snapshot that has a copy of the page   |
package struct PageMarks: BitwiseCopyable {
  package var dirty: UInt64
  package var saved: UInt64
}

/// The lines of one page that changed since the last checkpoint.
package struct DirtyPage: Equatable, Sendable {
  package var page: Int
  package var lines: UInt64
}
