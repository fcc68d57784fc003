import CFuzzer
import JSONScan

/// Lines of JSON: any bytes are scanned without a trap; slices lie in what they point into; and the input cut in two
/// anywhere between lines gives as many rows and bad records as the whole.
@main
struct FuzzJSON {
  static let fields: [ScanField] = [
    .init("i", .bigint), .init("n", .integer), .init("s", .smallint), .init("d", .double), .init("r", .real),
    .init("b", .boolean), .init("x", .numeric), .init("t", .text), .init("m", .moment), .init("j", .json),
  ]

  static func main() {
    var count = CommandLine.argc
    var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?> = CommandLine.unsafeArgv
    _ = withUnsafeMutablePointer(to: &arguments) { arguments in
      arguments.withMemoryRebound(to: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.self, capacity: 1) {
        LLVMFuzzerRunDriver(&count, $0) { data, size in
          FuzzJSON.run(Array(UnsafeBufferPointer(start: data, count: size)))
          return 0
        }
      }
    }
  }

  static func run(_ bytes: [UInt8]) {
    var scanner = JSONScanner(fields)
    var columns = ScanColumns(fields)
    let done = scanner.scan(bytes.span, isFinal: true, into: &columns)
    precondition(done == bytes.count, "a final input is scanned whole")
    check(columns, bytes.count)
    let (rows, bad) = (columns.rowCount, columns.badRecords.count)
    // The same scanner again, whose guesses of the order of keys come from the first time.
    let first = bytes.prefix(bytes.count / 2)
    var (rowsOfParts, badOfParts) = (0, 0)
    let part = Array(first)
    let taken = scanner.scan(part.span, isFinal: false, into: &columns)
    precondition(taken <= part.count, "no more is taken than there is")
    check(columns, part.count)
    rowsOfParts += columns.rowCount
    badOfParts += columns.badRecords.count
    let rest = Array(bytes[taken...])
    precondition(scanner.scan(rest.span, isFinal: true, into: &columns) == rest.count, "a final input is scanned whole")
    check(columns, rest.count)
    rowsOfParts += columns.rowCount
    badOfParts += columns.badRecords.count
    precondition(rows == rowsOfParts && bad == badOfParts, "a cut between lines changes nothing")
  }

  static func check(_ columns: borrowing ScanColumns, _ inputCount: Int) {
    let arenaCount = columns.arena.count
    for (field, declared) in fields.enumerated() where declared.kind.isSlice {
      let nulls = columns.nulls(field)
      let slices = columns.slices(field)
      for row in slices.indices where nulls[row] == 0 {
        let slice = slices[row]
        precondition(slice.range.upperBound <= (slice.isInArena ? arenaCount : inputCount), "a slice lies in its text")
      }
    }
    for bad in columns.badRecords { precondition(bad.bytes.upperBound <= inputCount, "a bad record lies in its text") }
  }
}
