import Columnar
import Engine
import SQLTypes
import Synchronization

/// Counts changes and drops them; with `hashesRows` it adds up the checksum too, which is slow and not for timed runs.
///
/// The checksum is the sum of weight times the low half of the MD5 of a row's text, modulo 2^64: linear in the weights, so that changes
/// give what their consolidated sum would. A row's text is that of its fields, tabs between, `\N` for null.
final class ChangeTally: ChangeSink {
  struct Sums: Sendable {
    /// Changes, and the sum of their weights.
    var changes = 0
    var rows: Int64 = 0
    var checksum: UInt64 = 0
    var tickNanoseconds: [Int64] = []
  }

  private let hashesRows: Bool
  private let state = Mutex(Sums())

  init(hashesRows: Bool) { self.hashesRows = hashesRows }

  var sums: Sums { state.withLock { $0 } }

  func take(_ changes: Batch, types: [SQLType]) {
    state.withLock { sums in
      sums.changes += changes.count
      sums.rows += changes.netCount
      if hashesRows { sums.checksum &+= changes.checksum(types) }
    }
  }

  func tickEnded(nanoseconds: Int64) { state.withLock { $0.tickNanoseconds.append(nanoseconds) } }
}

extension Batch {
  /// The sum of the weights.
  var netCount: Int64 {
    guard weights != nil else { return Int64(count) }
    return (0..<count).reduce(0) { $0 + weight($1) }
  }

  func checksum(_ types: [SQLType]) -> UInt64 {
    var sum: UInt64 = 0
    for row in 0..<count {
      let text = zip(columns, types).map { $0.outputText(row, as: $1) ?? "\\N" }.joined(separator: "\t")
      sum &+= UInt64(bitPattern: weight(row)) &* MD5Digest(of: Array(text.utf8).span).low
    }
    return sum
  }
}
