import Foundation
import TestSupport
import Testing

@testable import CLI

/// Runs the program's arguments; gives its status and both outputs.
private func leat(_ arguments: String...) -> (status: Int32, output: String, errors: String) {
  var (output, errors) = ("", "")
  let tool = CommandLineTool(output: { output += $0 }, errors: { errors += $0 })
  let status = tool.run(arguments)
  return (status, output, errors)
}

@Suite struct CommandLineTests {
  @Test func aSelectPrintsPsqlsTable() {
    let run = leat("sql", "--data", ":memory:", "-c", "select 1 as one, 'text' as word")
    #expect(run.status == 0 && run.errors.isEmpty)
    #expect(run.output == " one | word \n-----+------\n   1 | text\n(1 row)\n\n")
  }

  @Test func aServerGivesTheSameAnswersAsAnEngineOfThisProcess() throws {
    try withServer { number in
      let port = String(number)
      for format in [[], ["--csv"], ["--json"]] {
        for sql in ["select 1 as one, null as nothing, 'ä' as word", "select 1; select price", "select", ""] {
          let arguments = ["-c", sql] + format
          var texts: [[String]] = []
          for target in [["--data", ":memory:"], ["--host", "localhost", "--port", port]] {
            var (output, errors) = ("", "")
            let tool = CommandLineTool(output: { output += $0 }, errors: { errors += $0 })
            let status = tool.run(["sql"] + target + arguments)
            texts.append(["\(status)", output, errors.replacing("^", with: "")])
          }
          // Carets aside: the wire tells where an error begins and not where it ends.
          #expect(texts[0] == texts[1], "\(sql) \(format)")
        }
      }
    }
  }

  @Test func statementsRunInTurnUpToTheFirstError() {
    let run = leat("sql", "--data", ":memory:", "--csv", "-v", "n=0", "-c", "select 1 as a; select 1/:n; select 2")
    #expect(run.status == 1)
    #expect(run.output == "a\n1\n")
    #expect(run.errors.hasPrefix("ERROR:  22012: division by zero\nLINE 1: select 1/0"))
  }

  @Test func anErrorHasItsCaretUnderTheWrongName() {
    let run = leat("sql", "--data", ":memory:", "-c", "select price\nfrom (values (1)) as t(prise)\nwhere price > 1")
    #expect(
      run.errors == """
        ERROR:  42703: column "price" does not exist
        LINE 3: where price > 1
                      ^^^^^
        HINT:   Perhaps you meant "prise".

        """)
  }

  @Test func whatIsNotThereIsRefusedWithItsStatus() {
    #expect(leat("sql", "--port", "1", "-c", "select 1").status == 3)
    #expect(leat("sql", "--data", ":memory:", "-f", "/nowhere.sql").status == 1)
    #expect(leat("sql", "--data", "/nowhere/x", "-c", "select 1").status == 1)
    #expect(leat("serve", "--host", "0.0.0.0").status == 2)
    for arguments in [["bench", "nexmark", "--query", "q5", "--input", "d"]] as [[String]] {
      var errors = ""
      #expect(CommandLineTool(output: { _ in }, errors: { errors += $0 }).run(arguments) == 2)
      #expect(errors.hasSuffix("is not in this build yet\n"))
    }
    #expect(leat("fly").status == 2)
  }

  @Test func copiedDataStandAlone() {
    let run = leat("sql", "--data", ":memory:", "-c", "create table t (a int); insert into t values (1); copy t to stdout")
    #expect(run.status == 0 && run.output == "CREATE TABLE\nINSERT 0 1\n1\n")
  }

  /// A file that restarts its engine gets a directory for it, and its records lie beside it, wherever the program runs.
  @Test func specsRestartTheirEngine() throws {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().appending(path: "Spec/restart").path
    let run = leat("spec", folder + "/files.slt", folder + "/tables.slt")
    #expect(run.status == 0 && run.errors.isEmpty, "\(run.errors)")
    #expect(run.output.hasSuffix(" passed, 0 failed\n"))
  }

  @Test func versionTellsThoseOfTheLibraries() {
    let lines = leat("version").output.split(separator: "\n").map { $0.split(separator: " ") }
    #expect(lines.map { $0[0] } == ["leat", "SQLite", "readline", "librdkafka"])
    #expect(lines[0][1] == CommandLineTool.version)
    for line in lines { #expect(line.count == 2 && line[1].split(separator: ".").allSatisfy { Int($0) != nil }) }
  }
}
