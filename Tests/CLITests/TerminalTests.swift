import CLI
import Engine
import Foundation
import PGServer
import TestSupport
import Testing

/// The shell as a person has it: the program itself on a terminal, on an engine of its own and against a server.
@Suite(.serialized) struct TerminalTests {
  enum Place: String, CaseIterable, Sendable { case ownEngine, server }

  /// Runs `body` with a shell that has shown its first prompt, and looks that it ends with status 0.
  private func withShell(_ place: Place, _ body: (PseudoTerminal, ShellFolder) throws -> Void) throws {
    let folder = try ShellFolder()
    defer { folder.remove() }
    func run(_ arguments: [String]) throws {
      let shell = try PseudoTerminal(folder.program, arguments, environment: folder.environment)
      try shell.expect("Type \\? for help")
      try shell.expect("leat=> ")
      try body(shell, folder)
      shell.enter("\\q")
      #expect(try shell.waitForEnd() == 0)
    }
    switch place {
    case .ownEngine: try run(["--data", ":memory:"])
    case .server: try withServer { port in try run(["sql", "--port", "\(port)"]) }
    }
  }

  @Test(arguments: Place.allCases)
  func statementsOfSeveralLinesAndTheirErrors(_ place: Place) throws {
    try withShell(place) { shell, _ in
      shell.enter("select 1 as one,")
      try shell.expect("leat-> ")
      shell.enter("(2")
      try shell.expect("leat(> ")
      shell.enter(") as two; select 'ä")
      try shell.expect("   1 |   2\n(1 row)\n")
      try shell.expect("leat'> ")
      shell.enter("ö' as umlauts;")
      try shell.expect("ö")
      try shell.expect("(1 row)\n")
      try shell.expect("leat=> ")

      shell.enter("select 1 frmo;  select 1 +;")
      try shell.expect(" frmo \n------\n    1\n")
      try shell.expect("ERROR:  42601: ")
      try shell.expect("LINE 1: select 1 +\n")
      #expect(try shell.expect("^").allSatisfy { $0 == " " })
      try shell.expect("leat=> ")
      shell.enter("select price\rfrom (values (1)) t(prise);")
      try shell.expect("ERROR:  42703: column \"price\" does not exist\nLINE 1: select price\n               ^")
      try shell.expect("leat=> ")

      // Whatever is open, Ctrl-C leaves it.
      shell.enter("select 'open")
      try shell.expect("leat'> ")
      shell.type("half a line\u{3}")
      try shell.expect("^C")
      try shell.expect("leat=> ")
      shell.enter("begin;")
      try shell.expect("leat=*> ")
      shell.enter("select 1/0;")
      try shell.expect("leat=!> ")
      shell.enter("rollback;")
      try shell.expect("leat=> ")
    }
  }

  @Test(arguments: Place.allCases)
  func tabCompletesAndArrowsRemember(_ place: Place) throws {
    try withShell(place) { shell, _ in
      shell.type("sel\t")
      try shell.expect("select ")
      shell.enter("41 + 1 as answer;")
      try shell.expect("\n     42\n")
      try shell.expect("leat=> ")
      shell.enter("CREATE TABLE orders_of_today (id INT PRIMARY KEY, placed_at_the_counter BOOLEAN);")
      try shell.expect("CREATE TABLE\n")
      try shell.expect("leat=> ")
      shell.type("SELECT pla\t")
      try shell.expect("placed_at_the_counter ")
      shell.type("FR\t")
      try shell.expect("FROM ")
      shell.type("ord\t")
      try shell.expect("orders_of_today ")
      shell.enter(";")
      try shell.expect("placed_at_the_counter \n")
      try shell.expect("(0 rows)")
      try shell.expect("leat=> ")
      shell.type("\\ti\t")
      try shell.expect("\\timing ")
      shell.type("of\t\r")
      try shell.expect("Timing is off.\n")
      try shell.expect("leat=> ")

      // A statement of two lines is one entry.
      shell.enter("select 7 *")
      try shell.expect("leat-> ")
      shell.enter("6 as product;")
      try shell.expect("      42\n")
      try shell.expect("leat=> ")
      shell.type("\u{1B}[A")
      try shell.expect("6 as product;")
      shell.type("\r")
      try shell.expect(" product \n---------\n      42\n")
      try shell.expect("leat=> ")
      shell.type("\u{1B}[A\u{1B}[A")
      try shell.expect("\\timing off")
      shell.type("\u{3}")
      try shell.expect("leat=> ")
    }
  }

