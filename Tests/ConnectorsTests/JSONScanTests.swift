import SQLTypes
import Testing

@testable import Connectors
@testable import JSONScan

private typealias Value = ReferenceJSON.Value

private let everyKind: [ScanField] = [
  .init("i", .bigint), .init("n", .integer), .init("s", .smallint), .init("d", .double), .init("r", .real),
  .init("b", .boolean), .init("x", .numeric), .init("t", .text), .init("m", .moment), .init("j", .json),
]

/// Scans text as one final input and gives the rows and the bad records.
private func scan(_ text: [UInt8], _ fields: [ScanField]) -> (rows: [[Value]], bad: [BadRecord]) {
  var scanner = JSONScanner(fields)
  var columns = ScanColumns(fields)
  #expect(scanner.scan(text.span, isFinal: true, into: &columns) == text.count)
  return ((0..<columns.rowCount).map { columns.values($0, input: text) }, columns.badRecords)
}

/// The value of field `f` of the one record, or the fault.
private func value(_ record: String, _ kind: ScanKind) -> Result<Value, ReferenceJSON.Bad> {
  let (rows, bad) = scan(Array(record.utf8), [.init("f", kind)])
  #expect(rows.count + bad.count == 1)
  return rows.isEmpty ? .failure(.init(fault: bad[0].fault)) : .success(rows[0][0])
}

private func text(_ text: String) -> Value { .text(Array(text.utf8)) }

