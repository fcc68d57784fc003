import Expressions
package import SQLTypes

/// The functions and aggregates that a view may call, as `pg_proc` lists them.
package struct CallableFunction: Sendable {
  package let name: String
  package let isAggregate: Bool
  package let arguments: [SQLType]
  package let result: SQLType

  /// What the first of `all` has as its object id; the others follow. PostgreSQL's own numbers are not kept.
  package static let firstObjectID: Int64 = 12_000

  package static let all: [CallableFunction] = {
    let functions = FunctionTable.allFunctions.map {
      CallableFunction(name: $0.function.name, isAggregate: false, arguments: $0.signature, result: $0.function.result)
    }
    return functions + aggregates
  }()

  package static func of(objectID: Int64) -> CallableFunction? {
    let index = objectID - firstObjectID
    return index >= 0 && index < all.count ? all[Int(index)] : nil
  }

  /// Each aggregate over each type that it takes as it is; count takes any, and none.
  private static let aggregates: [CallableFunction] = {
    let types: [SQLType] = [
      .smallint, .integer, .bigint, .real, .double, .numeric(nil), .text, .date, .timestamp, .timestamptz, .interval,
    ]
    var found = [CallableFunction(name: "count", isAggregate: true, arguments: [], result: .bigint)]
    for aggregate in [AggregateFunction.avg, .max, .min, .sum] {
      for type in types {
        do throws(SQLError) {
          let argument = try ExpressionBinder.argumentType(aggregate, [type], at: SourceRange(0, 0))
          guard argument == type else { continue }
          found.append(
            CallableFunction(
              name: aggregate.rawValue, isAggregate: true, arguments: [type], result: ExpressionBinder.result(aggregate, type)))
        } catch { continue }
      }
    }
    return found
  }()
}
