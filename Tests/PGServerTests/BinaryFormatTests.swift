import Columnar
import Engine
import SQLTypes
import TestSupport
import Testing

@testable import PGServer

/// What PostgreSQL 15's numeric_send writes for these.
@Test(arguments: [
  ("0", [0, 0, 0, 0]), ("0.00", [0, 0, 0, 2]), ("1", [1, 0, 0, 0, 1]), ("-1.5", [2, 0, 0x4000, 1, 1, 5000]),
  ("10000", [1, 1, 0, 0, 1]), ("12345.6789", [3, 1, 0, 4, 1, 2345, 6789]), ("0.0001", [1, -1, 0, 4, 1]),
  ("0.00012", [2, -1, 0, 5, 1, 2000]), ("0.00001", [1, -2, 0, 5, 1000]), ("100000000", [1, 2, 0, 0, 1]),
  ("99999999999999999999999999999999999999", [10, 9, 0, 0, 99, 9999, 9999, 9999, 9999, 9999, 9999, 9999, 9999, 9999]),
  ("NaN", [0, 0, 0xC000, 0]), ("Infinity", [0, 0, 0xD000, 0]), ("-Infinity", [0, 0, 0xF000, 0]),
])
func numericIsAsPostgresSendsIt(text: String, words: [Int]) throws {
  let column = Column.constant(NumericCell(try Numeric(sqlText: text)), .numeric, count: 1)
  var bytes: [UInt8] = []
  BinaryFormat.append(column, 0, as: .numeric(nil), to: &bytes)
  #expect(bytes == words.flatMap { [UInt8(truncatingIfNeeded: $0 >> 8), UInt8(truncatingIfNeeded: $0)] })
}

/// A value's binary form read again is the value, for texts of all types.
@Test(arguments: 0..<200 as Range<UInt64>)
func everyTypeComesBackFromItsBinaryForm(seed: UInt64) throws {
  var random = SeededRandom(seed: seed)
  func digits(_ count: Int) -> String { (0..<count).map { _ in String(Int.random(in: 0...9, using: &random)) }.joined() }
  let scale = Int.random(in: 0...12, using: &random)
  let number = (Bool.random(using: &random) ? "-" : "") + digits(Int.random(in: 1...25, using: &random)) + (scale > 0 ? "." + digits(scale) : "")
  let values: [(String, SQLType)] = [
    (number, .numeric(nil)), (String(Int64.random(in: .min ... .max, using: &random)), .bigint),
    (String(Int32.random(in: .min ... .max, using: &random)), .integer), (String(Int16.random(in: .min ... .max, using: &random)), .smallint),
    (String(Double(bitPattern: UInt64.random(in: 0...0x7fef_ffff_ffff_ffff, using: &random))), .double),
    (String(Float(bitPattern: UInt32.random(in: 0...0x7f7f_ffff, using: &random))), .real), (digits(30) + "é😀", .text),
    ("2000-01-01 00:00:00.\(digits(6))", .timestamp), ("1600-02-29", .date), ("infinity", .date), ("-infinity", .timestamptz),
    ("\(digits(2)) months -\(digits(2)) days \(digits(2)):00:00.\(digits(3))", .interval), ("true", .boolean),
  ]
  for (text, type) in values {
    let column = try Session.value(of: text, as: type)
    var bytes: [UInt8] = []
    BinaryFormat.append(BinaryFormat.prepared(column, type), 0, as: type, to: &bytes)
    let back = try BinaryFormat.value(bytes[...], as: type, parameter: 1)
    #expect(back.outputText(0, as: type) == column.outputText(0, as: type), "\(text) as \(type)")
  }
}
