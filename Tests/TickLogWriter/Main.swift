import Dataflow
import Glibc
import SQLTypes
import SQLiteStorage

/// Appends groups of entries to the log at its argument for ever, and writes each group's last tick to its output once the
/// append has returned: that is the acknowledgement. The test kills it.
@main
struct TickLogWriter {
  static func main() {
    guard CommandLine.arguments.count == 2 else { exit(2) }
    do throws(SQLError) {
      let log = try LeatDatabase(path: CommandLine.arguments[1])
      var next = (try log.lastTick() ?? 0) + 1
      while true {
        let group = (next...next + next % 3).map { tick in
          var entry = TickEntry(number: tick, clockMicroseconds: Int64(tick))
          entry.tableChanges = [.init(relation: 1, batch: [UInt8](repeating: UInt8(tick % 251), count: Int(tick % 700)))]
          return entry
        }
        try log.append(group)
        next += UInt64(group.count)
        acknowledge(next - 1)
      }
    } catch {
      // A line that is no number: the test tells it.
      print(error.message)
      exit(1)
    }
  }

  private static func acknowledge(_ tick: UInt64) {
    let line = Array("\(tick)\n".utf8)
    let written = unsafe line.withUnsafeBytes { unsafe write(STDOUT_FILENO, $0.baseAddress, $0.count) }
    if written != line.count { exit(1) }
  }
}
