import Columnar
import SQLTypes

/// Says what is wrong with a record that made no row: slowly, and in PostgreSQL's words.
///
/// It scans the record again with every field as text, and reads the fields in their order as their types' input functions do.
struct RowExplainer: ~Copyable {
  /// Messages quote the value that is wrong; no more than this many characters are kept.
  static let messageLimit = 300

  private let fields: [RowField]
  private let relation: String
  private var scanner: JSONScanner
  private var columns: ScanColumns

  init(_ fields: [RowField], relation: String) {
    self.fields = fields
    self.relation = relation
    let schema = fields.map { ScanField($0.name, .text) }
    scanner = JSONScanner(schema)
    columns = ScanColumns(schema, capacity: 1)
  }

  /// - bytes: the record's line in the block.
  /// - fault, isValue: what the scanner saw, and whether it was the value of a field.
  mutating func error(_ block: Buffer, _ bytes: Range<Int>, scanned fault: ScanFault, isValue: Bool) -> SQLError {
    if isValue, var error = valueError(block, bytes) {
      if error.message.utf8.count > Self.messageLimit {
        error.message = String(error.message.prefix(Self.messageLimit)) + "…"
      }
      return error
    }
    return SQLError(fault.state, fault.message)
  }

  private mutating func valueError(_ block: Buffer, _ bytes: Range<Int>) -> SQLError? {
    let start = UnsafePointer(block.pointer(as: UInt8.self)) + bytes.lowerBound
    _ = scanner.scan(Span(_unsafeStart: start, count: bytes.count), isFinal: true, into: &columns)
    if columns.rowCount != 1 { return nil }
    for (index, field) in fields.enumerated() where columns.columns[index].nulls[0] == 0 {
      let slice = columns.slices(index)[0]
      let text = slice.isInArena ? UnsafePointer(columns.arenaBytes) : start
      do throws(SQLError) {
        try field.type.check(Span(_unsafeStart: text + slice.range.lowerBound, count: slice.range.count))
      } catch {
        var error = error
        error.message += " in column \"\(field.name)\""
        return error
      }
    }
    for (index, field) in fields.enumerated() where field.isNotNull && columns.columns[index].nulls[0] != 0 {
      return SQLError(
        .notNullViolation,
        "null value in column \"\(field.name)\" of relation \"\(relation)\" violates not-null constraint")
    }
    return nil
  }
}
