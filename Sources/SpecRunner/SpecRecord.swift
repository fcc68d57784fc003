/// One record of a file.
package struct SpecRecord: Sendable, Equatable {
  package enum Kind: Sendable, Equatable {
    /// A statement, or a query, with what it must do.
    case statement(Expectation)
    /// The changes that a subscription on the relation sees of the statement, in any order: `+1  a  7`.
    case changelog(relation: String, [String])
    case tick
    case restart
    /// Records from here on run in the session of this name, which is made when it is first named.
    case connection(String)
    case halt
  }
  package enum Expectation: Sendable, Equatable {
    case ok
    /// `INSERT 0 3`, `UPDATE 3` and the like count 3.
    case count(Int)
    case error(state: String, message: String?)
    case rows([String], QueryOptions)
  }
  package struct QueryOptions: Sendable, Equatable {
    package enum Order: String, Sendable { case nosort, rowsort, valuesort }
    /// One letter a column: I integer, R with a point, T text, B boolean, ? any; empty: not said.
    package var types = ""
    package var order = Order.nosort
    /// Queries of one label answer alike.
    package var label: String?
  }
  package struct Condition: Sendable, Equatable {
    package var isOnlyIf: Bool
    package var name: String
  }

  package var line: Int
  /// Empty for a record without one.
  package var sql: String
  package var kind: Kind
  /// `skipif`, `onlyif` before the record.
  package var conditions: [Condition] = []
}

/// A record that did not come out as written.
package struct SpecFailure: Error, Sendable, CustomStringConvertible {
  package var line: Int
  package var description: String
}
