import TestSupport

/// Numbers that a generator draws, written down so that what it made can be made again, and made smaller.
///
/// A generator built on them is a function of the drawn numbers. Cutting numbers out, or making them smaller, gives another
/// thing that is well formed, and a simpler one if zero stands for the simplest alternative everywhere: so one method shrinks
/// whatever is generated (MacIver, Donaldson, "Test-case reduction via test-case generation", ECOOP 2020).
package struct Choices: Sendable {
  package private(set) var drawn: [UInt32] = []
  private var replayed: ArraySlice<UInt32>
  /// Nil while replaying: beyond its end every choice is zero.
  private var random: SeededRandom?

  package init(seed: UInt64) {
    random = SeededRandom(seed: seed)
    replayed = []
  }

  package init(replaying choices: [UInt32]) { replayed = choices[...] }

  /// A number from 0 up to `count`, which is left out.
  package mutating func below(_ count: Int) -> Int {
    precondition(count > 0, "there is something to choose from")
    let value: Int
    if random != nil {
      value = Int.random(in: 0..<count, using: &random!)
    } else {
      value = Int(replayed.popFirst() ?? 0) % count
    }
    drawn.append(UInt32(value))
    return value
  }

  /// True once in `count` times; zero is false.
  package mutating func oneIn(_ count: Int) -> Bool { below(count) == count - 1 }

  /// True in `percent` of a hundred cases; zero is false.
  package mutating func chance(_ percent: Int) -> Bool { below(100) >= 100 - percent }

  package mutating func element<Element>(of elements: [Element]) -> Element { elements[below(elements.count)] }

  /// One of the alternatives, as often as its weight says; the first is the simplest.
  package mutating func weighted<Element>(_ alternatives: [(weight: Int, Element)]) -> Element {
    var ticket = below(alternatives.reduce(0) { $0 + $1.weight })
    for (weight, element) in alternatives {
      if ticket < weight { return element }
      ticket -= weight
    }
    preconditionFailure("a ticket is below the sum of the weights")
  }
}
