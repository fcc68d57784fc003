/// The MD5 of a message (RFC 1321): four words, the least significant byte of each first.
package struct MD5Digest {
  package private(set) var a: UInt32 = 0x6745_2301
  package private(set) var b: UInt32 = 0xefcd_ab89
  package private(set) var c: UInt32 = 0x98ba_dcfe
  package private(set) var d: UInt32 = 0x1032_5476

  package init(of message: Span<UInt8>) { self = message.withUnsafeBytes { MD5Digest(of: $0) } }

  init(of message: UnsafeRawBufferPointer) {
    let whole = message.count & ~63
    for block in stride(from: 0, to: whole, by: 64) { take(UnsafeRawBufferPointer(rebasing: message[block..<block + 64])) }
    // The last block or two carry the rest, a 1 bit, zeros, and the length in bits.
    let rest = message[whole...], endCount = rest.count < 56 ? 64 : 128
    withUnsafeTemporaryAllocation(byteCount: 128, alignment: 8) { end in
      end.initializeMemory(as: UInt8.self, repeating: 0)
      end.copyBytes(from: rest)
      end[rest.count] = 0x80
      end.storeBytes(of: (UInt64(message.count) &* 8).littleEndian, toByteOffset: endCount - 8, as: UInt64.self)
      for block in stride(from: 0, to: endCount, by: 64) {
        take(UnsafeRawBufferPointer(rebasing: end[block..<block + 64]))
      }
    }
  }

  /// Bytes 8 to 15 of the digest, the first the most significant: what `right(md5(text), 16)` spells in hexadecimal.
  package var low: UInt64 { UInt64(c.byteSwapped) << 32 | UInt64(d.byteSwapped) }

  private mutating func take(_ block: UnsafeRawBufferPointer) {
    var (a, b, c, d) = (a, b, c, d)
    for step in 0..<64 {
      let (mixed, word): (UInt32, Int) =
        switch step / 16 {
        case 0: ((b & c) | (~b & d), step)
        case 1: ((d & b) | (~d & c), (5 * step + 1) % 16)
        case 2: (b ^ c ^ d, (3 * step + 5) % 16)
        default: (c ^ (b | ~d), 7 * step % 16)
        }
      let message = UInt32(littleEndian: block.loadUnaligned(fromByteOffset: word * 4, as: UInt32.self))
      let sum = a &+ mixed &+ md5Constants[step] &+ message
      let shift = md5Shifts[step / 16 * 4 + step % 4]
      (a, d, c) = (d, c, b)
      b = b &+ (sum << shift | sum >> (32 - shift))
    }
    (self.a, self.b, self.c, self.d) = (self.a &+ a, self.b &+ b, self.c &+ c, self.d &+ d)
  }
}

private let md5Shifts: [UInt32] = [7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21]

/// floor(2^32 * |sin(i + 1)|), the constants of RFC 1321.
private let md5Constants: [UInt32] = [
  0xd76a_a478, 0xe8c7_b756, 0x2420_70db, 0xc1bd_ceee, 0xf57c_0faf, 0x4787_c62a, 0xa830_4613, 0xfd46_9501,
  0x6980_98d8, 0x8b44_f7af, 0xffff_5bb1, 0x895c_d7be, 0x6b90_1122, 0xfd98_7193, 0xa679_438e, 0x49b4_0821,
  0xf61e_2562, 0xc040_b340, 0x265e_5a51, 0xe9b6_c7aa, 0xd62f_105d, 0x0244_1453, 0xd8a1_e681, 0xe7d3_fbc8,
  0x21e1_cde6, 0xc337_07d6, 0xf4d5_0d87, 0x455a_14ed, 0xa9e3_e905, 0xfcef_a3f8, 0x676f_02d9, 0x8d2a_4c8a,
  0xfffa_3942, 0x8771_f681, 0x6d9d_6122, 0xfde5_380c, 0xa4be_ea44, 0x4bde_cfa9, 0xf6bb_4b60, 0xbebf_bc70,
  0x289b_7ec6, 0xeaa1_27fa, 0xd4ef_3085, 0x0488_1d05, 0xd9d4_d039, 0xe6db_99e5, 0x1fa2_7cf8, 0xc4ac_5665,
  0xf429_2244, 0x432a_ff97, 0xab94_23a7, 0xfc93_a039, 0x655b_59c3, 0x8f0c_cc92, 0xffef_f47d, 0x8584_5dd1,
  0x6fa8_7e4f, 0xfe2c_e6e0, 0xa301_4314, 0x4e08_11a1, 0xf753_7e82, 0xbd3a_f235, 0x2ad7_d2bb, 0xeb86_d391,
]
