package import Columnar
package import SQLTypes

/// Rows made of records that have a key and a value.
package struct KeyedRows: Sendable {
  /// A column for each field; those not needed are constant NULLs.
  package var columns: [Column]
  /// The number of the record that each row is of; ascending.
  package var records: [Int]
  /// True for each row that is a deletion.
  package var deletions: Column
  /// What is wrong with the records that made no row, by their numbers.
  package var faults: [Int: SQLError]
}

/// Decodes records whose keys and values are JSON objects apart: key columns are read from the key, all others from the value.
/// A record without a value is a deletion: its row has the key alone.
///
/// - Errors (each of one row): those of `RowDecoder` for the key and then the value.
package struct KeyedRowDecoder: ~Copyable {
  private let fields: [RowField]
  private let keyColumns: [Int]
  private let valueColumns: [Int]
  private var keys: RowDecoder
  private var values: RowDecoder

  /// - keyColumns: numbers of fields; they are taken to be NOT NULL.
  package init(_ fields: [RowField], keyColumns: [Int], relation: String) {
    self.fields = fields
    self.keyColumns = keyColumns
    valueColumns = fields.indices.filter { !keyColumns.contains($0) }
    keys = RowDecoder(
      keyColumns.map {
        RowField(name: fields[$0].name, type: fields[$0].type, isNotNull: true, isNeeded: fields[$0].isNeeded)
      }, relation: relation)
    values = RowDecoder(valueColumns.map { fields[$0] }, relation: relation)
  }

  /// - recordCount: how many records there are; each has a key, or a fault.
  /// - faults: what is wrong with some of them already, by their numbers.
  package mutating func decode(
    recordCount: Int, keys keyLines: RecordLines, values valueLines: RecordLines, faults: [Int: SQLError]
  ) -> KeyedRows {
    let keys = keys.decode(keyLines)
    let values = values.decode(valueLines)
    var faults = faults
    for fault in values.faults { faults[valueLines.records[fault.record]] = fault.error.inside("value") }
    for fault in keys.faults { faults[keyLines.records[fault.record]] = fault.error.inside("key") }
    let valueRows = rows(valueLines.records, values)
    let physical = fields.map(\.type.physicalType)
    var columns = physical.map { Column.allNull($0, count: recordCount) }
    place(keys.columns, keyColumns, rows(keyLines.records, keys), recordCount, physical, &columns)
    place(values.columns, valueColumns, valueRows, recordCount, physical, &columns)
    let marks = Buffer(byteCount: recordCount)
    for record in 0..<recordCount { marks.pointer(as: UInt8.self)[record] = 1 }
    for record in valueRows { marks.pointer(as: UInt8.self)[record] = 0 }
    let deletions = Column(.bool, count: recordCount, values: marks)
    let records = Array(0..<recordCount)
    if faults.isEmpty { return KeyedRows(columns: columns, records: records, deletions: deletions, faults: faults) }
    let kept = records.filter { faults[$0] == nil }
    let selection = Selection(kept)
    return KeyedRows(
      columns: columns.map { $0.gather(selection) }, records: kept, deletions: deletions.gather(selection), faults: faults)
  }

  /// The records that decoded rows come from.
  private func rows(_ records: [Int], _ decoded: DecodedRows) -> [Int] {
    if decoded.faults.isEmpty { return records }
    let bad = Set(decoded.faults.map(\.record))
    return records.indices.filter { !bad.contains($0) }.map { records[$0] }
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
}

extension SQLError {
  /// The same error, told of a part of the record.
  fileprivate func inside(_ member: String) -> SQLError {
    var copy = self
    copy.message += ", in \"\(member)\""
    return copy
  }
}
