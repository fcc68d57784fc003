import Columnar
import SQLTypes

/// `~`, `!~`, `~*`, `!~*`: whether a text matches a pattern, or does not; with a star, small and capital letters are one.
enum RegexpOperators {
  static let infix: [Overload] = [("~", false, false), ("!~", true, false), ("~*", false, true), ("!~*", true, true)].map {
    name, isNegated, ignoresCase in
    Overload(ScalarFunction(name, [.text, .text], .boolean) { arguments, count in
      match(arguments[0], arguments[1], count, isNegated: isNegated, ignoringCase: ignoresCase)
    })
  }

  /// A pattern is compiled when it is another than the row's before: a constant one once for the batch.
  private static func match(
    _ texts: Column, _ patterns: Column, _ count: Int, isNegated: Bool, ignoringCase: Bool
  ) -> FunctionOutput {
    var builder = ColumnBuilder<UInt8>(.bool, capacity: count)
    var errors: [(row: Int, error: SQLError)] = []
    var last: (pattern: [UInt8], matcher: Result<RegexpMatcher, SQLError>)?
    for row in 0..<count {
      if texts.isNull(row) || patterns.isNull(row) {
        builder.appendNull()
        continue
      }
      if last == nil || !patterns.isConstant {
        patterns.withText(row) { bytes in
          if let last, last.pattern.span.isSame(as: bytes) { return }
          last = (bytes.indices.map { bytes[$0] }, compiled(bytes, ignoringCase))
        }
      }
      do throws(SQLError) {
        guard var found = last else { preconditionFailure("a pattern was compiled") }
        last = nil
        defer { last = found }
        let isMatch = try isMatch(texts, row, &found.matcher)
        builder.append(isMatch != isNegated ? 1 : 0)
      } catch {
        errors.append((row, error))
        builder.appendNull()
      }
    }
    return FunctionOutput(builder.finish(), errors: errors)
  }

  private static func compiled(_ pattern: borrowing Span<UInt8>, _ ignoringCase: Bool) -> Result<RegexpMatcher, SQLError> {
    let text = String(decoding: pattern.indices.map { pattern[$0] }, as: UTF8.self)
    do throws(SQLError) {
      return .success(RegexpMatcher(try RegularExpression(text, ignoringCase: ignoringCase)))
    } catch { return .failure(error) }
  }

  private static func isMatch(
    _ texts: Column, _ row: Int, _ matcher: inout Result<RegexpMatcher, SQLError>
  ) throws(SQLError) -> Bool {
    // Taken out, so that its memory is not copied while it changes.
    var running = try matcher.get()
    matcher = .failure(RegularExpression.tooComplex)
    let result: Bool? = texts.withText(row) { running.matches($0) }
    matcher = .success(running)
    guard let result else {
      throw SQLError(SQLState("54000"), "the text is too long for this regular expression")
    }
    return result
  }
}

extension Span<UInt8> {
  fileprivate func isSame(as other: borrowing Span<UInt8>) -> Bool {
    count == other.count && indices.allSatisfy { self[$0] == other[$0] }
  }
}
