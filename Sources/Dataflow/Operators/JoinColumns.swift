import Columnar

extension PoisonBits {
  /// Every column is poisoned.
  static func all(width: Int, count: Int) -> PoisonBits {
    var bits = PoisonBits(width: width, count: count)
    for row in 0..<count { for column in 0..<width { bits.set(column, row) } }
    return bits
  }

  /// The bits of rows of both sides' columns.
  init(joining left: PoisonBits, _ right: PoisonBits) {
    precondition(left.count == right.count, "both sides of the same rows")
    self.init(width: left.width + right.width, count: left.count)
    for row in 0..<count {
      for column in 0..<left.width where left.contains(column, row) { set(column, row) }
      for column in 0..<right.width where right.contains(column, row) { set(left.width + column, row) }
    }
  }
}

/// One side's columns of joined rows, data or error rows.
struct JoinColumns {
  var schema: [Column]
  var poison: PoisonBits
  /// SQLSTATE, message, origin; of data rows nil.
  var error: [Column]?

  init(_ columns: [Column], count: Int, width: Int, _ kind: RowKind) {
    switch kind {
    case .data:
      schema = columns
      poison = PoisonBits(width: width, count: count)
    case .errors:
      let errors = ErrorBatch(width: width, rows: Batch(count: count, columns: columns))
      schema = errors.data.columns
      poison = errors.poison
      error = errors.error
    }
  }

  /// The columns of a left join's right side where nothing matched.
  static func nulls(of side: JoinSide, count: Int) -> JoinColumns {
    JoinColumns(
      side.arrange.types.map { .allNull($0.physicalType, count: count) }, count: count, width: side.width, .data)
  }

  /// The columns of a side of which nothing is known.
  static func poisoned(of side: JoinSide, count: Int) -> JoinColumns {
    var columns = nulls(of: side, count: count)
    columns.poison = .all(width: side.width, count: count)
    return columns
  }

  /// Rows of both sides' columns, one of which has error rows; the left side's error is told first.
  static func errors(_ left: JoinColumns, _ right: JoinColumns, count: Int, weights: Column?) -> ErrorBatch {
    guard let error = left.error ?? right.error else { preconditionFailure("an error row has an error") }
    return ErrorBatch(
      data: Batch(count: count, columns: left.schema + right.schema, weights: weights),
      poison: PoisonBits(joining: left.poison, right.poison), error: error)
  }
}
