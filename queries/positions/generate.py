#!/usr/bin/env python3
"""Writes positions.jsonl and trades.jsonl beside this file: the same bytes for the same seed.

positions.jsonl is a changelog in the upsert envelope: a position is opened, its amount changes, it moves to another exchange or
client, it is closed (value null), and perhaps opened again. trades.jsonl is a stream of trades, most of them on positions that
exist at some time, some on ones that never do.
"""
import json
import os
import random
import sys
from datetime import datetime, timedelta, timezone

SEED = 42
POSITIONS = 900
CHANGES = 4000
TRADES = 3000

EXCHANGES = ["NASDAQ", "NYSE", "XETRA", "SIX", "LSE", "TSE", "HKEX", "Euronext"]
WEIGHTS = [30, 25, 12, 8, 10, 5, 5, 5]
TICKERS = {
    "NASDAQ": ["AAPL", "MSFT", "NVDA", "AMZN", "GOOGL", "META"],
    "NYSE": ["JPM", "KO", "DIS", "BRK.B", "XOM"],
    "XETRA": ["SAP", "SIE", "ALV", "BMW"],
    "SIX": ["NESN", "NOVN", "ROG"],
    "LSE": ["SHEL", "AZN", "HSBA"],
    "TSE": ["7203", "6758"],
    "HKEX": ["0700", "0005"],
    "Euronext": ["MC", "ASML", "AIR"],
}
CLIENTS = [
    "Acme Pension Fund", "Blue Ridge Capital", "Crédit du Léman", "Dock & Sons", "Eastgate", "Fjord Invest", "Grüner Tal AG",
    "Harbour Trust", "Isar Family Office", "Juniper \"J\" Partners", "Kestrel", "Lagoon Re", "Maple Street", "Nørrebro Kapital",
    "O'Hara Holdings", "Pilatus Vorsorge", "Quarry Rock", "Société du Rhône", "Tern Island", "Umbra", "Vega Macro",
    "Westwind", "Xylem Water", "Yarrow", "Zürichberg Stiftung",
]


def main(directory):
    rng = random.Random(SEED)
    # Some clients come later than others, and some leave: they open nothing more, and their positions are closed first.
    spans = {client: (0.0, 1.0) for client in CLIENTS}
    for client in rng.sample(CLIENTS[1:], 15):
        start = rng.choice([0.0, rng.uniform(0.05, 0.5)])
        spans[client] = (start, rng.choice([1.0, start + rng.uniform(0.1, 0.35)]))
    live, closed, unused = {}, [], list(range(1, POSITIONS + 1))
    rng.shuffle(unused)

    def new_value(progress):
        clients = [c for c in CLIENTS if spans[c][0] <= progress <= spans[c][1]]
        exchange = rng.choices(EXCHANGES, WEIGHTS)[0]
        return {
            "client": rng.choice(clients),
            "ticker": rng.choice(TICKERS[exchange]),
            "amount": rng.randint(1, 500) * 10,
            # A position that is not placed yet has no exchange.
            "exchange": None if rng.random() < 0.02 else exchange,
        }

    lines = []
    for change in range(CHANGES):
        progress = change / CHANGES
        what = rng.random()
        if unused and (not live or what < len(unused) / (CHANGES - change) * 1.02):
            key = unused.pop()
            live[key] = new_value(progress)
        elif what < 0.80 or not live:
            key = rng.choice(sorted(live))
            value = dict(live[key])
            kind = rng.random()
            if kind < 0.65:
                value["amount"] = max(0, value["amount"] + rng.randint(-50, 60) * 10)
            elif kind < 0.85:
                value["exchange"] = rng.choices(EXCHANGES, WEIGHTS)[0]
            elif kind < 0.97:
                value["client"] = new_value(progress)["client"]
            live[key] = value  # sometimes nothing has changed
        elif what < 0.95 or not closed:
            left = [k for k in sorted(live) if spans[live[k]["client"]][1] < progress]
            key = rng.choice(left or sorted(live))
            del live[key]
            closed.append(key)
        else:
            key = closed.pop(rng.randrange(len(closed)))
            live[key] = new_value(progress)
        members = {"key": {"position_id": key}, "value": live.get(key)}
        if rng.random() < 0.1:  # members may come in any order
            members = dict(reversed(members.items()))
        # Some writers escape what is not ASCII, some do not; some put spaces.
        separators = (", ", ": ") if rng.random() < 0.2 else (",", ":")
        lines.append(json.dumps(members, ensure_ascii=rng.random() < 0.5, separators=separators))
    write(directory, "positions.jsonl", lines)

    at = datetime(2026, 3, 2, 9, 0, tzinfo=timezone.utc)
    lines = []
    for trade in range(1, TRADES + 1):
        at += timedelta(milliseconds=rng.randint(1, 9000))
        lines.append(json.dumps({
            "trade_id": trade,
            "position_id": rng.randint(1, POSITIONS + 40),
            "price": rng.randint(100, 99999) / 100,
            "quantity": rng.choice([-1, 1]) * rng.randint(1, 80) * 5,
            "traded_at": at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z",
        }, separators=(",", ":")))
    write(directory, "trades.jsonl", lines)


def write(directory, name, lines):
    with open(os.path.join(directory, name), "w", encoding="utf-8", newline="\n") as file:
        file.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.abspath(__file__)))
