internal import Columnar
internal import Platform

/// A file's bytes in blocks, the first unconsumed of which starts a line.
///
/// A block is read into once and then never changes, because batches hold on to it; what of it is not consumed when the next
/// one is read (part of a line) is copied.
struct LineBlocks: ~Copyable {
  /// Bytes of a block, and of the longest line without its line feed.
  struct Limits: Hashable, Sendable {
    var blockBytes = 512 << 10
    var lineBytes = 16 << 20
  }

  let limits: Limits
  private(set) var block = Buffer(byteCount: 0)
  /// Where the block's bytes that are not consumed are.
  private(set) var unconsumed = 0..<0
  /// Where in the file the block starts.
  private(set) var blockOffset: Int

  init(at offset: Int, limits: Limits) {
    blockOffset = offset
    self.limits = limits
  }

  /// Where in the file the next byte to consume is.
  var offset: Int { blockOffset + unconsumed.lowerBound }
  /// Up to where the file has been read.
  var readOffset: Int { blockOffset + unconsumed.upperBound }
  /// Whether a line has begun that is longer than lines may be.
  var hasTooLongLine: Bool { unconsumed.count > limits.lineBytes }

  /// Reads more, after what is not consumed, which holds no whole line; returns how many bytes. 0: the file ends here.
  ///
  /// - end: read no further than this offset in the file.
  mutating func fill(from file: borrowing FileDescriptor, upTo end: Int) throws(PlatformError) -> Int {
    precondition(!hasTooLongLine, "a line that is too long is passed over before more is read")
    let kept = unconsumed.count
    // Twice what is kept, so that a long line is looked through a bounded number of times; one byte more than a line may
    // have, so that a block never holds a whole line that is too long.
    let capacity = min(max(limits.blockBytes, kept * 2, kept + 1), limits.lineBytes + 1)
    let wanted = min(capacity - kept, end - readOffset)
    if wanted <= 0 { return 0 }
    let next = Buffer(uninitializedByteCount: kept + wanted)
    unsafe next.base.copyMemory(from: block.base + unconsumed.lowerBound, byteCount: kept)
    let start = readOffset
    var count = 0
    while count < wanted {
      var space = unsafe MutableRawSpan(_unsafeStart: next.base + kept + count, byteCount: wanted - count)
      let more = try file.read(into: &space, at: start + count)
      if more == 0 { break }
      count += more
    }
    if count == 0 { return 0 }
    blockOffset = offset
    block = next
    unconsumed = 0..<kept + count
    return count
  }

  /// Goes over the first bytes and adds them to `hash`.
  mutating func consume(_ count: Int, _ hash: inout PrefixHash) {
    precondition(count <= unconsumed.count, "only what was read can be consumed")
    hash.append(unsafe RawSpan(_unsafeStart: block.base + unconsumed.lowerBound, byteCount: count))
    unconsumed = unconsumed.lowerBound + count..<unconsumed.upperBound
  }

  /// How many of the unconsumed bytes come up to the end of the first line, with its line feed; nil: it does not end here.
  func endOfLine() -> Int? {
    let bytes = unsafe RawSpan(_unsafeStart: block.base + unconsumed.lowerBound, byteCount: unconsumed.count)
    for index in 0..<bytes.byteCount where unsafe bytes.unsafeLoad(fromUncheckedByteOffset: index, as: UInt8.self) == 10 {
      return index + 1
    }
    return nil
  }

  /// The first of the block's bytes in a range.
  func bytes(_ range: Range<Int>, atMost limit: Int) -> [UInt8] {
    let bytes = unsafe RawSpan(_unsafeStart: block.base + range.lowerBound, byteCount: min(range.count, limit))
    return (0..<bytes.byteCount).map { unsafe bytes.unsafeLoad(fromUncheckedByteOffset: $0, as: UInt8.self) }
  }
}
