/// Runs a pattern over texts; its memory is kept from one to the next.
struct RegexpMatcher {
  private let expression: RegularExpression
  /// The places at which the automaton may be before the next character, and behind it.
  private var current: PlaceSet
  private var following: PlaceSet
  private var stack: [Int] = []
  /// Whether a match can only begin at the text's start.
  private let isAnchored: Bool

  init(_ expression: RegularExpression) {
    self.expression = expression
    current = PlaceSet(capacity: expression.program.count)
    following = PlaceSet(capacity: expression.program.count)
    isAnchored = expression.program.first == .assert(.textStart)
  }

  /// Whether some part of the text matches; nil if that could take too long.
  mutating func matches(_ text: Span<UInt8>) -> Bool? {
    if text.count > RegularExpression.stepLimit / expression.program.count { return nil }
    current.removeAll()
    var previous: UInt32?
    var offset = 0
    while true {
      let (next, length) = Self.character(text, at: offset)
      if previous == nil || !isAnchored {
        if enter(0, before: previous, after: next, into: true) { return true }
      } else if current.count == 0 {
        return false
      }
      guard let next else { return false }
      let after = Self.character(text, at: offset + length).0
      following.removeAll()
      for index in 0..<current.count {
        let place = current[index]
        if reads(expression.program[place], next), enter(place + 1, before: next, after: after, into: false) { return true }
      }
      swap(&current, &following)
      previous = next
      offset += length
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
    stack.append(place)
    while let place = stack.popLast() {
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
