#!/usr/bin/env python3
"""Makes payments.jsonl and fundings.jsonl beside this file: a morning of a payment system, from a seed."""

import json
import random
from datetime import datetime, timedelta, timezone
from pathlib import Path

FOLDER = Path(__file__).parent
PARTICIPANTS = ["ALPCCH22", "BERGCHZZ", "CORVCH2A", "DELTCHGG", "EIGRCH22", "FIRNCHBE", "GLARCH2L", "HELVCHZZ"]
TYPES = ["pacs.008", "pacs.009", "pacs.004"]


def text(time):
    return time.strftime("%Y-%m-%d %H:%M:%S.%f")[:-3] + "+00"


def main():
    draw = random.Random(15)
    start = datetime(2026, 3, 2, 6, 0, tzinfo=timezone.utc)
    # Times that no two records share: a participant's last transaction is one.
    milliseconds = draw.sample(range(6 * 3600 * 1000), 5000)
    payments, fundings = [], []
    for number, offset in enumerate(milliseconds):
        time = start + timedelta(milliseconds=offset)
        participant = draw.choice(PARTICIPANTS)
        # The first two pay more than they get, and are funded more often.
        pays = draw.random() < (0.56 if participant in PARTICIPANTS[:2] else 0.5)
        if number % 40 == 0:
            kind = "defunding" if draw.random() < 0.3 and participant not in PARTICIPANTS[:2] else "funding"
            amount = draw.randrange(100_000_00, 900_000_00)
            fundings.append((time, {"participant": participant, "kind": kind, "amount": f"{amount // 100}.{amount % 100:02}", "time": text(time)}))
        else:
            amount = int(100 * 10 ** draw.uniform(1, 5))
            payments.append((time, {
                "participant": participant, "transtype": draw.choice(TYPES), "amount": f"{amount // 100}.{amount % 100:02}",
                "crdr": "DR" if pays else "CR", "time": text(time)}))
    for name, records in ("payments", payments), ("fundings", fundings):
        # Nearly in order: a record comes up to two seconds late.
        records.sort(key=lambda record: record[0] + timedelta(seconds=draw.uniform(0, 2)))
        with open(FOLDER / f"{name}.jsonl", "w", encoding="utf-8") as file:
            for _, record in records:
                file.write(json.dumps(record) + "\n")


main()
