import Foundation
import SQLTypes
import Testing

@testable import Shell

/// Types lines that a test has written down, and keeps what it is to remember.
private final class ScriptedEditor: LineEditor {
  var inputs: [LineInput]
  var prompts: [String] = []
  var history: [String] = []
  init(_ inputs: [LineInput]) { self.inputs = inputs }

  func readLine(prompt: String) -> LineInput {
    prompts.append(prompt)
    return inputs.isEmpty ? .endOfInput : inputs.removeFirst()
  }
  func remember(_ entry: String) { history.append(entry) }
}

/// Answers a few statements as a server would.
private final class ScriptedTarget: ShellTarget {
  var statements: [String] = []
  var copied = ""
  var onRun: () -> Void = {}
  var transactionMark = ""
  let connectionInfo = "You are connected to a test."
  let cancel: @Sendable () -> Void = {}

  func run(_ text: String, input: () -> [UInt8]?, _ receive: (StatementEvent) -> Void) throws(SQLError) {
    statements.append(text)
    onRun()
    let word = text.split { $0 == " " || $0 == "\n" }.first?.lowercased() ?? ""
    switch word {
    case "select" where text.contains("leat.relations"):
      receive(.columns(["schema", "name", "kind", "definition"].map { ResultColumn(name: $0, typeOID: 25) }))
      if !text.contains("nothing") { receive(.row(["public", "orders", "table", nil])) }
      receive(.complete(tag: "SELECT 1"))
    case "select" where text.contains("leat.columns"):
      receive(.columns(["name", "type", "nullable", "default", "is_key"].map { ResultColumn(name: $0, typeOID: 25) }))
      receive(.row(["id", "bigint", "f", nil, "t"]))
      receive(.row(["note", "text", "t", "'none'", "f"]))
      receive(.complete(tag: "SELECT 2"))
    case "select" where text.contains("EMIT CHANGES"):
      receive(.columns([ResultColumn(name: "leat_diff", typeOID: 20), ResultColumn(name: "k", typeOID: 25)]))
      receive(.row(["1", "a"]))
      receive(.pause)
      receive(.row(["-1", "a"]))
      receive(.row(["2", "b"]))
      receive(.complete(tag: "SELECT 3"))
    case "select":
      receive(.columns([ResultColumn(name: "n", typeOID: 23)]))
      receive(.row(["1"]))
      receive(.complete(tag: "SELECT 1"))
    case "subscribe":
      receive(.columns(["leat_tick", "leat_diff"].map { ResultColumn(name: $0, typeOID: 20) } + [ResultColumn(name: "k", typeOID: 25)]))
      receive(.row(["1", "1", "a"]))
      receive(.pause)
      receive(.notice(.warning, SQLError(.warning, "and so on")))
      throw SQLError(.queryCanceled, "canceled")
    case "copy":
      while let bytes = input() { copied += String(decoding: bytes, as: UTF8.self) }
      receive(.complete(tag: "COPY 2"))
    case "warn":
      receive(.notice(.warning, SQLError(.warning, "careful")))
      receive(.complete(tag: "WARN"))
    case "begin":
      transactionMark = "*"
      receive(.complete(tag: "BEGIN"))
    case "gone": throw SQLError(.connectionFailure, "the connection to the server is lost")
    case "insert": receive(.complete(tag: "INSERT 0 1"))
    default: throw SQLError.syntax(near: word, at: SourceRange(0, word.utf8.count))
    }
  }
}

private final class ScriptedInterrupts: ShellInterrupts {
  var isPending = false
  /// How many sleeps pass before Ctrl-C.
  var sleepsLeft = 0
  func clear() { isPending = false }
  func sleep(seconds: Double) -> Bool {
    sleepsLeft -= 1
    return sleepsLeft >= 0
  }
}

private struct Session {
  var status: Int32
  var text: String
  var target: ScriptedTarget
  var editor: ScriptedEditor

