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
      let digest = MD5Digest(of: text.bytes(row))
      for word in [digest.a, digest.b, digest.c, digest.d] {
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
