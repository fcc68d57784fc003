import Columnar
import Expressions
import PGWire
import SQLTypes
import TestSupport

@testable import Engine
@testable import PGServer

/// Bytes as a parameter's value of each type, binary and text: refused, or a value whose binary form and text are the same value.
enum ValueFuzzer {
  private static let types: [SQLType] = [
    .boolean, .smallint, .integer, .bigint, .oid, .real, .double, .numeric(nil), .numeric(.init(precision: 12, scale: 3)), .text,
    .varchar(nil), .varchar(3), .date, .timestamp, .timestamptz, .interval, .unknown,
  ]

  static func run(_ execution: UInt64, seed: UInt64) {
    var random = SeededRandom(seed: SeededRandom.mixed(seed, execution))
    let type = types[random.below(types.count)]
    let bytes = bytes(for: type, &random)
    note(execution, "\(type) \(bytes)")
    if let value = refusing({ () throws(SQLError) in try BinaryFormat.value(bytes[...], as: type.withoutModifiers, parameter: 1) }) {
      check(value, type.withoutModifiers)
    }
    if let value = refusing({ () throws(SQLError) in try Session.value(of: validatedParameter(bytes[...]), as: type) }) {
      check(value, type)
    }
  }

  private static func refusing(_ body: () throws(SQLError) -> Column) -> Column? {
    do throws(SQLError) { return try body() } catch {
      precondition(["08", "22", "0A"].contains(String(error.state.code.prefix(2))), "a value is refused for what it is")
      return nil
    }
  }

  private static func check(_ column: Column, _ type: SQLType) {
    guard let text = column.outputText(0, as: type) else { return }
    var written: [UInt8] = []
    BinaryFormat.append(BinaryFormat.prepared(column, type), 0, as: type, to: &written)
    do throws(SQLError) {
      let again = try BinaryFormat.value(written[...], as: type.withoutModifiers, parameter: 1)
      precondition(again.outputText(0, as: type.withoutModifiers) == text, "a value's binary form is the value")
      let read = try Session.value(of: text, as: type)
      precondition(read.outputText(0, as: type) == text, "a value's text is the value")
    } catch { preconditionFailure("a value's own forms are read: \(error.message)") }
  }

  /// Of the type's length mostly, of numeric's words mostly in range, of digits and signs in the half of texts.
  private static func bytes(for type: SQLType, _ random: inout SeededRandom) -> [UInt8] {
    let length = Int(type.typeLength) > 0 && random.below(8) > 0 ? Int(type.typeLength) : random.below(40)
    switch random.below(6) {
    case 0: return (0..<length).map { _ in UInt8(random.below(256)) }
    case 1: return (0..<length).map { _ in [0, 0xFF, 0x80, 0x7F, 1][random.below(5)] }
    case 2, 3:
      guard case .numeric = type else { return (0..<length).map { UInt8($0 < length / 2 ? 0 : random.below(256)) } }
      let count = random.below(12)
      let sign = [0, 0, 0x4000, 0x4000, 0xC000, 0xD000, 0xF000, random.below(65_536)][random.below(8)]
      let words = [random.below(10) == 0 ? random.below(65_536) : count, random.below(16) - 4, sign, random.below(random.below(10) == 0 ? 65_536 : 40)]
        + (0..<count).map { _ in random.below(20) == 0 ? random.below(65_536) : random.below(10_000) }
      return words.flatMap { [UInt8(truncatingIfNeeded: $0 >> 8), UInt8(truncatingIfNeeded: $0)] }
    case 4:
      let sample = SampleRows.samples[random.below(SampleRows.samples.count)]
      var text = Array(sample.texts[random.below(sample.texts.count)].utf8)
      for _ in 0..<random.below(3) where !text.isEmpty { text[random.below(text.count)] = Array("0123456789-+:. eTZ".utf8)[random.below(18)] }
      return text
    default: return (0..<length).map { _ in Array("0123456789-+:. eTZBCadmonyInfity".utf8)[random.below(32)] }
    }
  }
}
