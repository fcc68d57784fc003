import CLI
import Glibc

/// Writes the whole text to a descriptor; a closed pipe ends the program as SIGPIPE would.
func write(_ text: String, to descriptor: Int32) {
  var bytes = Array(text.utf8)[...]
  while !bytes.isEmpty {
    let written = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
    if written < 0 {
      if errno == EINTR { continue }
      exit(1)
    }
    bytes = bytes.dropFirst(written)
  }
}

/// The `LEAT_*` variables of the environment, and those that the shell asks for.
func environment() -> [String: String] {
  var variables: [String: String] = [:]
  var entry = unsafe environ
  while let text = unsafe entry.pointee {
    let parts = unsafe String(cString: text).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let isAsked = ["HOME", "TERM", "EDITOR", "VISUAL", "SHELL", "TMPDIR"].contains(parts[0])
    if parts.count == 2, isAsked || parts[0].hasPrefix("LEAT_") { variables[String(parts[0])] = String(parts[1]) }
    unsafe entry = entry.advanced(by: 1)
  }
  return variables
}

let tool = CommandLineTool(
  output: { write($0, to: STDOUT_FILENO) }, errors: { write($0, to: STDERR_FILENO) }, log: { write($0, to: STDERR_FILENO) })
exit(tool.run(Array(CommandLine.arguments.dropFirst()), environment: environment()))
