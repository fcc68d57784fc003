package import Expressions
package import SQLCatalog
import SQLTypes

/// What RETURNING gives for each affected row.
package struct PlannedReturning: Sendable {
  /// Over the table's columns, as they are after the write; a deleted row's as they were.
  package var expressions: [BoundExpression]
  package var columns: [OutputColumn]
}

/// An INSERT. NOT NULL and keys are checked when the rows are written.
package struct PlannedInsert: Sendable {
  package var relation: Relation
  /// Exactly the table's columns, with their types; defaults are in it. Its order is the order of insertion.
  package var rows: PlannedQuery
  package var onConflict: PlannedConflict?
  package var returning: PlannedReturning?
}

/// What an INSERT does with a row whose key is there already.
package struct PlannedConflict: Sendable {
  package enum Action: Sendable {
    case nothing
    /// New values of all the table's columns, and whether to update at all: over the columns of the row that is there,
    /// then those of the row that was to be inserted (EXCLUDED).
    case update(newValues: [BoundExpression], filter: BoundExpression?)
  }

  /// The columns of the key that decides; nil for any of the table's keys.
  package var key: [Int]?
  package var action: Action
}

package struct PlannedUpdate: Sendable {
  package var relation: Relation
  /// Over the table's columns; without one, every row is meant.
  package var filter: BoundExpression?
  /// One for each of the table's columns, over the row before the write.
  package var newValues: [BoundExpression]
  /// The columns that SET names.
  package var assigned: [Int]
  package var returning: PlannedReturning?
}

package struct PlannedDelete: Sendable {
  package var relation: Relation
  /// Over the table's columns; without one, every row is meant.
  package var filter: BoundExpression?
  package var returning: PlannedReturning?
}