  /// What was typed in one shell is there in the next.
  @Test func theHistoryOutlivesTheShell() throws {
    let folder = try ShellFolder()
    defer { folder.remove() }
    for round in 1...2 {
      let shell = try PseudoTerminal(folder.program, ["--data", folder.path("data")], environment: folder.environment)
      try shell.expect("leat=> ")
      if round == 1 {
        shell.enter("CREATE TABLE kept AS SELECT 1;")
        try shell.expect("ERROR:")
        try shell.expect("leat=> ")
        shell.enter("CREATE TABLE kept (a INT);")
        try shell.expect("CREATE TABLE\n")
      } else {
        shell.type("\u{1B}[A")
        try shell.expect("CREATE TABLE kept (a INT);")
        shell.type("\r")
        try shell.expect("ERROR:  42P07")
      }
      try shell.expect("leat=> ")
      shell.type("\u{4}")
      #expect(try shell.waitForEnd() == 0)
    }
  }

  @Test(arguments: Place.allCases)
  func commandsOfTheShell(_ place: Place) throws {
    try withShell(place) { shell, folder in
      try folder.write(
        "CREATE TABLE t (id INT PRIMARY KEY, note TEXT DEFAULT 'none');\nINSERT INTO t VALUES (1, 'one');\n"
          + "CREATE VIEW v AS SELECT note FROM t;\nCREATE MATERIALIZED VIEW m AS SELECT count(*) AS n FROM t;\n\\echo made it\n",
        to: "script.sql")
      shell.enter("\\i \(folder.path("script.sql"))")
      try shell.expect("CREATE TABLE\nINSERT 0 1\nCREATE VIEW\n")
      try shell.expect("\nmade it\n")
      try shell.expect("leat=> ")

      shell.enter("\\d")
      try shell.expect("List of relations")
      for line in [" public | m    | materialized view", " public | t    | table", " public | v    | view"] { try shell.expect(line) }
      try shell.expect("leat=> ")
      shell.enter("\\d t")
      try shell.expect("Table \"public.t\"")
      try shell.expect(" id     | integer | not null | ")
      try shell.expect(" note   | text    |          | 'none'")
      try shell.expect("Primary key: (id)")
      try shell.expect("leat=> ")
      shell.enter("\\d nothing")
      try shell.expect("Did not find any relation named \"nothing\".")
      try shell.expect("leat=> ")
      for (command, name, others) in [("\\dt", "t", ["m", "v"]), ("\\dv", "v", ["t", "m"]), ("\\dm", "m", ["t", "v"])] {
        shell.enter(command)
        try shell.expect("List of relations")
        let list = try shell.expect("row)")
        #expect(list.contains("| \(name) "), "\(command): \(list)")
        for other in others { #expect(!list.contains("| \(other) "), "\(command): \(list)") }
        try shell.expect("leat=> ")
      }

      shell.enter("\\df ab*")
      try shell.expect("List of functions")
      try shell.expect(" abs  | bigint           | bigint           | function\n")
      try shell.expect("leat=> ")

      shell.enter("\\x")
      try shell.expect("Expanded display is on.\n")
      shell.enter("select * from t;")
      try shell.expect("-[ RECORD 1 ]")
      try shell.expect("id   | 1\nnote | one\n")
      try shell.expect("leat=> ")
      shell.enter("\\x off")
      try shell.expect("Expanded display is off.\n")
      shell.enter("\\timing")
      try shell.expect("Timing is on.\n")
      shell.enter("select 1;")
      try shell.expect("(1 row)\n")
      try shell.expect("Time: ")
      #expect(Double(try shell.expect(" ms\n")) != nil)
      shell.enter("\\timing off")
      try shell.expect("Timing is off.\n")
      shell.enter("\\?")
      try shell.expect("\\q ")
      try shell.expect("leave\n")
      try shell.expect("leat=> ")
      shell.enter("\\nonsense")
      try shell.expect("ERROR:  invalid command \\nonsense\n")
      try shell.expect("leat=> ")

      shell.enter("\\o \(folder.path("rows.txt"))")
      try shell.expect("leat=> ")
      shell.enter("select 'into the file' as place;")
      try shell.expect("leat=> ")
      shell.enter("\\o")
      try shell.expect("leat=> ")
      #expect(try folder.read("rows.txt").contains("into the file"))
      shell.enter("\\set n 5")
      try shell.expect("leat=> ")
      shell.enter("select :n * 2 as ten \\gx")
      try shell.expect("ten | 10\n")
      try shell.expect("leat=> ")
      shell.enter("\\! echo from the $((1 + 1))nd shell")
      try shell.expect("\nfrom the 2nd shell\n")
      try shell.expect("leat=> ")
    }
  }

  @Test(arguments: Place.allCases)
  func controlCEndsTheStatementAndNotTheShell(_ place: Place) throws {
    try withShell(place) { shell, folder in
      shell.enter("CREATE TABLE empty (a INT); CREATE STREAM bid (auction BIGINT, price BIGINT) WITH (connector = 'nexmark', table = 'bid', events = 100000000000);")
      try shell.expect("CREATE TABLE\nCREATE STREAM\n")
      try shell.expect("leat=> ")
      // A wait for a source, a command that repeats, and one of the system.
      shell.enter("select count(*) from bid;")
      try shell.interrupt()
      try shell.expect("ERROR:  57014: canceling statement due to user request\n")
      try shell.expect("leat=> ")
      shell.enter("select 'again' as watched \\watch 0.1")
      try shell.expect("again")
      try shell.expect("again")
      try shell.interrupt()
      try shell.expect("leat=> ")
      // One process, which has begun when it prints: a shell that is interrupted between two commands may go on.
      try folder.write("begun\n", to: "followed.txt")
      shell.enter("\\! tail -f \(folder.path("followed.txt"))")
      try shell.expect("\nbegun\n")
      try shell.interrupt()
      try shell.expect("leat=> ")
      // What stands behind the cancelled statement does not run either.
      shell.enter("select count(*) as n from empty emit changes; select 'not ' || 'this';")
      try shell.interrupt()
      try shell.expect("ERROR:  57014: canceling statement due to user request\n")
      #expect(try !shell.expect("leat=> ").contains("not this"))
      shell.enter("DROP STREAM bid; select 'still ' || 'there' as it;")
      try shell.expect("DROP STREAM\n")
      try shell.expect("still there\n")
      try shell.expect("leat=> ")
    }
  }

  @Test func aFollowedQueryShowsWhatComesAndGoes() throws {
    try withServer { port in
      func run(_ sql: String) {
        var errors = ""
        let status = CommandLineTool(output: { _ in }, errors: { errors += $0 }).run(["sql", "--port", "\(port)", "-c", sql])
        #expect(status == 0, "\(errors)")
      }
      run("CREATE TABLE t (id INT PRIMARY KEY, v TEXT); INSERT INTO t VALUES (1, 'first')")
      let folder = try ShellFolder()
      defer { folder.remove() }
      let shell = try PseudoTerminal(folder.program, ["sql", "--port", "\(port)"], environment: folder.environment)
      try shell.expect("leat=> ")
      for statement in ["SELECT v, count(*) AS n FROM t GROUP BY v EMIT CHANGES;", "SELECT v, 1 AS n FROM t EMIT CHANGES;"] {
        shell.enter(statement)
        try shell.expect("+ | first ")
        run("INSERT INTO t VALUES (2, 'second')")
        try shell.expect("+ | second ")
        run("UPDATE t SET v = 'third' WHERE id = 2")
        try shell.expect(["- | second ", "+ | third "])
        run("DELETE FROM t WHERE id = 2")
        try shell.expect("- | third ")
        try shell.interrupt()
        try shell.expect("ERROR:  57014: canceling statement due to user request\n")
        try shell.expect("leat=> ")
      }
      // With ticks, and seen before it ends.
      shell.enter("SUBSCRIBE t;")
      try shell.expect(" leat_tick | leat_diff | id |   v   \n")
      try shell.expect("first")
      try shell.interrupt()
      try shell.expect("ERROR:  57014: canceling statement due to user request\n")
      try shell.expect("leat=> ")
      shell.type("\u{4}")
      #expect(try shell.waitForEnd() == 0)
    }
  }

  @Test func aViewIsPaintedAgainAStatementEditedARelationCopied() throws {
    try withShell(.ownEngine) { shell, folder in
      shell.enter("CREATE TABLE t (id INT PRIMARY KEY, v TEXT); INSERT INTO t VALUES (1, 'first');")
      try shell.expect("INSERT 0 1\n")
      try shell.expect("leat=> ")
      // Painted more than once.
      shell.enter("\\view t")
      try shell.expect("  1 | first\n(1 row)\n")
      try shell.expect("  1 | first\n(1 row)\n")
      try shell.interrupt()
      try shell.expect("leat=> ")
      shell.enter("\\view nothing")
      try shell.expect("ERROR:  42P01")
      try shell.expect("leat=> ")

      shell.enter("select 'old' as word")
      try shell.expect("leat-> ")
      shell.enter("\\e")
      try shell.expect("leat-> ")
      shell.enter("\\g")
      try shell.expect(" word \n------\n new\n")
      try shell.expect("leat=> ")

      shell.enter("\\copy t to '\(folder.path("t.csv"))' with (format csv, header)")
      try shell.expect("COPY 1\n")
      try shell.expect("leat=> ")
      #expect(try folder.read("t.csv") == "id,v\n1,first\n")

      // Several lines pasted at once are shown, and wait for Enter.
      shell.type("\u{1B}[200~select 1 as one;\nselect 2 as two;\u{1B}[201~")
      try shell.expect("two;")
      shell.type("\r")
      try shell.expect("   1\n(1 row)\n")
      try shell.expect("   2\n(1 row)\n")
      try shell.expect("leat=> ")
    }
  }

  /// Whatever is open: Ctrl-D on an empty line leaves.
  @Test func controlDLeavesWithStatusZero() throws {
    let folder = try ShellFolder()
    defer { folder.remove() }
    let shell = try PseudoTerminal(folder.program, ["--data", ":memory:"], environment: folder.environment)
    try shell.expect("leat=> ")
    shell.enter("begin; select 1")
    try shell.expect("leat-*> ")
    shell.type("\u{4}")
    #expect(try shell.waitForEnd() == 0)
  }
}

/// A folder for a shell's history and files.
private struct ShellFolder {
  private final class Anchor {}

  private let folder: URL
  let program = Bundle(for: Anchor.self).bundleURL.appending(path: "leat").path

  init() throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "leat-terminal-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  var environment: [String: String] {
    ["HOME": folder.path, "LEAT_HISTORY": path("history"), "PATH": "/usr/bin:/bin", "SHELL": "/bin/sh", "EDITOR": "sed -i s/old/new/"]
  }

  func path(_ name: String) -> String { folder.appending(path: name).path }
  func write(_ text: String, to name: String) throws { try text.write(toFile: path(name), atomically: true, encoding: .utf8) }
  func read(_ name: String) throws -> String { try String(contentsOfFile: path(name), encoding: .utf8) }
  func remove() { try? FileManager.default.removeItem(at: folder) }
}
