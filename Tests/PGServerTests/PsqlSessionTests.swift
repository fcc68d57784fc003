import Foundation
import TestSupport
import Testing

/// A script for psql 15 and what it prints: statements with parameters, cursors, COPY, transactions, carets.
@Test(.enabled(if: Psql.isHere, "no psql 15 is at /usr/bin/psql"))
func psqlRunsASession() throws {
  let script = """
    CREATE TABLE positions (id bigint PRIMARY KEY, client text, amount numeric(12,2));
    INSERT INTO positions VALUES (1, 'ann', 10), (2, 'bob', 20.5), (3, NULL, 30);
    CREATE MATERIALIZED VIEW clients AS SELECT client, sum(amount) AS total FROM positions GROUP BY client;
    PREPARE of_client (text) AS SELECT id, amount FROM positions WHERE client = $1 ORDER BY id;
    EXECUTE of_client('bob');
    \\set who ann
    SELECT total FROM clients WHERE client = :'who';
    BEGIN;
    INSERT INTO positions VALUES (4, 'ann', 1);
    SELECT total FROM clients WHERE client = :'who';
    SELECT prise FROM positions;
    SELECT 1;
    ROLLBACK;
    SELECT 1 / 0;
    SELECT amount + true
      FROM positions;
    SELECT * FROM positions WHERE id = $1;
    INSERT INTO positions VALUES (1, 'x', 1);
    BEGIN;
    DECLARE c CURSOR FOR SELECT id FROM positions ORDER BY id;
    FETCH 2 FROM c;
    COMMIT;
    \\copy (SELECT * FROM positions ORDER BY id) TO STDOUT (FORMAT csv, HEADER)
    SELECT id, amount FROM positions WHERE id < 2 \\gdesc
    SELECT id, client FROM positions WHERE id < 2 \\gx
    """
  let expected = """
    2|20.50
    10.00
    11.00
    ERROR:  column "prise" does not exist
    LINE 1: SELECT prise FROM positions;
                   ^
    ERROR:  current transaction is aborted, commands ignored until end of transaction block
    ERROR:  division by zero
    LINE 1: SELECT 1 / 0;
                     ^
    ERROR:  operator does not exist: numeric + boolean
    LINE 1: SELECT amount + true
                          ^
    HINT:  No operator matches the given name and argument types. You might need to add explicit type casts.
    ERROR:  there is no parameter $1
    LINE 1: SELECT * FROM positions WHERE id = $1;
                                               ^
    ERROR:  duplicate key value violates unique constraint "positions_pkey"
    DETAIL:  Key (id)=(1) already exists.
    1
    2
    id,client,amount
    1,ann,10.00
    2,bob,20.50
    3,,30.00
    id|bigint
    amount|numeric(12,2)
    id|1
    client|ann

    """
  try withServer { port in
    let file = FileManager.default.temporaryDirectory.appending(path: "leat-psql-\(port).sql")
    try script.write(to: file, atomically: true, encoding: .utf8)
    defer { try? FileManager.default.removeItem(at: file) }
    let printed = try Psql.run(["-q", "-A", "-t", "-f", file.path], port: port)
    let plain = printed.split(separator: "\n", omittingEmptySubsequences: false)
      .map { $0.hasPrefix("psql:") ? String($0[$0.range(of: ": ", range: $0.firstIndex(of: ":")!..<$0.endIndex)!.upperBound...]) : String($0) }
      .joined(separator: "\n")
    #expect(plain == expected)
  }
}

/// `\\watch` shows the view as it is each time, until Ctrl-C.
@Test(.enabled(if: Psql.isHere, "no psql 15 is at /usr/bin/psql"))
func psqlWatchesAView() throws {
  try withServer { port in
    _ = try Psql.run(
      ["-q", "-c", "CREATE TABLE t (a int); CREATE MATERIALIZED VIEW v AS SELECT count(*) AS n FROM t"], port: port)
    let watch = try RunningPsql(["-q", "-A", "-t"], port: port)
    watch.write("SELECT 'rows ' || n FROM v \\watch 0.1\n")
    #expect(watch.waitFor("rows 0"))
    _ = try Psql.run(["-q", "-c", "INSERT INTO t VALUES (1), (2)"], port: port)
    #expect(watch.waitFor("rows 2"))
    watch.interrupt()
    watch.waitForItsEnd()
  }
}

