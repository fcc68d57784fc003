import Testing

@testable import CLI

/// Runs the program's arguments; gives its status and both outputs.
private func leat(_ arguments: String...) -> (status: Int32, output: String, errors: String) {
  var (output, errors) = ("", "")
  let status = CommandLineTool.run(arguments, output: { output += $0 }, errors: { errors += $0 })
  return (status, output, errors)
}

@Test func aSelectPrintsPsqlsTable() {
  let run = leat("sql", "-c", "select 1 as one, 'text' as word")
  #expect(run.status == 0 && run.errors.isEmpty)
  #expect(run.output == " one | word \n-----+------\n   1 | text\n(1 row)\n")
}

@Test func statementsRunInTurnUpToTheFirstError() {
  let run = leat("sql", "-c", "select 1; select 1/0; select 2")
  #expect(run.status == 1)
  #expect(run.output == " ?column? \n----------\n        1\n(1 row)\n")
  #expect(run.errors.hasPrefix("ERROR:  22012: division by zero\nLINE 1: select 1; select 1/0; select 2\n"))
}

@Test func anErrorHasItsCaretUnderTheWrongName() {
  let run = leat("sql", "-c", "select price\nfrom (values (1)) as t(prise)\nwhere price > 1")
  #expect(
    run.errors == """
      ERROR:  42703: column "price" does not exist
      LINE 3: where price > 1
                    ^^^^^
      HINT:   Perhaps you meant "prise".

      """)
}

@Test(arguments: [[], ["fly"], ["sql"], ["sql", "-c"], ["sql", "--what"]])
func wrongUsageEndsWithTwo(arguments: [String]) {
  var errors = ""
  #expect(CommandLineTool.run(arguments, output: { _ in }, errors: { errors += $0 }) == 2)
  #expect(!errors.isEmpty)
}

@Test func versionAndHelpPrint() {
  #expect(leat("version").output == "leat \(CommandLineTool.version)\n")
  #expect(leat("help").output.hasPrefix("usage: leat COMMAND"))
}
