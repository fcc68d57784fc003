import SQLTypes
import Testing

@testable import CLI

@Suite struct OptionsTests {
  @Test(arguments: [
    ([], .shell(ShellOptions())),
    (["--data", ":memory:", "-v", "a=1=2"], .shell(ShellOptions(data: .memory, variables: [.init(name: "a", value: "1=2")]))),
    (["serve"], .serve(ServeOptions())),
    (["serve", "--data=/d", "--host", "::1", "--pg-port", "0", "--http-port=0", "--workers", "4"],
      .serve(ServeOptions(data: .directory("/d"), host: "::1", pgPort: 0, httpPort: nil, workers: 4))),
    (["sql"], .sql(SQLOptions())),
    (["sql", "-c", "select 1", "-f", "a.sql", "-c", "-x", "-f-", "--csv", "-vn=", "--host", "h", "--port", "1"],
      .sql(SQLOptions(
        target: .server(host: "h", port: 1),
        scripts: [.text("select 1"), .file("a.sql"), .text("-x"), .standardInput],
        variables: [.init(name: "n", value: "")], format: .csv))),
    (["sql", "--data", "d", "--workers", "3"], .sql(SQLOptions(target: .data(.directory("d")), workers: 3))),
    (["sql", "--data", "d", "--json"], .sql(SQLOptions(target: .data(.directory("d")), format: .json))),
    (["sql", "--comm", "select 1"], .sql(SQLOptions(scripts: [.text("select 1")]))),
    (["run", "a.sql"], .run(RunOptions(file: "a.sql"))),
    (["run", "--until-idle", "a.sql", "--csv"], .run(RunOptions(file: "a.sql", format: .csv))),
    (["run", "a.sql", "--for", "10s"], .run(RunOptions(file: "a.sql", end: .after(.seconds(10))))),
    (["run", "--for", "500ms", "--data", "d", "--workers", "1", "--", "--odd.sql"],
      .run(RunOptions(file: "--odd.sql", end: .after(.milliseconds(500)), data: .directory("d"), workers: 1))),
    (["spec", "a.slt", "--views", "b.slt", "--json"],
      .spec(SpecOptions(files: ["a.slt", "b.slt"], keepsViews: true, isJSON: true))),
    (["bench", "nexmark", "--query", "q5", "--events", "1000", "--input", "d", "--preload", "--workers", "2", "--sink", "view"],
      .bench(BenchOptions(work: .query("q5", input: "d"), events: 1000, isPreloaded: true, workers: 2, sink: .view))),
    (["bench", "nexmark", "--write", "d"], .bench(BenchOptions(work: .write(directory: "d", seed: 42)))),
    (["version"], .version), (["--version"], .version),
    (["help"], .help(nil)), (["help", "sql"], .help(CommandSpec.named("sql"))),
    (["sql", "--help"], .help(CommandSpec.named("sql"))), (["-h"], .help(CommandSpec.shell)),
  ] as [([String], Command)])
  func argumentsBecomeACommand(arguments: [String], expected: Command) throws {
    #expect(try Command.parse(arguments) == expected)
  }

