import Glibc
import Testing

@testable import Platform

/// A directory that is removed, with its files, when it goes out of scope.
private final class TemporaryDirectory {
  let path: String
  private let files: [String]

  init(files: [String]) throws {
    path = try makeTemporaryDirectory(prefix: "/tmp/leat-platform-")
    self.files = files
  }

  deinit {
    for file in files { try? removeFile("\(path)/\(file)") }
    try? removeDirectory(path)
  }
}

@Suite(.timeLimit(.minutes(1))) struct FileAndSocketTests {
  @Test func aFileKeepsWhatIsWritten() throws {
    let directory = try TemporaryDirectory(files: ["f"]), path = directory.path + "/f"
    let bytes = (0..<100_000).map { UInt8(truncatingIfNeeded: $0) }
    do {
      let file = try FileDescriptor(opening: path, .createNew)
      try file.writeFully(bytes)
      try file.sync()
      #expect(try file.byteCount == bytes.count)
      #expect(try file.read(atMost: 3, at: 257) == [1, 2, 3])
      #expect(try file.read(atMost: 3, at: bytes.count) == [])
    }
    #expect(throws: PlatformError.system(call: "open", errno: 17)) { _ = try FileDescriptor(opening: path, .createNew) }
    #expect(try FileDescriptor(opening: path, .read).readToEnd() == bytes)
    do {
      let mapped = try MappedFile(path)
      #expect(mapped.byteCount == bytes.count)
      #expect(mapped.bytes.unsafeLoad(fromByteOffset: 300, as: UInt8.self) == bytes[300])
    }
    let appender = try FileDescriptor(opening: path, .append)
    try appender.writeFully([7])
    #expect(try FileDescriptor(opening: path, .read).byteCount == bytes.count + 1)
    _ = try FileDescriptor(opening: path, .truncate)
    #expect(try MappedFile(path).byteCount == 0)
    #expect(PlatformError.system(call: "open", errno: 2).description == "open: No such file or directory")
  }

  @Test func readFullyKnowsTheEnd() throws {
    let directory = try TemporaryDirectory(files: ["f"])
    let file = try FileDescriptor(opening: directory.path + "/f", .create)
    try file.writeFully([1, 2, 3, 4])
    var bytes = [UInt8](repeating: 0, count: 4)
    do {
      var elements = bytes.mutableSpan
      var span = elements.mutableBytes
      try file.readFully(into: &span, at: 0)
    }
    #expect(bytes == [1, 2, 3, 4])
    #expect(throws: PlatformError.endOfFile) {
      var more = [UInt8](repeating: 0, count: 4)
      var elements = more.mutableSpan
      var span = elements.mutableBytes
      try file.readFully(into: &span, at: 1)
    }
  }

  @Test(arguments: ["tcp", "unix"]) func bytesCrossASocketBothWays(kind: String) throws {
    let directory = try TemporaryDirectory(files: ["s"]), path = directory.path + "/s"
    let wakeup = try Wakeup()
    let listener = try kind == "tcp" ? Listener(port: 0) : Listener(unix: path)
    let message = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    let port = kind == "tcp" ? listener.port : 0
    let echo = try Thread(named: "echo") {
      guard let server = try? listener.accept(or: wakeup) else { return }
      while let bytes = try? server.receive(atMost: 1 << 16, or: wakeup), !bytes.isEmpty {
        try? server.send(bytes, or: wakeup)
      }
    }
    let client = try kind == "tcp" ? Connection(port: port) : Connection(unix: path)
    let sender = try Thread(named: "sender") { try? client.send(message, or: wakeup) }
    var back: [UInt8] = []
    while back.count < message.count { back += try client.receive(atMost: 1 << 16, or: wakeup) }
    #expect(back == message)
    #expect(try client.waitReadable(or: wakeup, timeoutMilliseconds: 1) == .timedOut)
    client.shutDown()
    sender.join()
    echo.join()
  }

  @Test func aConnectionToNobodyIsRefused() throws {
    let port = try Listener(port: 0).port
    #expect(throws: PlatformError.system(call: "connect", errno: 111)) { _ = try Connection(port: port, or: nil) }
  }

  @Test func aSecondHolderOfADirectoryIsRefusedWithThePid() async throws {
    let directory = try TemporaryDirectory(files: ["lock"])
    let path = directory.path, pid = processID
    do {
      let lock = try DirectoryLock(path)
      #expect(throws: PlatformError.directoryHeld(path: path, pid: pid)) { _ = try DirectoryLock(path) }
      await #expect(processExitsWith: .success) { [path = path as String, pid = pid as Int32] in
        #expect(processID != pid)
        #expect(throws: PlatformError.directoryHeld(path: path, pid: pid)) { _ = try DirectoryLock(path) }
      }
      _ = consume lock
    }
    // A child that another test is starting just now has the descriptor until it runs its own program.
    for _ in 0..<200 where (try? DirectoryLock(path)) == nil { _ = try Wakeup().wait(timeoutMilliseconds: 10) }
    _ = try DirectoryLock(path)
  }

  @Test func aProcessThatDiesLetsItsDirectoryGo() async throws {
    let directory = try TemporaryDirectory(files: ["lock"])
    let path = directory.path
    await #expect(processExitsWith: .signal(SIGILL)) { [path = path as String] in
      let lock = try DirectoryLock(path)
      precondition(processID == 0, "die with the lock")
      _ = consume lock
    }
    // A child that another test is starting just now has the descriptor until it runs its own program.
    for _ in 0..<200 where (try? DirectoryLock(path)) == nil { _ = try Wakeup().wait(timeoutMilliseconds: 10) }
    _ = try DirectoryLock(path)
  }

  @Test func aFakeClockMovesWhenTold() {
    let clock = FakeClock(wallMicroseconds: 1000)
    clock.advance(microseconds: 5)
    #expect(clock.wallMicroseconds == 1005 && clock.monotonicNanoseconds == 5000)
    clock.setWall(microseconds: 3)
    #expect(clock.wallMicroseconds == 3 && clock.monotonicNanoseconds == 5000)
    let system = SystemClock(), before = system.monotonicNanoseconds
    sleep(milliseconds: 2)
    #expect(system.monotonicNanoseconds - before >= 2_000_000)
    #expect(system.wallMicroseconds > 1_700_000_000_000_000)
  }
}