  /// Types the lines; output and errors come into one text, as on a terminal.
  init(
    _ lines: [LineInput], interactive: Bool = true, environment: [String: String] = [:], format: ResultTable.Format = .aligned,
    interrupts: ScriptedInterrupts = ScriptedInterrupts(), onRun: @escaping () -> Void = {}
  ) {
    let target = ScriptedTarget()
    target.onRun = onRun
    let editor = ScriptedEditor(lines)
    var settings = ShellSettings()
    settings.isInteractive = interactive
    settings.environment = environment
    settings.format = format
    var text = ""
    let loop = ShellLoop(
      target: target, editor: editor, interrupts: interrupts, settings: settings, write: { text += $0 }, showError: { text += $0 })
    status = loop.run()
    self.text = text
    self.target = target
    self.editor = editor
  }

  init(_ lines: String..., interactive: Bool = true) {
    self.init(lines.map { .line($0) }, interactive: interactive)
  }
}

private let table = " n \n---\n 1\n(1 row)\n\n"

@Suite struct ShellLoopTests {
  @Test func promptsShowWhatIsOpen() {
    let session = Session("select", "(", "'", "')", ";", "begin;", "select 1;")
    #expect(session.editor.prompts == ["leat=> ", "leat-> ", "leat(> ", "leat'> ", "leat-> ", "leat=> ", "leat=*> ", "leat=*> "])
    #expect(session.target.statements == ["select\n(\n'\n')", "begin", "select 1"])
  }

  @Test func aStatementIsOneEntryOfTheHistory() {
    let session = Session("select", "  1;", "", "select 2; select 3;", "\\echo a", "select 'x", "y';")
    #expect(session.editor.history == ["select\n  1;", "select 2; select 3;", "\\echo a", "select 'x\ny';"])
  }

  @Test func aPersonGoesOnBehindAnErrorAndAScriptEnds() {
    let person = Session("selec 1;", "select 1;")
    #expect(person.text == "ERROR:  42601: syntax error at or near \"selec\"\nLINE 1: selec 1\n        ^^^^^\n" + table + "\n")
    #expect(person.status == 0)
    let script = Session("selec 1;", "select 1;", interactive: false)
    #expect(script.status == 1 && script.target.statements == ["selec 1"])
    let willing = Session("\\set ON_ERROR_STOP off", "selec 1;", "\\nonsense", "select 1;", interactive: false)
    #expect(willing.status == 0 && willing.text.hasSuffix(table))
    let strict = Session("\\set ON_ERROR_STOP on", "\\nonsense", "select 1;")
    #expect(strict.status == 1 && strict.text == "ERROR:  invalid command \\nonsense\nHINT:   Try \\? for help.\n")
  }

