package import Columnar
import SQLTypes

/// Decodes lines `{"key": {…}, "value": {…} | null}`, each of which sets a key's row or deletes it.
///
/// - Key columns are read from the key, all others from the value; what else stands there is skipped, and so are other members
///   of the line. A null value is a deletion: its row has the key alone.
/// - Errors (each of one row): those of `RowDecoder` for the key and then the value; 22P02 where one of the two is missing,
///   for a line that is no upsert must not be taken for a deletion.
package struct UpsertDecoder: ~Copyable {
  private let fields: [RowField]
  private let keyColumns: [Int]
  private let valueColumns: [Int]
  private var scanner: JSONScanner
  private var members: ScanColumns
  private var keys: RowDecoder
  private var values: RowDecoder

  /// - keyColumns: numbers of fields; they are taken to be NOT NULL.
  package init(_ fields: [RowField], keyColumns: [Int], relation: String) {
    self.fields = fields
    self.keyColumns = keyColumns
    valueColumns = fields.indices.filter { !keyColumns.contains($0) }
    let schema = [ScanField("key", .member), ScanField("value", .member)]
    scanner = JSONScanner(schema)
    members = ScanColumns(schema)
    keys = RowDecoder(
      keyColumns.map {
        RowField(name: fields[$0].name, type: fields[$0].type, isNotNull: true, isNeeded: fields[$0].isNeeded)
      }, relation: relation)
    values = RowDecoder(valueColumns.map { fields[$0] }, relation: relation)
  }

  /// As `RowDecoder.decode`, with `deletions`.
  package mutating func decode(
    _ block: Buffer, _ range: Range<Int>, isFinal: Bool, recordLimit: Int = .max
  ) -> DecodedRows {
    precondition(range.lowerBound >= 0 && range.upperBound <= block.byteCount, "a range of the block")
    let input = Span(_unsafeStart: UnsafePointer(block.pointer(as: UInt8.self)) + range.lowerBound, count: range.count)
    let byteCount = scanner.scan(input, isFinal: isFinal, recordLimit: recordLimit, into: &members)
    var faults: [Int: SQLError] = [:]  // by row of `members`
    let (keyLines, keyRows) = lines(0, "key", block, range, &faults) { _ in true }
    let (valueLines, valueRows) = lines(1, "value", block, range, &faults) { $0 != .null }
    let decodedKeys = keys.decode(keyLines, 0..<keyLines.byteCount, isFinal: true)
    let decodedValues = values.decode(valueLines, 0..<valueLines.byteCount, isFinal: true)
    for fault in decodedValues.faults { faults[valueRows[fault.record]] = fault.error.inside("value") }
    for fault in decodedKeys.faults { faults[keyRows[fault.record]] = fault.error.inside("key") }
    return assemble(
      (decodedKeys, rows(keyRows, decodedKeys)), (decodedValues, rows(valueRows, decodedValues)), faults, block, range,
      byteCount)
  }

  private enum Member { case value, null }

  /// The members of one name as lines of their own, with the row that each comes from. A row that lacks it is a fault.
  private func lines(
    _ field: Int, _ name: String, _ block: Buffer, _ range: Range<Int>, _ faults: inout [Int: SQLError],
    _ isWanted: (Member) -> Bool
  ) -> (Buffer, rows: [Int]) {
    let slices = members.slices(field)
    let missing = members.nulls(field)
    let start = block.pointer(as: UInt8.self) + range.lowerBound
    var rows: [Int] = []
    var byteCount = 0
    for row in 0..<members.rowCount {
      if missing[row] != 0 {
        if faults[row] == nil { faults[row] = SQLError(.invalidTextRepresentation, "the line has no \"\(name)\"") }
        continue
      }
      let at = slices[row].range
      // A JSON value that begins with n is null.
      if !isWanted(start[at.lowerBound] == UInt8(ascii: "n") ? .null : .value) { continue }
      rows.append(row)
      byteCount += at.count + 1
    }
    let lines = Buffer(byteCount: byteCount)
    var end = 0
    for row in rows {
      let at = slices[row].range
      (lines.base + end).copyMemory(from: start + at.lowerBound, byteCount: at.count)
      end += at.count
      lines.pointer(as: UInt8.self)[end] = lineFeed
      end += 1
    }
    return (lines, rows)
  }

  /// The rows of `members` that decoded rows come from.
  private func rows(_ records: [Int], _ decoded: DecodedRows) -> [Int] {
    if decoded.faults.isEmpty { return records }
    let bad = Set(decoded.faults.map(\.record))
    return records.indices.filter { !bad.contains($0) }.map { records[$0] }
  }

  /// Puts keys and values that belong together side by side.
  private func assemble(
    _ keys: (decoded: DecodedRows, rows: [Int]), _ values: (decoded: DecodedRows, rows: [Int]), _ faults: [Int: SQLError],
    _ block: Buffer, _ range: Range<Int>, _ byteCount: Int
  ) -> DecodedRows {
    let rowCount = members.rowCount
    let physical = fields.map(\.type.physicalType)
    var columns = physical.map { Column.allNull($0, count: rowCount) }
    place(keys.decoded.columns, keyColumns, keys.rows, rowCount, physical, &columns)
    place(values.decoded.columns, valueColumns, values.rows, rowCount, physical, &columns)
    let marks = Buffer(byteCount: rowCount)
    for row in 0..<rowCount { marks.pointer(as: UInt8.self)[row] = 1 }
    for row in values.rows { marks.pointer(as: UInt8.self)[row] = 0 }
    let start = UInt32(truncatingIfNeeded: range.lowerBound)
    var rows = DecodedRows(
      count: rowCount, columns: columns, lineStarts: (0..<rowCount).map { members.lineOffsets[$0] &+ start },
      deletions: Column(.bool, count: rowCount, values: marks), faults: [], byteCount: byteCount)
    if faults.isEmpty && members.badRecords.isEmpty { return rows }
    rows.faults = allFaults(faults, rows, block, range)
    rows.keep((0..<rowCount).filter { faults[$0] == nil })
    return rows
  }

  private func place(
    _ parts: [Column], _ numbers: [Int], _ rows: [Int], _ rowCount: Int, _ physical: [PhysicalType],
    _ columns: inout [Column]
  ) {
    let selection = Selection(rows)
    for (part, number) in zip(parts, numbers) where fields[number].isNeeded {
      columns[number] =
        rows.count == rowCount ? part : Column.scatter([(selection, part)], physical[number], count: rowCount)
    }
  }

  /// The faults of rows and the records that are not JSON at all, in their order.
  private func allFaults(
    _ faults: [Int: SQLError], _ rows: DecodedRows, _ block: Buffer, _ range: Range<Int>
  ) -> [RowFault] {
    let bytes = block.pointer(as: UInt8.self)
    var all: [RowFault] = []
    var nextBad = 0
    func tellBad() {
      let bad = members.badRecords[nextBad]
      all.append(
        RowFault(
          record: bad.record, bytes: bad.bytes.lowerBound + range.lowerBound..<bad.bytes.upperBound + range.lowerBound,
          error: SQLError(bad.fault.state, bad.fault.message)))
      nextBad += 1
    }
    for row in 0..<rows.count {
      while nextBad < members.badRecords.count, members.badRecords[nextBad].record == row + nextBad { tellBad() }
      guard let error = faults[row] else { continue }
      let start = Int(rows.lineStarts[row])
      var end = start
      while end < range.lowerBound + rows.byteCount, bytes[end] != lineFeed { end += 1 }
      all.append(RowFault(record: row + nextBad, bytes: start..<end, error: error))
    }
    while nextBad < members.badRecords.count { tellBad() }
    return all
  }
}

extension SQLError {
  /// The same error, told of a part of the record.
  fileprivate func inside(_ member: String) -> SQLError {
    var copy = self
    copy.message += ", in \"\(member)\""
    return copy
  }
}
