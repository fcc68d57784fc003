import CPlatform
import Glibc
import StateMemory

/// Compares packed rows of a batch with rows of state by their first words, and copies new ones there.
///
/// The tails of long texts are copied as addresses: whoever inserts stores the texts afterwards (`storeTexts`), before the
/// batch goes.
struct RowMatcher: KeyMatcher {
  let packed: UnsafePointer<UInt64>
  let strideWords: Int
  /// Words that are compared, and words that a new row takes over.
  let keyWords: Int
  let rowWords: Int
  /// Whether a word is the tail of a text, by its number; nil: none is.
  let isTail: UnsafePointer<Bool>?
  let arena: UnsafeMutableRawPointer
  let rows: RowInserter
  /// The rows that were inserted, as ids and numbers in the batch.
  var newIDs: [UInt32] = []
  var newRows: [Int] = []

  @inline(__always) func matches(_ id: UInt32, _ index: Int) -> Bool {
    let row = UnsafeRawPointer(rows.base + Int(id) &* rows.rowBytes).assumingMemoryBound(to: UInt64.self)
    return rowsAreEqual(row, packed + index &* strideWords, from: 0, to: keyWords, isTail, arena)
  }

  @inline(__always) func prefetch(_ id: UInt32) { cp_prefetch(rows.base + Int(id) &* rows.rowBytes) }

  @inline(never) mutating func insert(_ index: Int) -> UInt32 {
    let id = rows.insert()
    (rows.base + Int(id) &* rows.rowBytes).copyMemory(from: packed + index &* strideWords, byteCount: rowWords &* 8)
    newIDs.append(id)
    newRows.append(index)
    return id
  }
}

/// Whether words `first ..< end` of two packed rows are equal, long texts by their bytes.
@inline(__always)
func rowsAreEqual(
  _ a: UnsafePointer<UInt64>, _ b: UnsafePointer<UInt64>, from first: Int, to end: Int, _ isTail: UnsafePointer<Bool>?,
  _ arena: UnsafeMutableRawPointer?
) -> Bool {
  var word = first
  while word < end {
    if a[word] != b[word] {
      guard let isTail, isTail[word], longTextsAreEqual(a, b, word, arena) else { return false }
    }
    word &+= 1
  }
  return true
}

/// Whether two texts of the same length are equal.
func bytesAreEqual(_ a: UnsafeRawPointer, _ b: UnsafeRawPointer, _ count: Int) -> Bool { memcmp(a, b, count) == 0 }

/// The heads have been found equal.
@inline(never)
private func longTextsAreEqual(
  _ a: UnsafePointer<UInt64>, _ b: UnsafePointer<UInt64>, _ word: Int, _ arena: UnsafeMutableRawPointer?
) -> Bool {
  let bytes = longTextBytes(a[word &- 1])
  return bytes > 0 && memcmp(longText(a[word], arena), longText(b[word], arena), bytes) == 0
}

/// Which words of a row are tails of texts, at an address that stays.
final class TailMap: @unchecked Sendable {  // immutable after init
  let flags: UnsafeMutablePointer<Bool>?
  let tails: [Int]

  init(_ tails: [Int], wordCount: Int) {
    self.tails = tails
    if tails.isEmpty {
      flags = nil
    } else {
      let flags = UnsafeMutablePointer<Bool>.allocate(capacity: wordCount)
      flags.initialize(repeating: false, count: wordCount)
      for tail in tails { flags[tail] = true }
      self.flags = flags
    }
  }

  deinit { flags?.deallocate() }
}

/// Copies the long texts of a row that was just written, whose tails are addresses, into the arena.
func storeTexts(
  of row: UnsafeMutablePointer<UInt64>, _ tails: ArraySlice<Int>, _ writer: borrowing ArenaWriter
) {
  for tail in tails {
    let bytes = longTextBytes(row[tail &- 1])
    if bytes == 0 || row[tail] >> 63 != 0 { continue }
    row[tail] = writer.insert(RawSpan(_unsafeStart: longText(row[tail], nil), byteCount: bytes))
  }
}

/// Gives the long texts of a row back.
func freeTexts(of row: UnsafePointer<UInt64>, _ tails: ArraySlice<Int>, _ writer: borrowing ArenaWriter) {
  for tail in tails {
    let bytes = longTextBytes(row[tail &- 1])
    if bytes > 0 { writer.free(row[tail], byteCount: bytes) }
  }
}
