import Connectors
import Engine
import KafkaConnector
import PGServer
import Platform
import SQLTypes
import SQLiteStorage
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

  /// This program's version and those of the C libraries that are loaded, a line each.
  static var versions: String {
    let kafka = KafkaLibrary.isSupported ? "" : " (not a version that this program was built for)"
    return """
      leat \(version)
      SQLite \(SQLiteLibrary.version)
      readline \(ReadlineLibrary.version)
      librdkafka \(KafkaLibrary.version)\(kafka)

      """
  }

  let output: (String) -> Void
  let errors: (String) -> Void
  let log: @Sendable (String) -> Void

  /// - log: gets a line of what happens to a server, from any thread.
  package init(
    output: @escaping (String) -> Void, errors: @escaping (String) -> Void, log: @escaping @Sendable (String) -> Void = { _ in }
  ) {
    self.log = log
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
      output(Self.versions)
      return 0
    case .help(let spec):
      output(spec?.help ?? CommandSpec.overview)
      return 0
    case .sql(let options): return run(options, environment)
    case .serve(let options): return run(options)
    case .spec(let options): return run(options)
    case .shell(let options): return run(options, environment)
    case .run(let options): return run(options, environment)
    case .bench(let options): return run(options)
    }
  }

  func refuse(_ what: String) -> Int32 {
    errors("leat: \(what) is not in this build yet\n")
    return UsageError.exitStatus
  }

  // MARK: serve

  /// Serves until SIGTERM or SIGINT, then ends its connections.
  private func run(_ options: ServeOptions) -> Int32 {
    guard options.host == "127.0.0.1" else { return refuse("an address other than 127.0.0.1, which needs TLS and a password,") }
    TerminationSignals.block()
    let engine: Engine
    do throws(SQLError) {
      engine = try DataDirectory.open(options.data, workers: options.workers) { [log] in log($0.line) }
    } catch {
      errors("leat serve: \(error.message)\n")
      return 1
    }
    defer { engine.stop() }
    do throws(PlatformError) {
      let server = try Server(engine, port: UInt16(options.pgPort))
      output("leat: listening on 127.0.0.1:\(server.port); this build has no HTTP (--http-port)\n")
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
    case .query(let query, let input): return run(options, query: query, input: input)
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
}
