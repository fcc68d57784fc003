import Engine
import SQLTypes
import SQLiteStorage

/// Opens an engine on a data directory, or one that keeps nothing.
enum DataDirectory {
  /// - Errors: 55006 if another process holds the directory, XX001 for a damaged log, 58030 for what the system refuses.
  static func open(_ place: DataPlace, workers: Int) throws(SQLError) -> Engine {
    switch place {
    case .memory: try Engine(workers: workers)
    case .directory(let path):
      try Engine(workers: workers, openLog: { () throws(SQLError) in try LogThread.open(directory: path) })
    }
  }
}
