internal import CPlatform
internal import Synchronization

/// Where the arrays of one engine live: their address ranges, their snapshots and their byte counts.
package final class StateSpace: Sendable {
  package let snapshots: SnapshotRegistry
  let slab = Slab()
  let reservationBytes: Int
  private let live = Atomic<Int>(0)
  private let saved = Atomic<Int>(0)

  /// - reservationBytes: address space of each array above 1 MiB, and so the most it can hold.
  /// - snapshotSlots: how many snapshots can be open at once.
  package init(reservationBytes: Int = 32 << 30, snapshotSlots: Int = 1024) {
    precondition(reservationBytes >= 4 << 20 && reservationBytes % (2 << 20) == 0, "reservations are whole huge pages")
    self.reservationBytes = reservationBytes
    snapshots = SnapshotRegistry(slotCount: snapshotSlots)
  }

  /// Bytes of all arrays and indexes, marks included.
  package var stateBytes: Int { live.load(ordering: .relaxed) }
  /// Bytes of page copies that open snapshots need.
  package var savedBytes: Int { saved.load(ordering: .relaxed) }

  /// Counts memory of state that lies in none of the arrays, too.
  package func addState(bytes: Int) { live.wrappingAdd(bytes, ordering: .relaxed) }
  func addSaved(bytes: Int) { saved.wrappingAdd(bytes, ordering: .relaxed) }
}
