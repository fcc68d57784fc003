package import SQLTypes

/// Windows over event time, of one size, one starting at each multiple of the slide (DIALECT §5).
///
/// ```
/// slide 5, size 10:   0         10        20
///                     [---------)         |
///                          [---------)    |
///                               [---------)
/// ```
/// A window is half-open, `[start, start + size)`, and starts are counted from 1970 plus the offset, in both directions.
package struct TimeWindows: Sendable {
  /// The input's column of times.
  package var time: Int
  /// Of the times and of the starts: timestamp or timestamptz.
  package var type: SQLType
  /// Microseconds, at least 1.
  package var slide: Int64
  /// Microseconds, at least 1.
  package var size: Int64
  /// Microseconds from 0 to below the slide.
  package var offset: Int64
  /// Where the statement names the times: what an error that a row raises points at.
  package var range: SourceRange

  package init(time: Int, type: SQLType, slide: Int64, size: Int64, offset: Int64, range: SourceRange) {
    precondition(slide > 0 && size > 0 && (0..<slide).contains(offset), "windows have a size and a distance")
    self.time = time
    self.type = type
    self.slide = slide
    self.size = size
    self.offset = offset
    self.range = range
  }

  /// Whether every time is in exactly one window.
  package var isTumbling: Bool { slide == size }

  /// In how many windows a time is at most.
  package var windowsPerRow: Int64 { size / slide + (size % slide == 0 ? 0 : 1) }
}

extension OperationKey {
  package mutating func add(_ windows: TimeWindows) {
    add(windows.time)
    add(windows.type)
    add(Int(windows.slide))
    add(Int(windows.size))
    add(Int(windows.offset))
  }
}
