/// A five-character SQLSTATE code (PostgreSQL 15, appendix A).
package struct SQLState: Hashable, Sendable, CustomStringConvertible {
  package let code: String
  package init(_ code: String) { self.code = code }
  package var description: String { code }

  package static let warning = SQLState("01000")
  package static let featureNotSupported = SQLState("0A000")
  package static let unableToConnect = SQLState("08001")
  package static let connectionFailure = SQLState("08006")
  package static let protocolViolation = SQLState("08P01")
  package static let dataException = SQLState("22000")
  package static let stringDataRightTruncation = SQLState("22001")
  package static let numericValueOutOfRange = SQLState("22003")
  package static let invalidTimeZoneDisplacement = SQLState("22009")
  package static let invalidDatetimeFormat = SQLState("22007")
  package static let datetimeFieldOverflow = SQLState("22008")
  package static let substringError = SQLState("22011")
  package static let divisionByZero = SQLState("22012")
  package static let intervalFieldOverflow = SQLState("22015")
  package static let invalidArgumentForLogarithm = SQLState("2201E")
  package static let invalidArgumentForPower = SQLState("2201F")
  package static let invalidArgumentForWidthBucket = SQLState("2201G")
  package static let invalidRowCountInLimit = SQLState("2201W")
  package static let invalidRowCountInOffset = SQLState("2201X")
  package static let characterNotInRepertoire = SQLState("22021")
  package static let invalidParameterValue = SQLState("22023")
  package static let invalidEscapeSequence = SQLState("22025")
  package static let invalidTextRepresentation = SQLState("22P02")
  package static let invalidBinaryRepresentation = SQLState("22P03")
  package static let untranslatableCharacter = SQLState("22P05")
  package static let notNullViolation = SQLState("23502")
  package static let uniqueViolation = SQLState("23505")
  package static let activeTransaction = SQLState("25001")
  package static let noActiveTransaction = SQLState("25P01")
  package static let failedTransaction = SQLState("25P02")
  package static let invalidStatementName = SQLState("26000")
  package static let invalidAuthorization = SQLState("28000")
  package static let dependentObjectsStillExist = SQLState("2BP01")
  package static let invalidCursorName = SQLState("34000")
  package static let serializationFailure = SQLState("40001")
  package static let syntaxError = SQLState("42601")
  package static let invalidColumnReference = SQLState("42P10")
  package static let duplicateColumn = SQLState("42701")
  package static let ambiguousColumn = SQLState("42702")
  package static let undefinedColumn = SQLState("42703")
  package static let undefinedObject = SQLState("42704")
  package static let duplicateAlias = SQLState("42712")
  package static let ambiguousFunction = SQLState("42725")
  package static let groupingError = SQLState("42803")
  package static let datatypeMismatch = SQLState("42804")
  package static let wrongObjectType = SQLState("42809")
  package static let cannotCoerce = SQLState("42846")
  package static let undefinedFunction = SQLState("42883")
  package static let undefinedTable = SQLState("42P01")
  package static let undefinedParameter = SQLState("42P02")
  package static let duplicateCursor = SQLState("42P03")
  package static let duplicatePreparedStatement = SQLState("42P05")
  package static let duplicateTable = SQLState("42P07")
  package static let ambiguousParameter = SQLState("42P08")
  package static let invalidTableDefinition = SQLState("42P16")
  package static let indeterminateDatatype = SQLState("42P18")
  package static let insufficientResources = SQLState("53000")
  package static let diskFull = SQLState("53100")
  package static let outOfMemory = SQLState("53200")
  package static let tooManyConnections = SQLState("53300")
  package static let configurationLimitExceeded = SQLState("53400")
  package static let programLimitExceeded = SQLState("54000")
  package static let statementTooComplex = SQLState("54001")
  package static let tooManyColumns = SQLState("54011")
  package static let tooManyArguments = SQLState("54023")
  package static let objectNotInPrerequisiteState = SQLState("55000")
  package static let queryCanceled = SQLState("57014")
  package static let adminShutdown = SQLState("57P01")
  package static let snapshotTooOld = SQLState("72000")
  package static let ioError = SQLState("58030")
  package static let dataCorrupted = SQLState("XX001")
  package static let internalError = SQLState("XX000")
}

/// Anything that SQL text, a record or a peer can cause.
///
/// `message` is lower case without a full stop, names in double quotes; `range` points at the smallest text that is wrong.
package struct SQLError: Error, Hashable, Sendable {
  private struct Fields: Hashable, Sendable {
    var state: SQLState
    var message: String
    var detail: String?
    var hint: String?
    var range: SourceRange?
  }
  /// One pointer, because every call that can fail keeps room for an error in its caller's stack frame, and recursion
  /// over a statement has many of them. Unchecked: `fields` is written only by its only owner.
  private final class Storage: @unchecked Sendable {
    var fields: Fields
    init(_ fields: Fields) { self.fields = fields }
  }
  private var storage: Storage

  package init(
    _ state: SQLState, _ message: String, detail: String? = nil, hint: String? = nil, at range: SourceRange? = nil
  ) {
    storage = Storage(Fields(state: state, message: message, detail: detail, hint: hint, range: range))
  }

  private var fields: Fields {
    get { storage.fields }
    _modify {
      if !isKnownUniquelyReferenced(&storage) { storage = Storage(storage.fields) }
      yield &storage.fields
    }
  }

  package var state: SQLState { get { storage.fields.state } set { fields.state = newValue } }
  package var message: String { get { storage.fields.message } set { fields.message = newValue } }
  package var detail: String? { get { storage.fields.detail } set { fields.detail = newValue } }
  package var hint: String? { get { storage.fields.hint } set { fields.hint = newValue } }
  package var range: SourceRange? { get { storage.fields.range } set { fields.range = newValue } }

  package static func == (lhs: SQLError, rhs: SQLError) -> Bool { lhs.storage.fields == rhs.storage.fields }
  package func hash(into hasher: inout Hasher) { hasher.combine(storage.fields) }

  /// The same error where the text that it points into is not at hand.
  package var withoutRange: SQLError {
    var copy = self
    copy.range = nil
    return copy
  }

  /// The same error, pointing at `range` where it did not yet point anywhere.
  package func located(at range: SourceRange?) -> SQLError {
    guard self.range == nil, let range else { return self }
    var copy = self
    copy.range = range
    return copy
  }
}

extension SQLError: CustomStringConvertible {
  /// For logs of our own and failed tests; what users see is `rendered`.
  package var description: String { "\(state.code) \(message)" + (range.map { " at \($0.start)..<\($0.end)" } ?? "") }
}

extension SQLError {
  package static func syntax(near token: String, at range: SourceRange) -> SQLError {
    SQLError(.syntaxError, "syntax error at or near \"\(token)\"", at: range)
  }
  package static func syntaxAtEnd(at range: SourceRange) -> SQLError {
    SQLError(.syntaxError, "syntax error at end of input", at: range)
  }
  /// SQL that DIALECT names and this build does not do yet, or refuses for good.
  package static func unsupported(_ what: String, hint: String? = nil, at range: SourceRange?) -> SQLError {
    SQLError(.featureNotSupported, "\(what) is not supported", hint: hint, at: range)
  }
}
