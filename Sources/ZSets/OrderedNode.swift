/// An entry on its way into an `OrderedRows`.
struct OrderedEntry {
  var prefix: UInt64
  var id: UInt32
  var weight: Int64
}

/// One node of an `OrderedRows`: a leaf's entries are rows, an inner node's stand for its children.
///
/// | offset | size    | leaf                  | inner node                       |
/// |--------|---------|-----------------------|----------------------------------|
/// | 0      | 8 * 128 | prefix of each row    | prefix of each child's first row |
/// | 1024   | 8 * 128 | weight of each row    | sum of each child's weights      |
/// | 2048   | 4 * 128 | id of each row        | id of each child's first row     |
/// | 2560   | 4 * 128 | unused                | number of each child             |
/// | 3072   | 4       | entries in use        | the same                         |
/// | 3076   | 4       | 1                     | 0                                |
///
/// The memory belongs to the list; a node is its address.
struct OrderedNode {
  static let capacity = 128
  static let byteCount = 3080
  static let none = UInt32.max

  let prefixes: UnsafeMutablePointer<UInt64>
  let weights: UnsafeMutablePointer<Int64>
  let ids: UnsafeMutablePointer<UInt32>
  let children: UnsafeMutablePointer<UInt32>
  private let header: UnsafeMutablePointer<UInt32>

  init(isLeaf: Bool) {
    let base = UnsafeMutableRawPointer.allocate(byteCount: Self.byteCount, alignment: 64)
    base.initializeMemory(as: UInt8.self, repeating: 0, count: Self.byteCount)
    prefixes = base.assumingMemoryBound(to: UInt64.self)
    weights = (base + 1024).assumingMemoryBound(to: Int64.self)
    ids = (base + 2048).assumingMemoryBound(to: UInt32.self)
    children = (base + 2560).assumingMemoryBound(to: UInt32.self)
    header = (base + 3072).assumingMemoryBound(to: UInt32.self)
    reset(isLeaf: isLeaf)
  }

  func deallocate() { UnsafeMutableRawPointer(prefixes).deallocate() }

  func reset(isLeaf: Bool) {
    header[0] = 0
    header[1] = isLeaf ? 1 : 0
  }

  var count: Int { Int(header[0]) }
  var isLeaf: Bool { header[1] == 1 }

  var totalWeight: Int64 {
    var sum: Int64 = 0
    for entry in 0..<count { sum &+= weights[entry] }
    return sum
  }

  /// How many entries stand before a row.
  func lowerBound<Order: RowOrder>(_ prefix: UInt64, _ id: UInt32, _ order: inout Order) -> Int {
    var low = 0, high = count
    while low < high {
      let middle = (low + high) / 2, other = prefixes[middle]
      let isBefore = other != prefix ? other < prefix : ids[middle] != id && order.compare(ids[middle], id) < 0
      if isBefore { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// The child that holds a row, of which `lowerBound` said how many children begin before it.
  func child(for position: Int, id: UInt32) -> Int {
    if position < count, ids[position] == id { return position }
    return max(position, 1) - 1
  }

  func insert(_ entry: OrderedEntry, child: UInt32, at position: Int) {
    let moved = count - position
    (prefixes + position + 1).update(from: prefixes + position, count: moved)
    (weights + position + 1).update(from: weights + position, count: moved)
    (ids + position + 1).update(from: ids + position, count: moved)
    (children + position + 1).update(from: children + position, count: moved)
    prefixes[position] = entry.prefix
    weights[position] = entry.weight
    ids[position] = entry.id
    children[position] = child
    header[0] += 1
  }

  func insertChild(_ number: UInt32, of child: OrderedNode, at position: Int) {
    let entry = OrderedEntry(prefix: child.prefixes[0], id: child.ids[0], weight: child.totalWeight)
    insert(entry, child: number, at: position)
  }

  func remove(at position: Int) {
    let moved = count - position - 1
    (prefixes + position).update(from: prefixes + position + 1, count: moved)
    (weights + position).update(from: weights + position + 1, count: moved)
    (ids + position).update(from: ids + position + 1, count: moved)
    (children + position).update(from: children + position + 1, count: moved)
    header[0] -= 1
  }

  /// Moves the entries from `first` on to the end of another node.
  func moveTail(from first: Int, to other: OrderedNode) {
    let moved = count - first, end = other.count
    (other.prefixes + end).update(from: prefixes + first, count: moved)
    (other.weights + end).update(from: weights + first, count: moved)
    (other.ids + end).update(from: ids + first, count: moved)
    (other.children + end).update(from: children + first, count: moved)
    other.header[0] += UInt32(moved)
    header[0] = UInt32(first)
  }

  /// Takes over what changed in a child.
  func refresh(_ position: Int, from child: OrderedNode, weight: Int64) {
    prefixes[position] = child.prefixes[0]
    ids[position] = child.ids[0]
    weights[position] = weight
  }
}
