import Columnar
package import SQLTypes

/// GREATEST and LEAST.
package enum Extremes {
  /// The largest or smallest of `count` values of one type; nulls are passed over, and only nulls give null.
  package static func function(isGreatest: Bool, _ type: SQLType, count: Int) -> ScalarFunction {
    let name = isGreatest ? "greatest" : "least"
    let op: ComparisonOperator = isGreatest ? .greater : .less
    let arguments = Array(repeating: type, count: count)
    return ScalarFunction(name, arguments, type, neverFails: true, variant: "") { arguments, count in
      var best = arguments[0]
      for next in arguments.dropFirst() {
        // A null compares as null, so that it never takes the place of a value.
        let isBetter = Column.or(.isTrue(.compare(op, next, best)), .isNull(best))
        let (taken, kept) = (Selection.whereTrue(isBetter), Selection.whereNotTrue(isBetter))
        best = .scatter([(taken, next.gather(taken)), (kept, best.gather(kept))], type.physicalType, count: count)
      }
      return FunctionOutput(best)
    }
  }
}
