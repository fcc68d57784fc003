package import SQLTypes

extension ScalarFunction {
  /// A function that is computed a row at a time from values as objects: for the catalogues, never for a stream's rows.
  ///
  /// - takesNulls: whether it is asked about rows with a null argument; without, they give null.
  package static func byRow(
    _ name: String, _ arguments: [SQLType], _ result: SQLType, takesNulls: Bool = false,
    _ body: @escaping @Sendable ([SystemValue]) throws(SQLError) -> SystemValue
  ) -> ScalarFunction {
    ScalarFunction(name, arguments, result) { columns, count in
      var values: [SystemValue] = []
      var errors: [(row: Int, error: SQLError)] = []
      for row in 0..<count {
        let arguments = columns.map { SystemValue($0, row: row) }
        if !takesNulls && arguments.contains(.null) {
          values.append(.null)
          continue
        }
        do throws(SQLError) { values.append(try body(arguments)) } catch {
          errors.append((row, error))
          values.append(.null)
        }
      }
      return FunctionOutput(.of(values, result), errors: errors)
    }
  }
}
