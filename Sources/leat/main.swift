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

exit(
  CommandLineTool.run(
    Array(CommandLine.arguments.dropFirst()), output: { write($0, to: STDOUT_FILENO) },
    errors: { write($0, to: STDERR_FILENO) }))
