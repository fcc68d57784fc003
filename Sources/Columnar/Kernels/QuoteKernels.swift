import SQLTypes

/// Texts as SQL writes them, and numbers of bytes as people read them.
extension Column {
  /// Each text as a literal; with a backslash in it, as an E'' text in which each is doubled, as PostgreSQL does it.
  package static func quotedLiterals(_ input: Column) -> Column {
    textRows([input]) { row, scratch in
      input.withBytes(row) { bytes in
        scratch.append(contentsOf: bytes.contains(0x5c) ? "E'".utf8 : "'".utf8)
        for byte in bytes {
          if byte == 0x27 || byte == 0x5c { scratch.append(byte) }
          scratch.append(byte)
        }
        scratch.append(0x27)
      }
    }
  }

  /// Each text as a name: in quotes unless it is made of small letters, digits and underscores and `isKeyword` denies it.
  package static func quotedIdentifiers(_ input: Column, isKeyword: (String) -> Bool) -> Column {
    textRows([input]) { row, scratch in
      input.withBytes(row) { bytes in
        let isWord = bytes.allSatisfy { $0 == 0x5f || (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) }
        let startsAsWord = bytes.first.map { !(0x30...0x39).contains($0) } ?? false
        if isWord && startsAsWord && !isKeyword(String(decoding: bytes, as: UTF8.self)) {
          scratch.append(contentsOf: bytes)
          return
        }
        scratch.append(0x22)
        for byte in bytes {
          if byte == 0x22 { scratch.append(byte) }
          scratch.append(byte)
        }
        scratch.append(0x22)
      }
    }
  }

  /// Numbers of bytes, as `pg_size_pretty` shows them: in the first unit of which there are few enough, rounded half away
  /// from zero.
  ///
  /// - bytes: a bigint column.
  package static func prettySizes(_ bytes: Column) -> Column {
    textRows([bytes]) { row, scratch in
      let count = bytes.value(row, as: Int64.self)
      if count.magnitude < 10 * 1024 {
        count.appendSQLText(to: &scratch)
        scratch.append(contentsOf: " bytes".utf8)
        return
      }
      // Above bytes, the number has one bit more than it shows, for the rounding.
      var halves = count / 512
      var unit = 0
      while unit < 4, halves.magnitude >= 20 * 1024 - 1 {
        halves /= 1024
        unit += 1
      }
      ((halves + (halves < 0 ? -1 : 1)) / 2).appendSQLText(to: &scratch)
      let units: InlineArray<5, UInt8> = [0x6b, 0x4d, 0x47, 0x54, 0x50]
      scratch.append(0x20)
      scratch.append(units[unit])
      scratch.append(0x42)
    }
  }
}
