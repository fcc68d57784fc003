/// The present values of each group in order: ids of an index's rows (DESIGN §3, KERNELS §10.8).
///
/// Up to 128 values of a group are one sorted array, prefixes before ids; more become an `OrderedRows`, until the group
/// has none left. The lists are not part of a checkpoint: they follow from the rows.
struct OrderedValues: ~Copyable {
  private struct List {
    var base: UnsafeMutableRawPointer?
    var count: Int32 = 0
    /// Room in the array; 0: none; -1: `base` is a `LargeList`.
    var capacity: Int32 = 0

    var prefixes: UnsafeMutablePointer<UInt64> { base!.assumingMemoryBound(to: UInt64.self) }
    var ids: UnsafeMutablePointer<UInt32> { (base! + Int(capacity) * 8).assumingMemoryBound(to: UInt32.self) }
    var large: LargeList { Unmanaged<LargeList>.fromOpaque(base!).takeUnretainedValue() }

    func free() {
      guard let base else { return }
      if capacity < 0 { Unmanaged<LargeList>.fromOpaque(base).release() } else { base.deallocate() }
    }
  }

  /// A list that is too long for one array: its tree, each value with weight 1.
  private final class LargeList {
    var rows = OrderedRows()
  }

  private static var largestArray: Int32 { 128 }

  /// By group.
  private var lists: [List] = []
  private(set) var stateBytes = 0

  deinit { for list in lists { list.free() } }

  mutating func insert<Order: RowOrder>(_ id: UInt32, prefix: UInt64, into group: UInt32, order: inout Order) {
    while lists.count <= Int(group) { lists.append(List()) }
    var list = lists[Int(group)]
    if list.count == list.capacity { grow(&list, order: &order) }
    if list.capacity < 0 {
      list.large.rows.insert(id, prefix: prefix, weight: 1, order: &order)
    } else {
      let position = lowerBound(list, prefix, id, &order), moved = Int(list.count) - position
      (list.prefixes + position + 1).update(from: list.prefixes + position, count: moved)
      (list.ids + position + 1).update(from: list.ids + position, count: moved)
      list.prefixes[position] = prefix
      list.ids[position] = id
    }
    list.count += 1
    lists[Int(group)] = list
  }

  /// Removes a value that is there.
  mutating func remove<Order: RowOrder>(_ id: UInt32, prefix: UInt64, from group: UInt32, order: inout Order) {
    var list = lists[Int(group)]
    if list.capacity < 0 {
      list.large.rows.remove(id, prefix: prefix, order: &order)
    } else {
      let position = lowerBound(list, prefix, id, &order), moved = Int(list.count) - position - 1
      precondition(moved >= 0 && list.ids[position] == id, "a value of the group")
      (list.prefixes + position).update(from: list.prefixes + position + 1, count: moved)
      (list.ids + position).update(from: list.ids + position + 1, count: moved)
    }
    list.count -= 1
    if list.count == 0 {
      stateBytes -= bytes(list)
      list.free()
      list = List()
    }
    lists[Int(group)] = list
  }

  /// The first or the last value of a group, as id + 1; 0: it has none.
  func extreme(of group: UInt32, isFirst: Bool) -> UInt64 {
    guard Int(group) < lists.count else { return 0 }
    let list = lists[Int(group)]
    if list.count == 0 { return 0 }
    if list.capacity > 0 { return UInt64(list.ids[isFirst ? 0 : Int(list.count) - 1]) + 1 }
    var found: UInt64 = 0
    list.large.rows.walk(from: isFirst ? 0 : Int64(list.count) - 1) { id, _, _ in
      found = UInt64(id) + 1
      return false
    }
    return found
  }

  private func lowerBound<Order: RowOrder>(_ list: List, _ prefix: UInt64, _ id: UInt32, _ order: inout Order) -> Int {
    let prefixes = list.prefixes, ids = list.ids
    var low = 0, high = Int(list.count)
    while low < high {
      let middle = (low + high) / 2, other = prefixes[middle]
      let isBefore = other != prefix ? other < prefix : ids[middle] != id && order.compare(ids[middle], id) < 0
      if isBefore { low = middle + 1 } else { high = middle }
    }
    return low
  }

  private mutating func grow<Order: RowOrder>(_ list: inout List, order: inout Order) {
    stateBytes -= bytes(list)
    if list.capacity == Self.largestArray {
      let large = LargeList()
      for entry in 0..<Int(list.count) {
        large.rows.insert(list.ids[entry], prefix: list.prefixes[entry], weight: 1, order: &order)
      }
      list.free()
      list.base = Unmanaged.passRetained(large).toOpaque()
      list.capacity = -1
    } else {
      var larger = list
      larger.capacity = max(4, list.capacity * 2)
      larger.base = .allocate(byteCount: Int(larger.capacity) * 12, alignment: 8)
      if list.count > 0 {
        larger.prefixes.update(from: list.prefixes, count: Int(list.count))
        larger.ids.update(from: list.ids, count: Int(list.count))
      }
      list.free()
      list = larger
    }
    stateBytes += bytes(list)
  }

  /// Of a large list only what it began with: a tree's nodes come and go.
  private func bytes(_ list: List) -> Int { list.capacity < 0 ? 4096 : Int(list.capacity) * 12 }
}
