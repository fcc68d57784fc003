import TestSupport
import Testing

@testable import Shell

@Suite struct ScriptSplitterTests {
  /// All pieces of a script, statements as they are and commands with their backslash, then what finish() leaves.
  static func pieces(_ script: String, byLine: Bool = false, variables: ShellVariables = ShellVariables()) -> [String] {
    var splitter = ScriptSplitter(variables: variables)
    var pieces: [String] = []
    func drain() {
      while let piece = splitter.next() {
        switch piece {
        case .statement(let statement): pieces.append(statement.text)
        case .command(let command): pieces.append(command)
        }
      }
    }
    if byLine {
      var lines = script.split(separator: "\n", omittingEmptySubsequences: false)
      if lines.last == "" { lines.removeLast() }
      for line in lines {
        splitter.append(String(line))
        drain()
      }
    } else if !script.isEmpty {
      splitter.append(script)
      drain()
    }
    if let rest = splitter.finish() { pieces.append("… " + rest.text) }
    return pieces
  }

  @Test(arguments: [
    ("select 1;", ["select 1"]),
    ("select 1; select 2;;\n ; select\n3 ;", ["select 1", "select 2", "select\n3"]),
    ("select 1", ["… select 1"]),
    ("", []),
    ("-- only a comment;\n/* another; */", []),
    ("-- a comment; here\nselect 1;", ["-- a comment; here\nselect 1"]),
    ("select ';', \"a;b\", 'it''s;', \"x\"\"y;\";", ["select ';', \"a;b\", 'it''s;', \"x\"\"y;\""]),
    ("select E'\\';', e'a\\\\';select 2;", ["select E'\\';', e'a\\\\'", "select 2"]),
    ("select 'a\\'; select 2;", ["select 'a\\'", "select 2"]),
    ("select like'x\\';", ["select like'x\\'"]),
    ("select $$a;b$$, $t$;$$;$x$;$t$;", ["select $$a;b$$, $t$;$$;$x$;$t$"]),
    ("select $1; select a$b$; select $1$;", ["select $1", "select a$b$", "select $1$"]),
    ("select /* a /* b; */ c; */ 1; /* ; */", ["select /* a /* b; */ c; */ 1"]),
    ("select (1; 2); 3", ["select (1; 2)", "… 3"]),
    ("select 1) ; 2;", ["select 1)", "2"]),
    ("select a--b;\n+1;", ["select a--b;\n+1"]),
    ("create function f() begin select 1; case x when 1 then 2 end; end; select 2;",
      ["create function f() begin select 1; case x when 1 then 2 end; end", "select 2"]),
    ("CREATE OR REPLACE PROCEDURE p() BEGIN ATOMIC INSERT INTO t VALUES (1); END; BEGIN; COMMIT;",
      ["CREATE OR REPLACE PROCEDURE p() BEGIN ATOMIC INSERT INTO t VALUES (1); END", "BEGIN", "COMMIT"]),
    ("\\x", ["\\x"]),
    ("\\dt foo\nselect 1;", ["\\dt foo", "select 1"]),
    ("select 1 \\g out.txt\nselect 2;", ["\\g out.txt", "select 1 \nselect 2"]),
    ("\\x \\timing on \\\\ select 1; \\q", ["\\x ", "\\timing on ", "select 1", "\\q"]),
    ("select 1 \\; select 2;", ["select 1 ; select 2"]),
    ("select '\\d'; -- \\d\n/* \\d */ select 2;", ["select '\\d'", "-- \\d\n/* \\d */ select 2"]),
    ("\\echo 'a\\nb' \"c\\d\"\n", ["\\echo 'a\\nb' \"c\\d\""]),
    ("\\copy t from 'C:\\x' with (delimiter '\\t')\n", ["\\copy t from 'C:\\x' with (delimiter '\\t')"]),
    ("select '東京;' as 名前; select é;", ["select '東京;' as 名前", "select é"]),
    ("select 1;\r\nselect 2;\r\n", ["select 1", "select 2"]),
  ])
  func scriptIsCutIntoStatementsAndCommands(script: String, expected: [String]) {
    #expect(Self.pieces(script) == expected)
    #expect(Self.pieces(script, byLine: true) == expected)
  }

