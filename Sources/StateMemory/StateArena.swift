/// Texts of a state. Bytes never move, so a view of them is a number of 64 bits for as long as the text is in use.
///
/// | word bits | meaning                       |
/// |-----------|-------------------------------|
/// | 0...47    | offset in the arena           |
/// | 48...63   | number of the arena           |
///
/// A page of the arena holds texts of one size class, or is part of a run of whole pages for one text above 4 KiB. Freed
/// ranges can be used again after `endTick`, for views of them are valid until the tick ends; pages without texts go back
/// to the system, but for some kept warm. Ranges are written only through `willChange`.
package struct StateArena: ~Copyable, @unchecked Sendable {  // the owner may move between threads; it has no copies
  package let number: UInt16
  private let book: ArenaBook
  private var array: StateArray

  package init(number: UInt16, in space: StateSpace) {
    self.number = number
    array = StateArray(in: space)
    book = ArenaBook(array.pages)
  }

  /// For snapshot readers: a text is `offset(of: word)` in it.
  package var pages: StatePages { array.pages }
  package var stateBytes: Int { array.stateBytes + book.sideBytes }
  /// Bytes of the ranges in use, rounded up to their classes.
  package var usedBytes: Int { book.usedBytes }

  package static func offset(of word: UInt64) -> Int { Int(word & (1 << 48 - 1)) }

  /// The bytes of a text in use.
  @_lifetime(borrow self)
  package func bytes(_ word: UInt64, byteCount: Int) -> RawSpan {
    let offset = Self.offset(of: word)
    precondition(word >> 48 == UInt64(number) && offset + byteCount <= array.byteCount, "not a text of this arena")
    let base = array.pages.base
    return _overrideLifetime(RawSpan(_unsafeStart: base + offset, byteCount: byteCount), borrowing: self)
  }

  /// Begins a batch that adds and frees texts.
  @_lifetime(&self)
  package mutating func willChange() -> ArenaWriter {
    array.pages.beginBatch()
    return _overrideLifetime(ArenaWriter(book, number: number), mutating: &self)
  }

  /// Ranges that were freed since the last call may be used again.
  package mutating func endTick() {
    array.pages.beginBatch()
    book.releasePending()
  }

  package mutating func takeDirty() -> [DirtyPage] { array.takeDirty() }
  package mutating func setArmed(_ armed: Bool) { array.setArmed(armed) }
  package mutating func endBatch() { array.endBatch() }

  // After a restart: `growForRestore`, write the pages, `adopt` each text that a row names, `finishRestore` ----------

  /// Makes the arena as long as it was, and lends the writer for its bytes.
  @_lifetime(&self)
  package mutating func growForRestore(toByteCount count: Int) -> StateWriter {
    precondition(book.pageCount == 0, "only an empty arena is restored")
    book.addPages((count + pageBytes - 1) / pageBytes)
    array.pages.beginBatch()
    return _overrideLifetime(StateWriter(array.pages), mutating: &self)
  }

  package mutating func adopt(_ word: UInt64, byteCount: Int) { book.adopt(Self.offset(of: word), byteCount) }

  package mutating func finishRestore() { book.finishAdopting() }
}

/// The right to add texts to one arena and to free them, for one batch.
package struct ArenaWriter: ~Copyable, ~Escapable {
  private let book: ArenaBook
  private let number: UInt64
  var bookPages: StatePages { book.pages }

  @_lifetime(immortal)
  init(_ book: ArenaBook, number: UInt16) {
    self.book = book
    self.number = UInt64(number) << 48
  }

  /// Copies a text into the arena; its word.
  package func insert(_ bytes: RawSpan) -> UInt64 {
    if bytes.byteCount == 0 { return number }
    let offset = book.allocate(bytes.byteCount)
    book.pages.declare(offset: offset, byteCount: bytes.byteCount)
    bytes.withUnsafeBytes { (book.pages.base + offset).copyMemory(from: $0.baseAddress!, byteCount: $0.count) }
    return number | UInt64(offset)
  }

  /// Gives a text's range back; its bytes stay until the tick ends.
  package func free(_ word: UInt64, byteCount: Int) {
    precondition(word & ~(1 << 48 - 1) == number, "not a text of this arena")
    if byteCount > 0 { book.pending.append((StateArena.offset(of: word), byteCount)) }
  }
}

/// Which ranges of an arena are in use, on the owner's side.
///
/// | beside each page | size | meaning                                                     |
/// |------------------|------|-------------------------------------------------------------|
/// | kind             | 1    | size class, or free, or first or further page of a run      |
/// | used             | 2    | ranges in use                                               |
/// | freeBits         | 128  | bit i of it: range i of the page is free                    |
final class ArenaBook {
  private enum Kind {
    static let free: UInt8 = 255
    static let run: UInt8 = 254
  }
  private static let bitWords = pageBytes / 16 / 64
  private static let warmPages = 64
  private static let largest = 4096
  /// Four classes for each doubling, so that at most a fifth of a range is unused above 64 bytes.
  private static let sizes: [Int] = [
    16, 32, 48, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 640, 768, 896, 1024, 1280, 1536, 1792, 2048,
    2560, 3072, 3584, 4096,
  ]
  private static let classOfSixteens: [UInt8] = (0...(largest / 16)).map { sixteens in
    UInt8(sizes.firstIndex { $0 >= sixteens * 16 }!)
  }

  let pages: StatePages
  var pending: [(offset: Int, byteCount: Int)] = []
  private(set) var usedBytes = 0
  private var kinds: [UInt8] = []
  private var used: [UInt16] = []
  private var freeBits: [UInt64] = []
  /// Pages of each class that have room; may name a page that is full or of another kind by now, which is then dropped.
  private var roomy = [[Int]](repeating: [], count: sizes.count)
  private var warm: [Int] = []
  private var cold: [Int] = []
  /// Free runs of two pages and more, by their length; their memory is given back.
  private var freeRuns: [Int: [Int]] = [:]

