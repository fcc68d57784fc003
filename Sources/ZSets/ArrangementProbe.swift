import CPlatform
package import Columnar
import SQLTypes
import StateMemory

/// Pairs of rows that meet: row `i` of `probes` and row `i` of `partners`.
package struct RowPairs: Sendable {
  /// The rows that probed, each with its weight in the delta.
  package internal(set) var probes: ArrangedRows
  /// The rows that they found, each with its weight at the time that was asked for.
  package internal(set) var partners: ArrangedRows
  let capacity: Int

  package init(capacity: Int = Batch.targetRowCount) {
    self.capacity = capacity
    probes = ArrangedRows(capacity: capacity)
    partners = ArrangedRows(capacity: capacity)
  }

  package var count: Int { probes.count }

  package mutating func removeAll() {
    probes.count = 0
    partners.count = 0
  }

  /// The weights of the pairs; absent when all are +1.
  package func weights() -> Column? {
    let out = Buffer(byteCount: count * 8), to = out.pointer(as: Int64.self)
    let a = probes.weightPointer, b = partners.weightPointer
    var different: Int64 = 0, row = 0
    while row < count {
      let product = a[row] &* b[row]
      to[row] = product
      different |= product ^ 1
      row &+= 1
    }
    return different == 0 ? nil : Column(.int64, count: count, values: out)
  }
}

/// A delta's rows on their way through the chains of another arrangement: the state of a probe between two slices of
/// pairs. A key with a million partners is handed over in slices, too.
///
/// - Cost: a look-up in the directory for each row of the delta, in batches, and a read for each row of its chain.
package struct ArrangementProbe {
  private let delta: ArrangedRows
  private let keyIDs = Buffer(byteCount: ArrangementProbe.slice * 4)
  private let hashes = Buffer(byteCount: ArrangementProbe.slice * 4)
  private let heads = Buffer(byteCount: (ArrangementProbe.slice + 1) * 4)
  private var first = 0
  private var end = 0
  private var row = 0
  private var next = HashIndex.none
  /// Keys and rows that were read.
  package private(set) var readCount = 0

  /// Rows of the delta that are looked up together.
  private static var slice: Int { 2048 }

  package init(_ delta: ArrangedRows) { self.delta = delta }

  /// Appends pairs until there is no room for more; false when all have been handed over.
  ///
  /// - probing: the arrangement of the delta's rows; its keys have the types of those of `probed`.
  /// - isChanging: whether `probed` takes part in this tick; if not, its rows weigh the same before and after.
  /// - visibleBelow: only rows with smaller ids are met.
  package mutating func next(
    of probing: borrowing Arrangement, in probed: borrowing Arrangement, _ time: ArrangementTime, isChanging: Bool,
    visibleBelow limit: Int, into pairs: inout RowPairs
  ) -> Bool {
    let base = UnsafeRawPointer(probed.rows.base + probed.layout.endWord * 8), rowBytes = probed.rows.rowBytes
    let tick = probed.tick, none = HashIndex.none, limit = UInt64(max(0, limit))
    let ids = delta.idPointer, weights = delta.weightPointer
    let (probeIDs, probeWeights) = (pairs.probes.idPointer, pairs.probes.weightPointer)
    let (partnerIDs, partnerWeights) = (pairs.partners.idPointer, pairs.partners.weightPointer)
    var kept = pairs.count, reads = 0
    defer {
      pairs.probes.count = kept
      pairs.partners.count = kept
      readCount += reads
    }
    while true {
      let heads = self.heads.pointer(as: UInt32.self)
      while row < end {
        let id = ids[row], weight = weights[row]
        var partner = next
        while partner != none {
          if kept == pairs.capacity {
            next = partner
            return true
          }
          let header = base + Int(partner) &* rowBytes
          let partnerWeight = Arrangement.weight(header, time, tick: tick, isChanging: isChanging)
          probeIDs[kept] = id
          probeWeights[kept] = weight
          partnerIDs[kept] = partner
          partnerWeights[kept] = partnerWeight
          kept &+= partnerWeight == 0 || UInt64(partner) >= limit ? 0 : 1
          partner = header.load(fromByteOffset: 24, as: UInt32.self)
          reads &+= 1
        }
        row &+= 1
        next = heads[row &- first]
      }
      if end == delta.count { return false }
      lookUp(of: probing, in: probed)
      reads &+= end &- first
    }
  }

  /// Finds the first row of the chain of each of the next rows.
  private mutating func lookUp(of probing: borrowing Arrangement, in probed: borrowing Arrangement) {
    first = end
    end = min(delta.count, first + Self.slice)
    let count = end - first
    let keyIDs = self.keyIDs.pointer(as: UInt32.self), hashes = self.hashes.pointer(as: UInt32.self)
    let heads = self.heads.pointer(as: UInt32.self)
    probing.keys(of: delta.idPointer + first, count: count, into: keyIDs, hashes: hashes)
    let matcher = ForeignKeyMatcher(keyIDs: keyIDs, of: probing, in: probed)
    probed.keyIndex.find(hashes: hashes, count: count, matcher: matcher, into: heads)
    let keyBase = probed.keyRows.base + probed.keyLayout.endWord * 8, keyBytes = probed.keyRows.rowBytes
    let base = probed.rows.base + probed.layout.endWord * 8, rowBytes = probed.rows.rowBytes
    for index in 0..<count where heads[index] != HashIndex.none {
      let head = (keyBase + Int(heads[index]) &* keyBytes).load(as: UInt32.self)
      heads[index] = head
      cp_prefetch(base + Int(head) &* rowBytes)
    }
    heads[count] = HashIndex.none
    next = heads[0]
  }
}

