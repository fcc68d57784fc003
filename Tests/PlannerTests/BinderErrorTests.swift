import SQLTypes
import Testing

private let catalog = TestCatalog.standard

/// Queries that PostgreSQL 15 refuses too, with its SQLSTATE and message, and the text at which the error points.
private let refused: [(sql: String, error: String)] = [
  ("SELECT x FROM nowhere", #"42P01 relation "nowhere" does not exist @nowhere"#),
  ("SELECT x FROM s.t", #"42P01 relation "s.t" does not exist @s.t"#),
  ("SELECT q FROM t", #"42703 column "q" does not exist @q"#),
  ("SELECT t.q FROM t", "42703 column t.q does not exist @t.q"),
  ("SELECT t.a FROM t AS x", #"42P01 invalid reference to FROM-clause entry for table "t" @t"#),
  ("SELECT z.a FROM t", #"42P01 missing FROM-clause entry for table "z" @z"#),
  ("SELECT a FROM t, u", #"42702 column reference "a" is ambiguous @a"#),
  ("SELECT 1 FROM t, t", #"42712 table name "t" specified more than once @t"#),
  ("SELECT 1 FROM t AS x JOIN u AS x ON true", #"42712 table name "x" specified more than once @u AS x"#),
  ("SELECT 1 FROM t AS x(p, q, r, s)", #"42P10 table "x" has 3 columns available but 4 columns specified @AS x(p, q, r, s)"#),
  ("SELECT 1 FROM t JOIN u USING (b)", #"42703 column "b" specified in USING clause does not exist in right table @b"#),
  ("SELECT 1 FROM t JOIN u USING (c)", #"42703 column "c" specified in USING clause does not exist in left table @c"#),
  ("SELECT 1 FROM t JOIN u USING (a, a)", #"42701 column name "a" appears more than once in USING clause @a"#),
  (
    "SELECT 1 FROM (t JOIN u ON true) JOIN wide AS a(a) USING (a)",
    #"42702 common column name "a" appears more than once in left table @a"#
  ),
  ("SELECT 1 FROM t JOIN u ON t.a", "42804 argument of JOIN/ON must be type boolean, not type integer @t.a"),
  ("SELECT 1 FROM t WHERE a", "42804 argument of WHERE must be type boolean, not type integer @a"),
  ("SELECT 1 FROM t HAVING 1", "42804 argument of HAVING must be type boolean, not type integer @1"),
  ("SELECT a, count(*) FROM t", #"42803 column "t.a" must appear in the GROUP BY clause or be used in an aggregate function @a"#),
  (
    "SELECT a + 1 FROM t AS x GROUP BY a + 2",
    #"42803 column "x.a" must appear in the GROUP BY clause or be used in an aggregate function @a"#
  ),
  ("SELECT * FROM t GROUP BY a", #"42803 column "t.b" must appear in the GROUP BY clause or be used in an aggregate function @*"#),
  (
    "SELECT a FROM t GROUP BY a HAVING b > 1",
    #"42803 column "t.b" must appear in the GROUP BY clause or be used in an aggregate function @b"#
  ),
  (
    "SELECT a FROM t GROUP BY a ORDER BY b",
    #"42803 column "t.b" must appear in the GROUP BY clause or be used in an aggregate function @b"#
  ),
  (
    "SELECT w, count(*) FROM wide GROUP BY k",
    #"42803 column "wide.w" must appear in the GROUP BY clause or be used in an aggregate function @w"#
  ),
  ("SELECT a FROM t WHERE count(*) > 1", "42803 aggregate functions are not allowed in WHERE @count"),
  ("SELECT 1 FROM t JOIN u ON sum(c) = 1", "42803 aggregate functions are not allowed in JOIN conditions @sum"),
  ("SELECT count(*) FROM t GROUP BY sum(a)", "42803 aggregate functions are not allowed in GROUP BY @sum"),
  ("SELECT count(*) FROM t GROUP BY 1", "42803 aggregate functions are not allowed in GROUP BY @count"),
  ("SELECT sum(count(*)) FROM t", "42803 aggregate function calls cannot be nested @count"),
  ("SELECT count(*) FILTER (WHERE sum(a) > 1) FROM t", "42803 aggregate functions are not allowed in FILTER @sum"),
  ("SELECT count() FROM t", "42809 count(*) must be used to call a parameterless aggregate function @count"),
  ("SELECT sum(s) FROM t", "42883 function sum(text) does not exist @sum"),
  ("SELECT sum(*) FROM t", "42883 function sum() does not exist @sum"),
  ("SELECT max(a = 1) FROM t", "42883 function max(boolean) does not exist @max"),
  ("SELECT count(a, b) FROM t", "42883 function count(integer, bigint) does not exist @count"),
  ("SELECT sum('1')", "42725 function sum(unknown) is not unique @sum"),
  ("SELECT upper(DISTINCT s) FROM t", "42809 DISTINCT specified, but upper is not an aggregate function @upper"),
  ("SELECT upper(s) FILTER (WHERE true) FROM t", "42809 FILTER specified, but upper is not an aggregate function @upper"),
  ("SELECT upper(*) FROM t", "42883 function upper() does not exist @upper"),
  ("SELECT foo(DISTINCT a) FROM t", "42883 function foo(integer) does not exist @foo"),
  ("SELECT a FROM t GROUP BY 2", "42P10 GROUP BY position 2 is not in select list @2"),
  ("SELECT a FROM t GROUP BY 'x'", "42601 non-integer constant in GROUP BY @'x'"),
  ("SELECT a AS x, b AS x FROM t GROUP BY x", #"42702 GROUP BY "x" is ambiguous @x"#),
  ("SELECT a FROM t ORDER BY 2", "42P10 ORDER BY position 2 is not in select list @2"),
  ("SELECT a FROM t ORDER BY -1", "42P10 ORDER BY position -1 is not in select list @-1"),
  ("SELECT a FROM t ORDER BY 'x'", "42601 non-integer constant in ORDER BY @'x'"),
  ("SELECT a AS x, b AS x FROM t ORDER BY x", #"42702 ORDER BY "x" is ambiguous @x"#),
  (
    "SELECT DISTINCT a FROM t ORDER BY b",
    "42P10 for SELECT DISTINCT, ORDER BY expressions must appear in select list @b"
  ),
  ("SELECT DISTINCT a FROM t ORDER BY q", #"42703 column "q" does not exist @q"#),
  ("SELECT a FROM t UNION SELECT c FROM u ORDER BY a + 1", "0A000 invalid UNION/INTERSECT/EXCEPT ORDER BY clause @a + 1"),
  ("SELECT a FROM t UNION SELECT c FROM u ORDER BY c", #"42703 column "c" does not exist @c"#),
  ("SELECT a, b FROM t UNION SELECT c FROM u", "42601 each UNION query must have the same number of columns @c"),
  ("SELECT a FROM t UNION SELECT s FROM u", "42804 UNION types integer and text cannot be matched @s"),
  ("SELECT 1 UNION SELECT 'x'", #"22P02 invalid input syntax for type integer: "x" @'x'"#),
  ("SELECT a FROM t LIMIT -1", "2201W LIMIT must not be negative @-1"),
  ("SELECT a FROM t OFFSET -1", "2201X OFFSET must not be negative @-1"),
  ("SELECT a FROM t LIMIT a", "42P10 argument of LIMIT must not contain variables @a"),
  ("SELECT a FROM t LIMIT true", "42804 argument of LIMIT must be type bigint, not type boolean @true"),
  ("SELECT a FROM t LIMIT 1 / 0", "22012 division by zero @/"),
  ("SELECT a FROM t LIMIT count(*)", "42803 aggregate functions are not allowed in LIMIT @count"),
  ("(SELECT a FROM t LIMIT 1) LIMIT 2", "42601 multiple LIMIT clauses not allowed @2"),
  ("(SELECT a FROM t ORDER BY 1) ORDER BY a", "42601 multiple ORDER BY clauses not allowed @a"),
  ("WITH x AS (SELECT 1), x AS (SELECT 2) SELECT 1", #"42712 WITH query name "x" specified more than once @x"#),
  ("WITH x(p, q) AS (SELECT 1) SELECT 1", #"42P10 WITH query "x" has 1 columns available but 2 columns specified @x"#),
  ("WITH x AS (SELECT q FROM t) SELECT 1", #"42703 column "q" does not exist @q"#),
  ("WITH x AS (SELECT 1 FROM y), y AS (SELECT 1) SELECT 1", #"42P01 relation "y" does not exist @y"#),
  ("SELECT x FROM broken", #"42703 view "broken": column "missing" does not exist @broken"#),
  ("SELECT DISTINCT ON (a) a FROM t", "0A000 DISTINCT ON is not supported @SELECT DISTINCT ON (a) a FROM t"),
  ("SELECT a FROM t INTERSECT SELECT c FROM u", "0A000 INTERSECT is not supported @SELECT a FROM t INTERSECT SELECT c FROM u"),
  ("SELECT a FROM t GROUP BY ROLLUP (a)", "0A000 ROLLUP is not supported @GROUP BY ROLLUP (a)"),
  ("SELECT string_agg(s, ',') FROM t", "0A000 the aggregate string_agg is not supported @string_agg"),
  ("SELECT a FROM t RIGHT JOIN u USING (a)", "0A000 RIGHT JOIN is not supported @RIGHT JOIN"),
  ("SELECT 1 FROM TUMBLE(payment, paid_at, '1 s')", #"42P01 relation "payment" does not exist @payment"#),
  ("SELECT 1 FROM TUMBLE(payments, paid, '1 s')", #"42703 column "paid" does not exist @paid"#),
  (
    "SELECT 1 FROM TUMBLE(payments, amount, '1 s')",
    "42804 the time of TUMBLE must be of type timestamp, timestamptz or date, not type integer @amount"
  ),
  ("SELECT 1 FROM TUMBLE(payments, paid_at, 1)", "42804 the size of TUMBLE must be of type interval, not type integer @1"),
  ("SELECT 1 FROM TUMBLE(payments, paid_at, amount)", "42P10 the size of TUMBLE must not contain variables @amount"),
  (
    "SELECT 1 FROM HOP(payments, paid_at, INTERVAL '1 month', '1 day')",
    "22023 the slide of HOP must not contain months or years, whose lengths differ @INTERVAL '1 month'"
  ),
  ("SELECT 1 FROM HOP(payments, paid_at, '1 s', '-1 s')", "22023 the size of HOP must be greater than zero @'-1 s'"),
  ("SELECT 1 FROM HOP(payments, paid_at, '1 s', '1 day')", "54000 a row is in at most 10000 windows of HOP @'1 s'"),
  ("SELECT 1 FROM TUMBLE(payments, paid_at, '1 s', NULL)", "22023 the offset of TUMBLE must not be null @NULL"),
  (
    "SELECT * FROM CUMULATE(payments, paid_at, '1 s', '1 day')",
    "0A000 CUMULATE is not supported @CUMULATE(payments, paid_at, '1 s', '1 day')"
  ),
  (
    "SELECT account FROM payments WINDOW TUMBLING (SIZE 1 DAY)",
    "42803 WINDOW TUMBLING needs GROUP BY @WINDOW TUMBLING (SIZE 1 DAY)"
  ),
  (
    "SELECT account FROM payments WINDOW TUMBLING (SIZE 1 DAY, GRACE PERIOD 2 DAYS) GROUP BY account",
    "0A000 GRACE PERIOD is not supported @2 DAYS"
  ),
  (
    "SELECT a FROM t WINDOW HOPPING (SIZE 1 DAY, ADVANCE BY 1 HOUR) GROUP BY a",
    "42703 WINDOW HOPPING finds no column of type timestamp or timestamptz in FROM @WINDOW HOPPING (SIZE 1 DAY, ADVANCE BY 1 HOUR)"
  ),
  ("SELECT amount FROM payments WINDOW TUMBLING (SIZE 1 DAY) GROUP BY account", #"42803 column "payments.amount" must appear in the GROUP BY clause or be used in an aggregate function @amount"#),
  ("SELECT t FROM t", "0A000 a whole row as a value is not supported @t"),
]

@Test(arguments: refused)
func refusedQueryPointsAtWhatIsWrong(sql: String, error: String) {
  #expect(catalog.error(sql) == error, "\(sql)")
}

@Test func unknownRelationHintsAtTheNearest() throws {
  #expect(throws: Never.self) { try catalog.query("SELECT * FROM wide") }
  do {
    _ = try catalog.query("SELECT * FROM wyde")
    Issue.record("wyde exists")
  } catch let error as SQLError { #expect(error.hint == #"Perhaps you meant "wide"."#) }
}
