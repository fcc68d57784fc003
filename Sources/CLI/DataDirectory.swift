import Connectors
import Engine
import Platform
import SQLTypes
import SQLiteStorage

/// Opens an engine on a data directory, or one that keeps nothing.
enum DataDirectory {
  /// - onEvent: is told what happens to the instance.
  /// - Errors: 55006 if another process holds the directory, XX001 for a damaged log, 58030 for what the system refuses.
  static func open(
    _ place: DataPlace, workers: Int, onEvent: @escaping @Sendable (EngineEvent) -> Void = { _ in }
  ) throws(SQLError) -> Engine {
    switch place {
    case .memory: try Engine(workers: workers, connectors: .all, onEvent: onEvent)
    case .directory(let path):
      try Engine(workers: workers, connectors: .all, onEvent: onEvent, openLog: { () throws(SQLError) in try LogThread.open(directory: path) })
    }
  }

  /// Runs `body` with a new directory for an engine's data, which is removed afterwards.
  static func withTemporary<Value>(_ body: (String) throws(SQLError) -> Value) throws(SQLError) -> Value {
    let path: String
    do throws(PlatformError) { path = try makeTemporaryDirectory(prefix: "/tmp/leat-") } catch {
      throw SQLError(.ioError, "could not make a temporary directory: \(error)")
    }
    defer { remove(path) }
    return try body(path)
  }

  /// Removes a directory of data. What cannot be removed is left where temporary files are.
  private static func remove(_ path: String) {
    do throws(PlatformError) {
      for file in try matchingPaths("\(path)/*") { try removeFile(file) }
      try removeDirectory(path)
    } catch {
      return
    }
  }
}
