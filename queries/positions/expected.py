#!/usr/bin/env python3
"""Prints what positions.sql must print, computed from the files alone: dictionaries, no SQL.

    python3 queries/positions/expected.py [--csv]

The tables are laid out as psql does, and with --csv as `leat run --csv` does.
"""
import csv
import json
import os
import sys
from datetime import datetime

HERE = os.path.dirname(os.path.abspath(__file__))


def records(name):
    with open(os.path.join(HERE, name), encoding="utf-8") as file:
        for line in file:
            if line.strip():
                yield json.loads(line)


def bytes_of(text):
    """Text sorts by its bytes, NULL last."""
    return (text is None, (text or "").encode())


def timestamp(text):
    at = datetime.fromisoformat(text.replace("Z", "+00:00"))
    fraction = f".{at.microsecond:06d}".rstrip("0") if at.microsecond else ""
    return at.strftime("%Y-%m-%d %H:%M:%S") + fraction + "+00"


def results():
    positions = {}
    for change in records("positions.jsonl"):
        key = change["key"]["position_id"]
        if change["value"] is None:
            positions.pop(key, None)
        else:
            positions[key] = change["value"]

    clients = {p["client"] for p in positions.values() if p["exchange"] == "NASDAQ"}
    yield ["client"], [], [[client] for client in sorted(clients, key=bytes_of)]

    groups = {}
    for position in positions.values():
        group = groups.setdefault(position["exchange"], [0, 0])
        group[0] += 1
        group[1] += position["amount"]
    rows = [[exchange, *groups[exchange]] for exchange in sorted(groups, key=bytes_of)]
    yield ["exchange", "positions", "amount"], [1, 2], rows

    joined = []
    for trade in records("trades.jsonl"):
        position = positions.get(trade["position_id"])
        if position is not None:
            joined.append([
                trade["trade_id"], timestamp(trade["traded_at"]), position["client"], position["ticker"], position["exchange"],
                f"{trade['price']:.2f}", trade["quantity"],
            ])
    yield ["trades", "quantity"], [0, 1], [[len(joined), sum(row[6] for row in joined)]]

    names = ["trade_id", "traded_at", "client", "ticker", "exchange", "price", "quantity"]
    yield names, [0, 5, 6], sorted(joined, key=lambda row: -row[0])[:20]


def print_aligned(names, right, rows):
    texts = [["" if value is None else str(value) for value in row] for row in rows]
    widths = [max(len(row[i]) for row in [names] + texts) for i in range(len(names))]
    print("|".join(f" {name.center(width)} " if (width - len(name)) % 2 == 0
                   # psql puts the odd space behind the name
                   else f" {(name + ' ').center(width)} " for name, width in zip(names, widths)))
    print("+".join("-" * (width + 2) for width in widths))
    for row in texts:
        cells = [cell.rjust(w) if i in right else cell.ljust(w) for i, (cell, w) in enumerate(zip(row, widths))]
        # The last column has no blanks behind its text.
        cells[-1] = cells[-1] if len(names) - 1 in right else row[-1]
        print("|".join(f" {cell} " for cell in cells[:-1]) + ("|" if len(cells) > 1 else "") + f" {cells[-1]}")
    print(f"({len(rows)} row{'' if len(rows) == 1 else 's'})\n")


def main():
    for names, right, rows in results():
        if "--csv" in sys.argv[1:]:
            writer = csv.writer(sys.stdout, lineterminator="\n")
            writer.writerow(names)
            writer.writerows([["" if value is None else value for value in row] for row in rows])
        else:
            print_aligned(names, right, rows)


if __name__ == "__main__":
    main()
