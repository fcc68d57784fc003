import Expressions
import SQLTypes

extension ReferenceEvaluator {
  /// The row once for each window that holds its time: windows are tried one by one, in numbers that cannot overflow.
  mutating func repeated(_ row: ReferenceRow, _ windows: TimeWindows) -> [ReferenceRow] {
    func unknown(_ error: SQLError) -> ReferenceRow {
      ReferenceRow(
        row.values + [.null],
        failure: ReferenceFailure(poisoned: (row.failure?.poisoned ?? []).union([row.values.count]), error: error))
    }
    if let failure = row.failure, failure.poisoned.contains(windows.time) { return [unknown(failure.error)] }
    guard case .timestamp(let time) = row.values[windows.time] else { return [] }
    func at(_ start: SQLTimestamp) -> ReferenceRow { ReferenceRow(row.values + [.timestamp(start)], failure: row.failure) }
    if !time.isFinite { return [at(time)] }
    let (now, slide, size) = (Int128(time.microseconds), Int128(windows.slide), Int128(windows.size))
    // Some window that begins after the time; from there on backwards as long as windows can hold it.
    var start = Int128(windows.offset) + (now / slide + 2) * slide
    var rows: [ReferenceRow] = []
    while start + size > now {
      if start <= now {
        guard start >= Int128(SQLTimestamp.minimum.microseconds) else {
          didFail = true
          return [unknown(row.failure?.error ?? SQLError(.datetimeFieldOverflow, "timestamp out of range"))]
        }
        rows.append(at(SQLTimestamp(microseconds: Int64(start))))
      }
      start -= slide
    }
    return rows
  }
}
