internal import CReadline

/// The readline that is linked in.
package enum ReadlineLibrary {
  /// Of the library that is loaded: `8.2`.
  package static var version: String { unsafe String(cString: leat_rl_version()) }
}
