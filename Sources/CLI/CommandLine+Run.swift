import Engine
import Platform
import SQLTypes
import Shell

extension CommandLineTool {
  /// `leat run FILE.sql`: runs a file of statements on an engine of this process, follows its sources, and prints what the
  /// file selects.
  ///
  /// A statement that makes a view of a source, or reads one, waits until what the source holds has been taken in. With
  /// `--for`, the sources are followed for that long before the file's first query.
  func run(_ options: RunOptions, _ environment: [String: String]) -> Int32 {
    let text: String
    do throws(PlatformError) {
      text = String(decoding: try FileDescriptor(opening: options.file, .read).readToEnd(), as: UTF8.self)
    } catch {
      errors("leat run: \(options.file): \(error)\n")
      return ShellStatus.failed
    }
    let target: SessionTarget
    do throws(SQLError) { target = SessionTarget(try DataDirectory.open(options.data, workers: options.workers), options.data) } catch {
      errors("leat run: \(error.message)\n")
      return ShellStatus.failed
    }
    var settings = ShellSettings()
    settings.format = options.format.tableFormat
    settings.environment = environment
    for setting in options.variables { settings.variables[setting.name] = setting.value }
    let loop = ShellLoop(
      target: target, editor: PlainEditor(), interrupts: NoInterrupts(), settings: settings, write: output,
      showError: errors)
    guard case .after(let duration) = options.end else { return loop.run(script: text, file: options.file) }
    let (before, queries) = Self.cutAtFirstQuery(text, settings.variables)
    let status = loop.run(script: before, file: options.file)
    if status != ShellStatus.ok { return status }
    let (seconds, attoseconds) = duration.components
    sleep(milliseconds: seconds * 1000 + attoseconds / 1_000_000_000_000_000)
    return loop.run(script: queries, file: options.file)
  }

  /// The script's text before its first statement that is a query, and the rest.
  private static func cutAtFirstQuery(_ text: String, _ variables: ShellVariables) -> (String, String) {
    var splitter = ScriptSplitter(variables: variables)
    splitter.append(text + "\n")
    var (before, after) = ("", "")
    while let piece = splitter.next() {
      let (line, isQuery) = switch piece {
      case .statement(let statement): (statement.text + ";\n", beginsQuery(statement.text))
      case .command(let command): (command + "\n", false)
      }
      if isQuery || !after.isEmpty { after += line } else { before += line }
    }
    return (before, after + (splitter.finish().map(\.text) ?? ""))
  }

  private static func beginsQuery(_ statement: String) -> Bool {
    let word = statement.drop { $0.isWhitespace || $0 == "(" }.prefix { $0.isLetter }.lowercased()
    return ["select", "values", "table", "with"].contains(word)
  }
}
