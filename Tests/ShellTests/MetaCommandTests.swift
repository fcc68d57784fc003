import Testing

@testable import Shell

@Suite struct MetaCommandTests {
  @Test(arguments: [
    ("\\d", .describe(pattern: nil, isVerbose: false)),
    ("\\d+ orders", .describe(pattern: "orders", isVerbose: true)),
    ("\\d \"My View\"", .describe(pattern: "\"My View\"", isVerbose: false)),
    ("\\dt", .listRelations([.table], pattern: nil, isVerbose: false)),
    ("\\dv o*", .listRelations([.view], pattern: "o*", isVerbose: false)),
    ("\\dm+", .listRelations([.materializedView], pattern: nil, isVerbose: true)),
    ("\\dtvs", .listRelations([.table, .view, .stream], pattern: nil, isVerbose: false)),
    ("\\di", .listRelations([.index], pattern: nil, isVerbose: false)),
    ("\\df sum", .listFunctions(pattern: "sum", isVerbose: false)),
    ("\\x", .expanded(.toggle)), ("\\x on", .expanded(.on)), ("\\x OFF  ", .expanded(.off)),
    ("\\timing", .timing(.toggle)), ("\\timing 1", .timing(.on)),
    ("\\i 'my file.sql'", .include(path: "my file.sql", isRelative: false)),
    ("\\ir a.sql", .include(path: "a.sql", isRelative: true)),
    ("\\q", .quit), ("\\quit", .quit), ("\\?", .help(topic: nil)), ("\\? variables", .help(topic: "variables")),
    ("\\watch", .watch(seconds: 2)), ("\\watch 0.5", .watch(seconds: 0.5)),
    ("\\o", .output(nil)), ("\\o out.txt", .output(.file("out.txt"))),
    ("\\o | sort -r", .output(.pipe(" sort -r"))), ("\\o |sort", .output(.pipe("sort"))),
    ("\\g", .go(nil, isExpanded: false)), ("\\gx f", .go(.file("f"), isExpanded: true)), ("\\g |wc -l", .go(.pipe("wc -l"), isExpanded: false)),
    ("\\set", .set(name: nil, value: "")), ("\\set a", .set(name: "a", value: "")),
    ("\\set a b 'c d' e", .set(name: "a", value: "bc de")),
    ("\\set a 'it''s\\n\\x41\\101'", .set(name: "a", value: "it's\nAA")),
    ("\\set a :n:'s'", .set(name: "a", value: "42'it''s'")),
    ("\\set a \":n\"", .set(name: "a", value: "\":n\"")),
    ("\\set a x:nope", .set(name: "a", value: "x:nope")),
    ("\\unset a", .unset(name: "a")),
    ("\\e", .edit(path: nil)), ("\\e f.sql", .edit(path: "f.sql")),
    ("\\demo", .demo(name: nil)), ("\\demo nexmark", .demo(name: "nexmark")),
    ("\\why", .why(nil)), ("\\why bursts (account = 'a\\b')", .why("bursts (account = 'a\\b')")),
    ("\\view bursts", .view(name: "bursts")),
    ("\\echo a   'b  c' :n", .echo("a b  c 42")),
    ("\\p", .printStatement), ("\\r", .resetStatement),
  ] as [(String, MetaCommand)])
  func commandIsReadWithItsArguments(text: String, expected: MetaCommand) throws {
    #expect(try MetaCommand.parse(text, variables: ScriptSplitterTests.variables) == expected)
  }

  @Test(arguments: [
    ("\\foo", "invalid command \\foo"), ("\\dz", "invalid command \\dz"), ("\\", "invalid command \\"),
    ("\\X", "invalid command \\X"), ("\\é", "invalid command \\é"),
    ("\\i", "\\i: missing required argument"), ("\\unset", "\\unset: missing required argument"),
    ("\\view", "\\view: missing required argument"), ("\\q now", "\\q: extra argument \"now\""),
    ("\\x maybe", "\\x: unrecognized value \"maybe\""), ("\\watch -1", "\\watch: \"-1\" is not a number of seconds above 0"),
    ("\\watch inf", "\\watch: \"inf\" is not a number of seconds above 0"),
    ("\\set a-b 1", "\\set: invalid variable name: \"a-b\""), ("\\i 'x", "\\i: unterminated quoted string"),
    ("\\d \"x", "\\d: unterminated quoted string"), ("\\copy", "\\copy: arguments required"),
    ("\\copy t", "\\copy: arguments required"), ("\\copy from x", "\\copy: arguments required"),
    ("\\copy t from", "\\copy: a file name is missing"), ("\\copy t from 'x", "\\copy: unterminated quoted string"),
  ])
  func refusedCommandSaysWhy(text: String, message: String) {
    let error = #expect(throws: ShellError.self) { try MetaCommand.parse(text) }
    #expect(error?.message == message)
  }

  @Test func unknownCommandPointsToHelp() {
    let error = #expect(throws: ShellError.self) { try MetaCommand.parse("\\foo bar") }
    #expect(error?.rendered == "ERROR:  invalid command \\foo\nHINT:   Try \\? for help.")
  }

  @Test(arguments: [
    ("t from 'rows.csv' with (format csv)", "COPY t FROM STDIN with (format csv)", true, .file("rows.csv")),
    ("t (a, \"from\", to) from x.csv", "COPY t (a, \"from\", to) FROM STDIN", true, .file("x.csv")),
    ("(select 1 from t) TO 'it''s' csv header", "COPY (select 1 from t) TO STDOUT csv header", false, .file("it's")),
    ("t to stdout", "COPY t TO STDOUT", false, .standard), ("t from STDIN", "COPY t FROM STDIN", true, .standard),
    ("t from pstdin", "COPY t FROM STDIN", true, .processStandard), ("t to stdin", "COPY t TO STDOUT", false, .file("stdin")),
    ("\"from\" from f", "COPY \"from\" FROM STDIN", true, .file("f")),
  ] as [(String, String, Bool, CopyCommand.Place)])
  func copyBecomesAStatementAndAFile(text: String, statement: String, isFrom: Bool, place: CopyCommand.Place) throws {
    guard case .copy(let copy) = try MetaCommand.parse("\\copy " + text) else { Issue.record("not a copy"); return }
    #expect(copy.statement == statement)
    #expect(copy.isFrom == isFrom)
    #expect(copy.place == place)
  }

  @Test func everyCommandOfTheTableIsKnown() {
    for entry in MetaCommand.table {
      do throws(ShellError) {
        _ = try MetaCommand.parse(entry.name)
      } catch {
        #expect(!error.message.hasPrefix("invalid command"), "\(entry.name)")
      }
    }
    #expect(MetaCommand.helpText.split(separator: "\n").count == MetaCommand.table.count)
  }

  @Test func helpTextIsAlignedAndNarrow() {
    for line in MetaCommand.helpText.split(separator: "\n") { #expect(line.count <= 110, "\(line)") }
    #expect(MetaCommand.helpText.contains("  \\q                   leave\n"))
  }
}
