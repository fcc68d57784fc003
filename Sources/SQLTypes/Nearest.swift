/// Finds the name that was perhaps meant.
package enum Nearest {
  /// The closest name, if it takes at most a third of its letters to mend; the first of equally close ones.
  package static func name(to text: String, among names: [String]) -> String? {
    let distances = names.map { (name: $0, distance: distance(text, $0)) }
    guard let best = distances.min(by: { $0.distance < $1.distance }) else { return nil }
    return best.distance <= max(1, best.name.utf8.count / 3) ? best.name : nil
  }

  package static func hint(for text: String, among names: [String], prefix: String = "") -> String? {
    name(to: text, among: names).map { "Perhaps you meant \"\(prefix)\($0)\"." }
  }

  /// How many letters must be put in, left out, replaced or swapped with their neighbour.
  package static func distance(_ text: String, _ other: String) -> Int {
    let a = Array(text.utf8)
    let b = Array(other.utf8)
    if a.count > 4 * b.count + 8 { return a.count }         // nothing near, whatever it is
    var beforeLast: [Int] = []
    var last = Array(0...b.count)
    for i in a.indices {
      var row = [i + 1]
      for j in b.indices {
        var best = min(last[j] + (a[i] == b[j] ? 0 : 1), last[j + 1] + 1, row[j] + 1)
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { best = min(best, beforeLast[j - 1] + 1) }
        row.append(best)
      }
      (beforeLast, last) = (last, row)
    }
    return last[b.count]
  }
}
