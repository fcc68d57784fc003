import Columnar
import Foundation
import JSONScan
import Platform
import SQLTypes
import Testing

@testable import Connectors

/// A directory that is gone after the test.
final class TemporaryDirectory {
  let path = NSTemporaryDirectory() + "leat-connectors-\(UUID().uuidString)"
  init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }
  deinit { try? FileManager.default.removeItem(atPath: path) }

  func write(_ name: String, _ bytes: [UInt8]) throws { try Data(bytes).write(to: URL(fileURLWithPath: "\(path)/\(name)")) }
  func write(_ name: String, _ text: String) throws { try write(name, Array(text.utf8)) }

  func append(_ name: String, _ text: String) throws {
    let file = try #require(FileHandle(forWritingAtPath: "\(path)/\(name)"))
    try file.seekToEnd()
    try file.write(contentsOf: Data(text.utf8))
    try file.close()
  }
}

typealias SpecColumn = SourceSpec.Column

/// A row as text, with what the source says beside it.
struct ReadRow: Hashable, CustomStringConvertible {
  var partition = 0
  var offset: Int64
  var isDeletion = false
  var values: [String?]
  var description: String { "\(partition)@\(offset)\(isDeletion ? " deleted" : "") \(values.map { $0 ?? "NULL" })" }
}

/// What a source told until its end.
struct Reading {
  var rows: [ReadRow] = []
  var errors: [RowError] = []
  var discovered: [PartitionPosition] = []
  var caughtUp: [Int] = []
  var ended: [Int] = []
  var failure: SourceFailure?
  var hasEnded = false
  /// The last position of each partition.
  var positions: [Int: [UInt8]] = [:]
  /// Behind each batch: its partition, the position, and how many rows and errors there were.
  var marks: [(partition: Int, position: [UInt8], rows: Int, errors: Int)] = []

  mutating func take(_ event: SourceEvent, _ columns: [SpecColumn]) {
    switch event {
    case .discovered(let position): discovered.append(position)
    case .rows(let batch): take(batch, columns)
    case .caughtUp(let partition): caughtUp.append(partition)
    case .partitionEnded(let partition): ended.append(partition)
    case .ended: hasEnded = true
    case .ends, .trouble, .recovered: Issue.record("files and generators tell no \(event)")
    case .failed(let failure): self.failure = failure
    }
  }

  mutating func take(_ batch: SourceBatch, _ columns: [SpecColumn]) {
    #expect(batch.batch.columns.count == columns.count && batch.offsets.count == batch.batch.count)
    for row in 0..<batch.batch.count {
      rows.append(
        ReadRow(
          partition: batch.partition, offset: batch.offsets.value(row, as: Int64.self),
          isDeletion: batch.deletions.map { $0.value(row, as: UInt8.self) != 0 } ?? false,
          values: columns.indices.map { sqlText(batch.batch.columns[$0], row, columns[$0].type) }))
    }
    errors += batch.errors
    positions[batch.partition] = batch.positionAfter
    marks.append((batch.partition, batch.positionAfter, rows.count, errors.count))
  }
}

/// A value as PostgreSQL prints it; nil for NULL, whose slot must be zero.
func sqlText(_ column: Column, _ row: Int, _ type: SQLType) -> String? {
  if column.isNull(row) {
    let stride = column.physicalType.stride
    let start = column.values.base + (column.isConstant ? 0 : row * stride)
    #expect((0..<stride).allSatisfy { start.load(fromByteOffset: $0, as: UInt8.self) == 0 }, "a null slot holds zero bytes")
    return nil
  }
  func numeric(_ unscaled: Int128, isNaN: Bool, _ scale: Int) -> String {
    isNaN ? "NaN" : Numeric(unscaled: unscaled, scale: UInt8(scale)).sqlText
  }
  switch type {
  case .boolean: return (column.value(row, as: UInt8.self) != 0).sqlText
  case .smallint: return column.value(row, as: Int16.self).sqlText
  case .integer: return column.value(row, as: Int32.self).sqlText
  case .bigint, .oid: return column.value(row, as: Int64.self).sqlText
  case .real: return column.value(row, as: Float.self).sqlText
  case .double: return column.value(row, as: Double.self).sqlText
  case .numeric(let modifier?) where modifier.precision <= 18:
    let value = column.value(row, as: Int64.self)
    return numeric(Int128(value), isNaN: value == .max, modifier.scale)
  case .numeric(let modifier?):
    let value = column.value(row, as: Int128.self)
    return numeric(value, isNaN: value == .max, modifier.scale)
  case .numeric(nil): return column.value(row, as: NumericCell.self).numeric.sqlText
  case .date: return SQLDate(days: column.value(row, as: Int32.self)).sqlText
  case .timestamp: return SQLTimestamp(microseconds: column.value(row, as: Int64.self)).sqlText
  case .timestamptz: return SQLTimestamp(microseconds: column.value(row, as: Int64.self)).zonedSQLText
  case .interval: return column.value(row, as: Interval.self).sqlText
  case .text, .varchar, .unknown, .catalogText: return column.text(row)
  }
}

