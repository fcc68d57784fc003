package import SQLTypes
import Columnar

/// The rows of a batch on which an expression failed, and why.
package struct RowErrors: Sendable {
  package private(set) var entries: [(row: Int, error: SQLError)] = []

  package init() {}

  package var isEmpty: Bool { entries.isEmpty }

  package mutating func append(row: Int, _ error: SQLError) { entries.append((row, error)) }

  /// The error of the first failing row: what a SELECT asked once raises.
  package var first: SQLError? { entries.min { $0.row < $1.row }?.error }

  /// The rows that failed, each once.
  package var rows: Set<Int> { Set(entries.map(\.row)) }

  package mutating func append(contentsOf errors: RowErrors) { entries += errors.entries }

  /// Takes over the errors of a selection's rows, under the numbers that they have in the batch.
  mutating func append(_ errors: RowErrors, from selection: Selection) {
    for (row, error) in errors.entries { entries.append((selection[row], error)) }
  }
}
