import Columnar
import SQLTypes
import TestSupport
import Testing

@testable import Expressions

/// Random columns, and the values that they hold.
private struct Arguments {
  var columns: [Column] = []
  var rows: [[SystemValue]] = []

  init(_ types: [SQLType], _ random: inout SeededRandom) {
    let count = random.next() % 10 == 0 ? 0 : Int(random.next() % 150) + 1
    var values: [[SystemValue]] = []
    for type in types {
      let (column, list) = Self.column(type, count, isCode: types.count == 1, &random)
      columns.append(column)
      values.append(list)
    }
    rows = (0..<count).map { row in values.map { $0[row] } }
  }

  /// One of: every row its value; one value for all; rows taken, in any order and some twice, from a longer column; the
  /// result of a CASE, whose texts lie in several arenas.
  private static func column(
    _ type: SQLType, _ count: Int, isCode: Bool, _ random: inout SeededRandom
  ) -> (Column, [SystemValue]) {
    let hasNulls = random.next() % 3 != 0
    func values(_ count: Int) -> [SystemValue] { (0..<count).map { _ in value(type, hasNulls, isCode: isCode, &random) } }
    switch random.next() % 5 {
    case 0:
      let one = value(type, hasNulls, isCode: isCode, &random)
      if one == .null { return (.allNull(type.physicalType, count: count), Array(repeating: .null, count: count)) }
      let stored = Column.of([one], type)
      let column = Column(stored.physicalType, count: count, values: stored.values, arenas: stored.arenas, isConstant: true)
      return (column, Array(repeating: one, count: count))
    case 1:
      let long = values(count + 40)
      let rows = (0..<count).map { _ in Int(random.next() % UInt64(long.count)) }
      return (Column.of(long, type).gather(Selection(rows)), rows.map { long[$0] })
    case 2:
      let (left, right) = (values(count), values(count))
      let takesLeft = (0..<count).map { _ in random.next() % 2 == 0 }
      let parts = [(true, left), (false, right)].map { side, values in
        let rows = Selection((0..<count).filter { takesLeft[$0] == side })
        return (rows, Column.of(values, type).gather(rows))
      }
      let column = Column.scatter(parts.filter { $0.0.count > 0 }, type.physicalType, count: count)
      return (column, (0..<count).map { takesLeft[$0] ? left[$0] : right[$0] })
    default:
      let list = values(count)
      return (Column.of(list, type), list)
    }
  }

  private static func value(_ type: SQLType, _ hasNulls: Bool, isCode: Bool, _ random: inout SeededRandom) -> SystemValue {
    if hasNulls && random.next() % 6 == 0 { return .null }
    switch type {
    case .boolean: return .boolean(random.next() % 2 == 0)
    case .text: return .text(text(&random))
    default: return .integer(integer(type, isCode: isCode, &random))
    }
  }

  static let letters: [Unicode.Scalar] = [
    "a", "a", "b", "A", "Z", "x", " ", " ", "'", "\\", "%", "_", ",", "é", "ß", "日", "😀", "\u{301}", "0", "9", "-",
  ]

  /// Mostly so short that texts meet themselves; some are longer than what a view holds inline.
  static func text(_ random: inout SeededRandom) -> String {
    let length = random.next() % 5 == 0 ? random.next() % 40 : random.next() % 5
    return ObviousTexts.string((0..<length).map { _ in letters[Int(random.next() % UInt64(letters.count))] })
  }

  /// - isCode: whether it is the only argument: no count of characters, which would make long texts.
  private static func integer(_ type: SQLType, isCode: Bool, _ random: inout SeededRandom) -> Int64 {
    let isWide = type == .bigint
    switch random.next() % 12 {
    case 0: return (isWide ? Int64.max : Int64(Int32.max)) - Int64(random.next() % 3)
    case 1: return (isWide ? Int64.min : Int64(Int32.min)) + Int64(random.next() % 3)
    case 2 where isCode: return [0xd7ff, 0xd800, 0xdfff, 0xe000, 0x10ffff, 0x110000, 0x7f, 0x80, 0x7ff, 0x800, 0x1f600][Int(random.next() % 11)]
    case 3 where isWide: return Int64(bitPattern: random.next()) >> Int64(random.next() % 64)
    case 3: return Int64(random.next() % (isCode ? 0x12_0000 : 200))
    default: return Int64(random.next() % 18) - 6
    }
  }
}

private let range = SourceRange(0, 0)

/// What a call answers for each row of a batch.
private func answers(_ expression: BoundExpression, _ batch: Batch) -> [Answer] {
  var errors = RowErrors()
  let column = expression.evaluate(batch, errors: &errors)
  let failed = Dictionary(errors.entries.map { ($0.row, $0.error.state) }) { first, _ in first }
  return (0..<batch.count).map { row in failed[row].map { .error($0) } ?? .value(SystemValue(column, row: row)) }
}

