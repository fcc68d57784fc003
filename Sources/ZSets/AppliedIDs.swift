package import Columnar

/// The ids of the stored rows that the rows of a change were applied to: which of them lie behind a cursor over the ids.
package struct AppliedIDs: Sendable {
  /// 4 bytes for each row of the change.
  let ids: Buffer
  private let count: Int

  package init(count: Int) {
    self.count = count
    ids = Buffer(byteCount: count * 4)
  }

  /// The id of the stored row that a row of the change was applied to.
  package subscript(row: Int) -> Int {
    precondition((0..<count).contains(row), "a row of the change")
    return Int(ids.pointer(as: UInt32.self)[row])
  }

  /// The change's rows whose stored rows have ids below `limit`.
  package func rows(below limit: Int) -> Selection {
    let pointer = ids.pointer(as: UInt32.self)
    return Selection((0..<count).filter { Int(pointer[$0]) < limit })
  }
}
