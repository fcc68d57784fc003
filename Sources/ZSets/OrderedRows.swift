package import StateMemory

/// A total order of the rows of one store: rows that differ never compare equal.
package protocol RowOrder {
  /// Below zero if row `a` stands before row `b`, above zero if after it. Counts what it reads.
  mutating func compare(_ a: UInt32, _ b: UInt32) -> Int
}

/// Row ids in the order of their rows, each with a weight of at least 0: a blocked list (DESIGN §3, KERNELS §10.8).
///
/// Up to 128 entries it is one sorted array; then leaves of up to 128 under nodes of up to 128, as high as it needs (a
/// counted B-tree). An entry finds its place by its *prefix*, an order-preserving word made from the row; only equal
/// prefixes look at rows. A *rank* is the sum of the weights before an entry.
///
/// - Cost: insertion, removal and change of weight look at log2(n) entries and move up to 128; `walk` is that and what it walks.
/// - The list is not part of a checkpoint: it follows from the rows.
package struct OrderedRows: ~Copyable {
  private let space: StateSpace?
  private var nodes: [OrderedNode] = []
  private var free: [UInt32] = []
  private var root: UInt32

  /// Entries, those of weight 0 included.
  package private(set) var count = 0
  /// The sum of all weights.
  package private(set) var weight: Int64 = 0

  /// - space: where the bytes are counted; nil: the owner counts them.
  package init(in space: StateSpace? = nil) {
    self.space = space
    root = 0
    root = takeNode(isLeaf: true)
  }

  deinit {
    for node in nodes { node.deallocate() }
    space?.addState(bytes: -nodes.count * OrderedNode.byteCount)
  }

  package var stateBytes: Int { nodes.count * OrderedNode.byteCount }

  /// Inserts a row that is not there; its rank.
  @discardableResult
  package mutating func insert<Order: RowOrder>(
    _ id: UInt32, prefix: UInt64, weight added: Int64, order: inout Order
  ) -> Int64 {
    var rank: Int64 = 0
    let right = insert(OrderedEntry(prefix: prefix, id: id, weight: added), in: root, rank: &rank, order: &order)
    if right != OrderedNode.none {
      let left = root
      root = takeNode(isLeaf: false)
      let top = nodes[Int(root)]
      top.insertChild(left, of: nodes[Int(left)], at: 0)
      top.insertChild(right, of: nodes[Int(right)], at: 1)
    }
    count += 1
    weight &+= added
    return rank
  }

  /// Changes the weight of a row that is there; its rank.
  @discardableResult
  package mutating func add<Order: RowOrder>(
    _ added: Int64, to id: UInt32, prefix: UInt64, order: inout Order
  ) -> Int64 {
    var rank: Int64 = 0
    var node = nodes[Int(root)]
    while true {
      let position = node.lowerBound(prefix, id, &order)
      let at = node.isLeaf ? position : node.child(for: position, id: id)
      for before in 0..<at { rank &+= node.weights[before] }
      node.weights[at] &+= added
      if node.isLeaf {
        precondition(at < node.count && node.ids[at] == id, "a row of the ordered list")
        weight &+= added
        return rank
      }
      node = nodes[Int(node.children[at])]
    }
  }

  /// Removes a row that is there; the rank that it had.
  @discardableResult
  package mutating func remove<Order: RowOrder>(_ id: UInt32, prefix: UInt64, order: inout Order) -> Int64 {
    var rank: Int64 = 0
    weight &-= remove(id, prefix, from: root, rank: &rank, order: &order)
    count -= 1
    while true {
      let top = nodes[Int(root)]
      if top.isLeaf || top.count > 1 { return rank }
      let child = top.children[0]
      giveBack(root)
      root = child
    }
  }

  /// Hands over rows of a weight above 0 in their order, beginning with the one that holds position `rank`, until `body`
  /// returns false or no row is left.
  package func walk(from rank: Int64, _ body: (_ id: UInt32, _ rank: Int64, _ weight: Int64) -> Bool) {
    var start: Int64 = 0
    _ = walk(root, from: rank, start: &start, body)
  }

  private func walk(
    _ number: UInt32, from rank: Int64, start: inout Int64, _ body: (UInt32, Int64, Int64) -> Bool
  ) -> Bool {
    let node = nodes[Int(number)]
    for entry in 0..<node.count {
      let weight = node.weights[entry], end = start &+ weight
      if end <= rank || weight == 0 {
        start = end
      } else if node.isLeaf {
        if !body(node.ids[entry], start, weight) { return false }
        start = end
      } else if !walk(node.children[entry], from: rank, start: &start, body) {
        return false
      }
    }
    return true
  }

  // Inserting --------------------------------------------------------------------------------------------------------

  /// Inserts below a node; the number of the node that was split off to its right, or none.
  private mutating func insert<Order: RowOrder>(
    _ entry: OrderedEntry, in number: UInt32, rank: inout Int64, order: inout Order
  ) -> UInt32 {
    let node = nodes[Int(number)]
    let position = node.lowerBound(entry.prefix, entry.id, &order)
    if node.isLeaf {
      for before in 0..<position { rank &+= node.weights[before] }
      return insert(entry, child: OrderedNode.none, in: number, at: position)
    }
    let at = max(position, 1) - 1
    for before in 0..<at { rank &+= node.weights[before] }
    let child = node.children[at]
    let right = insert(entry, in: child, rank: &rank, order: &order)
    node.refresh(at, from: nodes[Int(child)], weight: node.weights[at] &+ entry.weight)
    if right == OrderedNode.none { return right }
    let split = nodes[Int(right)], splitWeight = split.totalWeight
    node.weights[at] &-= splitWeight
    let first = OrderedEntry(prefix: split.prefixes[0], id: split.ids[0], weight: splitWeight)
    return insert(first, child: right, in: number, at: at + 1)
  }

  private mutating func insert(_ entry: OrderedEntry, child: UInt32, in number: UInt32, at position: Int) -> UInt32 {
    let node = nodes[Int(number)]
    if node.count < OrderedNode.capacity {
      node.insert(entry, child: child, at: position)
      return OrderedNode.none
    }
    let right = takeNode(isLeaf: node.isLeaf), half = OrderedNode.capacity / 2
    node.moveTail(from: half, to: nodes[Int(right)])
    if position <= half {
      node.insert(entry, child: child, at: position)
    } else {
      nodes[Int(right)].insert(entry, child: child, at: position - half)
    }
    return right
  }

  // Removing ---------------------------------------------------------------------------------------------------------

  /// Removes below a node; the weight that the row had.
  private mutating func remove<Order: RowOrder>(
    _ id: UInt32, _ prefix: UInt64, from number: UInt32, rank: inout Int64, order: inout Order
  ) -> Int64 {
    let node = nodes[Int(number)]
    let position = node.lowerBound(prefix, id, &order)
    if node.isLeaf {
      precondition(position < node.count && node.ids[position] == id, "a row of the ordered list")
      for before in 0..<position { rank &+= node.weights[before] }
      let removed = node.weights[position]
      node.remove(at: position)
      return removed
    }
    let at = node.child(for: position, id: id), child = node.children[at]
    for before in 0..<at { rank &+= node.weights[before] }
    let removed = remove(id, prefix, from: child, rank: &rank, order: &order)
    let below = nodes[Int(child)]
    if below.count == 0 {
      node.remove(at: at)
      giveBack(child)
      return removed
    }
    node.refresh(at, from: below, weight: node.weights[at] &- removed)
    if below.count < OrderedNode.capacity / 4, at + 1 < node.count {
      let next = node.children[at + 1], neighbour = nodes[Int(next)]
      if below.count + neighbour.count <= OrderedNode.capacity * 3 / 4 {
        neighbour.moveTail(from: 0, to: below)
        node.weights[at] &+= node.weights[at + 1]
        node.remove(at: at + 1)
        giveBack(next)
      }
    }
    return removed
  }

  private mutating func takeNode(isLeaf: Bool) -> UInt32 {
    if let number = free.popLast() {
      nodes[Int(number)].reset(isLeaf: isLeaf)
      return number
    }
    nodes.append(OrderedNode(isLeaf: isLeaf))
    space?.addState(bytes: OrderedNode.byteCount)
    return UInt32(nodes.count - 1)
  }

  private mutating func giveBack(_ number: UInt32) { free.append(number) }
}
