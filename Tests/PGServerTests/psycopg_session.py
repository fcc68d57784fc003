"""What a program does with psycopg 3 against a server at the given port; prints "ok"."""
import datetime
import decimal
import sys
import threading

import psycopg
from psycopg import errors

address = f"host=127.0.0.1 port={sys.argv[1]} user=ann dbname=mill"
writer = psycopg.connect(address, autocommit=True)
reader = psycopg.connect(address)

# Parameters of each type, in text and in binary, and results in both.
writer.execute(
    "CREATE TABLE t (id BIGINT PRIMARY KEY, name TEXT, price NUMERIC(10,2), day DATE, at TIMESTAMPTZ, ratio DOUBLE PRECISION, good BOOLEAN)"
)
full = (1, "é😀", decimal.Decimal("-12.50"), datetime.date(1969, 12, 31),
        datetime.datetime(2026, 11, 25, 12, 30, 15, 250, tzinfo=datetime.timezone.utc), 0.1, True)
empty = (2, None, None, None, None, None, None)
insert = "INSERT INTO t VALUES ({0}, {0}, {0}, {0}, {0}, {0}, {0})"
writer.execute(insert.format("%b"), full)
writer.execute(insert.format("%t"), empty)
for binary in (False, True):
    cursor = writer.cursor(binary=binary)
    assert cursor.execute("SELECT * FROM t ORDER BY id").fetchall() == [full, empty]
    assert cursor.execute("SELECT name FROM t WHERE id = %s AND price < %s LIMIT %s", (1, decimal.Decimal("0"), 5)).fetchall() == [("é😀",)]
    assert cursor.execute("SELECT interval '1 day 2 hours', %s::int, 5 %% 3", (None,)).fetchone() == (datetime.timedelta(days=1, hours=2), None, 2)
writer.cursor().executemany("INSERT INTO t (id, price) VALUES (%s, %s)", [(n, n) for n in range(10, 30)])
for n in range(10, 30):  # often enough that psycopg prepares it
    assert writer.execute("SELECT price FROM t WHERE id = %s", (n,)).fetchone() == (decimal.Decimal(n),)
writer.execute("DELETE FROM t WHERE id >= %s", (10,))
try:
    writer.execute("SELECT 1 / %s", (0,))
    raise AssertionError("division by zero is an error")
except errors.DivisionByZero as error:
    assert error.diag.statement_position == "10", error.diag.statement_position

# A failed transaction takes nothing but its end.
try:
    reader.execute("INSERT INTO t (id) VALUES (%s)", (1,))
    raise AssertionError("a second row of a key is an error")
except errors.UniqueViolation as error:
    assert error.sqlstate == "23505"
try:
    reader.execute("SELECT 1")
    raise AssertionError("a failed transaction is an error")
except errors.InFailedSqlTransaction as error:
    assert error.sqlstate == "25P02"
reader.rollback()

# A subscription by a cursor: what is there, then what changes.
writer.execute("CREATE MATERIALIZED VIEW names AS SELECT name, count(*) AS n FROM t WHERE name IS NOT NULL GROUP BY name")
with reader.transaction():
    cursor = reader.cursor()
    cursor.execute("DECLARE changes CURSOR FOR SUBSCRIBE TO names")
    assert [row[1:] for row in cursor.execute("FETCH ALL changes").fetchall()] == [(1, "é😀", 1)]
    assert cursor.execute("FETCH ALL changes WITH (timeout = '1 ms')").fetchall() == []
    writer.execute("INSERT INTO t (id, name) VALUES (3, %s)", ("é😀",))
    changed = cursor.execute("FETCH 10 FROM changes WITH (timeout = '30 s')").fetchall()
    assert sorted(row[1:] for row in changed) == [(-1, "é😀", 1), (1, "é😀", 2)], changed
    cursor.execute("CLOSE changes")

# A named cursor is psycopg's own DECLARE and FETCH.
with reader.transaction():
    with reader.cursor("ids", scrollable=True) as cursor:
        cursor.execute("SELECT id FROM t WHERE id > %s ORDER BY id", (0,))
        assert cursor.fetchmany(2) == [(1,), (2,)]
        cursor.scroll(-1)
        assert cursor.fetchall() == [(2,), (3,)]


# A subscription by COPY: rows come until the client has enough.
class Enough(Exception):
    pass


timer = threading.Timer(0.2, lambda: writer.execute("INSERT INTO t (id, name) VALUES (4, 'x\ty')"))
timer.start()
rows = []
try:
    with reader.cursor().copy("COPY (SUBSCRIBE names) TO STDOUT") as copy:
        for row in copy.rows():
            rows.append(row[1:])
            if len(rows) == 2:
                raise Enough
except Enough:
    pass
timer.join()
reader.rollback()
assert rows == [("1", "é😀", "2"), ("1", "x\ty", "1")], rows
assert reader.execute("SELECT count(*) FROM t").fetchone() == (4,)
print("ok")
