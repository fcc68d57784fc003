/// What did not come out as recomputed.
struct Mismatch: Error, CustomStringConvertible {
  var statement: String
  var expected: String
  var actual: String
  /// The statements up to it.
  var history: [String]

  var description: String { "\(statement)\nexpected:\n\(expected)\nactual:\n\(actual)" }

  /// The failure as a file of the specification: what led to it, and the query with the recomputed rows.
  var specification: String {
    var text = "# A view differs from its query evaluated over the tables' rows.\n"
    for statement in history { text += "statement ok\n\(statement)\n\n" }
    if expected.hasPrefix("error ") {
      let words = expected.split(separator: " ")
      return text + "statement error \(words[1])\n\(statement)\n"
    }
    return text + "query\n\(statement)\n----\n\(expected)\n"
  }
}
