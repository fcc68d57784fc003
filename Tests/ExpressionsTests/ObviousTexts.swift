import Foundation
import SQLTypes

@testable import Expressions

/// What a call answers for one row.
enum Answer: Equatable {
  case value(SystemValue)
  case error(SQLState)
}

/// The functions and operators of texts as their definitions read, one row at a time, on arrays of code points: slow, and
/// written without a look at the kernels, whose answers are compared with these. A null argument is none of theirs.
///
/// Source: PostgreSQL 15, §9.2, §9.4 and §9.7, and what a server answers at the edges; its database has collation "C".
enum ObviousTexts {
  typealias Scalars = [Unicode.Scalar]
  typealias Definition = @Sendable ([SystemValue]) -> Answer

  /// By name and the types of the arguments: `length(text)`.
  static let definitions: [String: Definition] = {
    var all = lengths.merging(cases) { a, _ in a }
    for group in [ends, parts, made, codes, comparisons] { all.merge(group) { a, _ in a } }
    return all
  }()

  static let longest = 64 << 20

  private static func scalars(_ value: SystemValue) -> Scalars {
    guard case .text(let text) = value else { return [] }
    return Array(text.unicodeScalars)
  }

  private static func integer(_ value: SystemValue) -> Int {
    guard case .integer(let number) = value else { return 0 }
    return Int(number)
  }

  static func string(_ scalars: some Sequence<Unicode.Scalar>) -> String {
    var result = String.UnicodeScalarView()
    result.append(contentsOf: scalars)
    return String(result)
  }

  private static func text(_ scalars: some Sequence<Unicode.Scalar>) -> Answer { .value(.text(string(scalars))) }

  private static func bytes(_ scalars: Scalars) -> Int { string(scalars).utf8.count }

  // Lengths and cases.

  private static let lengths: [String: Definition] = {
    let characters: Definition = { .value(.integer(Int64(scalars($0[0]).count))) }
    return [
      "length(text)": characters, "char_length(text)": characters, "character_length(text)": characters,
      "octet_length(text)": { .value(.integer(Int64(bytes(scalars($0[0]))))) },
    ]
  }()

  private static func upper(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
    scalar.isASCII ? scalar.properties.uppercaseMapping.unicodeScalars.first! : scalar
  }

  private static func lower(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
    scalar.isASCII ? scalar.properties.lowercaseMapping.unicodeScalars.first! : scalar
  }

  private static let cases: [String: Definition] = [
    "upper(text)": { text(scalars($0[0]).map(upper)) },
    "lower(text)": { text(scalars($0[0]).map(lower)) },
    "initcap(text)": { arguments in
      let all = scalars(arguments[0])
      return text(all.indices.map { index in
        let before = index == 0 ? nil : all[index - 1]
        let isInside = before.map { $0.isASCII && ($0.properties.isAlphabetic || ("0"..."9").contains($0)) } ?? false
        return isInside ? lower(all[index]) : upper(all[index])
      })
    },
  ]

  // Parts of texts.

  private static let ends: [String: Definition] = {
    var found: [String: Definition] = [:]
    for (name, front, back) in [("btrim", true, true), ("ltrim", true, false), ("rtrim", false, true)] {
      @Sendable func trimmed(_ all: Scalars, _ set: Scalars) -> Answer {
        var rest = all[...]
        if front { rest = rest.drop { set.contains($0) } }
        if back { while let last = rest.last, set.contains(last) { rest.removeLast() } }
        return text(rest)
      }
      found["\(name)(text)"] = { trimmed(scalars($0[0]), [" "]) }
      found["\(name)(text,text)"] = { trimmed(scalars($0[0]), scalars($0[1])) }
    }
    for (name, isLeft) in [("lpad", true), ("rpad", false)] {
      @Sendable func padded(_ all: Scalars, _ wanted: Int, _ fill: Scalars) -> Answer {
        let kept = Array(all.prefix(max(wanted, 0)))
        let missing = fill.isEmpty ? 0 : max(wanted, 0) - kept.count
        if bytes(kept) + 4 * missing > longest { return .error(.programLimitExceeded) }
        let filling = (0..<missing).map { fill[$0 % fill.count] }
        return text(isLeft ? filling + kept : kept + filling)
      }
      found["\(name)(text,integer)"] = { padded(scalars($0[0]), integer($0[1]), [" "]) }
      found["\(name)(text,integer,text)"] = { padded(scalars($0[0]), integer($0[1]), scalars($0[2])) }
    }
    return found
  }()

  /// The characters at the places from `start` on, `length` of them, of which those from 1 to the text's length exist.
  private static func part(_ all: Scalars, _ start: Int, _ length: Int?) -> Scalars {
    let end = length.map { start + $0 } ?? Int.max
    return all.indices.filter { $0 + 1 >= start && $0 + 1 < end }.map { all[$0] }
  }

