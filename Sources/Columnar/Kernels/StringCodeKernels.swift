import SQLTypes

/// Texts and numbers: positions, code points, digits, digests.
extension Column {
  /// `strpos(text, part)` in characters from 1; 0 is nowhere.
  package static func position(of part: Column, in text: Column) -> CheckedResult {
    checkedValues([text, part], Int32.self, into: .int32) { (row) throws(SQLError) in
      let bytes = text.bytes(row)
      guard let offset = bytes.firstOffset(of: part.bytes(row)) else { return 0 }
      return Int32(truncatingIfNeeded: bytes.slice(0, offset).characterCount + 1)
    }
  }

  package static func startsWith(_ text: Column, _ prefix: Column) -> CheckedResult {
    checkedValues([text, prefix], UInt8.self, into: .bool) { (row) throws(SQLError) in
      text.bytes(row).hasBytes(prefix.bytes(row), at: 0) ? 1 : 0
    }
  }

  /// `ascii`: the first character's code point; 0 for an empty text.
  package static func firstCodePoint(_ text: Column) -> CheckedResult {
    checkedValues([text], Int32.self, into: .int32) { (row) throws(SQLError) in
      let bytes = text.bytes(row)
      guard let first = bytes.first else { return 0 }
      var code = Int32(first < 0x80 ? first : first < 0xe0 ? first & 0x1f : first < 0xf0 ? first & 0x0f : first & 0x07)
      for index in 1..<max(1, bytes.characterEnd(0)) { code = code << 6 | Int32(bytes[index] & 0x3f) }
      return code
    }
  }

  /// `chr`. Errors: 54000 for what is no character, 22023 below 0.
  package static func character(_ codes: Column) -> CheckedResult {
    checkedTexts([codes]) { (row, scratch) throws(SQLError) in
      let code = codes.value(row, as: Int32.self)
      if code < 0 { throw SQLError(.invalidParameterValue, "character number must be positive") }
      if code == 0 { throw SQLError(.programLimitExceeded, "null character not permitted") }
      if code > 0x10ffff {
        throw SQLError(.programLimitExceeded, "requested character too large for encoding: \(code)")
      }
      guard let scalar = Unicode.Scalar(UInt32(code)) else {
        throw SQLError(.programLimitExceeded, "requested character not valid for encoding: \(code)")
      }
      for byte in UTF8.encode(scalar).unsafelyUnwrapped { scratch.append(byte) }
    }
  }

  /// `to_hex` of an integer or bigint: two's complement.
  package static func hexDigits(_ numbers: Column) -> CheckedResult {
    checkedTexts([numbers]) { (row, scratch) throws(SQLError) in
      let value =
        numbers.physicalType == .int32
        ? UInt64(UInt32(bitPattern: numbers.value(row, as: Int32.self)))
        : UInt64(bitPattern: numbers.value(row, as: Int64.self))
      var shift = max(0, (63 - value.leadingZeroBitCount) / 4 * 4)
      while shift >= 0 {
        scratch.append(hexDigit(UInt8(truncatingIfNeeded: value >> UInt64(shift)) & 15))
        shift -= 4
      }
    }
  }

  /// `md5`, in hexadecimal.
  package static func md5(_ text: Column) -> CheckedResult {
    checkedTexts([text]) { (row, scratch) throws(SQLError) in
      let digest = md5Digest(text.bytes(row))
      for word in [digest.0, digest.1, digest.2, digest.3] {
        for shift in stride(from: 0, to: 32, by: 8) {
          let byte = UInt8(truncatingIfNeeded: word >> UInt32(shift))
          scratch.append(hexDigit(byte >> 4))
          scratch.append(hexDigit(byte & 15))
        }
      }
    }
  }
}

private func hexDigit(_ value: UInt8) -> UInt8 { value < 10 ? 0x30 + value : 0x57 + value }

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

/// RFC 1321. The last block or two carry a 1 bit, zeros and the length in bits.
private func md5Digest(_ bytes: UnsafeRawBufferPointer) -> (UInt32, UInt32, UInt32, UInt32) {
  let padded = (bytes.count + 8) / 64 * 64 + 64
  let bits = UInt64(bytes.count) &* 8
  func byte(_ index: Int) -> UInt32 {
    if index < bytes.count { return UInt32(bytes[index]) }
    if index == bytes.count { return 0x80 }
    return index < padded - 8 ? 0 : UInt32(truncatingIfNeeded: bits >> UInt64((index - (padded - 8)) * 8) & 0xff)
  }
  var state: (UInt32, UInt32, UInt32, UInt32) = (0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476)
  for block in stride(from: 0, to: padded, by: 64) {
    var (a, b, c, d) = state
    for step in 0..<64 {
      let mixed: UInt32
      let word: Int
      switch step / 16 {
      case 0: (mixed, word) = ((b & c) | (~b & d), step)
      case 1: (mixed, word) = ((d & b) | (~d & c), (5 * step + 1) % 16)
      case 2: (mixed, word) = (b ^ c ^ d, (3 * step + 5) % 16)
      default: (mixed, word) = (c ^ (b | ~d), 7 * step % 16)
      }
      let at = block + word * 4
      let message = byte(at) | byte(at + 1) << 8 | byte(at + 2) << 16 | byte(at + 3) << 24
      let sum = a &+ mixed &+ md5Constants[step] &+ message
      let shift = md5Shifts[step / 16 * 4 + step % 4]
      (a, d, c) = (d, c, b)
      b = b &+ (sum << shift | sum >> (32 - shift))
    }
    state = (state.0 &+ a, state.1 &+ b, state.2 &+ c, state.3 &+ d)
  }
  return state
}
