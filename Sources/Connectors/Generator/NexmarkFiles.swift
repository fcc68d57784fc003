/// Nexmark's events as JSON-lines files.
package enum NexmarkFiles {
  /// The three files of one part.
  private struct Part: ~Copyable {
    var person: FileWriter
    var auction: FileWriter
    var bid: FileWriter

    static func open(_ number: Int, in directory: String) throws(FileError) -> Part {
      let person = try FileWriter(path: "\(directory)/person/part-\(number).jsonl")
      let auction = try FileWriter(path: "\(directory)/auction/part-\(number).jsonl")
      let bid = try FileWriter(path: "\(directory)/bid/part-\(number).jsonl")
      return Part(person: person, auction: auction, bid: bid)
    }

    mutating func append(_ event: NexmarkEvent, arena: [UInt8], _ json: inout NexmarkJSON) throws(FileError) {
      switch event {
      case .person(let row):
        json.append(row, arena: arena, to: &person.buffer)
        try person.flushIfFull()
      case .auction(let row):
        json.append(row, arena: arena, to: &auction.buffer)
        try auction.flushIfFull()
      case .bid(let row):
        json.append(row, arena: arena, to: &bid.buffer)
        try bid.flushIfFull()
      }
    }

    mutating func close() throws(FileError) {
      try person.close()
      try auction.close()
      try bid.close()
    }
  }

  /// Writes `DIR/{person,auction,bid}/part-{0,1}.jsonl`, byte for byte as `peers/gen.c` does.
  ///
  /// Epochs of 50 events alternate between the parts, so that each part is in event-time order.
  package static func write(events: Int64, seed: UInt64, directory: String) throws(FileError) {
    try FileWriter.makeDirectory(directory)
    for kind in ["person", "auction", "bid"] { try FileWriter.makeDirectory("\(directory)/\(kind)") }
    var even = try Part.open(0, in: directory)
    var odd = try Part.open(1, in: directory)
    var json = NexmarkJSON()
    var generator = NexmarkGenerator(seed: seed)
    while generator.position.event < events {
      let isEven = generator.position.event / NexmarkShape.eventsPerEpoch % 2 == 0
      let event = generator.next()
      if isEven {
        try even.append(event, arena: generator.arena, &json)
      } else {
        try odd.append(event, arena: generator.arena, &json)
      }
    }
    try even.close()
    try odd.close()
  }
}
