internal import CScan

/// A hash of a file's bytes from its start, cheap enough to take of everything that is read, and to take again at a restart.
///
/// Four lanes of wyhash's mixing step (a 64 × 64 bit product, folded), 16 bytes each, so that four products are under way at a
/// time. It tells a changed file from the one that was read, by all but one in 2^64 chances; it does not withstand somebody who
/// computes a collision. Bytes may be appended in any pieces, and `digest` may be taken between any two.
///
/// - Source: Wang Yi, wyhash final version 4 (https://github.com/wangyi-fudan/wyhash), for the step and the secrets.
struct PrefixHash {
  private static let blockBytes = 64

  private(set) var byteCount = 0
  private var lanes: [UInt64] = [1, 2, 3, 4]
  /// Bytes behind the last whole block.
  private var rest: [UInt8] = []

  private static let secrets: [UInt64] = [
    0xa076_1d64_78bd_642f, 0xe703_7ed1_a0b4_28db, 0x8ebc_6af0_9c88_c6e3, 0x5899_65cc_7537_4cc3,
  ]

  mutating func append(_ bytes: RawSpan) {
    byteCount += bytes.byteCount
    var start = 0
    if !rest.isEmpty {
      start = min(Self.blockBytes - rest.count, bytes.byteCount)
      keep(bytes.extracting(0..<start))
      if rest.count < Self.blockBytes { return }
      mixRest()
    }
    let blocks = (bytes.byteCount - start) / Self.blockBytes
    let end = start + blocks * Self.blockBytes
    unsafe bytes.withUnsafeBytes { buffer in
      guard let base = buffer.baseAddress else { return }
      unsafe cscan_mix_blocks(&lanes, Self.secrets, base.assumingMemoryBound(to: UInt8.self) + start, blocks)
    }
    keep(bytes.extracting(end..<bytes.byteCount))
  }

  /// The hash of all bytes so far.
  var digest: UInt64 {
    var padded = self
    if !rest.isEmpty {
      padded.rest += repeatElement(0, count: Self.blockBytes - rest.count)
      padded.mixRest()
    }
    let (last, secrets) = (padded.lanes, Self.secrets)
    let folded = cscan_mix(last[0] ^ secrets[1], last[1]) ^ cscan_mix(last[2] ^ secrets[2], last[3])
    return cscan_mix(folded ^ secrets[0], UInt64(byteCount) ^ secrets[3])
  }

  private mutating func keep(_ bytes: RawSpan) {
    for index in 0..<bytes.byteCount { rest.append(unsafe bytes.unsafeLoad(fromUncheckedByteOffset: index, as: UInt8.self)) }
  }

  /// Mixes the rest, which is a whole block, and empties it.
  private mutating func mixRest() {
    unsafe cscan_mix_blocks(&lanes, Self.secrets, rest, 1)
    rest.removeAll(keepingCapacity: true)
  }
}

/// How far a file has been read: a count of bytes, and what they were.
///
/// | offset | size | meaning |
/// |---|---|---|
/// | 0 | 8 | bytes consumed, little-endian |
/// | 8 | 8 | `PrefixHash` of them, little-endian |
struct FilePosition: Hashable, Sendable {
  let offset: Int
  let digest: UInt64

  static let start = FilePosition(PrefixHash())

  init(_ hash: PrefixHash) {
    offset = hash.byteCount
    digest = hash.digest
  }

  /// Nil for bytes that are no position; none at all are the start.
  init?(_ bytes: [UInt8]) {
    if bytes.isEmpty {
      self = .start
      return
    }
    guard bytes.count == 16 else { return nil }
    let (count, digest) = (bytes.littleEndianWord(at: 0), bytes.littleEndianWord(at: 8))
    guard let offset = Int(exactly: count) else { return nil }
    self.offset = offset
    self.digest = digest
  }

  var bytes: [UInt8] { [UInt8](littleEndianWords: UInt64(offset), digest) }
}

extension [UInt8] {
  /// The words, eight bytes each.
  package init(littleEndianWords words: UInt64...) {
    self = words.flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> UInt64(8 * $0)) } }
  }

  package func littleEndianWord(at start: Int) -> UInt64 {
    (0..<8).reduce(0) { $0 | UInt64(self[start + $1]) << UInt64(8 * $1) }
  }
}
