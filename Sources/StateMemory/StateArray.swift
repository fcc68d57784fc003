/// A flat array of bytes, zero at first, that grows without moving (but for once, at 1 MiB). One owner writes it.
///
/// It is read through spans that it lends, and written only through the writer that a `willChange` lends. Snapshot
/// readers on other threads are given `pages`.
package struct StateArray: ~Copyable, @unchecked Sendable {  // the owner may move between threads; it has no copies
  package let pages: StatePages

  package init(in space: StateSpace) { pages = StatePages(in: space) }

  package var byteCount: Int { pages.byteCount }
  /// Bytes of memory in use, marks included.
  package var stateBytes: Int { pages.stateBytes }

  /// Makes the array at least `count` bytes long.
  package mutating func grow(toByteCount count: Int) { pages.grow(toByteCount: count) }

  /// The array as elements of one type, as many as are whole.
  @_lifetime(borrow self)
  @inlinable package func elements<Element: BitwiseCopyable>(as type: Element.Type) -> Span<Element> {
    let base = pages.base
    let span = Span(
      _unsafeStart: UnsafePointer(base.assumingMemoryBound(to: Element.self)), count: pages.byteCount / MemoryLayout<Element>.stride)
    return _overrideLifetime(span, borrowing: self)
  }

  /// Begins a batch of changes in which nothing is declared yet: the writer's `declare` does it.
  @_lifetime(&self)
  package mutating func willChange() -> StateWriter {
    pages.beginBatch()
    return _overrideLifetime(StateWriter(pages), mutating: &self)
  }

  /// Begins a batch of changes of the elements `ids`, each of `stride` bytes.
  @_lifetime(&self)
  package mutating func willChange(ids: Span<UInt32>, stride: Int) -> StateWriter {
    pages.beginBatch()
    ids.withUnsafeBufferPointer { pages.declare(ids: $0, stride: stride, byteLimit: pages.byteCount) }
    return _overrideLifetime(StateWriter(pages), mutating: &self)
  }

  /// Takes the lines that changed since it was last called; the driver does so between ticks, with a snapshot open whose
  /// reader then writes them out.
  package mutating func takeDirty() -> [DirtyPage] { pages.takeDirty() }

  /// Gives marks back that a failed checkpoint took.
  package mutating func restoreDirty(_ dirty: [DirtyPage]) { pages.restoreDirty(dirty) }

  /// For tests: while armed, writing to a page that was not declared in this batch traps.
  package mutating func setArmed(_ armed: Bool) { pages.setArmed(armed) }

  /// For tests: ends the batch, so that what it declared is read-only again.
  package mutating func endBatch() { pages.protectAgain() }
}

/// The right to change the declared lines of one array, for one batch.
package struct StateWriter: ~Copyable, ~Escapable {
  @usableFromInline let pages: StatePages

  @_lifetime(immortal)
  init(_ pages: StatePages) { self.pages = pages }

  /// Declares that `byteCount` > 0 bytes at `offset`, which lie in the array, will change.
  @inlinable package func declare(offset: Int, byteCount: Int) {
    precondition(offset >= 0 && byteCount > 0 && offset + byteCount <= pages.byteCount, "a declaration beyond the array")
    pages.declare(offset: offset, byteCount: byteCount)
  }

  /// Changes declared bytes.
  @inlinable package func store<Value: BitwiseCopyable>(_ value: Value, at offset: Int) {
    precondition(offset >= 0 && offset + MemoryLayout<Value>.size <= pages.byteCount, "a store beyond the array")
    pages.base.storeBytes(of: value, toByteOffset: offset, as: Value.self)
  }

  @inlinable package func load<Value: BitwiseCopyable>(at offset: Int, as type: Value.Type) -> Value {
    precondition(offset >= 0 && offset + MemoryLayout<Value>.size <= pages.byteCount, "a load beyond the array")
    return pages.base.loadUnaligned(fromByteOffset: offset, as: type)
  }

  /// Changes declared bytes.
  package func store(_ bytes: RawSpan, at offset: Int) {
    precondition(offset >= 0 && offset + bytes.byteCount <= pages.byteCount, "a store beyond the array")
    bytes.withUnsafeBytes { if let from = $0.baseAddress { (pages.base + offset).copyMemory(from: from, byteCount: $0.count) } }
  }

  /// The array as elements of one type; only declared ones may be changed.
  @_lifetime(&self)
  @inlinable package mutating func elements<Element: BitwiseCopyable>(as type: Element.Type) -> MutableSpan<Element> {
    let base = pages.base
    let span = MutableSpan(
      _unsafeStart: base.assumingMemoryBound(to: Element.self), count: pages.byteCount / MemoryLayout<Element>.stride)
    return _overrideLifetime(span, mutating: &self)
  }

  /// Where the array begins, for kernels; valid until the array grows.
  @inlinable package var base: UnsafeMutableRawPointer { pages.base }
}

extension StatePages {
  /// Declares the lines of the elements `ids`, all of which lie below `byteLimit`.
  func declare(ids: UnsafeBufferPointer<UInt32>, stride: Int, byteLimit: Int) {
    guard let first = ids.baseAddress else { return }
    let count = ids.count
    if byteLimit >> pageShift < count >> 4, isDeclared(byteLimit: byteLimit) { return }
    var index = 0
    if stride & (stride - 1) != 0 || stride > lineBytes {
      while index < count {
        declare(offset: Int(first[index]) &* stride, byteCount: stride)
        index &+= 1
      }
      return
    }
    // An element lies in one line, and mostly in one that is dirty already: the test is cheaper than writing it again,
    // which would chain the loop through memory.
    let marks = self.marks, shift = lineShift - stride.trailingZeroBitCount, savedNeeded = self.savedNeeded
    while index < count {
      let line = Int(first[index]) &>> shift
      let bit = UInt64(1) &<< UInt64(truncatingIfNeeded: line & 63)
      let mark = marks + line &>> 6
      if mark.pointee.dirty & bit == 0 || mark.pointee.saved < savedNeeded { declareSlowly(page: line &>> 6, bit: bit) }
      index &+= 1
    }
  }

  /// Whether every line below `byteLimit` is dirty and saved: then a batch that is large against the array, which is soon
  /// dirty all over, need not look at each of its ids.
  private func isDeclared(byteLimit: Int) -> Bool {
    let marks = self.marks, savedNeeded = self.savedNeeded, lineCount = (byteLimit + lineBytes - 1) >> lineShift
    for page in 0..<lineCount >> 6 where marks[page].dirty != .max || marks[page].saved < savedNeeded { return false }
    if lineCount & 63 == 0 { return true }
    let last = marks[lineCount >> 6], needed = UInt64(1) << UInt64(lineCount & 63) - 1
    return last.dirty & needed == needed && last.saved >= savedNeeded
  }
}
