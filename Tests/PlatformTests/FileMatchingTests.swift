import Testing

@testable import Platform

private func touch(_ path: String, _ bytes: [UInt8] = []) throws {
  let file = try FileDescriptor(opening: path, .create)
  try file.writeFully(bytes)
}

@Test func patternsMatchInByteOrder() throws {
  let directory = try makeTemporaryDirectory(prefix: "/tmp/leat-glob-")
  let names = ["b.x", "a.x", "B.x", "é.x", "a[1].x", ".hidden.x", "a.y"]
  for name in names { try touch("\(directory)/\(name)") }
  defer {
    for name in names { try? removeFile("\(directory)/\(name)") }
    try? removeDirectory(directory)
  }
  func matches(_ pattern: String) throws -> [String] {
    try matchingPaths("\(directory)/\(pattern)").map { String($0.dropFirst(directory.utf8.count + 1)) }
  }
  #expect(try matches("*.x") == ["B.x", "a.x", "a[1].x", "b.x", "é.x"])
  #expect(try matches("[ab].?") == ["a.x", "a.y", "b.x"])
  #expect(try matches("a\\[1].x") == ["a[1].x"])
  #expect(try matches("none*") == [])
  #expect(try matches("a.x") == ["a.x"])
  #expect(isPathPattern("a*") && isPathPattern("[") && !isPathPattern("a.x"))
}

@Test func identityTellsFilesApart() throws {
  let directory = try makeTemporaryDirectory(prefix: "/tmp/leat-identity-")
  let (a, b) = ("\(directory)/a", "\(directory)/b")
  try touch(a, [1, 2, 3])
  try touch(b)
  defer {
    for path in [a, b] { try? removeFile(path) }
    try? removeDirectory(directory)
  }
  let file = try FileDescriptor(opening: a, .read)
  let identity = try FileIdentity(a)
  #expect(try identity == FileIdentity(file))
  #expect(identity.isRegular && identity.byteCount == 3)
  #expect(try !identity.isSameFile(as: FileIdentity(b)))
  #expect(try !FileIdentity(directory).isRegular)
  #expect(throws: PlatformError.system(call: "stat", errno: 2)) { try FileIdentity("\(directory)/c") }
  var bytes: [UInt8] = [0, 0, 0, 0]
  var span = bytes.mutableSpan
  var raw = span.mutableBytes
  #expect(try file.read(into: &raw, at: 1) == 2)
  #expect(try file.read(into: &raw, at: 3) == 0)
  #expect(bytes == [2, 3, 0, 0])
}
