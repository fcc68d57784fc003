// CrashVFS: a disk that loses power, for tests of durability.
//
// - sector: what is kept, dropped or torn as one when the power fails.
// - operation: a write, sync, truncation or deletion; the power fails in one of them.
//
// Invariant: what was synced before the power failed is there after the reboot, to the bit.
internal import CCrashVFS

/// A simulated disk, which SQLite opens files on by the VFS name `name`. See `CCrashVFS.h` for the model.
@safe package final class CrashDisk: @unchecked Sendable {  // every function of the C disk takes its lock
  package let name: String
  private let disk: OpaquePointer

  /// - name: unlike that of any other disk alive. isPowersafe: what SQLite calls powersafe overwrite.
  package init(name: String, sectorBytes: Int = 512, isPowersafe: Bool = true) {
    self.name = name
    unsafe disk = ccrash_new(name, Int32(sectorBytes), isPowersafe ? 1 : 0)
  }

  deinit { unsafe ccrash_free(disk) }

  /// The power fails in operation number `count` (from 1) from now.
  package func powerOff(afterOperations count: Int) { unsafe ccrash_power_off_after(disk, Int64(count)) }

  package var isOff: Bool { unsafe ccrash_is_off(disk) != 0 }

  /// Keeps, drops or tears what was not synced, as `seed` says, and switches the power on again. No connection may be open.
  ///
  /// - Returns: how many sectors were dropped or torn.
  @discardableResult
  package func reboot(seed: UInt64) -> Int { Int(unsafe ccrash_reboot(disk, seed)) }

  /// Brings everything written to the disk and switches the power on: what the end of the process alone leaves behind.
  /// No connection may be open.
  package func restart() { unsafe ccrash_restart(disk) }

  package struct Operations: OptionSet, Sendable {
    package let rawValue: Int32
    package init(rawValue: Int32) { self.rawValue = rawValue }
    package static let write = Operations(rawValue: Int32(CCRASH_WRITE.rawValue))
    package static let sync = Operations(rawValue: Int32(CCRASH_SYNC.rawValue))
    package static let truncate = Operations(rawValue: Int32(CCRASH_TRUNCATE.rawValue))
    package static let delete = Operations(rawValue: Int32(CCRASH_DELETE.rawValue))
    package static let open = Operations(rawValue: Int32(CCRASH_OPEN.rawValue))
  }

  /// The `nth` of these operations from now ends with SQLite's result `code`, once.
  package func fail(_ operations: Operations, nth: Int = 1, code: Int32) {
    unsafe ccrash_fail(disk, operations.rawValue, Int64(nth), code)
  }

  package var operationCount: Int { Int(unsafe ccrash_operations(disk)) }
  package var syncCount: Int { Int(unsafe ccrash_syncs(disk)) }

  /// The size of a file; nil where there is none.
  package func byteCount(of path: String) -> Int? {
    let count = unsafe ccrash_file_bytes(disk, path)
    return count < 0 ? nil : Int(count)
  }

  /// Flips bit number `bit` of a file.
  package func flip(_ bit: Int, of path: String) { unsafe ccrash_flip(disk, path, Int64(bit)) }
}