@Test(arguments: [
  (#"{"f":"a"}"#, "a"), (#"{"f":""}"#, ""), (#"{"F":"no","f":"yes"}"#, "yes"), (#"{"f":1,"f":"last"}"#, "last"),
  (#"{"\u0066":"name with an escape"}"#, "name with an escape"), (#"{"f":"a\"b\\c\/d\b\f\n\r\t"}"#, "a\"b\\c/d\u{8}\u{c}\n\r\t"),
  (#"{"f":"\u00e4\u20AC\ud83d\ude00"}"#, "ä€😀"), (#"{"f":"Straße 😀"}"#, "Straße 😀"), (#"{"f":1.50e+3}"#, "1.50e+3"),
  (#"{"f":true}"#, "true"), (#"{"f": {"a" : [1, "\u00e4"]} }"#, #"{"a" : [1, "\u00e4"]}"#), (#"{"f":[ ]}"#, "[ ]"),
  (#" { "f" : "spaces" } "#, "spaces"), (#"{"skip":{"a":[{}]},"f":"after"}"#, "after"),
  (#"{"f":"0123456789012345678901234567890123456789 longer than a word of AVX2"}"#,
   "0123456789012345678901234567890123456789 longer than a word of AVX2"),
])
func textColumnsTakeAnyValue(record: String, expected: String) {
  #expect(value(record, .text) == .success(text(expected)))
}

@Test func missingAndNullAreNull() {
  for kind in [ScanKind.bigint, .double, .boolean, .numeric, .text, .moment, .json] {
    for record in ["{}", #"{"g":1}"#, #"{"f":null}"#, #"{"f":1,"f":null}"#] {
      #expect(value(record, kind) == .success(.null))
    }
  }
}

@Test(arguments: [
  ("0", 0), ("-0", 0), ("7", 7), ("-7", -7), ("12345678", 12_345_678), ("123456789", 123_456_789),
  ("123456789012345", 123_456_789_012_345), ("1234567890123456", 1_234_567_890_123_456),
  ("9223372036854775807", .max), ("-9223372036854775808", .min), (#""42""#, 42), (#"" +42\t""#, 42), (#""007""#, 7),
] as [(String, Int64)])
func integersKeepEveryDigit(json: String, expected: Int64) {
  #expect(value(#"{"f":\#(json)}"#, .bigint) == .success(.integer(expected)))
}

@Test(arguments: [
  ("9223372036854775808", .bigint, .outOfRange), ("-9223372036854775809", .bigint, .outOfRange),
  ("2147483648", .integer, .outOfRange), ("-32769", .smallint, .outOfRange), ("32768", .smallint, .outOfRange),
  ("1.0", .bigint, .invalidValue), ("1e2", .bigint, .invalidValue), (#""1.0""#, .bigint, .invalidValue),
  (#""""#, .bigint, .invalidValue), (#""1x""#, .bigint, .invalidValue), ("true", .bigint, .invalidValue),
  ("{}", .bigint, .invalidValue), ("[1]", .integer, .invalidValue), ("1e400", .double, .outOfRange),
  ("1e-400", .double, .outOfRange), ("1e39", .real, .outOfRange), (#""1e""#, .double, .invalidValue),
  (#""one""#, .numeric, .invalidValue), (#""-NaN""#, .numeric, .invalidValue), ("2", .boolean, .invalidValue),
  (#""o""#, .boolean, .invalidValue), ("01", .bigint, .malformedNumber), ("-", .bigint, .malformedNumber),
  ("1.", .double, .malformedNumber), (".5", .double, .malformed), ("1e", .numeric, .malformedNumber),
  ("+1", .bigint, .malformed), ("NaN", .double, .malformed), ("1 2", .bigint, .malformed), ("", .text, .malformed),
  ("tru", .text, .malformed), ("nulL", .text, .malformed), ("[1,]", .text, .malformed), (#"{"a"}"#, .text, .malformed),
  (#"{"a":1,}"#, .text, .malformed), ("[1}", .text, .malformed), ("'a'", .text, .malformed),
  (#""\x""#, .text, .invalidEscape), (#""\u12g4""#, .text, .invalidEscape), (#""\ud83d""#, .text, .loneSurrogate),
  (#""\ude00""#, .text, .loneSurrogate), (#""\ud83d\u0041""#, .text, .loneSurrogate), (#""\u0000""#, .text, .nulCharacter),
  ("\"a\tb\"", .text, .controlCharacter), ("\"a", .text, .malformed), ("1}}", .text, .trailingBytes),
  ("1}{", .text, .trailingBytes), ("1} x", .text, .trailingBytes),
] as [(String, ScanKind, ScanFault)])
func refusals(json: String, kind: ScanKind, fault: ScanFault) {
  #expect(value(#"{"f":\#(json)}"#, kind) == .failure(.init(fault: fault)))
}

@Test func everyPartOfARecordMustBeWellFormed() {
  for skipped in [#""\u0000""#, #""\ud83d""#, "01", "[1,]", "nope"] {
    if case .success = value(#"{"g":\#(skipped),"f":1}"#, .bigint) { Issue.record("accepted \(skipped)") }
  }
  #expect(value("[]", .bigint) == .failure(.init(fault: .notAnObject)))
  #expect(value("{'f':1}", .bigint) == .failure(.init(fault: .malformed)))
  #expect(value(#"{"f":1,}"#, .bigint) == .failure(.init(fault: .malformed)))
  #expect(value(#"{,"f":1}"#, .bigint) == .failure(.init(fault: .malformed)))
  #expect(value(#"{"f" 1}"#, .bigint) == .failure(.init(fault: .malformed)))
}

@Test func aFaultOfFormGoesBeforeAFaultOfValue() {
  #expect(value(#"{"f":"x","g":01}"#, .bigint) == .failure(.init(fault: .malformedNumber)))
  #expect(value(#"{"f":"x","f":5}"#, .bigint) == .success(.integer(5)))
  let (_, bad) = scan(Array(#"{"s":70000,"i":"x"}"#.utf8), everyKind)
  #expect(bad == [BadRecord(record: 0, bytes: 0..<19, fault: .invalidValue, field: 0, offset: 0)])
}

@Test func numbersAndBooleans() {
  let doubles: [(String, Double)] = [
    ("0.1", 0.1), ("-1e22", -1e22), ("1e23", 1e23), ("123456789012345678901", 123456789012345683968),
    ("5e-324", .leastNonzeroMagnitude),
    ("0e-999", 0), (#"".5""#, 0.5), (#""5.""#, 5), (#""-Infinity""#, -.infinity), (#""inf""#, .infinity), ("-0.0", -0.0),
    ("2.2250738585072011e-308", .leastNormalMagnitude.nextDown),
  ]
  for (json, expected) in doubles {
    #expect(value(#"{"f":\#(json)}"#, .double) == .success(.double(expected.bitPattern)), "\(json)")
  }
  // Rounded once: by way of a double this would be the Float below.
  #expect(value(#"{"f":1.00000017881393432617187499}"#, .real) == .success(.double(Double(Float(1.0000001)).bitPattern)))
  for (json, expected) in [("12.50", "12.50"), (#"" 1e5 ""#, "1e5"), (#""NaN""#, "NaN"), ("123456789012345678901234567890.1", "123456789012345678901234567890.1")] {
    #expect(value(#"{"f":\#(json)}"#, .numeric) == .success(text(expected)))
  }
  for (json, expected) in [("true", 1), ("false", 0), ("1", 1), ("0", 0), (#""t""#, 1), (#""YES ""#, 1), (#""off""#, 0), (#""of""#, 0)] {
    #expect(value(#"{"f":\#(json)}"#, .boolean) == .success(.integer(Int64(expected))))
  }
  #expect(value(#"{"f": "a\u0041" }"#, .json) == .success(text(#""a\u0041""#)))
}

@Test func textMustBeUTF8() {
  let bad: [[UInt8]] = [
    [0x80], [0xc0, 0x80], [0xc1, 0xbf], [0xe0, 0x80, 0x80], [0xed, 0xa0, 0x80], [0xf0, 0x80, 0x80, 0x80],
    [0xf4, 0x90, 0x80, 0x80], [0xf5, 0x80, 0x80, 0x80], [0xff], [0xc3], [0xe2, 0x82], [0xf0, 0x9f, 0x98],
  ]
  for bytes in bad {
    for (before, after) in [(#"{"f":""#, #""}"#), (#"{"g":""#, #""}"#), (#"{""#, #"":1}"#), (#"{"g":[""#, #""]}"#)] {
      let (rows, records) = scan(Array(before.utf8) + bytes + Array(after.utf8), [.init("f", .text)])
      #expect(rows.isEmpty && records.first?.fault == .invalidUTF8)
    }
  }
  #expect(ScanFault.invalidUTF8.state == .characterNotInRepertoire)
  #expect(ScanFault.nulCharacter.state == SQLState("22P05"))
  #expect(ScanFault.outOfRange.state == .numericValueOutOfRange)
}

@Test func nestingHasALimit() {
  let deepest = String(repeating: "[", count: 64) + String(repeating: "]", count: 64)
  #expect(value(#"{"g":\#(deepest),"f":1}"#, .bigint) == .success(.integer(1)))
  #expect(value(#"{"g":[\#(deepest)],"f":1}"#, .bigint) == .failure(.init(fault: .tooDeep)))
  let objects = String(repeating: #"{"a":"#, count: 65) + "1" + String(repeating: "}", count: 65)
  #expect(value(#"{"f":\#(objects)}"#, .text) == .failure(.init(fault: .tooDeep)))
}

@Test func aBadRecordChangesOnlyItself() {
  let lines = #"{"t":"a\n","i":1}"# + "\n\n" + #"{"t":"b\n","i":2,"d":1.5,"x"}"# + "\n \t\r\n" + #"{"i":"z"}"# + "\r\n" + #"{"t":"c\n"}"#
  let bytes = Array(lines.utf8)
  var scanner = JSONScanner(everyKind)
  var columns = ScanColumns(everyKind)
  #expect(scanner.scan(bytes.span, isFinal: true, into: &columns) == bytes.count)
  #expect(columns.rowCount == 2 && columns.recordCount == 4 && columns.blankLineCount == 2)
  var first = [Value](repeating: .null, count: 10)
  var second = first
  first[0] = .integer(1)
  first[7] = text("a\n")
  second[7] = text("c\n")
  #expect(columns.values(0, input: bytes) == first)
  #expect(columns.values(1, input: bytes) == second)
  #expect(columns.arena.count == 4)
  #expect(columns.badRecords.map(\.record) == [1, 2])
  #expect(columns.badRecords.map { String(decoding: bytes[$0.bytes], as: UTF8.self) } == [#"{"t":"b\n","i":2,"d":1.5,"x"}"#, "{\"i\":\"z\"}\r"])
  #expect(columns.badRecords[0].offset == columns.badRecords[0].bytes.upperBound - 1 && columns.badRecords[1].field == 0)
  #expect([columns.lineStarts[0], columns.lineStarts[1]] == [0, UInt32(bytes.count - 11)])
}

@Test func inputCutAnywhereGivesTheSameRows() {
  let lines = (0..<40).map { #"{"i":\#($0),"t":"caf\u00e9 \#($0)","d":\#($0).5}"# }.joined(separator: "\n") + "\n"
  let bytes = Array(lines.utf8)
  let whole = scan(bytes, everyKind).rows
  #expect(whole.count == 40)
  for cut in stride(from: 0, through: bytes.count, by: 7) {
    var scanner = JSONScanner(everyKind)
    var columns = ScanColumns(everyKind)
    let head = Array(bytes[..<cut])
    let done = scanner.scan(head.span, isFinal: false, into: &columns)
    #expect(done <= cut && (done == 0 || bytes[done - 1] == 10))
    var rows = (0..<columns.rowCount).map { columns.values($0, input: head) }
    let rest = Array(bytes[done...])
    _ = scanner.scan(rest.span, isFinal: true, into: &columns)
    rows += (0..<columns.rowCount).map { columns.values($0, input: rest) }
    #expect(rows == whole)
  }
}

@Test func keyOrderMayChange() {
  let lines = [
    #"{"a":1,"b":2,"c":3}"#, #"{"b":2,"a":1,"c":3}"#, #"{"c":3}"#, #"{"a":1,"c":3}"#, #"{"x":0,"a":1,"y":"","c":3}"#,
    #"{"a":1,"b":2,"c":3}"#, #"{ "a" : 1 , "b" : 2 , "c" : 3 }"#, #"{"a name that is longer than thirty-two bytes":4,"c":3}"#,
  ]
  let fields: [ScanField] = [
    .init("a", .bigint), .init("b", .bigint), .init("c", .bigint), .init("a name that is longer than thirty-two bytes", .bigint),
  ]
  let (rows, bad) = scan(Array((lines + lines.reversed() + lines).joined(separator: "\n").utf8), fields)
  #expect(bad.isEmpty)
  for (row, line) in zip(rows, lines + lines.reversed() + lines) {
    #expect(.success(row) == ReferenceJSON.row(Array(line.utf8), fields))
  }
}

@Test func wideAndManyRowsGrow() {
  let fields = (0..<200).map { ScanField("field\($0)", .bigint) }
  let line = "{" + (0..<200).map { #""field\#($0)":\#($0)"# }.joined(separator: ",") + "}\n"
  let (rows, bad) = scan(Array(String(repeating: line, count: 3000).utf8), fields)
  #expect(bad.isEmpty && rows.count == 3000)
  let isRight = rows.allSatisfy { $0 == (0..<200).map { .integer(Int64($0)) } }
  #expect(isRight)
  let none = scan([], fields)
  #expect(none.rows.isEmpty && none.bad.isEmpty)
}

/// Lines with everything in them, that prefixes and mutations start from.
private let seeds: [String] = [
  #"{"i":-9223372036854775808,"n":12,"s":-3,"d":1.25e-3,"r":3.5,"b":true,"x":"12.50","t":"plain","m":"2015-07-15 00:00:00.000","j":{"a":[1,2,{"b":null}]}}"#,
  #"{"t":"esc \"q\" \\ \/ \b\f\n\r\t \u00e4 \ud83d\ude00 end","i":"42","unknown":[true,false,null,{"k":"v"}],"d":"Infinity"}"#,
  #" { "n" : 2147483647 , "s" : 32767 , "t" : "Grüße 😀 und noch mehr Text über zweiunddreißig Bytes" , "j" : "\u0041" } "#,
  #"{"auction":1000,"i":1001,"x":123456789012345678901234567890.000,"b":"off","r":1e10,"t":null,"i":7,"m":20150715}"#,
  #"{}"#,
]

@Test func everyPrefixIsRefused() {
  for seed in seeds {
    let bytes = Array(seed.trimmingSpaces.utf8)
    for end in 0..<bytes.count {
      let (rows, bad) = scan(Array(bytes[..<end]), everyKind)
      #expect(rows.isEmpty && bad.count == (end == 0 ? 0 : 1), "\(seed) to \(end)")
    }
    #expect(scan(bytes, everyKind).rows.count == 1)
  }
}

extension String {
  fileprivate var trimmingSpaces: Substring { self.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed().reduce(into: "") { $0.append($1) } }
}

/// Changes a few bytes, at random.
private func mutate(_ line: [UInt8], _ random: inout NexmarkRandom) -> [UInt8] {
  let pieces: [String] = [
    "\"", "\\", "{", "}", "[", "]", ",", ":", " ", "0", "1", "-", "+", ".", "e", "E", "9", "\\u", "\\ud83d", "\\u0000", "null",
    "true", "false", "\"i\":", "\"t\":\"", "99999999999", "\t", "\u{1}", "ä", "😀", "n", "\"d\":1e309,", "\"s\":5,", "\r",
  ]
  var line = line
  for _ in 0...random.below(3) {
    let at = Int(random.below(Int64(line.count + 1)))
    let end = min(line.count, at + Int(random.below(4)))
    switch random.below(6) {
    case 0: line.replaceSubrange(at..<end, with: [UInt8(truncatingIfNeeded: random.next())])
    case 1: line.removeSubrange(at..<end)
    case 2: line.insert(contentsOf: line[at..<min(line.count, at + Int(random.below(20)))], at: at)
    case 3: if random.below(8) == 0 { line.removeSubrange(at...) }
    case 4: line.replaceSubrange(at..<end, with: Array(pieces[Int(random.below(Int64(pieces.count)))].utf8))
    default: line.insert(contentsOf: Array(pieces[Int(random.below(Int64(pieces.count)))].utf8), at: at)
    }
  }
  return line.map { $0 == 10 ? 11 : $0 }
}

@Test func mutatedLinesAreReadAsTheReferenceReadsThem() {
  var random = NexmarkRandom(state: 1)
  var scanner = JSONScanner(everyKind)
  var columns = ScanColumns(everyKind)
  var accepted = 0
  var faults: Set<UInt8> = []
  for _ in 0..<600 {
    let lines = (0..<500).map { _ in mutate(Array(seeds[Int(random.below(Int64(seeds.count)))].utf8), &random) }
    let input = Array(lines.joined(separator: [10]))
    #expect(scanner.scan(input.span, isFinal: true, into: &columns) == input.count)
    var bad = columns.badRecords[...]
    var record = 0
    var row = 0
    for line in lines where !line.allSatisfy({ [0x20, 0x09, 0x0d].contains($0) }) {
      let expected = ReferenceJSON.row(line, everyKind)
      let ours: Result<[Value], ReferenceJSON.Bad>
      if let first = bad.first, first.record == record {
        ours = .failure(.init(fault: first.fault))
        faults.insert(first.fault.rawValue)
        bad.removeFirst()
      } else {
        ours = .success(row < columns.rowCount ? columns.values(row, input: input) : [])
        row += 1
        accepted += 1
      }
      if ours != expected {
        Issue.record("\(String(decoding: line, as: UTF8.self))\nours \(ours)\nreference \(expected)")
        return
      }
      record += 1
    }
    #expect(record == columns.recordCount)
  }
  #expect(accepted > 30_000 && faults.count == 11)  // tooDeep has its own test
}

@Test func bidsOfTheGeneratorAreReadBack() {
  let fields: [ScanField] = [
    .init("auction", .bigint), .init("bidder", .bigint), .init("price", .bigint), .init("channel", .text), .init("url", .text),
    .init("dateTime", .moment), .init("extra", .text),
  ]
  var generator = NexmarkGenerator(seed: 3)
  var json = NexmarkJSON()
  var bytes: [UInt8] = []
  var expected: [[Value]] = []
  for _ in 0..<5000 {
    guard case .bid(let bid) = generator.next() else { continue }
    let arena = generator.arena
    json.append(bid, arena: arena, to: &bytes)
    expected.append(
      [bid.auction, bid.bidder, bid.price].map(Value.integer)
        + [bid.channel, bid.url, bid.extra].map { .text(Array(arena[$0.range])) })
  }
  let (rows, bad) = scan(bytes, fields)
  let areEqual = rows.map { Array($0[..<5]) + [$0[6]] } == expected
  #expect(bad.isEmpty && areEqual)
}
