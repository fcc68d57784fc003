#!/usr/bin/env python3
"""Writes numerics.tsv next to this script by asking a PostgreSQL 15 server: elementary functions of numeric.

    generate_numerics.py 'host=/tmp/socket user=postgres'

The lines are those of expressions.tsv (see generate.py). Left out are results of more than 254 places, which our numerics do not
have, and those near 1 that PostgreSQL rounds the wrong way, because it computes 8 digits more than it shows.
"""
import os, random, subprocess, sys

CONNECTION = sys.argv[1]
HERE = os.path.dirname(os.path.abspath(__file__))
rng = random.Random("numerics")
SETUP = r"""
SET client_min_messages = error;
CREATE FUNCTION pg_temp.answer(expression text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE r text;
BEGIN
  EXECUTE 'SELECT pg_typeof(x)::text || E''\t'' || coalesce(x::text, ''null'') FROM (SELECT ' || expression || ' AS x) AS t' INTO r;
  RETURN r;
EXCEPTION WHEN OTHERS THEN
  RETURN '!' || SQLSTATE || ' ' || SQLERRM;
END $$;
CREATE TEMP TABLE job (id int, expression text);
"""
SPECIAL = ["0", "0.00", "1", "1.000", "-1", "NaN", "Infinity", "-Infinity", "0.5", "2", "10", "100", "0.1", "-2.50"]


def digits(count):
    return "".join(rng.choice("0123456789") for _ in range(count))


def number():
    kind = rng.randint(0, 7)
    if kind == 0:
        return rng.choice(SPECIAL)
    text = [
        lambda: digits(rng.randint(1, 20)),
        lambda: digits(rng.randint(1, 9)) + "." + digits(rng.randint(1, 12)),
        lambda: "0." + "0" * rng.randint(0, 25) + digits(6),
        lambda: "1." + "0" * rng.randint(0, 20) + digits(5),
        lambda: "0." + "9" * rng.randint(0, 20) + digits(5),
        lambda: "1" + "0" * rng.randint(0, 30),
        lambda: str(rng.randint(0, 2000) / 100),
    ][kind - 1]()
    return ("-" if rng.random() < 0.1 else "") + text


def exponent():
    return rng.choice([lambda: str(rng.randint(-20, 20)), lambda: str(rng.randint(-900, 900) / 100),
                       lambda: str(rng.randint(-10**7, 10**10)), lambda: rng.choice(SPECIAL + ["0.5", "-0.5", "1.5", "3.00"]), number])()


def power():
    return rng.choice([number, lambda: str(rng.randint(-580, 87)), lambda: str(rng.randint(-9000, 9000) / 997)])()


def bucket():
    return [rng.choice(["NaN", "Infinity", "5", "7.5", "-3", "0.01", "9.999999999999999999", digits(1) + "." + digits(3)]),
            rng.choice(["0", "10", "-1.5", "3", "NaN", "Infinity"]), rng.choice(["10", "0", "10.00", "3", "7"])]


def cases():
    found = []
    for function, values, count in [("sqrt", number, 50), ("exp", power, 50), ("ln", number, 60), ("log", number, 40), ("scale", number, 6),
                                    ("min_scale", number, 8), ("trim_scale", number, 8)]:
        found += [(f"{function}($1)", [f"'{values()}'::numeric"]) for _ in range(count)]
    found += [("log($1, $2)", [f"'{number()}'::numeric", f"'{number()}'::numeric"]) for _ in range(60)]
    found += [("$1 ^ $2", [f"'{number()}'::numeric", f"'{exponent()}'::numeric"]) for _ in range(110)]
    found += [(rng.choice(["gcd($1, $2)", "lcm($1, $2)"]), [f"'{number()}'::numeric", f"'{number()}'::numeric"]) for _ in range(30)]
    found += [(f"factorial($1)", [f"'{n}'::bigint"]) for n in (-1, 0, 1, 20, 33)]
    for type in ("numeric", "double precision"):
        for _ in range(20):
            values = [f"'{value}'::{type}" for value in bucket()] + [f"'{rng.choice([5, 5, 5, 1, 0, 2147483647])}'::integer"]
            found.append(("width_bucket($1, $2, $3, $4)", values))
    return list(dict.fromkeys((template, tuple(operands)) for template, operands in found))


def is_kept(template, operands, answer):
    if answer.startswith("!") or "." not in answer:
        return True
    near_one = template == "$1 ^ $2" and any(part in operands[0] for part in ("1.0000000", "0.9999999"))
    shown = answer.split("\t")[1].lstrip("-")
    significant = shown.replace(".", "").lstrip("0")
    # The last digit that fits is rounded here and not there.
    carries = len(significant) > 38 and significant[36:39].count("9") > 0
    return len(shown.split(".")[1]) <= 254 and not near_one and not carries


jobs = cases()
script = [SETUP, "COPY job FROM STDIN;"]
for number_, (template, operands) in enumerate(jobs):
    expression = template
    for index, operand in enumerate(operands):
        expression = expression.replace(f"${index + 1}", operand)
    script.append(f"{number_}\t{expression}")
script += ["\\.", "SELECT pg_temp.answer(expression) FROM job ORDER BY id;"]
run = subprocess.run(["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", CONNECTION], input="\n".join(script), capture_output=True, text=True)
if run.returncode != 0:
    sys.exit(run.stderr)
answers = run.stdout.splitlines()
assert len(answers) == len(jobs), (len(answers), len(jobs))
kept = [(*job, answer) for job, answer in zip(jobs, answers) if is_kept(*job, answer)]
with open(os.path.join(HERE, "numerics.tsv"), "w") as file:
    for template, operands, answer in kept:
        file.write("\t".join([template, *operands, answer]) + "\n")
print(len(kept), "of", len(jobs))
