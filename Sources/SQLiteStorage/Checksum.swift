/// A 64-bit hash of a record's identity and bytes, eight bytes at a time: each word is mixed by a full multiplication (wyhash's
/// step), so that a record can stand in for no other and no flipped bit goes unseen.
enum Checksum {
  static func of(_ identity: UInt64..., bytes: [UInt8] = []) -> Int64 {
    var hash = mix(0xa076_1d64_78bd_642f, UInt64(bytes.count) ^ 0xe703_7ed1_a0b4_28db)
    for word in identity { hash = step(hash, word) }
    let whole = bytes.count & ~7
    hash = unsafe bytes.withUnsafeBytes { raw in
      var hash = hash
      var index = 0
      while index < whole {
        hash = step(hash, unsafe UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: index, as: UInt64.self)))
        index += 8
      }
      return hash
    }
    if whole < bytes.count {
      var word: UInt64 = 0
      for (shift, byte) in bytes[whole...].enumerated() { word |= UInt64(byte) << UInt64(8 * shift) }
      hash = step(hash, word)
    }
    return Int64(bitPattern: hash)
  }

  @inline(__always)
  private static func step(_ hash: UInt64, _ word: UInt64) -> UInt64 {
    mix(hash ^ word ^ 0x8ebc_6af0_9c88_c6e3, 0x5899_65cc_7537_4cc3) ^ (hash &* 0x9e37_79b9_7f4a_7c15)
  }

  @inline(__always)
  private static func mix(_ a: UInt64, _ b: UInt64) -> UInt64 {
    let product = a.multipliedFullWidth(by: b)
    return product.high ^ product.low
  }
}
