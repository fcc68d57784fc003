internal import CSQLite
internal import Glibc

/// A note beside the log, `leat.db-tick`: the newest tick that was on the disk.
///
/// SQLite takes a damaged frame of its write-ahead log, and all behind it, for writes that a crash cut off, and drops them
/// without a word; it cannot know that they had been synced. This note can: it is written after each sync of the log, so a log
/// that ends before it has lost what was acknowledged. The note itself is never synced: a stale one, or none, proves nothing and
/// costs nothing. One that is torn, or belongs to another instance, is no note.
///
/// | offset | size | meaning |
/// |---|---|---|
/// | 0 | 8 | id of the instance |
/// | 8 | 8 | number of the tick |
/// | 16 | 8 | checksum of both |
@safe struct AcknowledgedTick: ~Copyable {
  private static let byteCount = 24

  private let path: UnsafeMutablePointer<CChar>  // SQLite keeps the pointer while the file is open
  private let file: UnsafeMutablePointer<sqlite3_file>
  private let instance: UInt64

  /// Nil where the file cannot be had: the note is a help, not a need.
  init?(besideDatabase databasePath: String, vfs: String?, instance: UInt64) {
    guard let path = unsafe strdup(databasePath + "-tick") else { return nil }
    let opened: UnsafeMutablePointer<sqlite3_file>?
    if let vfs { unsafe opened = leat_sqlite_open_file(vfs, path) } else { unsafe opened = leat_sqlite_open_file(nil, path) }
    guard let file = unsafe opened else {
      unsafe free(path)
      return nil
    }
    unsafe self.path = path
    unsafe self.file = file
    self.instance = instance
  }

  deinit {
    unsafe leat_sqlite_close_file(file)
    unsafe free(path)
  }

  /// The tick that the note names, if it is whole and of this instance.
  func read() -> UInt64? {
    var words: (UInt64, UInt64, Int64) = (0, 0, 0)
    let code = unsafe withUnsafeMutableBytes(of: &words) {
      unsafe leat_sqlite_read_file(file, $0.baseAddress, Int32(Self.byteCount))
    }
    guard code == SQLITE_OK, words.0 == instance, words.2 == Checksum.of(words.0, words.1) else { return nil }
    return words.1
  }

  /// Notes the tick. A failure leaves an older note, or a torn one: neither proves anything wrong.
  func write(_ tick: UInt64) {
    var words = (instance, tick, Checksum.of(instance, tick))
    _ = unsafe withUnsafeBytes(of: &words) {
      unsafe leat_sqlite_write_file(file, $0.baseAddress, Int32(Self.byteCount))
    }
  }
}
