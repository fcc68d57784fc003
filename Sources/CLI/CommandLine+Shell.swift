import Engine
import Platform
import SQLTypes
import Shell

extension CommandLineTool {
  /// `leat`: the shell on an engine inside this process; what is piped in is a script.
  func run(_ options: ShellOptions, _ environment: [String: String]) -> Int32 {
    run(
      SQLOptions(
        target: .data(options.data), workers: options.workers, scripts: [], variables: options.variables, format: .aligned), environment,
      program: "leat")
  }

  /// `leat sql`: scripts in the order given; without one, the shell at a terminal or a script from standard input.
  func run(_ options: SQLOptions, _ environment: [String: String], program: String = "leat sql") -> Int32 {
    let isInteractive = options.scripts.isEmpty && ReadlineEditor.isUsable(environment: environment)
    // Before an engine starts its threads, for they inherit it.
    if isInteractive { InterruptSignal.block() }
    let target: any ShellTarget
    switch options.target {
    case .data(let place):
      do throws(SQLError) { target = SessionTarget(try DataDirectory.open(place, workers: options.workers), place) } catch {
        errors("\(program): \(error.message)\n")
        return ShellStatus.failed
      }
    case .server(let host, let port):
      do throws(ConnectionError) { target = try ServerTarget(host: host, port: port) } catch {
        errors("\(program): cannot connect to \(host):\(port): \(error.message)\n(--data :memory: needs no server)\n")
        return ShellStatus.disconnected
      }
    }
    var settings = ShellSettings()
    settings.format = options.format.tableFormat
    settings.isInteractive = isInteractive
    settings.environment = environment
    for setting in options.variables { settings.variables[setting.name] = setting.value }
    if isInteractive { return runInteractive(target, settings, program) }
    for script in options.scripts.isEmpty ? [.standardInput] : options.scripts {
      let status = run(script, on: target, settings, program)
      if status != ShellStatus.ok { return status }
    }
    return ShellStatus.ok
  }

  private func runInteractive(_ target: any ShellTarget, _ settings: ShellSettings, _ program: String) -> Int32 {
    let interrupts: TerminalInterrupts
    do throws(PlatformError) { interrupts = try TerminalInterrupts(cancel: target.cancel) } catch {
      errors("\(program): \(error)\n")
      return ShellStatus.failed
    }
    output("leat \(Self.version). Type \\? for help, \\q to leave.\n\n")
    let completion = ShellCompletion(target: target)
    // What was pressed when nothing ran any more is not meant for the next line.
    let editor = ReadlineEditor(
      history: .standard(environment: settings.environment), withoutSignals: interrupts.clear, completer: completion.candidates)
    let loop = ShellLoop(
      target: target, editor: editor, interrupts: interrupts, settings: settings, completion: completion, write: output,
      showError: errors)
    return loop.run()
  }

  private func run(
    _ script: SQLOptions.Script, on target: any ShellTarget, _ settings: ShellSettings, _ program: String
  ) -> Int32 {
    let loop = ShellLoop(
      target: target, editor: PlainEditor(), interrupts: NoInterrupts(), settings: settings, write: output,
      showError: errors)
    switch script {
    case .text(let text): return loop.run(script: text)
    case .standardInput: return loop.run()
    case .file(let path):
      do throws(PlatformError) {
        return loop.run(script: String(decoding: try FileDescriptor(opening: path, .read).readToEnd(), as: UTF8.self), file: path)
      } catch {
        errors("\(program): \(path): \(error)\n")
        return ShellStatus.failed
      }
    }
  }
}

extension OutputFormat {
  var tableFormat: ResultTable.Format {
    switch self {
    case .aligned: .aligned
    case .csv: .csv
    case .json: .json
    }
  }
}