/// Ctrl-C in psql cancels a statement that would go on for ever; the server goes on. (Reading a script, psql then ends.)
@Test(.enabled(if: Psql.isHere, "no psql 15 is at /usr/bin/psql"))
func psqlCancelsASubscription() throws {
  try withServer { port in
    _ = try Psql.run(["-q", "-c", "CREATE TABLE t (a int); INSERT INTO t VALUES (41)"], port: port)
    let psql = try RunningPsql(["-q"], port: port)
    // psql keeps the rows of a COPY to itself until it ends: nothing tells that it has begun but the time.
    psql.write("SELECT 'begun';\nCOPY (SUBSCRIBE t) TO STDOUT;\n")
    #expect(psql.waitFor("begun"))
    Thread.sleep(forTimeInterval: 1)
    psql.interrupt()
    #expect(psql.waitFor("canceling statement due to user request"))
    psql.waitForItsEnd()
    #expect(try Psql.run(["-A", "-t", "-c", "SELECT a + 1 FROM t"], port: port) == "42\n")
  }
}

/// psycopg 3: parameters, a failed transaction (25P02), subscriptions by a cursor and by COPY.
@Test(.enabled(if: Psycopg.python != nil, "no Python with psycopg: CI=true make test installs one"))
func psycopgRunsItsScript() throws {
  try withServer { port in
    let process = Process()
    process.executableURL = URL(filePath: Psycopg.python ?? "")
    process.arguments = [URL(filePath: #filePath).deletingLastPathComponent().appending(path: "psycopg_session.py").path, "\(port)"]
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let bytes = try pipe.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    #expect(String(decoding: bytes, as: UTF8.self) == "ok\n")
    #expect(process.terminationStatus == 0)
  }
}

private enum Psycopg {
  /// The Python that `scripts/install-test-packages` made, or one that has psycopg already.
  static let python: String? = {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    return [root.appending(path: ".build/clients/bin/python").path, "/usr/bin/python3"].first { path in
      guard FileManager.default.isExecutableFile(atPath: path) else { return false }
      let process = Process()
      process.executableURL = URL(filePath: path)
      process.arguments = ["-c", "import psycopg"]
      process.standardError = FileHandle.nullDevice
      guard (try? process.run()) != nil else { return false }
      process.waitUntilExit()
      return process.terminationStatus == 0
    }
  }()
}

/// A psql that a test talks with.
private final class RunningPsql {
  private let process = Process()
  private let input = Pipe()
  private let output = Pipe()
  private var printed = ""

  init(_ arguments: [String], port: UInt16) throws {
    process.executableURL = URL(filePath: Psql.path)
    process.arguments = ["-X", "-h", "127.0.0.1", "-p", "\(port)", "-U", "ann", "-d", "mill"] + arguments
    process.environment = ["LC_ALL": "C.UTF-8", "PAGER": "cat"]
    process.standardInput = input
    process.standardOutput = output
    process.standardError = output
    // Tests run on threads that block signals, and a process inherits that.
    var interrupt = sigset_t()
    sigemptyset(&interrupt)
    sigaddset(&interrupt, SIGINT)
    pthread_sigmask(SIG_UNBLOCK, &interrupt, nil)
    defer { pthread_sigmask(SIG_BLOCK, &interrupt, nil) }
    try process.run()
    // A test that waits in vain is to fail, not to hang.
    DispatchQueue.global().asyncAfter(deadline: .now() + 60) { [process] in
      if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    }
  }

  func write(_ text: String) { input.fileHandleForWriting.write(Data(text.utf8)) }

  /// Reads until `text` has been printed, behind what was waited for last; false if psql ends before.
  func waitFor(_ text: String) -> Bool {
    while true {
      if let found = printed.range(of: text) {
        printed = String(printed[found.upperBound...])
        return true
      }
      let bytes = output.fileHandleForReading.availableData
      if bytes.isEmpty { return false }
      printed += String(decoding: bytes, as: UTF8.self)
    }
  }

  func interrupt() { process.interrupt() }

  /// Gives it no more input. Fails if it had to be killed.
  func waitForItsEnd() {
    input.fileHandleForWriting.closeFile()
    process.waitUntilExit()
    #expect(process.terminationReason == .exit)
  }
}
