#!/usr/bin/env python3
"""Writes expressions.tsv next to this script by asking a PostgreSQL 15 server.

    generate.py 'host=/tmp/socket user=postgres'        # the server's time zone must be UTC, DateStyle ISO, MDY

Each line is: a template whose operands are $1, $2, ...; the operands; and PostgreSQL's answer: the result's type and text,
`null` for NULL, or !SQLSTATE and the message. Fields are separated by tabs. Operators meet all pairs of types, casts too; the values are
random, with a fixed seed.
"""
import os, random, subprocess, sys

CONNECTION = sys.argv[1]
HERE = os.path.dirname(os.path.abspath(__file__))
rng = random.Random("expressions")

SETUP = r"""
SET timezone = 'UTC'; SET datestyle = 'ISO, MDY'; SET client_min_messages = error;
CREATE OR REPLACE FUNCTION pg_temp.answer(expression text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE r text;
BEGIN
  EXECUTE 'SELECT pg_typeof(x)::text || E''\t'' || CASE WHEN x IS NULL THEN ''null'' ELSE format(''%s'', x) END FROM (SELECT '
    || expression || ' AS x) AS t' INTO r;
  RETURN r;
EXCEPTION WHEN OTHERS THEN
  RETURN '!' || SQLSTATE || ' ' || SQLERRM;
END $$;
CREATE TEMP TABLE job (id int, expression text);
"""


def digits(count):
    return "".join(rng.choice("0123456789") for _ in range(count))


def decimal(most):
    sign = rng.choice(["", "-"])
    return sign + (digits(rng.randint(1, most)) or "0") + rng.choice(["", "." + digits(rng.randint(1, 4))])


def integer(bits):
    kind = rng.randint(0, 5)
    if kind == 0:
        return str(2 ** (bits - 1) - 1)
    if kind == 1:
        return str(-2 ** (bits - 1))
    return str(rng.randint(-9, 9)) if kind < 5 else str(rng.randint(-2 ** (bits - 1), 2 ** (bits - 1) - 1))


def floating(wide):
    edge = ["1e308", "1e-320", "-1.7976931348623157e308"] if wide else ["3e38", "1e-44", "-3.4028235e38"]
    return rng.choice(["0", "-0", "1.5", "2.5", "-0.5", "NaN", "Infinity", "-Infinity", "32767.5", "1e10"] + edge
                      + [decimal(6) for _ in range(10)])


def date():
    return rng.choice(["infinity", "-infinity", "4714-11-24 BC", "5874897-12-31", "0044-03-15 BC", "2000-02-29", "1970-01-01"]
                      + [f"{rng.randint(1, 2100):04}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}" for _ in range(14)])


def timestamp():
    day = date()
    if "infinity" in day or day.startswith("5874897"):
        return "infinity" if day != "-infinity" else day
    time = f"{rng.randint(0, 23):02}:{rng.randint(0, 59):02}:{rng.randint(0, 59):02}" + rng.choice(["", f".{digits(6)}"])
    return day.replace(" BC", "") + " " + time + (" BC" if "BC" in day else "")


def interval():
    units = rng.sample(["mons", "years", "days", "hours", "secs"], rng.randint(1, 3))
    parts = [f"{rng.randint(-20, 20)} {unit}" for unit in units]
    return rng.choice(["0", "1 mon", "30 days", "720:00:00", "-00:00:00.5", "178956970 years", "2147483647 days"]
                      + [" ".join(parts) for _ in range(14)])


VALUES = {
    "boolean": lambda: rng.choice(["true", "false"]),
    "smallint": lambda: integer(16),
    "integer": lambda: integer(32),
    "bigint": lambda: integer(64),
    "real": lambda: floating(False),
    "double precision": lambda: floating(True),
    "numeric": lambda: rng.choice(["NaN", "Infinity", "-Infinity", "0", "1.50", "-2.5", "0.0001"] + [decimal(15) for _ in range(14)]),
    "numeric(8,2)": lambda: rng.choice(["NaN", "0", "1.50", "-2.5", "999999.99"] + [decimal(6) for _ in range(10)]),
    "numeric(6,2)": lambda: rng.choice(["1.50", "-2.5", "9999.99"] + [decimal(4) for _ in range(6)]),
    "numeric(24,4)": lambda: rng.choice(["NaN", "0", "1.50", "-2.5"] + [decimal(18) for _ in range(10)]),
    "text": lambda: rng.choice(["abc", "12", "1.5", "2001-02-03", "true", "", "NaN", "5 days", "99999", "-7", "infinity"]),
    "varchar(5)": lambda: rng.choice(["abcdef", "12", "1.5", "t", "", "a    b"]),
    "date": date,
    "timestamp": timestamp,
    "timestamptz": timestamp,
    "interval": interval,
}
TYPES = list(VALUES)
ARITHMETIC = ["+", "-", "*", "/", "%"]
COMPARISONS = ["=", "<>", "<", "<=", ">", ">="]