  @Test(arguments: [
    ("", "leat=> "), ("select 1", "leat-> "), ("select 1;", "leat=> "), ("select 'a", "leat'> "),
    ("select \"a", "leat\"> "), ("select $$a", "leat$> "), ("select $x$ a $$ ", "leat$> "), ("select (1", "leat(> "),
    ("select /* (", "leat*> "), ("/*", "leat*> "), ("/* /* */", "leat*> "), ("-- x", "leat=> "), ("select -- '", "leat-> "),
    ("select (')", "leat'> "), ("select E'\\'", "leat'> "), ("select 1; select 2", "leat-> "), ("  \n\n", "leat=> "),
    ("\\x", "leat=> "), ("select\\x", "leat-> "), ("create function f() begin select 1;", "leat-> "),
  ])
  func promptShowsWhatIsOpen(text: String, prompt: String) {
    var splitter = ScriptSplitter()
    splitter.append(text)
    while splitter.next() != nil {}
    #expect(splitter.prompt() == prompt)
  }

  @Test func promptShowsTheTransaction() {
    var splitter = ScriptSplitter()
    #expect(splitter.prompt("leat", transactionMark: "*") == "leat=*> ")
    splitter.append("select (")
    #expect(splitter.next() == nil)
    #expect(splitter.prompt("leat", transactionMark: "!") == "leat(!> ")
  }

  static var variables: ShellVariables {
    var variables = ShellVariables()
    variables["n"] = "42"
    variables["s"] = "it's"
    variables["q"] = "a\"b"
    variables["two"] = "select 1; select :n"
    variables["self"] = "1 + :self"
    variables["ping"] = "1 :pong"
    variables["pong"] = "2 :ping"
    variables["colon"] = ":"
    variables["cell"] = "${n}"
    variables["quote"] = "'"
    variables["empty"] = ""
    return variables
  }

  @Test(arguments: [
    ("select :n;", ["select 42"]),
    ("select :n+:n, (:n);", ["select 42+42, (42)"]),
    ("select :'s', :\"q\", :'n';", ["select 'it''s', \"a\"\"b\", '42'"]),
    ("select ':n', \":n\", $$:n$$, /* :n */ 1 -- :n\n;", ["select ':n', \":n\", $$:n$$, /* :n */ 1 -- :n"]),
    ("select x::n, a[1:2], :unknown, :'unknown', b := :n;", ["select x::n, a[1:2], :unknown, :'unknown', b := 42"]),
    ("select a[1:n];", ["select a[142]"]),
    (":two;", ["select 1", "select 42"]),
    ("select :self, :ping;", ["select 1 + :self, 1 2 :ping"]),
    (":colon n;", [": n"]), (":colon" + "n;", [":colonn"]), ("select ${colon}n;", ["select :n"]),
    ("select :'cell', :cell;", ["select '${n}', 42"]),
    ("select :quote;:n';", ["select ';:n'"]),
    ("select :{?n}, :{?nope};", ["select TRUE, FALSE"]),
    ("select ${n}, '${s}', '${nope}', ${nope};", ["select 42, 'it''s', '${nope}', ${nope}"]),
    (":empty;", []),
    ("select \\:n;", ["select :n"]),
  ])
  func variablesArePutInOutsideQuotesAndComments(script: String, expected: [String]) {
    #expect(Self.pieces(script, variables: Self.variables) == expected)
    #expect(Self.pieces(script, byLine: true, variables: Self.variables) == expected)
  }

  @Test func variableSetBetweenStatementsIsSeenByTheNext() {
    var splitter = ScriptSplitter()
    splitter.append("select :x;\n\\set x 7\nselect :x;")
    #expect(splitter.next() == .statement(.init(text: "select :x", line: 1)))
    #expect(splitter.next() == .command("\\set x 7"))
    splitter.variables["x"] = "7"
    #expect(splitter.next() == .statement(.init(text: "select 7", line: 3)))
    #expect(splitter.next() == nil)
  }

  @Test func statementKnowsItsLine() {
    var splitter = ScriptSplitter()
    splitter.variables["v"] = "1,\n2,\n3 + a rather long text that is longer than all before it"
    splitter.append("\n\nselect :v;  select 2;\n-- c\nselect 3")
    #expect(splitter.next() == .statement(.init(text: "select \(splitter.variables["v"]!)", line: 3)))
    #expect(splitter.next() == .statement(.init(text: "select 2", line: 3)))
    #expect(splitter.next() == nil)
    #expect(splitter.finish() == .init(text: "-- c\nselect 3", line: 4))
  }

