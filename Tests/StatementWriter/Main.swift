import CrashWorkload
import Dataflow
import Engine
import Glibc
import Platform
import SQLTypes
import SQLiteStorage

/// Runs writers on a data directory for ever, each in a session and thread of its own, and writes a line "writer steps" to its
/// output after each step: that is the acknowledgement. Beside them two files grow that the engine follows, in a folder beside the
/// directory; a line "lines count" says how many of the one's lines the engine has shown. The test kills it.
///
///   StatementWriter DIRECTORY SEED WORKERS STEPS…      the engine's workers, and the steps that each writer has behind it
@main
struct StatementWriter {
  static func main() {
    let arguments = CommandLine.arguments
    guard arguments.count > 4, let seed = UInt64(arguments[2]), let workers = Int(arguments[3]) else { exit(2) }
    let directory = arguments[1]
    do {
      // Views over few rows are filled in many slices, between the other writers' ticks.
      var pace = BackfillPace()
      pace.sliceRows = 4
      let engine = try Engine(
        workers: workers, sizes: .init(smallTickRows: 0), pace: pace,
        openLog: { () throws(SQLError) in try LogThread.open(directory: directory) })
      let files = FileWorkload(seed: seed, directory: directory + "-files")
      for statement in [Workload.preparation] + files.preparation { try engine.session().run(statement) { _ in } }
      var threads = try arguments.dropFirst(4).enumerated().map { writer, steps in
        try Platform.Thread(named: "writer \(writer)", stackBytes: 1 << 20) {
          run(Workload(writer: writer, seed: seed, steps: Int(steps) ?? 0), engine.session())
        }
      }
      threads.append(
        try Platform.Thread(named: "files", stackBytes: 1 << 20) {
          do { try files.run(engine.session()) { say("lines \($0)") } } catch {
            say("files: \(error)")
            exit(1)
          }
        })
      for thread in threads { thread.join() }
    } catch {
      say("\(error)")
      exit(1)
    }
  }

  private static func run(_ start: Workload, _ session: Session) {
    var workload = start
    while true {
      do throws(SQLError) { try workload.step(session) } catch {
        // A line that is no acknowledgement: the test tells it.
        say("writer \(workload.writer), step \(workload.steps): \(error)")
        exit(1)
      }
      say("\(workload.writer) \(workload.steps)")
    }
  }

  private static func say(_ line: String) {
    let bytes = Array("\(line)\n".utf8)
    let written = unsafe bytes.withUnsafeBytes { unsafe write(STDOUT_FILENO, $0.baseAddress, $0.count) }
    if written != bytes.count { exit(1) }
  }
}