  init(_ pages: StatePages) { self.pages = pages }

  var pageCount: Int { kinds.count }
  var sideBytes: Int { kinds.count + used.count * 2 + freeBits.count * 8 }

  func allocate(_ byteCount: Int) -> Int {
    if byteCount > Self.largest { return allocateRun(pageCount: (byteCount + pageBytes - 1) / pageBytes) }
    let kind = Int(Self.classOfSixteens[(byteCount + 15) / 16]), size = Self.sizes[kind], limit = pageBytes / size
    while let page = roomy[kind].last, kinds[page] != kind || used[page] == limit { roomy[kind].removeLast() }
    let page: Int
    if let roomyPage = roomy[kind].last {
      page = roomyPage
    } else {
      page = takePage()
      startPage(page, kind)
      roomy[kind].append(page)
    }
    used[page] += 1
    usedBytes += size
    for word in page * Self.bitWords..<(page + 1) * Self.bitWords where freeBits[word] != 0 {
      let bit = freeBits[word].trailingZeroBitCount
      freeBits[word] &= freeBits[word] - 1
      return page * pageBytes + ((word - page * Self.bitWords) * 64 + bit) * size
    }
    preconditionFailure("a page with room has a free range")
  }

  func releasePending() {
    for (offset, byteCount) in pending { release(offset, byteCount) }
    pending.removeAll(keepingCapacity: true)
  }

  private func release(_ offset: Int, _ byteCount: Int) {
    let page = offset / pageBytes
    if byteCount > Self.largest {
      releaseRun(page, pageCount: (byteCount + pageBytes - 1) / pageBytes)
      return
    }
    let kind = Int(kinds[page]), size = Self.sizes[kind], slot = offset % pageBytes / size
    precondition(kind == Int(Self.classOfSixteens[(byteCount + 15) / 16]), "a text is freed with its own length")
    let word = page * Self.bitWords + slot / 64, bit = UInt64(1) << UInt64(slot % 64)
    precondition(freeBits[word] & bit == 0, "a text is freed once")
    freeBits[word] |= bit
    if Int(used[page]) == pageBytes / size { roomy[kind].append(page) }
    used[page] -= 1
    usedBytes -= size
    if used[page] == 0 { freePage(page) }
  }

  // Pages and runs of pages

  private func takePage() -> Int {
    if let page = warm.popLast() { return page }
    if let page = cold.popLast() {
      pages.noteDiscarded(bytes: -pageBytes)
      return page
    }
    addPages(1)
    return pageCount - 1
  }

  func addPages(_ count: Int) {
    kinds.append(contentsOf: repeatElement(Kind.free, count: count))
    used.append(contentsOf: repeatElement(0, count: count))
    freeBits.append(contentsOf: repeatElement(0, count: count * Self.bitWords))
    pages.grow(toByteCount: pageCount * pageBytes)
  }

  private func startPage(_ page: Int, _ kind: Int) {
    kinds[page] = UInt8(kind)
    let limit = pageBytes / Self.sizes[kind]
    for word in 0..<Self.bitWords {
      let left = limit - word * 64
      freeBits[page * Self.bitWords + word] = left >= 64 ? .max : left <= 0 ? 0 : 1 << UInt64(left) - 1
    }
  }

  private func freePage(_ page: Int) {
    kinds[page] = Kind.free
    if warm.count < Self.warmPages {
      warm.append(page)
    } else {
      pages.discard(page: page, pageCount: 1)
      cold.append(page)
    }
  }

  private func allocateRun(pageCount count: Int) -> Int {
    let first: Int
    if count == 1 {
      first = takePage()
    } else if let free = freeRuns[count]?.popLast() {
      pages.noteDiscarded(bytes: -count * pageBytes)
      first = free
    } else {
      first = pageCount
      addPages(count)
    }
    for page in first..<first + count { kinds[page] = Kind.run }
    usedBytes += count * pageBytes
    return first * pageBytes
  }

  private func releaseRun(_ first: Int, pageCount count: Int) {
    for page in first..<first + count {
      precondition(kinds[page] == Kind.run, "a text is freed once")
      kinds[page] = Kind.free
    }
    usedBytes -= count * pageBytes
    if count == 1 {
      freePage(first)
    } else {
      pages.discard(page: first, pageCount: count)
      freeRuns[count, default: []].append(first)
    }
  }

  // Restoring

  func adopt(_ offset: Int, _ byteCount: Int) {
    if byteCount == 0 { return }
    let page = offset / pageBytes
    if byteCount > Self.largest {
      let count = (byteCount + pageBytes - 1) / pageBytes
      for page in page..<page + count { kinds[page] = Kind.run }
      usedBytes += count * pageBytes
      return
    }
    let kind = Int(Self.classOfSixteens[(byteCount + 15) / 16]), size = Self.sizes[kind]
    if kinds[page] == Kind.free { startPage(page, kind) }
    precondition(Int(kinds[page]) == kind && offset % pageBytes % size == 0, "a restored text lies in its class")
    let slot = offset % pageBytes / size
    freeBits[page * Self.bitWords + slot / 64] &= ~(1 << UInt64(slot % 64))
    used[page] += 1
    usedBytes += size
  }

  func finishAdopting() {
    for page in (0..<pageCount).reversed() {
      let kind = kinds[page]
      if kind == Kind.free {
        warm.append(page)
      } else if kind != Kind.run, Int(used[page]) < pageBytes / Self.sizes[Int(kind)] {
        roomy[Int(kind)].append(page)
      }
    }
  }
}
