import Planner
import SQLCatalog
import SQLSyntax

/// Who a session's client says to be. There is one role, which may do everything, under whatever name a client comes.
package struct SessionIdentity: Sendable {
  package var user = "leat"
  package var database = "leat"
  package var processID: Int32 = 0

  package init() {}

  package init(user: String, database: String, processID: Int32) {
    self.user = user
    self.database = database
    self.processID = processID
  }
}

extension Session {
  /// What functions of the session tell, over one catalog.
  func sessionFacts(_ catalog: Catalog) -> SessionFacts {
    let (settings, current) = (settings, momentaryValues)
    return SessionFacts(
      user: identity.user, database: identity.database, processID: identity.processID, catalog: catalog
    ) {
      Settings.all.map { setting in
        SessionFacts.Setting(
          name: setting.name, value: current[setting.name] ?? settings.value(setting), initial: setting.initial,
          description: setting.description, isFixed: setting.isFixed)
      }
    }
  }
}

extension Session {
  /// Settings that nobody set: they follow from what the session is and does.
  var momentaryValues: [String: String] {
    var values = ["session_authorization": identity.user, "workers": "\(engine.workers)"]
    if let block { values["transaction_isolation"] = block.isolation.rawValue.lowercased() }
    return values
  }
}

extension Setting {
  var isFixed: Bool { if case .fixed = rule { true } else { false } }
}
