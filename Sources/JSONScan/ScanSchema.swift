/// What is wanted under a name, and so how its column is kept.
package enum ScanKind: UInt8, Sendable {
  case bigint, integer, smallint  // Int64
  case double  // Double
  case real  // Double that holds a Float's value
  case boolean  // Int64, 0 or 1
  case numeric  // slice: the number's digits as they stand, or NaN, Infinity, -Infinity in any case
  case text  // slice: a string's text, or the JSON text of any other value
  case moment  // slice like text, for date, time and timestamp: whoever reads them decides
  case json  // slice: the JSON text of any value
  case member  // slice: the JSON text of any value, that of a null too; NULL only where it is missing

  /// Whether the column holds `ScanSlice`s.
  package var isSlice: Bool { rawValue >= ScanKind.numeric.rawValue }
}

/// A declared field: the name's bytes as they are after decoding, and the kind.
package struct ScanField: Hashable, Sendable {
  package let name: [UInt8]
  package let kind: ScanKind

  package init(name: [UInt8], kind: ScanKind) {
    self.name = name
    self.kind = kind
  }

  package init(_ name: String, _ kind: ScanKind) { self.init(name: Array(name.utf8), kind: kind) }
}

/// Text by place and length.
///
/// | bits of `offset` | meaning                                          |
/// |------------------|--------------------------------------------------|
/// | 0...30           | offset in the input or the arena                 |
/// | 31               | set: the text was decoded and lies in the arena  |
package struct ScanSlice: Hashable, Sendable {
  package static let arenaBit: UInt32 = 1 << 31
  let place: UInt32
  let length: UInt32

  init(place: UInt32, length: Int) {
    self.place = place
    self.length = UInt32(truncatingIfNeeded: length)
  }

  package var isInArena: Bool { place & Self.arenaBit != 0 }
  package var range: Range<Int> {
    let start = Int(place & ~Self.arenaBit)
    return start..<start + Int(length)
  }
}
