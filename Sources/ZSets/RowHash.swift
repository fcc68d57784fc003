import CPlatform
import Columnar

/// Hashes of packed rows: words are folded by 64 x 64 -> 128 bit products (wyhash's step).
///
/// - Shapes: words 0 ..< `endWord` of each row count; `tails` are those of them that end a text.
/// - Equal rows, long texts by their bytes, hash alike, wherever the bytes lie.
func hashRows(
  _ words: UnsafePointer<UInt64>, strideWords: Int, count: Int, endWord: Int, tails: [Int],
  arena: UnsafeMutableRawPointer?, into hashes: UnsafeMutablePointer<UInt32>
) {
  var row = 0, at = words
  if tails.isEmpty {
    while row < count {
      var hash = hashSeed
      var word = 0
      while word < endWord {
        hash = fold(hash ^ at[word])
        word &+= 1
      }
      hashes[row] = UInt32(truncatingIfNeeded: hash ^ hash >> 32)
      at += strideWords
      row &+= 1
    }
    return
  }
  tails.withUnsafeBufferPointer { tails in
    while row < count {
      hashes[row] = hashRow(at, endWord: endWord, tails: tails, arena: arena)
      at += strideWords
      row &+= 1
    }
  }
}

/// The hash of one packed row.
@inline(__always)
func hashRow(
  _ words: UnsafePointer<UInt64>, endWord: Int, tails: UnsafeBufferPointer<Int>, arena: UnsafeMutableRawPointer?
) -> UInt32 {
  var hash = hashSeed
  var word = 0, nextTail = 0
  while nextTail < tails.count {
    let tail = tails[nextTail]
    while word < tail {
      hash = fold(hash ^ words[word])
      word &+= 1
    }
    let bytes = longTextBytes(words[tail &- 1])
    hash = bytes == 0 ? fold(hash ^ words[tail]) : foldBytes(hash, longText(words[tail], arena), bytes)
    word = tail &+ 1
    nextTail &+= 1
  }
  while word < endWord {
    hash = fold(hash ^ words[word])
    word &+= 1
  }
  return UInt32(truncatingIfNeeded: hash ^ hash >> 32)
}

let hashSeed: UInt64 = 0x9e37_79b9_7f4a_7c15

@inline(__always)
func fold(_ value: UInt64) -> UInt64 {
  let product = (value ^ 0xa076_1d64_78bd_642f).multipliedFullWidth(by: 0xe703_7ed1_a0b4_28db)
  return (product.high ^ product.low) &+ 0x8ebc_6af0_9c88_c6e3
}

/// At least 8 bytes: the last word overlaps the one before it.
@inline(__always)
private func foldBytes(_ hash: UInt64, _ bytes: UnsafeRawPointer, _ count: Int) -> UInt64 {
  var hash = hash, at = 0
  while at &+ 8 < count {
    hash = fold(hash ^ cp_load_unaligned_u64(bytes + at))
    at &+= 8
  }
  return fold(hash ^ cp_load_unaligned_u64(bytes + (count &- 8)))
}

/// The hash of one word.
@inline(__always)
func hashWord(_ word: UInt64) -> UInt32 {
  let hash = fold(hashSeed ^ word)
  return UInt32(truncatingIfNeeded: hash ^ hash >> 32)
}
