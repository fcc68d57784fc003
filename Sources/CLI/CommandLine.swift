import Engine
import SQLTypes

/// The program `leat`: what its arguments ask for, and its exit status.
package enum CommandLineTool {
  package static let version = "0.1.0"

  static let help = """
    usage: leat COMMAND

      sql -c SQL [-c SQL]…   runs statements and prints their rows
      serve [--pg-port N]    speaks PostgreSQL's protocol on 127.0.0.1, port 5488 (0: any free one)
      version                prints the version
      help                   prints this

    exit status: 0 ok, 1 SQL error, 2 usage

    """

  /// - Returns: the exit status of DESIGN §7: 0 ok, 1 SQL error, 2 usage.
  package static func run(_ arguments: [String], output: (String) -> Void, errors: (String) -> Void) -> Int32 {
    switch arguments.first {
    case "sql":
      return runSQL(Array(arguments.dropFirst()), output: output, errors: errors)
    case "serve":
      return runServe(Array(arguments.dropFirst()), output: output, errors: errors)
    case "version", "--version":
      output("leat \(version)\n")
      return 0
    case "help", "--help", "-h":
      output(help)
      return 0
    case let command?:
      errors("leat: unknown command \"\(command)\"\n\(help)")
      return 2
    case nil:
      errors(help)
      return 2
    }
  }

  private static func runSQL(_ arguments: [String], output: (String) -> Void, errors: (String) -> Void) -> Int32 {
    var texts: [String] = []
    var rest = arguments[...]
    while let option = rest.popFirst() {
      guard option == "-c" || option == "--command" else {
        errors("leat sql: unknown option \"\(option)\"\n\(help)")
        return 2
      }
      guard let text = rest.popFirst() else {
        errors("leat sql: option \"\(option)\" needs SQL text\n")
        return 2
      }
      texts.append(text)
    }
    if texts.isEmpty {
      errors("leat sql: nothing to run; give -c SQL\n")
      return 2
    }
    let session = Session()
    for text in texts {
      do throws(SQLError) {
        try session.run(text) { (result) throws(SQLError) in output(result.renderedTable()) }
      } catch {
        errors(error.rendered(in: text) + "\n")
        return 1
      }
    }
    return 0
  }
}
