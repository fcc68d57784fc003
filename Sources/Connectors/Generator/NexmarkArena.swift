/// All text that events refer to, in one buffer.
///
///     offset 0      the 1 MiB pool of random letters that `extra` fields are cut from
///     then          cities, states, 99 names, hot channels, "channel-0".., URLs
///     scratch ..<   256 bytes for the words of the current event
struct NexmarkArena {
  private(set) var bytes: [UInt8] = []
  private(set) var cities: [NexmarkText] = []
  private(set) var states: [NexmarkText] = []
  private(set) var names: [NexmarkText] = []  // given * 9 + family
  private(set) var hotChannels: [NexmarkText] = []
  private(set) var hotURLs: [NexmarkText] = []
  private(set) var channels: [NexmarkText] = []
  private(set) var channelURLs: [NexmarkText] = []
  private let scratchStart: Int
  private var scratchEnd: Int

  static let givenNames = ["Peter", "Paul", "Luke", "John", "Saul", "Vicky", "Kate", "Julie", "Sarah", "Deiter", "Walter"]
  static let familyNames = ["Shultz", "Abrams", "Spencer", "White", "Bartels", "Walton", "Smith", "Jones", "Noris"]
  private static let scratchBytes = 256

  /// Draws the pools: always the first draws after seeding.
  init(_ random: inout NexmarkRandom) {
    let urlBytes = 96 * Int(NexmarkShape.channels)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(NexmarkShape.poolBytes + 2 * urlBytes)
    func add(_ text: String) -> NexmarkText {
      let start = bytes.count
      bytes.append(contentsOf: text.utf8)
      return NexmarkText(offset: start, length: bytes.count - start)
    }
    for _ in 0..<NexmarkShape.poolBytes { bytes.append(UInt8(ascii: "a") + UInt8(random.below(26))) }
    cities = [
      "Phoenix", "Los Angeles", "San Francisco", "Boise", "Portland", "Bend", "Redmond", "Seattle", "Kent", "Cheyenne",
    ].map(add)
    states = ["AZ", "CA", "ID", "OR", "WA", "WY"].map(add)
    for given in Self.givenNames { for family in Self.familyNames { names.append(add("\(given) \(family)")) } }
    hotChannels = ["Google", "Facebook", "Baidu", "Apple"].map(add)
    for _ in 0..<4 { hotURLs.append(add(Self.url(&random))) }
    for number in 0..<UInt32(NexmarkShape.channels) {
      channels.append(add("channel-\(number)"))
      var url = Self.url(&random)
      if random.below(10) != 0 { url += "&channel_id=\(Self.channelID(number))" }
      channelURLs.append(add(url))
    }
    scratchStart = bytes.count
    scratchEnd = scratchStart
    bytes.append(contentsOf: repeatElement(0, count: Self.scratchBytes))
    self.bytes = bytes
  }

  /// The channel's number with its bits reversed, without sign -- but for channel 1, where C's `abs` leaves `INT_MIN` as it is.
  private static func channelID(_ number: UInt32) -> Int32 {
    var reversed: UInt32 = 0
    for bit in 0..<32 as Range<UInt32> { reversed |= (number >> bit & 1) << (31 - bit) }
    let signed = Int32(bitPattern: reversed)
    return signed < 0 ? 0 &- signed : signed
  }

  private static func url(_ random: inout NexmarkRandom) -> String {
    var parts: [String] = []
    for _ in 0..<3 {
      var word: [UInt8] = Array(repeating: 0, count: 8)
      let length = writeWord(into: &word, at: 0, below: 5, special: UInt8(ascii: "_"), &random)
      parts.append(String(decoding: word[..<length], as: UTF8.self))
    }
    return "https://www.nexmark.com/\(parts[0])/\(parts[1])/\(parts[2])/item.htm?query=1"
  }

  /// Writes 3 to `bound - 1` letters, one in 13 of them `special`, without spaces at the end; returns how many.
  private static func writeWord(
    into bytes: inout [UInt8], at start: Int, below bound: Int, special: UInt8, _ random: inout NexmarkRandom
  ) -> Int {
    var length = 3 + Int(random.below(Int64(bound - 3)))
    for index in start..<start + length {
      bytes[index] = random.below(13) != 0 ? UInt8(ascii: "a") + UInt8(random.below(26)) : special
    }
    while length > 0, bytes[start + length - 1] == UInt8(ascii: " ") { length -= 1 }
    return length
  }

  /// Forgets the words of the last event.
  mutating func clearScratch() { scratchEnd = scratchStart }

  /// Where the next scratch text starts.
  var scratchMark: Int { scratchEnd }

  /// The scratch text written since `mark`.
  func scratch(since mark: Int) -> NexmarkText { NexmarkText(offset: mark, length: scratchEnd - mark) }

  mutating func addWord(below bound: Int, _ random: inout NexmarkRandom) {
    scratchEnd += Self.writeWord(into: &bytes, at: scratchEnd, below: bound, special: UInt8(ascii: " "), &random)
  }

  mutating func add(_ byte: UInt8) {
    bytes[scratchEnd] = byte
    scratchEnd += 1
  }

  /// Four decimal digits, zeros in front.
  mutating func addFourDigits(_ number: Int64) {
    var divisor: Int64 = 1000
    while divisor > 0 {
      add(UInt8(ascii: "0") + UInt8(number / divisor % 10))
      divisor /= 10
    }
  }
}
