import Expressions

/// How the rows of a node are dealt to the workers: what an exchange would do again need not be done.
///
/// Error rows are dealt alike: by the key as far as it is known; one with a poisoned key is with the first worker. Linear
/// operators keep that up, because a column that is passed on keeps its poison.
enum Dealing: Equatable {
  /// Any worker may have any row.
  case anywhere
  /// The first worker has all rows.
  case first
  /// The owner of a key's hash has its rows. For each part of the key the columns that hold it.
  case byKey([Set<Int>])

  static func byKey(_ columns: some Sequence<Int>) -> Dealing { .byKey(columns.map { [$0] }) }

  /// Whether rows that are equal in these columns are with one worker.
  func unites(_ columns: Set<Int>) -> Bool {
    switch self {
    case .anywhere: false
    case .first: true
    case .byKey(let parts): parts.allSatisfy { !$0.isDisjoint(with: columns) }
    }
  }

  /// Whether rows are with the owner of exactly this key.
  func isByKey(_ columns: [Int]) -> Bool {
    guard case .byKey(let parts) = self, parts.count == columns.count else { return false }
    return zip(parts, columns).allSatisfy { $0.contains($1) }
  }

  /// The dealing of rows whose column `new` is the column `old` of these, for each pair; of other columns nothing is known.
  func renumbered(_ columns: [(old: Int, new: Int)]) -> Dealing {
    guard case .byKey(let parts) = self else { return self }
    let moved = parts.map { part in Set(columns.filter { part.contains($0.old) }.map(\.new)) }
    return moved.contains { $0.isEmpty } ? .anywhere : .byKey(moved)
  }

  /// The dealing of the rows of both; their columns are the same.
  func united(with other: Dealing) -> Dealing {
    if self == other { return self }
    guard case .byKey(let parts) = self, case .byKey(let others) = other, parts.count == others.count else { return .anywhere }
    let common = zip(parts, others).map { $0.intersection($1) }
    return common.contains { $0.isEmpty } ? .anywhere : .byKey(common)
  }
}

extension Dealing {
  /// Of rows that are computed from these.
  func projected(by expressions: [BoundExpression]) -> Dealing {
    renumbered(
      expressions.enumerated().compactMap { new, expression in
        if case .column(let old, _) = expression { (old, new) } else { nil }
      })
  }
}
