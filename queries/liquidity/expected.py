#!/usr/bin/env python3
"""Prints what `leat run --csv queries/liquidity/liquidity.sql` must print, computed from the files alone: dictionaries, no SQL."""
import csv
import json
import sys
from datetime import datetime, timezone
from decimal import Decimal
from pathlib import Path

FOLDER = Path(__file__).parent
LIMITS = {
    "ALPCCH22": 100000, "BERGCHZZ": 500000, "CORVCH2A": 100000, "DELTCHGG": 100000, "EIGRCH22": 250000, "FIRNCHBE": 100000,
    "GLARCH2L": 7000000, "HELVCHZZ": 100000,
}


def movements():
    """Participant, type, signed amount, time."""
    for name, kind, inward in ("payments", "transtype", ("crdr", "CR")), ("fundings", "kind", ("kind", "funding")):
        with open(FOLDER / f"{name}.jsonl", encoding="utf-8") as file:
            for line in file:
                record = json.loads(line)
                amount = Decimal(record["amount"])
                signed = amount if record[inward[0]] == inward[1] else -amount
                yield record["participant"], record[kind], signed, datetime.fromisoformat(record["time"] + ":00")


def timestamp(at):
    fraction = f".{at.microsecond:06d}".rstrip("0") if at.microsecond else ""
    return at.strftime("%Y-%m-%d %H:%M:%S") + fraction + "+00"


def main():
    by_participant, flows = {}, {}
    for participant, kind, amount, at in movements():
        by_participant.setdefault(participant, []).append((at, kind, amount))
        quarter = datetime.fromtimestamp(at.timestamp() // 900 * 900, timezone.utc)
        flow = flows.setdefault((participant, quarter), [None, None])
        way = 0 if amount > 0 else 1
        flow[way] = (flow[way] or 0) + abs(amount)
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(["participant", "balance", "transactions", "last_type", "last_amount", "last_time"])
    balances = {}
    for participant, records in sorted(by_participant.items()):
        balances[participant] = sum(amount for _, _, amount in records)
        at, kind, amount = max(records)
        out.writerow([participant, balances[participant], len(records), kind, amount, timestamp(at)])
    out.writerow(["participant", "balance", "minimum"])
    for participant, balance in balances.items():
        if balance < LIMITS[participant]:
            out.writerow([participant, balance, f"{LIMITS[participant]}.00"])
    out.writerow(["participant", "window_start", "inflow", "outflow"])
    for (participant, quarter), (inflow, outflow) in sorted(flows.items()):
        out.writerow([participant, timestamp(quarter), inflow if inflow is not None else "", outflow if outflow is not None else ""])


main()
