import SQLTypes
import Testing

@testable import SQLSyntax

private func kinds(_ text: String) throws -> [Token.Kind] {
  var lexer = Lexer(text)
  var kinds: [Token.Kind] = []
  while true {
    let token = try lexer.next()
    if token.kind == .end { return kinds }
    kinds.append(token.kind)
  }
}

private func failure(_ text: String) -> SQLError? {
  do {
    _ = try kinds(text)
    return nil
  } catch { return error as? SQLError }
}

@Test func operatorsAreMunchedAsPostgreSQLDoes() throws {
  #expect(try kinds("a=-1") == [.word("a"), .op("="), .op("-"), .integer("1")])
  #expect(try kinds("a@-1") == [.word("a"), .op("@-"), .integer("1")])
  #expect(try kinds("a<>b!=c") == [.word("a"), .op("<>"), .word("b"), .op("<>"), .word("c")])
  #expect(try kinds("a*--x\n+1") == [.word("a"), .op("*"), .op("+"), .integer("1")])
  #expect(try kinds("1/*/* x */*/+2") == [.integer("1"), .op("+"), .integer("2")])
  #expect(try kinds("a:=b=>c::d") == [.word("a"), .punctuation(":="), .word("b"), .punctuation("=>"), .word("c"), .punctuation("::"), .word("d")])
}

@Test func stringsAreReadInAllTheirForms() throws {
  #expect(try kinds("'it''s' E'a\\n\\x41\\101\\u00e9\\\\' $$x'y$$ $t$a$$b$t$") == [.string("it's"), .string("a\nAA\u{e9}\\"), .string("x'y"), .string("a$$b")])
  #expect(try kinds("'a'\n 'b'") == [.string("ab")])
  #expect(try kinds("'a' 'b'") == [.string("a"), .string("b")])
  #expect(try kinds("E'\\uD83D\\uDE00'") == [.string("\u{1F600}")])
  #expect(try kinds("Straße \"A\"\"b\"") == [.word("straße"), .quotedIdentifier("A\"b")])
}

@Test func numbersEndWhereTheyMust() throws {
  #expect(try kinds("1 1.5 .5 1. 1e3 1.e-2 1..2") == [.integer("1"), .decimal("1.5"), .decimal(".5"), .decimal("1."), .decimal("1e3"), .decimal("1.e-2"), .integer("1"), .punctuation(".."), .integer("2")])
  #expect(failure("1a")?.message == "trailing junk after numeric literal at or near \"1a\"")
  #expect(failure("0x1F")?.range == SourceRange(0, 4))
  #expect(failure("$1a")?.state == .syntaxError)
}

@Test func badTextIsAnErrorWithItsRange() {
  #expect(failure("  'abc")?.range == SourceRange(2, 6))
  #expect(failure("/* x")?.message.hasPrefix("unterminated /* comment") == true)
  #expect(failure("\"\"")?.message == "zero-length delimited identifier at or near \"\"\"\"")
  #expect(failure("$a$ x")?.state == .syntaxError)
  #expect(failure("U&'x'")?.state == .featureNotSupported)
  #expect(failure("E'\\xff'")?.state == .characterNotInRepertoire)
  #expect(failure("E'\\u12'")?.state == .invalidEscapeSequence)
  #expect(failure("{")?.message == "syntax error at or near \"{\"")
}
