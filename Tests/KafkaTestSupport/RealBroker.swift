internal import Foundation
internal import Glibc
internal import Platform

/// A broker of Apache Kafka, which does all that the mock cluster cannot: one for the whole process, started on first use.
///
/// It is the one at `LEAT_KAFKA=host:port`, or made by `shared/kafka/kafka` beside the repository or a folder above it, on a free
/// port, with its data in a temporary folder. A watcher ends that one and removes the folder when this process is gone,
/// however it ends.
package final class RealBroker: Sendable {
  /// `host:port`
  package let bootstrapServers: String
  private let script: URL?
  private let directory: String
  private let port: UInt16

  /// Whether there is one, or `shared` can give one; for `.enabled(if:)`, with `absence` as its comment.
  package static let isAvailable = address != nil || (script != nil && hasJava)

  package static var absence: String {
    script == nil ? "no Kafka broker: neither LEAT_KAFKA nor ../shared/kafka is there" : "no Kafka broker: no Java 17 to run one"
  }

  private static let address = ProcessInfo.processInfo.environment["LEAT_KAFKA"]
  private static let started = Result { try RealBroker() }

  /// Starts it the first time; it takes a few seconds.
  package static func shared() throws -> RealBroker { try started.get() }

  private init() throws {
    if let address = Self.address {
      (bootstrapServers, script, directory, port) = (address, nil, "", 0)
      return
    }
    port = try Self.freePort()
    directory = try makeTemporaryDirectory(prefix: FileManager.default.temporaryDirectory.path + "/leat-kafka-")
    bootstrapServers = "127.0.0.1:\(port)"
    script = Self.script
    watch()
    try up()
  }

  /// Whether `up`, `down`, `kill` and `restart` are possible, because it is ours.
  package static var canStop: Bool { address == nil }

  /// Starts it, if it is not running.
  package func up() throws { try run("up") }
  /// Stops it in order.
  package func down() throws { try run("down") }
  /// Kills it. What it acknowledged is there when it is up again.
  package func kill() throws { try run("kill") }
  /// Stops it in order and starts it.
  package func restart() throws { try run("restart") }

  private func run(_ command: String) throws {
    guard let script else { throw BrokerError(message: "the broker of LEAT_KAFKA is not ours to \(command)") }
    let errors = directory + "/script.log"
    if Self.shell("\(quoted(script.path)) \(command) --port \(port) --dir \(quoted(directory)) > /dev/null 2> \(quoted(errors)) < /dev/null") { return }
    let reason = (try? String(contentsOfFile: errors, encoding: .utf8)) ?? "no reason"
    throw BrokerError(message: "kafka \(command): \(reason)")
  }

  /// Starts a shell that outlives us. It holds none of our files, so nobody who reads our output waits for it.
  private func watch() {
    guard let script else { return }
    let loop = "while kill -0 \(processID) 2> /dev/null; do sleep 0.3; done; \(quoted(script.path)) kill --dir \(quoted(directory)); rm -rf \(quoted(directory))"
    _ = Self.shell("setsid sh -c \(quoted(loop)) > /dev/null 2>&1 < /dev/null &")
  }

  /// Runs a command of the system's shell; whether it succeeded. (Foundation's `Process` has missed the end of one in a test program.)
  private static func shell(_ command: String) -> Bool { unsafe system(command) == 0 }

  private func quoted(_ text: String) -> String { "'" + text.replacing("'", with: "'\\''") + "'" }

  private static let hasJava = shell(
    #""${JAVA_HOME:+$JAVA_HOME/bin/}java" -version 2>&1 < /dev/null | grep -Eq 'version "(1[7-9]|[2-9][0-9])'"#)

  /// In `shared/kafka` beside the repository, or, for a work tree in a folder of them, further up.
  private static let script: URL? = {
    var folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    while folder.path != "/" {
      folder.deleteLastPathComponent()
      let script = folder.appending(path: "shared/kafka/kafka")
      if FileManager.default.isExecutableFile(atPath: script.path) { return script }
    }
    return nil
  }()

  /// A port that is free and whose next one is, for the controller; below those that the system gives to outgoing connections.
  private static func freePort() throws -> UInt16 {
    var last: any Error = BrokerError(message: "no free port")
    for _ in 0..<100 {
      let port = UInt16.random(in: 20_000..<32_000)
      do {
        _ = (try Listener(tcp: "127.0.0.1", port: port), try Listener(tcp: "127.0.0.1", port: port + 1))
        return port
      } catch { last = error }
    }
    throw last
  }
}

package struct BrokerError: Error, CustomStringConvertible {
  let message: String
  package var description: String { message }
}