def value(type):
    return f"NULL::{type}" if rng.random() < 0.04 else f"'{VALUES[type]()}'::{type}"


def unknown():
    # Numbers that need more than our 38 digits of numeric are left out.
    return f"'{VALUES[rng.choice(TYPES)]()}'".replace("e308", "e30").replace("e-320", "e-32")


def cases():
    def add(template, *operands):
        found.append((template, operands))
    found = []
    numbers = ["smallint", "integer", "bigint", "real", "double precision", "numeric", "numeric(8,2)", "numeric(6,2)", "numeric(24,4)"]
    times = ["date", "timestamp", "timestamptz", "interval"]
    for a in TYPES:
        for b in TYPES:
            close = (a in numbers) == (b in numbers) and (a in times) == (b in times)
            for op in ARITHMETIC:
                for _ in range(4 if close else 2):
                    add(f"$1 {op} $2", value(a), value(b))
            for op in rng.sample(COMPARISONS, 5 if close else 1):
                add(f"$1 {op} $2", value(a), value(b))
            add(rng.choice(["$1 IS DISTINCT FROM $2", "$1 IS NOT DISTINCT FROM $2"]), value(a), value(b))
            if rng.random() < 0.3:
                add("$1 || $2", value(a), value(b))
            for _ in range(4 if close else 2):
                add(f"$1::{b}", value(a))
            if rng.random() < 0.6:
                add(rng.choice(["CASE WHEN true THEN $1 ELSE $2 END", "CASE WHEN false THEN $1 ELSE $2 END", "COALESCE($1, $2)"]),
                    value(a), value(b))
            if close and rng.random() < 0.5:
                add(rng.choice(["$1 BETWEEN $2 AND $3", "$1 NOT BETWEEN SYMMETRIC $2 AND $3", "$1 IN ($2, $3)"]),
                    value(a), value(b), value(rng.choice([a, b])))
        for op in ARITHMETIC + ["||", "=", "<"]:
            if op == "-" and a in ("text", "varchar(5)"):
                continue  # jsonb - text, a type that is not here yet
            add(f"$1 {op} $2", value(a), unknown())
            add(f"$1 {op} $2", unknown(), value(a))
        for op in ["-", "+", "@"]:
            for _ in range(2):
                add(f"{op} $1", value(a))
        for _ in range(4):
            add(f"$1::{a}", unknown())
            add("COALESCE($1, $2)", value(a), unknown())
    for left, right in [("numeric(8,2)", "numeric"), ("numeric(24,4)", "numeric"), ("numeric(8,2)", "integer"), ("smallint", "numeric(8,2)")]:
        for op in ARITHMETIC + COMPARISONS:
            for _ in range(4):
                add(f"$1 {op} $2", value(left), value(right))
    for op in ARITHMETIC + ["=", "||"]:
        add(f"$1 {op} $2", unknown(), unknown())
    unique = list(dict.fromkeys(found))
    return unique


jobs = cases()
script = [SETUP, "COPY job FROM STDIN;"]
for number, (template, operands) in enumerate(jobs):
    expression = template
    for index, operand in enumerate(operands):
        expression = expression.replace(f"${index + 1}", f"({operand})" if operand.startswith("N") else operand)
    script.append(f"{number}\t{expression}")
script.append("\\.")
script.append("SELECT pg_temp.answer(expression) FROM job ORDER BY id;")
run = subprocess.run(["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", CONNECTION], input="\n".join(script),
                     capture_output=True, text=True)
if run.returncode != 0:
    sys.exit(run.stderr)
answers = run.stdout.splitlines()
assert len(answers) == len(jobs), (len(answers), len(jobs))
path = os.path.join(HERE, "expressions.tsv")
undefined = 0
with open(path, "w") as file:
    for (template, operands), answer in zip(jobs, answers):
        # Most pairs of types have no operator; a fifth of those says as much.
        undefined += answer.startswith("!42883")
        if answer.startswith("!42883") and undefined % 5:
            continue
        file.write("\t".join([template, *operands, answer]) + "\n")
print(len(open(path).readlines()), os.path.getsize(path))
