import Connectors
import Engine
import PGServer
import Platform
import SQLTypes
import Shell
import SpecRunner

/// The program `leat`: does what its arguments ask for, and tells with what status it ends.
///
/// | status | meaning |
/// |---|---|
/// | 0 | ok |
/// | 1 | an SQL error, or a file or service that the system refused |
/// | 2 | usage, or a command that this build does not have |
/// | 3 | no connection to the server |
package struct CommandLineTool {
  package static let version = "0.1.0"

  private let output: (String) -> Void
  private let errors: (String) -> Void

  package init(output: @escaping (String) -> Void, errors: @escaping (String) -> Void) {
    self.output = output
    self.errors = errors
  }

  /// - Returns: the exit status.
  package func run(_ arguments: [String], environment: [String: String] = [:]) -> Int32 {
    let command: Command
    do throws(UsageError) {
      command = try Command.parse(arguments, environment: environment)
    } catch {
      errors(error.rendered)
      return UsageError.exitStatus
    }
    switch command {
    case .version:
      output("leat \(Self.version)\n")
      return 0
    case .help(let spec):
      output(spec?.help ?? CommandSpec.overview)
      return 0
    case .sql(let options): return run(options)
    case .serve(let options): return run(options)
    case .spec(let options): return run(options)
    case .shell: return refuse("the shell")
    case .run: return refuse("leat run")
    case .bench(let options): return run(options)
    }
  }

  private func refuse(_ what: String) -> Int32 {
    errors("leat: \(what) is not in this build yet\n")
    return UsageError.exitStatus
  }

  // MARK: sql

  private func run(_ options: SQLOptions) -> Int32 {
    var variables = ShellVariables()
    for setting in options.variables { variables[setting.name] = setting.value }
    let target: any StatementTarget
    switch options.target {
    case .data(.memory): target = SessionTarget()
    case .data(.directory): return refuse("a data directory (--data :memory: is)")
    case .server(let host, let port):
      do throws(ConnectionError) {
        target = try ServerTarget(host: host, port: port)
      } catch {
        errors("leat sql: cannot connect to \(host):\(port): \(error.message)\n(--data :memory: needs no server)\n")
        return 3
      }
    }
    for script in options.scripts.isEmpty ? [.standardInput] : options.scripts {
      let status = run(script, variables, on: target, options.format)
      if status != 0 { return status }
    }
    return 0
  }

  private func run(
    _ script: SQLOptions.Script, _ variables: ShellVariables, on target: any StatementTarget, _ format: OutputFormat
  ) -> Int32 {
    var splitter = ScriptSplitter(variables: variables)
    switch script {
    case .text(let text): splitter.append(text + "\n")
    case .file(let path):
      do throws(PlatformError) {
        splitter.append(String(decoding: try FileDescriptor(opening: path, .read).readToEnd(), as: UTF8.self) + "\n")
      } catch {
        errors("leat sql: \(path): \(error)\n")
        return 1
      }
    case .standardInput:
      let editor = PlainEditor()
      while case .line(let line) = editor.readLine(prompt: "") {
        splitter.append(line + "\n")
        let status = run(&splitter, on: target, format)
        if status != 0 { return status }
      }
    }
    let status = run(&splitter, on: target, format)
    if status != 0 { return status }
    return splitter.finish().map { run($0.text, on: target, format) } ?? 0
  }

  private func run(_ splitter: inout ScriptSplitter, on target: any StatementTarget, _ format: OutputFormat) -> Int32 {
    while let piece = splitter.next() {
      switch piece {
      case .statement(let statement):
        let status = run(statement.text, on: target, format)
        if status != 0 { return status }
      case .command(let command):
        errors("leat sql: \(command): commands of the shell are not in this build yet\n")
        return UsageError.exitStatus
      }
    }
    return 0
  }

  private func run(_ statement: String, on target: any StatementTarget, _ format: OutputFormat) -> Int32 {
    do throws(SQLError) {
      try target.run(statement, format.tableFormat) { output(String(decoding: $0, as: UTF8.self)) }
      return 0
    } catch {
      errors(error.rendered(in: statement) + "\n")
      return error.state == .connectionFailure ? 3 : 1
    }
  }

  // MARK: serve

  /// Serves until SIGTERM or SIGINT, then ends its connections.
  private func run(_ options: ServeOptions) -> Int32 {
    guard options.host == "127.0.0.1" else { return refuse("an address other than 127.0.0.1, which needs TLS and a password,") }
    TerminationSignals.block()
    do throws(PlatformError) {
      let server = try Server(port: UInt16(options.pgPort))
      output("leat: listening on 127.0.0.1:\(server.port); this build keeps no data (--data), has no HTTP (--http-port) and no workers\n")
      let signals = try Thread(named: "signals") {
        TerminationSignals.wait()
        server.stop()
      }
      try server.run()
      signals.join()
      return 0
    } catch {
      errors("leat serve: \(error)\n")
      return 1
    }
  }

  // MARK: bench

  private func run(_ options: BenchOptions) -> Int32 {
    switch options.work {
    case .query: return refuse("leat bench nexmark --query")
    case .write(let directory, let seed):
      do throws(FileError) {
        try NexmarkFiles.write(events: Int64(options.events), seed: seed, directory: directory)
        return 0
      } catch {
        errors("leat bench: \(error)\n")
        return 1
      }
    }
  }

  // MARK: spec

  private func run(_ options: SpecOptions) -> Int32 {
    if options.keepsViews { return refuse("leat spec --views") }
    if options.isJSON { return refuse("leat spec --json") }
    var (passed, failed) = (0, 0)
    for path in options.files {
      do throws(PlatformError) {
        let text = String(decoding: try FileDescriptor(opening: path, .read).readToEnd(), as: UTF8.self)
        let (count, failures) = SpecRunner.run(text)
        passed += count
        failed += failures.count
        for failure in failures { errors("\(path): \(failure)\n") }
      } catch {
        errors("leat spec: \(path): \(error)\n")
        return 1
      }
    }
    output("\(passed) passed, \(failed) failed\n")
    return failed == 0 ? 0 : 1
  }
}

extension OutputFormat {
  fileprivate var tableFormat: ResultTable.Format {
    switch self {
    case .aligned: .aligned
    case .csv: .csv
    case .json: .json
    }
  }
}
