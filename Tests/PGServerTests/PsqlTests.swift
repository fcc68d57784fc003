import Foundation
import TestSupport
import Testing

/// The real psql 15 against a server of this process: what its commands print.
@Suite(.enabled(if: Psql.isHere, "no psql 15 is at /usr/bin/psql"))
struct PsqlTests {
  private static let schema = """
    CREATE TABLE positions (id int PRIMARY KEY, client text, amount numeric(12,2) DEFAULT 0);
    CREATE STREAM clicks (page text);
    CREATE VIEW dear AS SELECT id FROM positions WHERE amount > 100;
    CREATE MATERIALIZED VIEW clients AS SELECT client, count(*) AS n FROM positions GROUP BY client;
    """

  private static let commands = [
    (
      "\\dt",
      """
               List of relations
       Schema |   Name    | Type  | Owner 
      --------+-----------+-------+-------
       public | clicks    | table | ann
       public | positions | table | ann
      (2 rows)


      """
    ),
    (
      "\\dv",
      """
            List of relations
       Schema | Name | Type | Owner 
      --------+------+------+-------
       public | dear | view | ann
      (1 row)


      """
    ),
    (
      "\\dm",
      """
                    List of relations
       Schema |  Name   |       Type        | Owner 
      --------+---------+-------------------+-------
       public | clients | materialized view | ann
      (1 row)


      """
    ),
    (
      "\\dn",
      """
      List of schemas
        Name  | Owner 
      --------+-------
       leat   | ann
       public | ann
      (2 rows)


      """
    ),
    (
      "\\d",
      """
                     List of relations
       Schema |   Name    |       Type        | Owner 
      --------+-----------+-------------------+-------
       public | clicks    | table             | ann
       public | clients   | materialized view | ann
       public | dear      | view              | ann
       public | positions | table             | ann
      (4 rows)


      """
    ),
    (
      "\\di",
      """
                        List of relations
       Schema |      Name      | Type  | Owner |   Table   
      --------+----------------+-------+-------+-----------
       public | positions_pkey | index | ann   | positions
      (1 row)


      """
    ),
    (
      "\\l",
      """
                                            List of databases
       Name | Owner | Encoding | Collate | Ctype | ICU Locale | Locale Provider | Access privileges 
      ------+-------+----------+---------+-------+------------+-----------------+-------------------
       mill | ann   | UTF8     | C       | C     |            | libc            | 
      (1 row)


      """
    ),
    (
      "\\dt *.pg_cl*",
      """
                 List of relations
         Schema   |   Name   | Type  | Owner 
      ------------+----------+-------+-------
       pg_catalog | pg_class | table | ann
      (1 row)


      """
    ),
    ("\\dt nothing", "Did not find any relation named \"nothing\".\n"),
    ("\\dx", "     List of installed extensions\n Name | Version | Schema | Description \n------+---------+--------+-------------\n(0 rows)\n\n"),
    ("\\echo :USER :DBNAME", "ann mill\n"),
  ]

  /// One process runs them all: while a process is started, its copy of this one's files holds the locks of whoever closes
  /// and opens a data directory at that moment.
  @Test func commandsPrintWhatIsThere() throws {
    try withServer { port in
      let printed = try Psql.run(["-q", "-c", Self.schema, "-c", "\\set QUIET off"] + Self.commands.flatMap { ["-c", $0.0] }, port: port)
      var rest = printed[...]
      for (command, expected) in Self.commands {
        #expect(rest.hasPrefix(expected), "\(command) printed: \(rest.prefix(expected.count + 200))")
        rest = rest.dropFirst(expected.count)
      }
      #expect(rest.isEmpty)
    }
  }
}

/// psql 15 as a process.
enum Psql {
  static let path = "/usr/bin/psql"
  static let isHere: Bool = {
    guard FileManager.default.isExecutableFile(atPath: path) else { return false }
    return ((try? output(["--version"])) ?? "").contains(" 15.")
  }()

  /// What it prints, errors too.
  static func run(_ arguments: [String], port: UInt16) throws -> String {
    try output(["-X", "-h", "127.0.0.1", "-p", "\(port)", "-U", "ann", "-d", "mill"] + arguments)
  }

  private static func output(_ arguments: [String]) throws -> String {
    let process = Process()
    process.executableURL = URL(filePath: path)
    process.arguments = arguments
    process.environment = ["LC_ALL": "C.UTF-8", "PAGER": "cat"]
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let bytes = try pipe.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return String(decoding: bytes, as: UTF8.self)
  }
}
