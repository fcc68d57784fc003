package import SQLTypes

extension SQLType {
  /// Whether equal values may differ in their bytes, so that `Column.canonical(as:)` has something to do.
  package var hasCanonicalForm: Bool {
    switch self {
    case .real, .double, .numeric(nil), .interval: true
    default: false
    }
  }
}
