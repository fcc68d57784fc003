package import SQLTypes

/// One meaning of a function's or operator's name.
package struct Overload: Sendable {
  /// The types that calls are matched with: a row of PostgreSQL's `pg_operator` or `pg_proc`.
  package let signature: [SQLType]
  /// What runs. Its own arguments may be wider than the signature's: `integer + bigint` adds two bigints.
  package let function: ScalarFunction

  package init(_ signature: [SQLType], _ function: ScalarFunction) {
    self.signature = signature
    self.function = function
  }

  package init(_ function: ScalarFunction) { self.init(function.arguments, function) }
}

/// PostgreSQL 15's choice among overloads (§10.2 and §10.3; `func_select_candidate` of parse_func.c).
enum OverloadResolution {
  enum Outcome {
    case chosen(ScalarFunction)
    case undefined
    case ambiguous
  }

  /// - arguments: without modifiers.
  /// - isInfix: whether a literal of unknown type is first assumed to have the other side's type.
  static func choose(_ overloads: [Overload], _ arguments: [SQLType], isInfix: Bool) -> Outcome {
    let candidates = overloads.filter { $0.signature.count == arguments.count }
    if let exact = exactMatch(candidates, arguments, isInfix: isInfix) { return .chosen(exact.function) }
    var fitting = candidates.filter { accepts($0, arguments) }
    if fitting.isEmpty { return .undefined }
    let known = arguments.indices.filter { arguments[$0] != .unknown }
    fitting = best(of: fitting) { candidate in known.count { candidate.signature[$0] == arguments[$0] } }
    fitting = best(of: fitting) { candidate in
      known.count { index in
        let type = candidate.signature[index]
        return type == arguments[index] || (type.isPreferred && type.category == arguments[index].category)
      }
    }
    if fitting.count == 1 { return .chosen(fitting[0].function) }
    let unknown = arguments.indices.filter { arguments[$0] == .unknown }
    if unknown.isEmpty { return .ambiguous }
    fitting = byCategory(fitting, unknown)
    if fitting.count == 1 { return .chosen(fitting[0].function) }
    // The last resort: if the known arguments have one type, the unknown ones are assumed to have it too.
    let types = Set(known.map { arguments[$0] })
    if types.count == 1, let type = types.first {
      let assumed = fitting.filter { accepts($0, arguments.map { _ in type }) }
      if assumed.count == 1 { return .chosen(assumed[0].function) }
    }
    return .ambiguous
  }

  private static func exactMatch(_ candidates: [Overload], _ arguments: [SQLType], isInfix: Bool) -> Overload? {
    // A varchar is a text to every function, without a conversion.
    var wanted = arguments.map { $0.isText ? SQLType.text : $0 }
    if isInfix, wanted.contains(.unknown), let known = wanted.first(where: { $0 != .unknown }) { wanted = [known, known] }
    return candidates.first { $0.signature == wanted }
  }

  private static func accepts(_ candidate: Overload, _ arguments: [SQLType]) -> Bool {
    zip(arguments, candidate.signature).allSatisfy { Casts.context($0, $1) == .implicit }
  }

  private static func best(of candidates: [Overload], _ score: (Overload) -> Int) -> [Overload] {
    let top = candidates.map(score).max() ?? 0
    return candidates.filter { score($0) == top }
  }

  /// Those candidates whose arguments at the unknown places have one category: strings if any candidate takes one there,
  /// else the category that all share; and of these the preferred type, if some candidate takes it.
  private static func byCategory(_ candidates: [Overload], _ unknown: [Int]) -> [Overload] {
    var kept = candidates
    for index in unknown {
      let categories = Set(candidates.map { $0.signature[index].category })
      guard let category = categories.contains(.string) ? .string : categories.count == 1 ? categories.first : nil else {
        return candidates
      }
      let hasPreferred = candidates.contains {
        $0.signature[index].category == category && $0.signature[index].isPreferred
      }
      kept.removeAll { candidate in
        let type = candidate.signature[index]
        return type.category != category || (hasPreferred && !type.isPreferred)
      }
    }
    return kept.isEmpty ? candidates : kept
  }
}

/// PostgreSQL's `typcategory`.
package enum TypeCategory: Hashable, Sendable { case boolean, number, string, dateTime, timespan, catalog, unknown }

extension SQLType {
  package var category: TypeCategory {
    switch self {
    case .boolean: .boolean
    case .smallint, .integer, .bigint, .real, .double, .numeric, .oid: .number
    case .text, .varchar: .string
    case .date, .timestamp, .timestamptz: .dateTime
    case .interval: .timespan
    case .catalogText(let type): type.isText ? .string : type.isObject ? .number : .catalog
    case .unknown: .unknown
    }
  }

  /// The type of its category that wins where several fit (`typispreferred`).
  package var isPreferred: Bool {
    switch self {
    case .boolean, .double, .text, .timestamptz, .interval, .oid: true
    default: false
    }
  }
}