  @Test func aLostServerEndsTheShell() { #expect(Session("gone;", "select 1;").status == 3) }

  @Test func controlCForgetsTheStatementBegun() {
    let session = Session([.line("select '"), .interrupted, .line("select 1;")])
    #expect(session.target.statements == ["select 1"])
    #expect(session.editor.prompts == ["leat=> ", "leat'> ", "leat=> ", "leat=> "])
  }

  @Test func controlCWhileAStatementRunsDropsWhatWasPastedBehindIt() {
    let interrupts = ScriptedInterrupts()
    let session = Session(
      [.line("select 1; select 2;"), .line("select 3;")], interrupts: interrupts,
      onRun: { interrupts.isPending = interrupts.sleepsLeft == 0; interrupts.sleepsLeft = -1 })
    #expect(session.target.statements == ["select 1", "select 3"])
  }

  @Test func anOpenStatementRunsAtTheEndOfAScriptOnly() {
    #expect(Session("select 1", interactive: false).target.statements == ["select 1"])
    #expect(Session("select 1", interactive: true).target.statements.isEmpty)
  }

  @Test func switchesTellWhatTheyAre() {
    let session = Session("\\x", "select 1;", "\\x off", "\\timing on", "select 1;")
    #expect(session.text.hasPrefix("Expanded display is on.\n-[ RECORD 1 ]\nn | 1\n\nExpanded display is off.\nTiming is on.\n" + table + "Time: "))
    #expect(session.text.hasSuffix(" ms\n\n"))
  }

  @Test func variablesAreSetShownAndPutIn() {
    let session = Session("\\set a 7", "\\set b 'x y'", "\\set", "select :a, :'b';", "\\unset a", "\\echo :a :b")
    #expect(session.text == "a = '7'\nb = 'x y'\n" + table + ":a x y\n\n")
    #expect(session.target.statements == ["select 7, 'x y'"])
  }

  @Test func gRunsTheStatementBegunOrTheLastOne() {
    let session = Session("select 1 \\g", "\\gx", "\\p", "select 2", "\\p", "\\r", "\\p")
    #expect(session.target.statements == ["select 1", "select 1"])
    #expect(session.text == table + "-[ RECORD 1 ]\nn | 1\n\nselect 1\nselect 2\nQuery buffer reset (cleared).\nselect 1\n\n")
  }

  @Test func resultsGoToFilesAndCommands() throws {
    let path = NSTemporaryDirectory() + "leat-shell-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: path) }
    let session = Session("select 1 \\g \(path)", "\\o \(path).o", "select 1;", "\\echo said", "\\o", "\\g |cat > \(path).p", "\\o /nowhere/x", "select 1;")
    #expect(try String(contentsOfFile: path, encoding: .utf8) == table)
    #expect(try String(contentsOfFile: path + ".o", encoding: .utf8) == table)
    #expect(try String(contentsOfFile: path + ".p", encoding: .utf8) == table)
    #expect(session.text == "said\nERROR:  /nowhere/x: No such file or directory\n" + table + "\n")
    try FileManager.default.removeItem(atPath: path + ".o")
    try FileManager.default.removeItem(atPath: path + ".p")
  }

  @Test func filesAreIncludedRelativeToOneAnother() throws {
    let folder = NSTemporaryDirectory() + "leat-shell-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder + "/in", withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try "\\set x 5\nselect 1;\n\\ir in/b.sql\nselect 4".write(toFile: folder + "/a.sql", atomically: true, encoding: .utf8)
    try "select 2;\n\\ir c.sql\n".write(toFile: folder + "/in/b.sql", atomically: true, encoding: .utf8)
    try "select 3;".write(toFile: folder + "/in/c.sql", atomically: true, encoding: .utf8)
    try "\\i \(folder)/loop.sql".write(toFile: folder + "/loop.sql", atomically: true, encoding: .utf8)
    let session = Session("\\i \(folder)/a.sql", "select :x;", "\\i \(folder)/none.sql", "\\i \(folder)/loop.sql")
    #expect(session.target.statements == ["select 1", "select 2", "select 3", "select 4", "select 5"])
    #expect(session.text.contains("none.sql: No such file or directory"))
    #expect(session.text.contains("files include one another too deeply"))
  }

  @Test func theEditorChangesTheStatement() throws {
    let path = NSTemporaryDirectory() + "leat-editor-\(UUID().uuidString)"
    try "#!/bin/sh\nsed -i s/1/2/ \"$1\"\necho ';' >> \"$1\"\n".write(toFile: path, atomically: true, encoding: .utf8)
    try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: path)
    defer { try? FileManager.default.removeItem(atPath: path) }
    let session = Session([.line("select 1"), .line("\\e")], environment: ["EDITOR": path, "TMPDIR": NSTemporaryDirectory()])
    #expect(session.target.statements == ["select 2"])
    let failing = Session([.line("select 1"), .line("\\e"), .line(";")], environment: ["EDITOR": "false"])
    #expect(failing.text.hasPrefix("ERROR:  \\e: false did not end well") && failing.target.statements == ["select 1"])
  }

  @Test func copyTakesItsDataFromTheLinesBehindIt() {
    let session = Session("copy t from stdin;", "1\ta", "2\tb", "\\.", "select 1;")
    #expect(session.target.copied == "1\ta\n2\tb\n")
    #expect(session.text == "COPY 2\n" + table + "\n")
    #expect(session.editor.prompts.filter { $0 == ">> " }.count == 3)
  }

  @Test func copyWithAFileOfThisSide() throws {
    let path = NSTemporaryDirectory() + "leat-copy-\(UUID().uuidString)"
    try "1,a\n2,b\n".write(toFile: path, atomically: true, encoding: .utf8)
    defer { try? FileManager.default.removeItem(atPath: path) }
    let session = Session("\\copy t from '\(path)' with (format csv)")
    #expect(session.target.statements == ["COPY t FROM STDIN with (format csv)"])
    #expect(session.target.copied == "1,a\n2,b\n")
  }

  @Test func changesHaveTheirMark() {
    let session = Session("SELECT k FROM m EMIT CHANGES;")
    #expect(session.text == "   | k \n---+---\n + | a\n -  | a\n +2 | b\n(3 rows)\n\n\n")
  }