extension Arrangement {
  /// The ids of the rows' keys and their hashes; none for a key with a null.
  func keys(
    of ids: UnsafePointer<UInt32>, count: Int, into keyIDs: UnsafeMutablePointer<UInt32>,
    hashes: UnsafeMutablePointer<UInt32>
  ) {
    let base = rows.base + layout.endWord * 8 + 32, rowBytes = rows.rowBytes
    let keyBase = keyRows.base + keyLayout.endWord * 8 + 8, keyBytes = keyRows.rowBytes
    for row in 0..<count {
      keyIDs[row] = (base + Int(ids[row]) &* rowBytes).load(as: UInt32.self)
    }
    for row in 0..<count {
      let key = keyIDs[row]
      hashes[row] = key == HashIndex.none ? 0 : (keyBase + Int(key) &* keyBytes).load(as: UInt32.self)
    }
  }
}

/// Finds keys of one arrangement in the directory of another.
struct ForeignKeyMatcher: KeyMatcher {
  let keyIDs: UnsafePointer<UInt32>
  let ownBase: UnsafeMutableRawPointer
  let ownArena: UnsafeMutableRawPointer
  let base: UnsafeMutableRawPointer
  let arena: UnsafeMutableRawPointer
  let rowBytes: Int
  let words: Int
  let isTail: UnsafePointer<Bool>?

  init(keyIDs: UnsafePointer<UInt32>, of own: borrowing Arrangement, in other: borrowing Arrangement) {
    precondition(own.keyRows.rowBytes == other.keyRows.rowBytes, "keys of the same types")
    self.keyIDs = keyIDs
    ownBase = own.keyRows.base
    ownArena = own.keyArena.base
    base = other.keyRows.base
    arena = other.keyArena.base
    rowBytes = other.keyRows.rowBytes
    words = other.keyLayout.endWord
    isTail = other.keyTails.flags.map { UnsafePointer($0) }
  }

  @inline(__always) func matches(_ id: UInt32, _ index: Int) -> Bool {
    let key = keyIDs[index]
    if key == HashIndex.none { return false }
    let a = (base + Int(id) &* rowBytes).assumingMemoryBound(to: UInt64.self)
    let b = (ownBase + Int(key) &* rowBytes).assumingMemoryBound(to: UInt64.self)
    var word = 0
    while word < words {
      if a[word] != b[word] || longWord(word) {
        guard let isTail, isTail[word], textsAreEqual(a, b, word) else { return false }
      }
      word &+= 1
    }
    return true
  }

  /// Equal words that are offsets in different arenas say nothing about the texts.
  @inline(__always) private func longWord(_ word: Int) -> Bool { isTail.map { $0[word] } ?? false }

  @inline(never) private func textsAreEqual(
    _ a: UnsafePointer<UInt64>, _ b: UnsafePointer<UInt64>, _ word: Int
  ) -> Bool {
    let bytes = longTextBytes(a[word &- 1])
    if bytes == 0 { return a[word] == b[word] }
    return bytesAreEqual(longText(a[word], arena), longText(b[word], ownArena), bytes)
  }

  @inline(__always) func prefetch(_ id: UInt32) { cp_prefetch(base + Int(id) &* rowBytes) }

  func insert(_ index: Int) -> UInt32 { preconditionFailure("a probe inserts no key") }
}
