package import Columnar
import SQLTypes

/// Where the columns of a schema lie in a packed row of 8-byte words.
///
/// | words | meaning |
/// |---|---|
/// | first ..< first + n, n = ceil(columns / 64) | bit c % 64 of word c / 64: column c is null; its value words are zero |
/// | then one for each bool, int16, int32, int64, float32, float64 | the value, zero-extended |
/// | two for each int128 and interval, three for each numeric | the value's bytes |
/// | two for each text | head and tail of its `TextView` |
///
/// The tail of a text of up to 12 bytes holds the rest of its bytes. That of a longer one says where its bytes lie: with
/// the top bit set, in its low 48 bits, the offset in the state's arena; otherwise an address, valid while the batch is.
package struct RowLayout: Sendable {
  package struct Field: Sendable {
    package let type: PhysicalType
    /// Byte offset of the value in the row.
    package let offset: Int
    /// Word of the row that holds the null bit, and the bit.
    package let nullWord: Int
    package let nullBit: UInt64
  }

  package let fields: [Field]
  package let firstWord: Int
  /// The word behind the last one.
  package let endWord: Int
  /// Numbers of the words that hold tails of texts.
  package let textTails: [Int]

  /// The number that arenas of state have here, so that their words have the top bit set.
  package static let arenaNumber: UInt16 = 0x8000

  /// - firstWord: where the row's part with these columns begins.
  package init(types: [PhysicalType], firstWord: Int = 0) {
    let nullWords = (types.count + 63) / 64
    var fields: [Field] = [], tails: [Int] = []
    var word = firstWord + nullWords
    for (column, type) in types.enumerated() {
      fields.append(
        Field(type: type, offset: word * 8, nullWord: firstWord + column / 64, nullBit: 1 << UInt64(column % 64)))
      if type == .text { tails.append(word + 1) }
      word += (type.stride + 7) / 8
    }
    self.fields = fields
    self.firstWord = firstWord
    endWord = word
    textTails = tails
  }
}