func fileSpec(
  _ path: String, _ columns: [SpecColumn], key: [Int] = [], _ options: [String: String] = [:]
) throws -> SourceSpec {
  let all = ["connector": "file", "format": "json", "path": path].merging(options) { $1 }
  return try SourceSpec(
    relation: "t", columns: columns, keyColumns: key,
    options: all.sorted { $0.key < $1.key }.map { SourceOption(name: $0.key, value: $0.value) })
}

func fileSource(_ spec: SourceSpec, _ limits: LineBlocks.Limits = .init()) throws -> FileSource {
  guard let options = spec.connector as? FileOptions else { throw SQLError(.internalError, "no file") }
  return FileSource(spec, options, limits: limits)
}

/// Runs a source until its queue is closed, or `isEnough`.
func read(
  _ source: any Source, from partitions: [PartitionPosition] = [], until isEnough: (Reading) -> Bool = { _ in false }
) throws -> Reading {
  let queue = BoundedQueue<SourceEvent>(capacity: 4)
  try source.start(from: partitions, into: queue)
  defer { source.stop() }
  var reading = Reading()
  while !isEnough(reading), let event = try queue.pop(timeoutMilliseconds: 20_000) { reading.take(event, source.spec.columns) }
  return reading
}

/// What the lines of a file must become, read slowly: each line by itself, each value by its type's reader.
func reference(_ bytes: [UInt8], _ columns: [SpecColumn]) -> (rows: [ReadRow], errors: [(offset: Int64, state: SQLState)]) {
  var rows: [ReadRow] = []
  var errors: [(offset: Int64, state: SQLState)] = []
  var start = 0
  for line in bytes.split(separator: 10, omittingEmptySubsequences: false) {
    let offset = Int64(start)
    start += line.count + 1
    if line.allSatisfy({ [0x20, 0x09, 0x0d].contains($0) }) { continue }
    switch ReferenceJSON.row(Array(line), columns.map { ScanField($0.name, .text) }) {
    case .failure(let bad): errors.append((offset, bad.fault.state))
    case .success(let texts):
      do {
        let values = try zip(texts, columns).map { text, column -> String? in
          guard case .text(let bytes) = text else { return nil }
          return try slowRead(String(decoding: bytes, as: UTF8.self), column.type)
        }
        if zip(values, columns).contains(where: { $0 == nil && $1.isNotNull }) { throw SQLError(.notNullViolation, "") }
        rows.append(ReadRow(offset: offset, values: zip(values, columns).map { $1.isNeeded ? $0 : nil }))
      } catch {
        errors.append((offset, (error as? SQLError)?.state ?? .internalError))
      }
    }
  }
  return (rows, errors)
}

private func slowRead(_ text: String, _ type: SQLType) throws(SQLError) -> String {
  switch type {
  case .boolean: return try Bool(sqlText: text).sqlText
  case .smallint: return try Int16(sqlText: text).sqlText
  case .integer: return try Int32(sqlText: text).sqlText
  case .bigint: return try Int64(sqlText: text).sqlText
  case .oid: return try SQLType.oid(sqlText: Array(text.utf8).span).sqlText
  case .real: return try Float(sqlText: text).sqlText
  case .double: return try Double(sqlText: text).sqlText
  case .numeric(let modifier): return try Numeric(sqlText: Array(text.utf8).span, modifier: modifier).sqlText
  case .date: return try SQLDate(sqlText: text).sqlText
  case .timestamp: return try SQLTimestamp(sqlText: text).sqlText
  case .timestamptz: return try SQLTimestamp(zonedSQLText: text).zonedSQLText
  case .interval: return try Interval(sqlText: text).sqlText
  case .text, .varchar(nil), .unknown, .catalogText: return text
  case .varchar(let limit?):
    let kept = String(String.UnicodeScalarView(text.unicodeScalars.prefix(limit)))
    if text.unicodeScalars.dropFirst(limit).contains(where: { $0 != " " }) { throw SQLError(.stringDataRightTruncation, "") }
    return kept
  }
}
