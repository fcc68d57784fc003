import Columnar
import Planner
import SQLSyntax
import SQLTypes

/// A cursor that DECLARE made: rows and a place in them, or a subscription.
struct Cursor {
  enum Rows {
    /// A query's answer, as of its DECLARE.
    case stored(Batch)
    /// A subscription's rows; those that came and were not fetched yet wait here.
    case live(LiveRows, waiting: [Batch])
  }

  let columns: [OutputColumn]
  var rows: Rows
  /// Whether it may go backward: unless NO SCROLL was said, as rows are kept.
  let isScroll: Bool
  /// Whether it outlives its transaction.
  let isHeld: Bool
  /// The number of the row it stands on, from 1; 0 before the first, one more than there are behind the last.
  var position = 0

  /// The places to which a FETCH goes in turn, and where it leaves the cursor.
  ///
  /// - count: how many rows there are.
  func movement(_ direction: Fetch.Direction, count: Int) -> (rows: [Int], position: Int) {
    switch direction {
    case .next: forward(1, count)
    case .prior: backward(1, count)
    case .first: at(1, count)
    case .last: at(count, count)
    case .absolute(let number): at(number < 0 ? max(count + 1 + number, 0) : number, count)
    case .relative(let distance):
      // A sum that does not fit lies beyond either end.
      at(position.addingReportingOverflow(distance).overflow ? (distance < 0 ? 0 : count + 1) : position + distance, count)
    case .forward(let number): number < 0 ? backward(number.magnitude, count) : forward(number.magnitude, count)
    case .forwardAll: forward(.max, count)
    case .backward(let number): number < 0 ? forward(number.magnitude, count) : backward(number.magnitude, count)
    case .backwardAll: backward(.max, count)
    }
  }

  /// Whether a movement reads a row that lies at or before the cursor's.
  func isBackward(_ rows: [Int], _ newPosition: Int) -> Bool {
    newPosition < position || (rows.first.map { $0 <= position } ?? false)
  }

  private func at(_ place: Int, _ count: Int) -> (rows: [Int], position: Int) {
    if place < 1 { return ([], 0) }
    return place > count ? ([], count + 1) : ([place], place)
  }

  /// No distance at all is the row that the cursor stands on, once more.
  private func forward(_ distance: UInt, _ count: Int) -> (rows: [Int], position: Int) {
    if distance == 0 { return (position >= 1 && position <= count ? [position] : [], position) }
    let left = UInt(max(count - position, 0))
    if distance > left { return (Array((position + 1)..<max(count + 1, position + 1)), count + 1) }
    let end = position + Int(distance)
    return (Array((position + 1)...end), end)
  }

  private func backward(_ distance: UInt, _ count: Int) -> (rows: [Int], position: Int) {
    if distance == 0 { return forward(0, count) }
    let before = UInt(max(position - 1, 0))
    if distance > before { return (Array((1..<max(position, 1)).reversed()), 0) }
    let end = position - Int(distance)
    return (Array((end..<position).reversed()), end)
  }
}