  private static let parts: [String: Definition] = {
    var found: [String: Definition] = [:]
    for name in ["substr", "substring"] {
      found["\(name)(text,integer)"] = { text(part(scalars($0[0]), integer($0[1]), nil)) }
      found["\(name)(text,integer,integer)"] = {
        integer($0[2]) < 0 ? .error(.substringError) : text(part(scalars($0[0]), integer($0[1]), integer($0[2])))
      }
    }
    found["left(text,integer)"] = {
      let (all, count) = (scalars($0[0]), integer($0[1]))
      return text(count < 0 ? all.dropLast(-count) : all.prefix(count))
    }
    found["right(text,integer)"] = {
      let (all, count) = (scalars($0[0]), integer($0[1]))
      return text(count < 0 ? all.dropFirst(-count) : all.suffix(count))
    }
    found["split_part(text,text,integer)"] = {
      let (number, pieces) = (integer($0[2]), split(scalars($0[0]), scalars($0[1])))
      if number == 0 { return .error(.invalidParameterValue) }
      let index = number > 0 ? number - 1 : pieces.count + number
      return text(pieces.indices.contains(index) ? pieces[index] : [])
    }
    return found
  }()

  /// What stands between the occurrences of a delimiter; all where that is empty.
  private static func split(_ all: Scalars, _ delimiter: Scalars) -> [Scalars] {
    guard let place = place(of: delimiter, in: all), !delimiter.isEmpty else { return [all] }
    return [Array(all.prefix(place))] + split(Array(all.dropFirst(place + delimiter.count)), delimiter)
  }

  private static func place(of part: Scalars, in all: Scalars) -> Int? {
    (0...all.count).first { all.dropFirst($0).starts(with: part) }
  }

  // Texts made of others.

  private static let made: [String: Definition] = [
    "||(text,text)": { text(scalars($0[0]) + scalars($0[1])) },
    "reverse(text)": { text(scalars($0[0]).reversed()) },
    "repeat(text,integer)": {
      let (all, count) = (scalars($0[0]), max(integer($0[1]), 0))
      if bytes(all) * count > longest { return .error(.programLimitExceeded) }
      return text(all.isEmpty ? [] : (0..<count).flatMap { _ in all })
    },
    "replace(text,text,text)": {
      text(Array(split(scalars($0[0]), scalars($0[1])).joined(separator: scalars($0[2]))))
    },
    "translate(text,text,text)": {
      let (from, to) = (scalars($0[1]), scalars($0[2]))
      return text(scalars($0[0]).compactMap { scalar in
        guard let index = from.firstIndex(of: scalar) else { return scalar }
        return index < to.count ? to[index] : nil
      })
    },
    "overlay(text,text,integer)": { overlaid($0, scalars($0[1]).count) },
    "overlay(text,text,integer,integer)": { overlaid($0, integer($0[3])) },
    "quote_literal(text)": {
      let all = scalars($0[0])
      let quoted = all.flatMap { $0 == "'" || $0 == "\\" ? [$0, $0] : [$0] }
      return text((all.contains("\\") ? ["E"] : []) + ["'"] + quoted + ["'"])
    },
  ]

  private static func overlaid(_ arguments: [SystemValue], _ length: Int) -> Answer {
    let (all, start) = (scalars(arguments[0]), integer(arguments[2]))
    if start < 1 { return .error(.substringError) }
    if start + length > Int(Int32.max) { return .error(.numericValueOutOfRange) }
    return text(part(all, 1, start - 1) + scalars(arguments[1]) + part(all, start + length, nil))
  }

  // Numbers and texts.

  private static let codes: [String: Definition] = {
    let position: Definition = { .value(.integer(Int64(place(of: scalars($0[1]), in: scalars($0[0])).map { $0 + 1 } ?? 0))) }
    return [
      "strpos(text,text)": position, "position(text,text)": position,
      "starts_with(text,text)": { .value(.boolean(scalars($0[0]).starts(with: scalars($0[1])))) },
      "ascii(text)": { .value(.integer(Int64(scalars($0[0]).first?.value ?? 0))) },
      "chr(integer)": {
        let code = integer($0[0])
        if code < 0 { return .error(.invalidParameterValue) }
        guard code != 0, let scalar = UInt32(exactly: code).flatMap(Unicode.Scalar.init) else {
          return .error(.programLimitExceeded)
        }
        return text([scalar])
      },
      "to_hex(integer)": { .value(.text(String(UInt32(bitPattern: Int32(integer($0[0]))), radix: 16))) },
      "to_hex(bigint)": { .value(.text(String(UInt64(bitPattern: Int64(integer($0[0]))), radix: 16))) },
      "md5(text)": { .value(.text(md5(Array(string(scalars($0[0])).utf8)))) },
      "pg_size_pretty(bigint)": { .value(.text(size(integer($0[0])))) },
    ]
  }()

