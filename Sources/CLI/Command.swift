/// What the command line asks for.
package enum Command: Hashable, Sendable {
  case shell(ShellOptions)
  case serve(ServeOptions)
  case sql(SQLOptions)
  case run(RunOptions)
  case spec(SpecOptions)
  case bench(BenchOptions)
  case version
  /// Nil: of the whole program.
  case help(CommandSpec?)
}

/// Where an engine inside the process keeps its data.
package enum DataPlace: Hashable, Sendable {
  case directory(String)
  case memory

  init(_ text: String) { self = text == ":memory:" ? .memory : .directory(text) }
  static let standard = DataPlace.directory("./leat-data")
}

package enum OutputFormat: Hashable, Sendable { case aligned, csv, json }

/// `-v name=value`.
package struct VariableSetting: Hashable, Sendable {
  package var name: String
  package var value: String
}

package struct ShellOptions: Hashable, Sendable {
  package var data = DataPlace.standard
  package var variables: [VariableSetting] = []
  package var workers = 1
}

package struct ServeOptions: Hashable, Sendable {
  package var data = DataPlace.standard
  package var host = "127.0.0.1"
  package var pgPort = 5488
  /// Nil: no HTTP.
  package var httpPort: Int? = 8488
  package var workers = 1
}

package struct SQLOptions: Hashable, Sendable {
  package enum Target: Hashable, Sendable {
    case server(host: String, port: Int)
    case data(DataPlace)
  }
  /// `-c` and `-f` in the order given; none: the shell, or statements from standard input.
  package enum Script: Hashable, Sendable {
    case text(String)
    case file(String)
    case standardInput
  }

  package var target = Target.server(host: "127.0.0.1", port: 5488)
  /// Of the engine in this process.
  package var workers = 1
  package var scripts: [Script] = []
  package var variables: [VariableSetting] = []
  package var format = OutputFormat.aligned
}

package struct RunOptions: Hashable, Sendable {
  package enum End: Hashable, Sendable {
    case idle
    case after(Duration)
  }

  package var file: String
  package var end = End.idle
  package var data = DataPlace.memory
  package var variables: [VariableSetting] = []
  package var format = OutputFormat.aligned
  package var workers = 1
}

package struct SpecOptions: Hashable, Sendable {
  package var files: [String]
  package var keepsViews = false
  package var isJSON = false
}

package struct BenchOptions: Hashable, Sendable {
  package enum Sink: String, Hashable, Sendable { case blackhole, view }
  package enum Work: Hashable, Sendable {
    case query(String, input: String)
    /// Write the files of events.
    case write(directory: String, seed: UInt64)
  }

  package var work: Work
  package var events = 10_000_000
  package var isPreloaded = false
  package var workers = 1
  package var sink = Sink.blackhole
}

/// A command line that cannot be understood; the program's exit status is 2.
package struct UsageError: Error, Hashable, Sendable {
  package static let exitStatus: Int32 = 2

  /// `leat sql`.
  package var program: String
  package var message: String
  package var hint: String?

  /// For standard error, with a line break at the end.
  package var rendered: String {
    "\(program): \(message)\n\(hint.map { $0 + " " } ?? "")Try \"\(program) --help\".\n"
  }
}
