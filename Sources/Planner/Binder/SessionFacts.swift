package import SQLCatalog

/// What functions such as `current_user` and `pg_table_is_visible` ask: the session in which a statement is bound.
///
/// A value of the moment of binding. The user, the database and the process stay as long as the session; a plan is made
/// anew when the catalog has changed; a plan that has read a setting is good for that moment alone.
package struct SessionFacts: Sendable {
  package struct Setting: Sendable {
    package var name: String
    package var value: String
    package var initial: String
    package var description: String
    /// Whether SET can change it.
    package var isFixed: Bool

    package init(name: String, value: String, initial: String, description: String, isFixed: Bool) {
      self.name = name
      self.value = value
      self.initial = initial
      self.description = description
      self.isFixed = isFixed
    }
  }

  package var user: String
  package var database: String
  /// As BackendKeyData tells it.
  package var processID: Int32
  package var catalog: Catalog
  /// Asked for only by what shows settings, for most statements do not.
  package var settings: @Sendable () -> [Setting]

  package init(
    user: String, database: String, processID: Int32, catalog: Catalog,
    settings: @escaping @Sendable () -> [Setting]
  ) {
    self.user = user
    self.database = database
    self.processID = processID
    self.catalog = catalog
    self.settings = settings
  }

  /// Who asks where nobody does: for the names of functions, not for what they tell.
  static let nobody = SessionFacts(
    user: "", database: "", processID: 0, catalog: Catalog(system: []), settings: { [] })

  /// What `version()` answers: clients read the number behind the first word.
  package static let version = "PostgreSQL 15.0 (Leat)"
}
