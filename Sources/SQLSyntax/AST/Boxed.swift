/// A node's fields in one allocation, so that a stack frame that holds the node holds one pointer.
///
/// Parsing, printing, comparing and binding recurse over text that others wrote; what a level takes of the stack decides
/// how deep a statement may be (`Parser.Limits`). A value, copied when written while shared.
struct Boxed<Fields: Equatable & Sendable>: Equatable, Sendable {
  /// Unchecked, because `fields` is written only while this box is its only owner.
  private final class Storage: @unchecked Sendable {
    var fields: Fields
    init(_ fields: Fields) { self.fields = fields }
  }
  private var storage: Storage

  @inline(never)
  init(_ fields: Fields) { storage = Storage(fields) }

  var fields: Fields {
    @inline(__always) _read { yield storage.fields }
    @inline(__always) _modify {
      if !isKnownUniquelyReferenced(&storage) { storage = Storage(storage.fields) }
      yield &storage.fields
    }
  }

  @inline(never)
  static func == (lhs: Self, rhs: Self) -> Bool { lhs.storage === rhs.storage || lhs.storage.fields == rhs.storage.fields }
}