  @Test func dataBehindCopyAreTakenLineByLine() {
    var splitter = ScriptSplitter()
    splitter.append("copy t from stdin;  \n1\t'\n\\.\nselect 1;")
    #expect(splitter.next() == .statement(.init(text: "copy t from stdin", line: 1)))
    #expect(splitter.takeLine() == "1\t'")
    #expect(splitter.takeLine() == "\\.")
    #expect(splitter.next() == .statement(.init(text: "select 1", line: 4)))
    #expect(splitter.takeLine() == nil)
  }

  @Test func pendingStatementIsTakenReplacedAndForgotten() {
    var splitter = ScriptSplitter()
    splitter.append("select 1\n\\g\nselect (2;")
    #expect(splitter.next() == .command("\\g"))
    #expect(splitter.takePending()?.text == "select 1")
    #expect(splitter.next() == nil)
    #expect(splitter.pendingText == "select (2;\n")
    splitter.replacePending(with: "select 3; select 4")
    #expect(splitter.next() == .statement(.init(text: "select 3", line: 4)))
    #expect(splitter.next() == nil)
    #expect(splitter.open == .statement)
    splitter.reset()
    #expect(splitter.open == .nothing)
    #expect(splitter.finish() == nil)
  }

  static let pieces = [
    "select", " ", "\n", ";", "'", "\"", "$$", "$a$", "$", "(", ")", "--", "/*", "*/", "\\", "\\x", "\\copy", "\\;", ":", "::",
    ":n", ":'s'", ":\"q\"", "${n}", ":two", ":quote", ":self", ":ping", ":colon", ":cell", "E'", "e", "\r", "\t", "begin", "end", "create", "function", "case",
    "é", "東", "\u{301}", "\0", "1", ":{?n}", "\\echo",
  ]

  @Test(arguments: 0..<300)
  func anyTextGivesTheSamePiecesByLineAndAtOnce(seed: Int) {
    var generator = SeededRandom(seed: UInt64(seed))
    for _ in 0..<20 {
      let text = (0..<Int.random(in: 0...40, using: &generator)).map { _ in
        Self.pieces.randomElement(using: &generator)!
      }.joined()
      let atOnce = Self.pieces(text, variables: Self.variables)
      // Scalars, not characters: "\r\n" is one character to split(separator:).
      let lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map { String($0) }
      var splitter = ScriptSplitter(variables: Self.variables)
      var byLine: [String] = []
      for (index, line) in lines.enumerated() where index + 1 < lines.count || !line.isEmpty {
        splitter.append(line)
        while let piece = splitter.next() {
          switch piece {
          case .statement(let statement): byLine.append(statement.text)
          case .command(let command):
            byLine.append(command)
            _ = try? MetaCommand.parse(command, variables: Self.variables)
          }
        }
        _ = splitter.prompt()
      }
      if let rest = splitter.finish() { byLine.append("… " + rest.text) }
      #expect(byLine == atOnce, "\(text.debugDescription)")
    }
  }

  @Test(arguments: 0..<100)
  func anyBytesAreReadWithoutATrap(seed: Int) {
    var generator = SeededRandom(seed: UInt64(seed))
    let bytes = (0..<Int.random(in: 0...400, using: &generator)).map { _ in
      Bool.random(using: &generator) ? UInt8.random(in: 0...255, using: &generator) : Array("'\"$:\\;()/*-\n{}?n".utf8).randomElement(using: &generator)!
    }
    for piece in Self.pieces(String(decoding: bytes, as: UTF8.self), variables: Self.variables) where piece.hasPrefix("\\") {
      _ = try? MetaCommand.parse(piece, variables: Self.variables)
    }
  }

  @Test func longScriptTakesLinearTime() {
    var variables = ShellVariables()
    variables["v"] = "17"
    let script = String(repeating: "insert into t values (:v, 'some text', :'v');\n", count: 50_000)
    let clock = ContinuousClock()
    var count = 0
    let elapsed = clock.measure { count = Self.pieces(script, variables: variables).count }
    #expect(count == 50_000)
    #expect(elapsed < .seconds(5))
  }
}