  /// The first unit of which there are fewer than 10,240, to the nearest half unit, that towards zero.
  private static func size(_ bytes: Int) -> String {
    if bytes.magnitude < 10_240 { return "\(bytes) bytes" }
    for (index, unit) in ["kB", "MB", "GB", "TB", "PB"].enumerated() {
      let halves = (0..<index).reduce(512) { half, _ in half * 1024 }
      let count = bytes / halves
      if count.magnitude < 20_479 || unit == "PB" { return "\((count + count.signum()) / 2) \(unit)" }
    }
    return ""
  }

  /// RFC 1321, its constants from the sine as the RFC defines them.
  private static func md5(_ input: [UInt8]) -> String {
    var padded = input + [0x80]
    while padded.count % 64 != 56 { padded.append(0) }
    padded += (0..<8).map { UInt8(truncatingIfNeeded: (input.count * 8) >> ($0 * 8)) }
    let shifts: [[UInt32]] = [[7, 12, 17, 22], [5, 9, 14, 20], [4, 11, 16, 23], [6, 10, 15, 21]]
    var state: [UInt32] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476]
    for block in stride(from: 0, to: padded.count, by: 64) {
      let words = (0..<16).map { word in
        (0..<4).reduce(UInt32(0)) { $0 | UInt32(padded[block + word * 4 + $1]) << UInt32($1 * 8) }
      }
      var (a, b, c, d) = (state[0], state[1], state[2], state[3])
      for step in 0..<64 {
        let (mixed, word): (UInt32, Int) =
          switch step / 16 {
          case 0: ((b & c) | (~b & d), step)
          case 1: ((d & b) | (~d & c), (5 * step + 1) % 16)
          case 2: (b ^ c ^ d, (3 * step + 5) % 16)
          default: (c ^ (b | ~d), (7 * step) % 16)
          }
        let constant = UInt32(abs(sin(Double(step + 1))) * 4_294_967_296)
        let sum = a &+ mixed &+ constant &+ words[word]
        let shift = shifts[step / 16][step % 4]
        (a, d, c, b) = (d, c, b, b &+ (sum << shift | sum >> (32 - shift)))
      }
      state = zip(state, [a, b, c, d]).map { $0 &+ $1 }
    }
    let digest: [UInt8] = state.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> UInt32($0 * 8)) } }
    let digits: [String] = digest.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }
    return digits.joined()
  }

  // Comparisons go by bytes.

  private static let comparisons: [String: Definition] = {
    func comparison(_ holds: @escaping @Sendable (Int) -> Bool) -> Definition {
      { arguments in
        let (a, b) = (Array(string(scalars(arguments[0])).utf8), Array(string(scalars(arguments[1])).utf8))
        return .value(.boolean(holds(a == b ? 0 : a.lexicographicallyPrecedes(b) ? -1 : 1)))
      }
    }
    return [
      "=(text,text)": comparison { $0 == 0 }, "<>(text,text)": comparison { $0 != 0 },
      "<(text,text)": comparison { $0 < 0 }, "<=(text,text)": comparison { $0 <= 0 },
      ">(text,text)": comparison { $0 > 0 }, ">=(text,text)": comparison { $0 >= 0 },
    ]
  }()

  // Forms that are no rows of the table.

  /// `text LIKE pattern ESCAPE escape`: by cases of the pattern's first character.
  static func like(_ text: String, _ pattern: String, escape: Unicode.Scalar?, ignoringCase: Bool) -> Answer {
    let wanted = Array(pattern.unicodeScalars)
    var at = 0
    while at < wanted.count {
      if wanted[at] == escape {
        at += 1
        if at == wanted.count { return .error(.invalidEscapeSequence) }
      }
      at += 1
    }
    func fold(_ scalar: Unicode.Scalar) -> Unicode.Scalar { ignoringCase ? lower(scalar) : scalar }
    func matches(_ text: ArraySlice<Unicode.Scalar>, _ pattern: ArraySlice<Unicode.Scalar>) -> Bool {
      guard let first = pattern.first else { return text.isEmpty }
      if first == escape {
        guard let next = text.first, fold(next) == fold(pattern.dropFirst().first!) else { return false }
        return matches(text.dropFirst(), pattern.dropFirst(2))
      }
      if first == "%" {
        return (0...text.count).contains { matches(text.dropFirst($0), pattern.dropFirst()) }
      }
      guard let next = text.first, first == "_" || fold(next) == fold(first) else { return false }
      return matches(text.dropFirst(), pattern.dropFirst())
    }
    return .value(.boolean(matches(Array(text.unicodeScalars)[...], wanted[...])))
  }

  /// `concat` and `concat_ws`, whose separator is then the first argument.
  static func concatenated(_ arguments: [SystemValue], hasSeparator: Bool) -> Answer {
    if hasSeparator && arguments[0] == .null { return .value(.null) }
    let parts = arguments.dropFirst(hasSeparator ? 1 : 0).compactMap { value -> String? in
      switch value {
      case .text(let text): text
      case .boolean(let value): value ? "t" : "f"
      default: nil
      }
    }
    return .value(.text(parts.joined(separator: hasSeparator ? string(scalars(arguments[0])) : "")))
  }
}
