internal import Platform
internal import SQLTypes

extension SQLError {
  /// The system's refusal, with PostgreSQL's codes for it.
  static func file(_ action: String, _ path: String, _ error: PlatformError) -> SQLError {
    guard case .system(_, let code) = error else {
      return SQLError(.ioError, "could not \(action) file \"\(path)\": \(error)")
    }
    let reason = FileError(action: action, path: path, code: code).reason
    let message = "could not \(action) file \"\(path)\": \(reason)"
    return SQLError(FileError.state(code), message)
  }

  static func noFile(_ pattern: String) -> SQLError {
    SQLError(.undefinedFile, "no file matches \"\(pattern)\"", hint: "follow = 'true' waits for one.")
  }

  static func changed(_ path: String, _ byteCount: Int) -> SQLError {
    SQLError(
      .dataCorrupted, "file \"\(path)\" has changed: its first \(byteCount) bytes are not those that were read",
      hint: "Only append to a file that is a source; make the source anew to read the file from its beginning.")
  }

  static func shrunk(_ path: String, _ byteCount: Int) -> SQLError {
    SQLError(.dataCorrupted, "file \"\(path)\" has become shorter than the \(byteCount) bytes that were read")
  }

  static func replaced(_ path: String) -> SQLError {
    SQLError(.dataCorrupted, "file \"\(path)\" has been replaced by another file while it was read")
  }

  static func badPosition(of path: String) -> SQLError {
    SQLError(.dataCorrupted, "the position of \"\(path)\" is damaged")
  }
}

extension SQLState {
  static let undefinedFile = SQLState("58P01")
  static let insufficientPrivilege = SQLState("42501")
}
