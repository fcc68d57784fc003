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

/// A session's settings as they are, those too that nobody sets: they follow from what the session is and does.
struct CurrentSettings: Sendable {
  fileprivate let settings: Settings
  fileprivate let user: String
  fileprivate let isolation: TransactionModes.Isolation?
  fileprivate let workers: Int

  func value(_ setting: Setting) -> String {
    switch setting.name {
    case "session_authorization": user
    case "transaction_isolation": isolation.map { $0.rawValue.lowercased() } ?? settings.value(setting)
    case "workers": "\(workers)"
    default: settings.value(setting)
    }
  }
}

extension Session {
  var currentSettings: CurrentSettings {
    CurrentSettings(settings: settings, user: identity.user, isolation: block?.isolation, workers: engine.workers)
  }

  /// What functions of the session tell, over one catalog.
  func sessionFacts(_ catalog: Catalog) -> SessionFacts {
    let current = currentSettings
    return SessionFacts(
      user: identity.user, database: identity.database, processID: identity.processID, catalog: catalog
    ) {
      Settings.all.map { setting in
        SessionFacts.Setting(
          name: setting.name, value: current.value(setting), initial: setting.initial, description: setting.description,
          isFixed: setting.isFixed)
      }
    }
  }
}

extension Setting {
  var isFixed: Bool { if case .fixed = rule { true } else { false } }
}