  @Test(arguments: [
    (["sqll"], "leat: unknown command \"sqll\"\nPerhaps you meant \"sql\". Try \"leat --help\".\n"),
    (["frobnicate"], "leat: unknown command \"frobnicate\"\nTry \"leat --help\".\n"),
    ([""], "leat: unknown command \"\"\nTry \"leat --help\".\n"),
    (["sql", "--cvs"], "leat sql: unknown option \"--cvs\"\nPerhaps you meant \"--csv\". Try \"leat sql --help\".\n"),
    (["serve", "--pg-prt=1"], "leat serve: unknown option \"--pg-prt\"\nPerhaps you meant \"--pg-port\". Try \"leat serve --help\".\n"),
    (["sql", "-z"], "leat sql: unknown option \"-z\"\nTry \"leat sql --help\".\n"),
    (["serve", "--h"], "leat serve: option \"--h\" is ambiguous\nIt could be --host, --http-port, --help. Try \"leat serve --help\".\n"),
    (["sql", "--port"], "leat sql: option \"--port\" needs a value, PORT\nTry \"leat sql --help\".\n"),
    (["sql", "-c"], "leat sql: option \"--command\" needs a value, SQL\nTry \"leat sql --help\".\n"),
    (["sql", "--csv=1"], "leat sql: option \"--csv\" takes no value\nTry \"leat sql --help\".\n"),
    (["sql", "extra"], "leat sql: unexpected argument \"extra\"\nTry \"leat sql --help\".\n"),
    (["sql", "--port", "70000"],
      "leat sql: option \"--port\" needs a whole number from 1 to 65535, not \"70000\"\nTry \"leat sql --help\".\n"),
    (["sql", "--csv", "--json"], "leat sql: options \"--csv\" and \"--json\" exclude each other\nTry \"leat sql --help\".\n"),
    (["sql", "--workers", "2"],
      "leat sql: option \"--workers\" is for an engine in this process\nGive it to leat serve, or use --data. Try \"leat sql --help\".\n"),
    (["serve", "--workers", "0"],
      "leat serve: option \"--workers\" needs a whole number from 1 to 1024, not \"0\"\nTry \"leat serve --help\".\n"),
    (["sql", "--data", "d", "--host", "h"],
      "leat sql: options \"--data\" and \"--host\" or \"--port\" exclude each other\nTry \"leat sql --help\".\n"),
    (["sql", "-v", "a-b=1"], "leat sql: option \"--variable\" needs NAME=VALUE, not \"a-b=1\"\nTry \"leat sql --help\".\n"),
    (["run"], "leat run: a file of statements is missing\nTry \"leat run --help\".\n"),
    (["run", "a", "b"], "leat run: unexpected argument \"b\"\nTry \"leat run --help\".\n"),
    (["run", "a", "--for", "soon"],
      "leat run: option \"--for\" needs a time such as 10s, 500ms, 2m or 1h, not \"soon\"\nTry \"leat run --help\".\n"),
    (["run", "a", "--for", "1s", "--until-idle"],
      "leat run: options \"--for\" and \"--until-idle\" exclude each other\nTry \"leat run --help\".\n"),
    (["spec"], "leat spec: a file is missing\nTry \"leat spec --help\".\n"),
    (["bench"], "leat bench: which benchmark?\nThere is one: leat bench nexmark. Try \"leat bench --help\".\n"),
    (["bench", "nexmark", "--query", "q99", "--input", "d"],
      "leat bench: option \"--query\" does not know \"q99\"\nIt knows q0, q1, q2, gb, distinct, q3, q4, q5, q7, q9, q12, q15, q16, q17, q18, q19, q20. Try \"leat bench --help\".\n"),
    (["bench", "nexmark", "--query", "q5"], "leat bench: option \"--input\" is missing\nTry \"leat bench --help\".\n"),
    (["help", "sqk"], "leat help: unknown command \"sqk\"\nPerhaps you meant \"sql\". Try \"leat help --help\".\n"),
  ])
  func usageErrorSaysWhatAndHints(arguments: [String], rendered: String) {
    let error = #expect(throws: UsageError.self) { try Command.parse(arguments) }
    #expect(error?.rendered == rendered)
  }

