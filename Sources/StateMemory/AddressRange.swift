internal import CPlatform
internal import Synchronization

/// Addresses of one array and the marks of its pages. Zero until written; takes memory only where it was touched.
///
/// | kind        | data                      | marks                                            |
/// |-------------|---------------------------|--------------------------------------------------|
/// | none        | no bytes                  | none                                             |
/// | slab cell   | 1 MiB of a shared mapping | 64 entries from the allocator                    |
/// | reservation | a mapping of its own      | behind the data in the same mapping, 16 per page  |
///
/// The data of a reservation ask for huge pages from the start. (DESIGN §3 says above 4 MiB; but what is touched before
/// the advice stays in small pages, and an array comes here only when it outgrows 1 MiB.)
final class AddressRange: @unchecked Sendable {  // immutable; the memory it names follows the module's protocol
  let base: UnsafeMutableRawPointer
  let byteCapacity: Int
  let marks: UnsafeMutablePointer<PageMarks>
  private let slab: Slab?
  private let mappedBytes: Int

  /// What arrays that never held anything lie in: most of a view that failed at nothing, or has no texts.
  static let none = AddressRange()

  private init() {
    base = .allocate(byteCount: 16, alignment: 16)
    marks = .allocate(capacity: 1)
    (byteCapacity, mappedBytes, slab) = (0, 0, nil)
  }

  /// A cell of the slab.
  init(in slab: Slab) {
    self.slab = slab
    base = slab.takeCell()
    byteCapacity = Slab.cellBytes
    mappedBytes = 0
    marks = .allocate(capacity: Slab.cellBytes / pageBytes)
    marks.initialize(repeating: PageMarks(dirty: 0, saved: 0), count: Slab.cellBytes / pageBytes)
  }

  /// A reservation of its own; half as large, and again, where address space is short.
  init(reserving wantedBytes: Int, atLeast neededBytes: Int) {
    slab = nil
    var capacity = wantedBytes
    while true {
      precondition(capacity >= neededBytes, "a state array outgrew its reservation of \(wantedBytes) bytes")
      let markBytes = (capacity / pageBytes * MemoryLayout<PageMarks>.stride + (2 << 20) - 1) & ~((2 << 20) - 1)
      if let reserved = cp_reserve(capacity + markBytes) {
        base = reserved
        byteCapacity = capacity
        mappedBytes = capacity + markBytes
        marks = (reserved + capacity).assumingMemoryBound(to: PageMarks.self)
        cp_advise_huge(reserved, capacity)
        return
      }
      capacity /= 2
    }
  }

  deinit {
    if let slab {
      slab.giveBack(base)
      marks.deallocate()
    } else {
      cp_unmap(base, mappedBytes)
    }
  }
}

/// Cells of 1 MiB of address space for small arrays, cut from mappings of 1 GiB: a thousand small arrays are one mapping
/// and take memory only where they are touched. The mappings stay until the space goes.
final class Slab: Sendable {
  static let cellBytes = 1 << 20
  private static let mappingBytes = 1 << 30

  private struct Cells: @unchecked Sendable {  // pointers to mappings that the slab owns
    var mappings: [UnsafeMutableRawPointer] = []
    var free: [UnsafeMutableRawPointer] = []
  }
  private let cells = Mutex(Cells())

  /// A cell whose bytes are zero.
  func takeCell() -> UnsafeMutableRawPointer {
    let address = cells.withLock { cells in
      if cells.free.isEmpty {
        guard let mapping = cp_reserve(Self.mappingBytes) else { preconditionFailure("no address space for state") }
        cells.mappings.append(mapping)
        let count = Self.mappingBytes / Self.cellBytes
        for cell in (0..<count).reversed() { cells.free.append(mapping + cell * Self.cellBytes) }
      }
      return UInt(bitPattern: cells.free.removeLast())
    }
    return UnsafeMutableRawPointer(bitPattern: address)!
  }

  func giveBack(_ cell: UnsafeMutableRawPointer) {
    cp_discard(cell, Self.cellBytes)
    let address = UInt(bitPattern: cell)
    cells.withLock { $0.free.append(UnsafeMutableRawPointer(bitPattern: address)!) }
  }

  deinit {
    cells.withLock { cells in
      for mapping in cells.mappings { cp_unmap(mapping, Self.mappingBytes) }
    }
  }
}