/// Compares a function with its definition over random columns: a whole batch at a time, each row alone, and the rows that a
/// CASE selects.
private func check(
  _ function: ScalarFunction, seed: UInt64, _ random: inout SeededRandom, givesNullOfNull: Bool = true,
  _ definition: ([SystemValue]) -> Answer
) {
  let arguments = Arguments(function.arguments, &random)
  let (count, columns) = (arguments.rows.count, arguments.columns)
  let expected = arguments.rows.map { row in
    givesNullOfNull && row.contains(.null) ? .value(.null) : definition(row)
  }
  let call = BoundExpression.call(
    function, function.arguments.enumerated().map { .column($0.offset, $0.element) }, range)
  let batch = Batch(count: count, columns: columns)
  let signature = "\(function.name)(\(function.arguments.map(\.name).joined(separator: ",")))"
  let together = answers(call, batch)
  for row in 0..<count where together[row] != expected[row] {
    Issue.record("seed \(seed): \(signature) of \(arguments.rows[row]) gives \(together[row]), not \(expected[row])")
    return
  }
  for row in 0..<count {
    let alone = answers(call, batch.gather(Selection([row])))
    if alone != [expected[row]] {
      Issue.record("seed \(seed): \(signature) of \(arguments.rows[row]) alone gives \(alone), not \(expected[row])")
      return
    }
  }
  let wanted = (0..<count).map { _ in random.next() % 2 == 0 }
  let selected = Batch(count: count, columns: columns + [Column.of(wanted.map { .boolean($0) }, .boolean)])
  let conditional = BoundExpression.caseWhen(
    [(condition: .column(columns.count, .boolean), result: call)], otherwise: .null(function.result), function.result)
  let chosen = answers(conditional, selected)
  for row in 0..<count where chosen[row] != (wanted[row] ? expected[row] : .value(.null)) {
    Issue.record("seed \(seed): \(signature) of \(arguments.rows[row]) in a CASE gives \(chosen[row]), not \(expected[row])")
    return
  }
}

/// The overloads that take a text or make one, of plain types. Regular expressions are tested with their own definition.
private let overloads: [ScalarFunction] = {
  let plain: Set<SQLType> = [.text, .integer, .bigint, .boolean]
  let regular = ["~", "~*", "!~", "!~*"]
  return (FunctionTable.allFunctions + FunctionTable.allOperators).map(\.function).filter { function in
    let types = function.arguments + [function.result]
    return types.allSatisfy(plain.contains) && types.contains(.text) && !regular.contains(function.name)
  }
}()

private func key(_ function: ScalarFunction) -> String {
  "\(function.name)(\(function.arguments.map(\.baseName).joined(separator: ",")))"
}

@Test func everyFunctionOfTextsHasADefinition() {
  #expect(Set(overloads.map(key)) == Set(ObviousTexts.definitions.keys))
}

@Test(arguments: 1...40 as ClosedRange<UInt64>)
func functionsOfTextsAnswerAsTheirDefinitions(seed: UInt64) throws {
  var random = SeededRandom(seed: seed)
  for function in overloads {
    let definition = try #require(ObviousTexts.definitions[key(function)])
    check(function, seed: seed, &random, definition)
  }
}

@Test(arguments: 1...40 as ClosedRange<UInt64>)
func likeAnswersAsItsDefinition(seed: UInt64) {
  var random = SeededRandom(seed: seed)
  for ignoringCase in [false, true] {
    for escape in [nil, "\\", "x"] as [Unicode.Scalar?] {
      let function = FunctionTable.like(escape: escape.map { UInt8(ascii: $0) }, ignoringCase: ignoringCase)
      check(function, seed: seed, &random) { row in
        guard case .text(let text) = row[0], case .text(let pattern) = row[1] else { return .value(.null) }
        return ObviousTexts.like(text, pattern, escape: escape, ignoringCase: ignoringCase)
      }
    }
  }
}

@Test(arguments: 1...40 as ClosedRange<UInt64>)
func concatenationsPassOverNulls(seed: UInt64) throws {
  var random = SeededRandom(seed: seed)
  for name in ["concat", "concat_ws"] {
    let types = (0..<Int(random.next() % 4) + 1).map { _ in random.next() % 4 == 0 ? SQLType.boolean : .text }
    let function = try #require(StringFunctions.concatenation(name, name == "concat" ? types : [.text] + types))
    check(function, seed: seed, &random, givesNullOfNull: false) {
      ObviousTexts.concatenated($0, hasSeparator: name == "concat_ws")
    }
  }
}
