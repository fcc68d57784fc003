package import Columnar
package import Expressions
import SQLTypes

/// Rows that an expression failed on: what a node would have sent, had nothing failed (DESIGN §9.4).
///
/// The rows are a batch like any other, with weights, so that operators gather, join and keep them like data. Behind the
/// `width` columns of the node's schema stand:
///
/// | column | type | meaning |
/// |---|---|---|
/// | width + i, i < poisonWords(width) | int64 | bit c % 64 of word c / 64: column c is poisoned: it has no value (null here) |
/// | then | text | SQLSTATE |
/// | then | text | message |
/// | then | int64 | origin: the number of the node whose expression failed, and 0 from the next node on: it has been told there |
///
/// What is kept of an error row must not say which node it came from: another one may stand in for that and retract it.
///
/// A row without a poisoned column is one of which it is not known whether it is there: a filter's condition failed.
package struct ErrorBatch: Sendable {
  package let width: Int
  package let rows: Batch

  package static func poisonWords(_ width: Int) -> Int { (width + 63) / 64 }

  /// The physical types of the columns of error rows over a schema of `types`.
  package static func types(over types: [PhysicalType]) -> [PhysicalType] {
    types + Array(repeating: .int64, count: poisonWords(types.count)) + [.text, .text, .int64]
  }

  package init(width: Int, rows: Batch) {
    precondition(rows.columns.count == width + Self.poisonWords(width) + 3, "an error row has the schema's columns and its own")
    self.width = width
    self.rows = rows
  }
}

extension ErrorBatch {
  /// The rows of `batch` that failed, each with its first error; `poisoning` names the columns that have no value.
  package init(_ failed: RowErrors, of batch: Batch, poisoning: Set<Int>, origin: Int64) {
    self.init(poisoning.isEmpty ? [(nil, failed)] : poisoning.sorted().map { ($0, failed) }, of: batch, origin: origin)
  }

  /// The rows of `batch` that failed, each with its first error, in the order of `failures`; these name the column that
  /// has no value on the rows, or none.
  package init(_ failures: [(column: Int?, rows: RowErrors)], of batch: Batch, origin: Int64) {
    var firstOfRow: [Int: SQLError] = [:]
    for (_, failed) in failures {
      for (row, error) in failed.entries where firstOfRow[row] == nil { firstOfRow[row] = error }
    }
    let rows = firstOfRow.keys.sorted()
    let kept = batch.gather(Selection(rows))
    let width = batch.columns.count
    var poison = PoisonBits(width: width, count: rows.count)
    let position = Dictionary(uniqueKeysWithValues: zip(rows, 0...))
    for case (let column?, let failed) in failures {
      for row in failed.rows { if let at = position[row] { poison.set(column, at) } }
    }
    var states = TextBuilder(capacity: rows.count)
    var messages = TextBuilder(capacity: rows.count)
    for row in rows {
      guard let error = firstOfRow[row] else { continue }
      states.append(Array(error.state.code.utf8).span)
      messages.append(Array(error.message.utf8).span)
    }
    self.init(
      data: kept, poison: poison, error: [states.finish(), messages.finish(), .constant(origin, .int64, count: rows.count)])
  }

  /// Error rows of parts.
  ///
  /// - data: the schema's columns and the weights; what is poisoned is made null.
  /// - error: SQLSTATE, message and origin.
  package init(data: Batch, poison: PoisonBits, error: [Column]) {
    let columns = data.columns.enumerated().map { index, column in
      let poisoned = poison.rows(of: index)
      return poisoned.isEmpty ? column : column.withNulls(at: poisoned)
    }
    self.init(
      width: data.columns.count,
      rows: Batch(count: data.count, columns: columns + poison.columns + error, weights: data.weights))
  }

  /// The schema's columns, null where poisoned, and the weights.
  package var data: Batch { Batch(count: rows.count, columns: Array(rows.columns[..<width]), weights: rows.weights) }

  package var poison: PoisonBits {
    PoisonBits(
      width: width, count: rows.count, columns: Array(rows.columns[width..<width + Self.poisonWords(width)]))
  }

  /// SQLSTATE, message and origin.
  package var error: [Column] { Array(rows.columns.suffix(3)) }

  /// The error rows that `selection` names, in its order.
  package func gather(_ selection: Selection) -> ErrorBatch { ErrorBatch(width: width, rows: rows.gather(selection)) }
}

/// Which columns of error rows are poisoned.
package struct PoisonBits: Sendable {
  package let width: Int
  package let count: Int
  /// By word, then by row.
  private var words: [[UInt64]]

  /// None is.
  package init(width: Int, count: Int) {
    self.width = width
    self.count = count
    words = Array(repeating: Array(repeating: 0, count: count), count: ErrorBatch.poisonWords(width))
  }

  init(width: Int, count: Int, columns: [Column]) {
    self.width = width
    self.count = count
    words = columns.map { column in (0..<count).map { column.value($0, as: UInt64.self) } }
  }

  package mutating func set(_ column: Int, _ row: Int) { words[column / 64][row] |= 1 << UInt64(column % 64) }

  package func contains(_ column: Int, _ row: Int) -> Bool { words[column / 64][row] >> UInt64(column % 64) & 1 != 0 }

  /// Whether a column of the row is poisoned.
  package func isAnySet(_ row: Int) -> Bool { words.contains { $0[row] != 0 } }

  /// The rows in which one of the columns is poisoned.
  package func rows(ofAny columns: Set<Int>) -> Set<Int> {
    Set((0..<count).filter { row in columns.contains { contains($0, row) } })
  }

  func rows(of column: Int) -> Set<Int> { rows(ofAny: [column]) }

  var columns: [Column] {
    words.map { word in
      var builder = ColumnBuilder<UInt64>(.int64, capacity: count)
      for bits in word { builder.append(bits) }
      return builder.finish()
    }
  }
}

extension Column {
  /// The same column, null in some more rows.
  fileprivate func withNulls(at rows: Set<Int>) -> Column {
    let kept = Selection((0..<count).filter { !rows.contains($0) })
    return .scatter([(kept, gather(kept))], physicalType, count: count)
  }
}

extension ErrorBatch {
  /// The same rows as they go on from where they failed.
  var withoutOrigin: ErrorBatch {
    let columns = rows.columns.dropLast() + [.constant(Int64(0), .int64, count: rows.count)]
    return ErrorBatch(width: width, rows: Batch(count: rows.count, columns: Array(columns), weights: rows.weights))
  }

  /// The rows whose origin is `node`; nil if there is none.
  func originating(at node: NodeID) -> ErrorBatch? {
    guard let origins = rows.columns.last else { return nil }
    let own = (0..<rows.count).filter { origins.value($0, as: Int64.self) == Int64(node.rawValue) }
    if own.isEmpty { return nil }
    return own.count == rows.count ? self : ErrorBatch(width: width, rows: rows.gather(Selection(own)))
  }
}
