// The one table of commands and options: parsing, help and completion all read it (DESIGN §10).

/// An option of the command line.
package struct OptionSpec: Hashable, Sendable {
  /// Its long name, without hyphens.
  package let name: String
  package let short: Character?
  /// What its value is called; nil for an option without one.
  package let value: String?
  package let summary: String
  /// The values there are, if they can be listed.
  package let choices: [String]
  /// The variable of the environment that stands for it where it is not given.
  package let environment: String?

  init(
    _ name: String, short: Character? = nil, value: String? = nil, choices: [String] = [], environment: String? = nil,
    _ summary: String
  ) {
    self.name = name
    self.short = short
    self.value = value
    self.choices = choices
    self.environment = environment
    self.summary = summary
  }

  /// As help and errors write it: `-c, --command SQL`.
  var usage: String {
    (short.map { "-\($0), " } ?? "    ") + "--\(name)" + (value.map { " \($0)" } ?? "")
  }
}

/// A command with its options.
package struct CommandSpec: Hashable, Sendable {
  /// Empty for the shell, which is what `leat` alone means.
  package let name: String
  /// What stands behind the options.
  package let operands: String
  package let summary: String
  package let options: [OptionSpec]
  /// Values for the operands, for completion.
  package let choices: [String]

  init(_ name: String, operands: String = "", choices: [String] = [], _ summary: String, _ options: [OptionSpec]) {
    self.name = name
    self.operands = operands
    self.summary = summary
    self.choices = choices
    self.options = options + [Self.help]
  }

  static let help = OptionSpec("help", short: "h", "show this help")

  /// `leat sql`.
  var title: String { name.isEmpty ? "leat" : "leat \(name)" }
}

extension CommandSpec {
  private static let data = OptionSpec(
    "data", value: "DIR", environment: "LEAT_DATA", "the data directory (./leat-data), or :memory:")
  private static let variable = OptionSpec(
    "variable", short: "v", value: "NAME=VALUE", "a variable, used as :NAME in statements; may be repeated")
  private static let csv = OptionSpec("csv", "print rows as CSV")
  private static let json = OptionSpec("json", "print rows as JSON, one object a line")
  private static let workers = OptionSpec(
    "workers", value: "N", environment: "LEAT_WORKERS", "threads that run the dataflow of large ticks (1)")

  package static let shell = CommandSpec("", "the shell on an engine inside this process", [data, workers, variable])

  package static let all: [CommandSpec] = [
    shell,
    CommandSpec(
      "serve", "the server: PostgreSQL wire and HTTP",
      [
        data,
        OptionSpec("host", value: "ADDRESS", environment: "LEAT_HOST", "the address to listen on (127.0.0.1)"),
        OptionSpec("pg-port", value: "PORT", environment: "LEAT_PG_PORT", "the port for PostgreSQL clients (5488)"),
        OptionSpec("http-port", value: "PORT", environment: "LEAT_HTTP_PORT", "the port for HTTP (8488; 0: none)"),
        workers,
      ]),
    CommandSpec(
      "sql", "the shell, or a batch of statements, against a server or a data directory",
      [
        OptionSpec("command", short: "c", value: "SQL", "run these statements; may be repeated"),
        OptionSpec("file", short: "f", value: "FILE", "run the statements of a file (-: standard input); may be repeated"),
        variable, csv, json,
        OptionSpec("host", value: "HOST", environment: "LEAT_HOST", "the server's name or socket directory (127.0.0.1)"),
        OptionSpec("port", value: "PORT", environment: "LEAT_PORT", "the server's port (5488)"),
        OptionSpec("data", value: "DIR", "no server: an engine in this process on a data directory, or :memory:"),
        workers,
      ]),
    CommandSpec(
      "run", operands: "FILE.sql", "run a file of statements, then follow its sources",
      [
        OptionSpec("until-idle", "end when no source has more to give (this is the default)"),
        OptionSpec("for", value: "TIME", "end after a time: 10s, 500ms, 2m, 1h"),
        OptionSpec("data", value: "DIR", "the data directory (:memory:)"),
        variable, csv, json, workers,
      ]),
    CommandSpec(
      "spec", operands: "FILE…", "run sqllogictest files",
      [
        OptionSpec("views", "also keep each query as a view and compare it"),
        OptionSpec("json", "print a summary as JSON"),
      ]),
    CommandSpec(
      "bench", operands: "nexmark", choices: ["nexmark"], "run a benchmark and print one JSON line",
      [
        OptionSpec(
          "query", value: "QUERY",
          choices: [
            "q0", "q1", "q2", "gb", "distinct", "q3", "q4", "q5", "q7", "q9", "q12", "q15", "q16", "q17", "q18", "q19", "q20",
          ], "the query"),
        OptionSpec("events", value: "N", "events to read or write (10000000)"),
        OptionSpec("input", value: "DIR", "where person, auction and bid files are"),
        OptionSpec("preload", "decode all events before the clock starts"),
        workers,
        OptionSpec("sink", value: "SINK", choices: ["blackhole", "view"], "blackhole (default) or view"),
        OptionSpec("write", value: "DIR", "write the files of events instead of running a query"),
        OptionSpec("seed", value: "N", "seed of the events written (42)"),
      ]),
    CommandSpec("version", "print the version", []),
    CommandSpec("help", operands: "[COMMAND]", "show help", []),
  ]

  package static func named(_ name: String) -> CommandSpec? { all.first { $0.name == name } }
}
