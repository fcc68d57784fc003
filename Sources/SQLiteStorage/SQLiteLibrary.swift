internal import CSQLite
internal import SQLTypes

/// The SQLite that is linked in.
package enum SQLiteLibrary {
  /// Of the library that is loaded: `3.40.1`.
  package static var version: String { unsafe String(cString: sqlite3_libversion()) }

  /// The first version with all that the storage asks for (RETURNING, and a WAL that is reset without races).
  static let oldestSupported: Int32 = 3_037_000

  /// Error 0A000 where the loaded library is too old.
  static func requireSupported(_ number: Int32 = sqlite3_libversion_number()) throws(SQLError) {
    guard number >= oldestSupported else {
      throw SQLError(.featureNotSupported, "SQLite \(number / 1_000_000).\(number / 1000 % 1000) is too old: Leat needs 3.37 or newer")
    }
  }
}