  @Test func environmentStandsInWhereAnOptionIsNotGiven() throws {
    let environment = ["LEAT_DATA": "/e", "LEAT_PG_PORT": "7000", "LEAT_HOST": "h", "LEAT_PORT": "9"]
    #expect(
      try Command.parse(["serve", "--data", "/c"], environment: environment)
        == .serve(ServeOptions(data: .directory("/c"), host: "h", pgPort: 7000)))
    #expect(try Command.parse(["sql"], environment: environment) == .sql(SQLOptions(target: .server(host: "h", port: 9))))
    #expect(
      try Command.parse(["sql", "--data", "d"], environment: environment)
        == .sql(SQLOptions(target: .data(.directory("d")))))
    #expect(throws: UsageError.self) { try Command.parse(["serve"], environment: ["LEAT_PG_PORT": "x"]) }
  }

  @Test func helpIsMadeFromTheTable() {
    #expect(
      CommandSpec.overview == """
        Leat, a streaming SQL database.

        usage:
          leat                 the shell on an engine inside this process
          leat serve           the server: PostgreSQL wire and HTTP
          leat sql             the shell, or a batch of statements, against a server or a data directory
          leat run FILE.sql    run a file of statements, then follow its sources
          leat spec FILE…      run sqllogictest files
          leat bench nexmark   run a benchmark and print one JSON line
          leat version         print the version
          leat help [COMMAND]  show help

        Options of a command: leat help COMMAND, or leat COMMAND --help.
        Exit status: 0 ok, 1 SQL error, 2 usage, 3 cannot connect.

        """)
    #expect(
      CommandSpec.named("sql")?.help == """
        usage: leat sql [OPTION]…
        the shell, or a batch of statements, against a server or a data directory

          -c, --command SQL          run these statements; may be repeated
          -f, --file FILE            run the statements of a file (-: standard input); may be repeated
          -v, --variable NAME=VALUE  a variable, used as :NAME in statements; may be repeated
              --csv                  print rows as CSV
              --json                 print rows as JSON, one object a line
              --host HOST            the server's name or socket directory (127.0.0.1); also LEAT_HOST
              --port PORT            the server's port (5488); also LEAT_PORT
              --data DIR             no server: an engine in this process on a data directory, or :memory:
              --workers N            threads that run the dataflow of large ticks (1); also LEAT_WORKERS
          -h, --help                 show this help

        """)
  }

  @Test(arguments: [
    (["s"], ["serve", "sql", "spec"]), (["--d"], ["--data"]), (["sql", "--c"], ["--command", "--csv"]),
    (["bench", "n"], ["nexmark"]), (["bench", "nexmark", "--sink", ""], ["blackhole", "view"]),
    (["bench", "nexmark", "--query", "q1"], ["q1", "q12", "q15", "q16", "q17", "q18", "q19"]),
    (["help", "r"], ["run"]), (["sql", "-c", "s"], []), ([], []), (["spec", "a"], []),
  ])
  func completionOffersWhatTheTableHolds(words: [String], expected: [String]) {
    #expect(CommandSpec.completions(of: words) == expected)
  }

  @Test func namesAndLettersAreUniqueInEachCommand() {
    for spec in CommandSpec.all {
      #expect(Set(spec.options.map(\.name)).count == spec.options.count)
      #expect(Set(spec.options.compactMap(\.short)).count == spec.options.compactMap(\.short).count)
    }
  }

  @Test func anyArgumentsAreReadWithoutATrap() {
    let words = ["sql", "run", "-c", "-", "--", "--csv", "--data", "=", "--port=", "-vx", "é", "", "--help", "-é", "--é=1", "nexmark", "bench", "-cfx", "--for", "99999999999999999999s"]
    var state: UInt64 = 42
    for _ in 0..<3_000 {
      var arguments: [String] = []
      for _ in 0..<5 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        arguments.append(words[Int(state >> 33) % words.count])
      }
      _ = try? Command.parse(arguments)
      _ = CommandSpec.completions(of: arguments)
    }
  }

  @Test func nearestNameIsTheOneFewestLettersAway() {
    #expect(Nearest.name(to: "serv", among: ["sql", "serve", "spec"]) == "serve")
    #expect(Nearest.name(to: "qsl", among: ["sql", "serve", "spec"]) == "sql")
    #expect(Nearest.name(to: "banana", among: ["sql", "serve", "spec"]) == nil)
    #expect(Nearest.distance("", "abc") == 3)
    #expect(Nearest.distance("abc", "") == 3)
  }
}
