import Foundation
import Testing

/// Files of `Golden/`: what the real psql printed. `UPDATE_SNAPSHOTS=1` with PGHOST, PGPORT and PGUSER set asks it again.
enum Golden {
  static let directory = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Golden")
  static var isUpdating: Bool { ProcessInfo.processInfo.environment["UPDATE_SNAPSHOTS"] != nil }
  static var hasServer: Bool { ProcessInfo.processInfo.environment["PGHOST"] != nil }

  /// The file's text; while updating, first what psql prints for the script becomes the file.
  static func psql(_ name: String, arguments: [String], script: String) throws -> String {
    let file = directory.appending(path: name)
    if isUpdating { try Data(runPsql(arguments: arguments, script: script).utf8).write(to: file) }
    return try String(contentsOf: file, encoding: .utf8)
  }

  static func runPsql(arguments: [String], script: String) throws -> String {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/psql")
    process.arguments = ["-X", "-q"] + arguments
    var environment = ProcessInfo.processInfo.environment
    environment["PGCLIENTENCODING"] = "UTF8"
    environment["PAGER"] = ""
    process.environment = environment
    let input = Pipe()
    let output = Pipe()
    process.standardInput = input
    process.standardOutput = output
    process.standardError = output
    try process.run()
    try input.fileHandleForWriting.write(contentsOf: Data(script.utf8))
    try input.fileHandleForWriting.close()
    let data = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return String(decoding: data, as: UTF8.self)
  }
}
