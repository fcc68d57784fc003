/// Runs a pattern over texts; its memory is kept from one to the next.
struct RegexpMatcher {
  private let expression: RegularExpression
  /// The places at which the automaton may be before the next character, and behind it.
  private var current: PlaceSet
  private var following: PlaceSet
  private var stack: [Int] = []
  /// What the text at hand has taken until now, by `RegularExpression.stepLimit`.
  private var steps = 0
  /// Whether a match can only begin at the text's start.
  private let isAnchored: Bool
  /// Whether a match can begin with a byte: 256 of them. Nil if it can be empty, or begin with any.
  private let firstBytes: [Bool]?

  init(_ expression: RegularExpression) {
    self.expression = expression
    current = PlaceSet(capacity: expression.program.count)
    following = PlaceSet(capacity: expression.program.count)
    isAnchored = expression.program.first == .assert(.textStart)
    firstBytes = expression.firstBytes
  }

  /// Whether some part of the text matches; nil if that could take too long.
  mutating func matches(_ text: Span<UInt8>) -> Bool? {
    current.removeAll()
    steps = 0
    let stepLimit = RegularExpression.stepLimit(textBytes: text.count)
    var previous: UInt32?
    var offset = 0
    var (next, length) = Self.character(text, at: 0)
    while true {
      if current.count == 0, !isAnchored, let firstBytes {
        // Nothing has begun: on to where something can. Of what is passed over only the last byte matters, to the left of a
        // word's edge, and there a part of a character that is not ASCII is as good as the whole.
        let start = offset
        while offset < text.count, !firstBytes[Int(text[offset])] { offset += 1 }
        if offset == text.count { return false }
        if offset > start {
          previous = UInt32(text[offset - 1])
          (next, length) = Self.character(text, at: offset)
        }
      }
      if previous == nil || !isAnchored {
        if enter(0, before: previous, after: next, into: true) { return true }
      } else if current.count == 0 {
        return false
      }
      guard let read = next else { return false }
      steps += current.count
      if steps > stepLimit { return nil }
      offset += length
      (next, length) = Self.character(text, at: offset)
      following.removeAll()
      for index in 0..<current.count {
        let place = current[index]
        if reads(expression.program[place], read), enter(place + 1, before: read, after: next, into: false) { return true }
      }
      swap(&current, &following)
      previous = read
    }
  }

  private func reads(_ instruction: RegularExpression.Instruction, _ character: UInt32) -> Bool {
    switch instruction {
    case .character(let wanted): wanted == character
    case .any: true
    case .set(let index): expression.sets[index].contains(character)
    case .split, .jump, .assert, .match: false
    }
  }

  /// Adds a place and all that are reached from it without reading. Returns: whether the end of the pattern is among them.
  private mutating func enter(_ place: Int, before previous: UInt32?, after next: UInt32?, into isCurrent: Bool) -> Bool {
    switch expression.program[place] {
    case .character, .any, .set:
      // By far the most: nothing is reached from it without reading.
      _ = isCurrent ? current.insert(place) : following.insert(place)
      return false
    case .split, .jump, .assert, .match: stack.append(place)
    }
    while let place = stack.popLast() {
      steps += 1
      guard isCurrent ? current.insert(place) : following.insert(place) else { continue }
      switch expression.program[place] {
      case .split(let first, let second):
        stack.append(second)
        stack.append(first)
      case .jump(let target): stack.append(target)
      case .assert(let assertion): if assertion.holds(before: previous, after: next) { stack.append(place + 1) }
      case .match:
        stack.removeAll(keepingCapacity: true)
        return true
      case .character, .any, .set: break
      }
    }
    return false
  }

  /// The character at an offset and its bytes; nil behind the end. Texts are well-formed UTF-8; a byte that is not is itself.
  private static func character(_ text: Span<UInt8>, at offset: Int) -> (UInt32?, Int) {
    guard offset < text.count else { return (nil, 0) }
    let first = UInt32(text[offset])
    if first < 0x80 { return (first, 1) }
    let length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1
    guard length > 1, offset + length <= text.count else { return (first, 1) }
    var value = first & (0xff >> UInt32(length + 1))
    for index in 1..<length { value = value << 6 | UInt32(text[offset + index] & 0x3f) }
    return (value, length)
  }
}

extension RegularExpression {
  /// With which bytes a match can begin, whatever assertions say; nil if it can be empty, or begin with any byte.
  fileprivate var firstBytes: [Bool]? {
    var bytes = Array(repeating: false, count: 256)
    var seen = Set<Int>()
    var waiting = [0]
    while let place = waiting.popLast() {
      guard seen.insert(place).inserted else { continue }
      switch program[place] {
      case .match, .any: return nil
      case .split(let first, let second): waiting += [first, second]
      case .jump(let target): waiting.append(target)
      case .assert: waiting.append(place + 1)
      case .character(let character): mark(character < 128 ? Int(character)...Int(character) : 128...255, in: &bytes)
      case .set(let index):
        for byte in 0..<128 where sets[index].contains(UInt32(byte)) { mark(byte...byte, in: &bytes) }
        if sets[index].isComplement || sets[index].ranges.contains(where: { $0.upperBound >= 128 }) { mark(128...255, in: &bytes) }
      }
    }
    return bytes
  }

  private func mark(_ range: ClosedRange<Int>, in bytes: inout [Bool]) {
    for byte in range { bytes[byte] = true }
  }
}

/// A set of places that is emptied in no time (Briggs and Torczon, "An efficient representation for sparse sets", 1993).
private struct PlaceSet {
  private var dense: [Int]
  private var sparse: [Int]
  private(set) var count = 0

  init(capacity: Int) {
    dense = Array(repeating: 0, count: capacity)
    sparse = Array(repeating: 0, count: capacity)
  }

  subscript(index: Int) -> Int { dense[index] }

  mutating func removeAll() { count = 0 }

  /// Whether it was not there before.
  mutating func insert(_ place: Int) -> Bool {
    let index = sparse[place]
    if index < count, dense[index] == place { return false }
    sparse[place] = count
    dense[count] = place
    count += 1
    return true
  }
}