  /// Whatever ends a subscription, its rows have been shown; and not only then.
  @Test(arguments: [
    (ResultTable.Format.aligned, " leat_tick | leat_diff | k \n-----------+-----------+---\n         1 |         1 | a\n"),
    (.csv, "leat_tick,leat_diff,k\n1,1,a\n"), (.json, "{\"leat_tick\":1,\"leat_diff\":1,\"k\":\"a\"}\n"),
  ])
  func subscriptionsAreShownAsTheyCome(format: ResultTable.Format, rows: String) {
    let session = Session([.line("SUBSCRIBE m;")], format: format)
    #expect(session.text == rows + "WARNING:  01000: and so on\nERROR:  57014: canceled\n\n")
  }

  @Test func watchRunsUntilControlC() {
    let interrupts = ScriptedInterrupts()
    interrupts.sleepsLeft = 2
    let session = Session([.line("select 1 \\watch 0.5")], interrupts: interrupts)
    #expect(session.target.statements == ["select 1", "select 1", "select 1"])
    #expect(session.text == String(repeating: "(every 0.5 s)\n\n" + table, count: 3) + "\n")
    #expect(Session("selec \\watch").target.statements == ["selec"])
  }

  @Test func relationsAreListedAndDescribed() {
    let session = Session("\\d", "\\dt o*", "\\d orders", "\\dv nothing", "\\d nothing")
    #expect(
      session.text == """
            List of relations
         Schema |  Name  | Type  
        --------+--------+-------
         public | orders | table
        (1 row)

            List of relations
         Schema |  Name  | Type  
        --------+--------+-------
         public | orders | table
        (1 row)

                Table "public.orders"
         Column |  Type  | Nullable | Default 
        --------+--------+----------+---------
         id     | bigint | not null | 
         note   | text   |          | 'none'
        Primary key: (id)

        Did not find any relation named "nothing".
        ERROR:  Did not find any relation named "nothing".


        """)
    #expect(session.target.statements.contains { $0.contains("kind IN ('table') AND name LIKE 'o%'") })
  }

  @Test func noticesAndConnectionAreShown() {
    let session = Session("warn;", "\\conninfo", "\\! exit 0", "\\?")
    #expect(session.text.hasPrefix("WARNING:  01000: careful\nWARN\nYou are connected to a test.\n  \\d "))
  }

  @Test(arguments: [
    ("orders", nil, "orders"), ("S.O*", "s", "o%"), ("\"My.View\"", nil, "My.View"), ("a?_%", nil, "a_\\_\\%"), ("*.*", "%", "%"), ("o''x", nil, "o''x"),
  ] as [(String, String?, String)])
  func patternsBecomeLike(text: String, schema: String?, name: String) {
    let pattern = NamePattern(text)
    #expect(pattern.schema == schema && pattern.name == name)
  }

  @Test(arguments: [
    ("", "sel", ["select"]), ("", "SEL", ["SELECT"]), ("select * from ", "o", ["orders"]), ("select * from ", "", ["orders", "shop.bills"]), ("\\d ", "or", ["orders"]),
    ("select * from ", "pg_", ["pg_class"]), ("select * from ", "le", ["leat.errors"]), ("select * from ", "Sh", ["shop.bills"]),
    ("", "\\dt", ["\\dt"]), ("select 1 ", "\\gx", ["\\gx"]), ("\\d ", "\\ti", ["\\timing"]), ("\\x ", "o", ["on", "off"]), ("select ", "note", ["note"]), ("select ", "", []),
  ])
  func wordsAreCompleted(before: String, word: String, expected: [String]) {
    let completion = ShellCompletion(target: CompletionTarget())
    let candidates = completion.candidates(CompletionRequest(textBefore: before, word: word))
    #expect(candidates == expected)
  }
}

private final class CompletionTarget: ShellTarget {
  let transactionMark = ""
  let connectionInfo = ""
  let cancel: @Sendable () -> Void = {}
  func run(_ text: String, input: () -> [UInt8]?, _ receive: (StatementEvent) -> Void) throws(SQLError) {
    let rows =
      text.contains("leat.relations")
      ? [["leat", "errors"], ["shop", "bills"], ["public", "orders"], ["pg_catalog", "pg_class"]] : [["note"], ["id"], ["note"]]
    for row in rows { receive(.row(row)) }
  }
}
