internal import Columnar
package import SQLTypes

/// What an operator computes, in a form that can be compared: over the same inputs, operators of equal keys send the same rows.
///
/// The places of calls in their statements are not part of it: in views nobody is told them.
package struct OperationKey: Hashable, Sendable {
  /// Names and texts come after their lengths, lists after their counts, so that different operations have different bytes.
  private var bytes: [UInt8] = []

  package init(_ name: String) { add(name) }

  package mutating func add(_ text: String) {
    add(text.utf8.count)
    bytes += text.utf8
  }

  package mutating func add(_ number: Int) {
    for shift in stride(from: 0, to: 64, by: 8) { bytes.append(UInt8(truncatingIfNeeded: number >> shift)) }
  }

  package mutating func add(_ flag: Bool) { bytes.append(flag ? 1 : 0) }

  package mutating func add(_ numbers: [Int]) {
    add(numbers.count)
    for number in numbers { add(number) }
  }

  package mutating func add(_ type: SQLType) {
    add(Int(type.oid))
    add(type.name)
  }

  package mutating func add(_ keys: [SortKey]) {
    add(keys.count)
    for key in keys {
      add(key.column)
      add(key.isDescending)
      add(key.nullsFirst)
    }
  }

  package mutating func add(_ calls: [AggregateCall]) {
    add(calls.count)
    for call in calls {
      add(call.function.rawValue)
      add(call.argument ?? -1)
      add(call.key ?? -1)
      add(call.isDistinct)
      add(call.filter ?? -1)
      add(call.result)
    }
  }

  /// - Returns: false for an expression of which it cannot be told whether another one is the same.
  package mutating func add(_ expressions: [BoundExpression]) -> Bool {
    add(expressions.count)
    return expressions.allSatisfy { add($0) }
  }

  /// - Returns: as for a list.
  package mutating func add(_ expression: BoundExpression) -> Bool {
    switch expression {
    case .column(let index, let type):
      add("column")
      add(index)
      add(type)
    case .constant(let column, let type):
      add("constant")
      add(type)
      let value = BatchCodec.encode(Batch(count: 1, columns: [column]))
      add(value.count)
      bytes += value
    case .call(let function, let arguments, _):
      guard let variant = function.variant else { return false }
      add("call")
      add(function.name)
      add(variant)
      add(function.arguments.count)
      for type in function.arguments { add(type) }
      add(function.result)
      return add(arguments)
    case .not(let inner):
      add("not")
      return add(inner)
    case .and(let inner):
      add("and")
      return add(inner)
    case .or(let inner):
      add("or")
      return add(inner)
    case .isNull(let inner, let isNegated):
      add("is null")
      add(isNegated)
      return add(inner)
    case .isBoolean(let inner, let value, let isNegated):
      add("is boolean")
      add(value)
      add(isNegated)
      return add(inner)
    case .caseWhen(let branches, let otherwise, let type):
      add("case")
      add(type)
      return add(branches.flatMap { [$0.condition, $0.result] } + [otherwise])
    case .coalesce(let inner, let type):
      add("coalesce")
      add(type)
      return add(inner)
    case .nullOnError(let inner):
      add("try")
      return add(inner)
    case .parameter: return false
    }
    return true
  }
}
