/// The queries of `leat bench nexmark`: the meaning of `peers/queries.py`, and the columns that each needs.
struct NexmarkQuery {
  /// A stream over the files of one kind of event.
  struct Stream {
    let name: String
    /// The fields that the query reads, as the files spell them.
    let fields: [String]
    /// All that the stream declares: what no query reads is checked all the same.
    var declared: [String] {
      switch name {
      case "person": ["id", "name", "emailAddress", "creditCard", "city", "state", "dateTime", "extra"]
      case "auction": NexmarkQuery.auction
      default: NexmarkQuery.bid
      }
    }
  }

  let name: String
  let streams: [Stream]
  let sql: String
  /// Rows per CPU second that Flink 2.3.0 reaches on the machine the targets were measured on; nil where it was not run.
  let flinkRowsPerCPUSecond: Double?

  static func named(_ name: String) -> NexmarkQuery? { all.first { $0.name == name } }

  fileprivate static let bid = ["auction", "bidder", "price", "channel", "url", "dateTime", "extra"]
  fileprivate static let auction = [
    "id", "itemName", "description", "initialBid", "reserve", "dateTime", "expires", "seller", "category", "extra",
  ]

  static let all = [
    NexmarkQuery(
      name: "q0", streams: [Stream(name: "bid", fields: ["auction", "bidder", "price", "dateTime", "extra"])],
      sql: #"SELECT auction, bidder, price, "dateTime", extra FROM bid"#, flinkRowsPerCPUSecond: 320_000),
    NexmarkQuery(
      name: "q1", streams: [Stream(name: "bid", fields: ["auction", "bidder", "price", "dateTime", "extra"])],
      sql: #"SELECT auction, bidder, CAST(0.908 * price AS NUMERIC(23, 3)) AS price, "dateTime", extra FROM bid"#,
      flinkRowsPerCPUSecond: nil),
    NexmarkQuery(
      name: "q2", streams: [Stream(name: "bid", fields: ["auction", "price"])],
      sql: "SELECT auction, price FROM bid WHERE mod(auction, 123) = 0", flinkRowsPerCPUSecond: 330_000),
    NexmarkQuery(
      name: "gb", streams: [Stream(name: "bid", fields: ["bidder", "price"])],
      sql: "SELECT bidder, count(*) AS n, sum(price) AS s FROM bid GROUP BY bidder", flinkRowsPerCPUSecond: 250_000),
    NexmarkQuery(
      name: "distinct", streams: [Stream(name: "bid", fields: ["bidder", "channel"])],
      sql: "SELECT DISTINCT bidder FROM bid WHERE channel = 'Google'", flinkRowsPerCPUSecond: 270_000),
    NexmarkQuery(
      name: "q3",
      streams: [
        Stream(name: "auction", fields: ["id", "seller", "category"]),
        Stream(name: "person", fields: ["id", "name", "city", "state"]),
      ],
      sql: """
        SELECT p.name, p.city, p.state, a.id FROM auction AS a JOIN person AS p ON a.seller = p.id
        WHERE a.category = 10 AND (p.state = 'OR' OR p.state = 'ID' OR p.state = 'CA')
        """, flinkRowsPerCPUSecond: nil),
    NexmarkQuery(
      name: "q20", streams: [Stream(name: "bid", fields: bid), Stream(name: "auction", fields: auction)],
      sql: """
        SELECT b.auction, b.bidder, b.price, b.channel, b.url, b."dateTime", b.extra, a."itemName", a.description,
        a."initialBid", a.reserve, a."dateTime" AS atime, a.expires, a.seller, a.category, a.extra AS aextra
        FROM bid b JOIN auction a ON b.auction = a.id WHERE a.category = 10
        """, flinkRowsPerCPUSecond: 110_000),
  ]

  /// How many rows of the query's streams are among the first `events`: of every 50, one person, three auctions, 46 bids.
  func rows(ofEvents events: Int) -> Int {
    let (epochs, rest) = events.quotientAndRemainder(dividingBy: 50)
    return streams.reduce(0) { sum, stream in
      switch stream.name {
      case "person": sum + epochs + min(rest, 1)
      case "auction": sum + 3 * epochs + min(max(rest - 1, 0), 3)
      default: sum + 46 * epochs + max(rest - 4, 0)
      }
    }
  }
}

extension NexmarkQuery.Stream {
  static func sqlType(ofField field: String) -> String {
    switch field {
    case "id", "auction", "bidder", "price", "initialBid", "reserve", "seller", "category": "BIGINT"
    case "dateTime", "expires": "TIMESTAMP"
    default: "TEXT"
    }
  }

  /// CREATE STREAM over the files of a directory.
  func definition(input: String) -> String {
    let columns = declared.map { "\"\($0)\" \(Self.sqlType(ofField: $0))" }.joined(separator: ", ")
    let path = "\(input)/\(name)/part-*.jsonl".replacing("'", with: "''")
    return "CREATE STREAM \(name) (\(columns)) WITH (connector = 'file', path = '\(path)', format = 'json')"
  }
}
