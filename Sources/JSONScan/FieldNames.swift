/// Numbers of fields by the hash of their names, in a table that is at most half full and is probed from slot to slot.
struct FieldNames {
  private let slots: [Int32]  // -1: none

  init(_ fields: [ScanField]) {
    var count = 8
    while count < fields.count * 2 + 2 { count *= 2 }
    var slots = [Int32](repeating: -1, count: count)
    for (index, field) in fields.enumerated() {
      var slot = field.name.withUnsafeBufferPointer { Self.hash($0) } & (count - 1)
      while slots[slot] >= 0 { slot = (slot + 1) & (count - 1) }
      slots[slot] = Int32(index)
    }
    self.slots = slots
  }

  /// Where to begin to look for a name; go on with the next slot.
  func slot(of name: UnsafeBufferPointer<UInt8>) -> Int { Self.hash(name) & (slots.count - 1) }

  /// The field in a slot, counted round; -1 ends the search.
  func field(at slot: Int) -> Int { Int(slots[slot & (slots.count - 1)]) }

  /// FNV-1a, folded so that the low bits depend on all.
  private static func hash(_ name: UnsafeBufferPointer<UInt8>) -> Int {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in name { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    return Int(truncatingIfNeeded: (hash ^ hash >> 32) & 0x7fff_ffff)
  }
}
