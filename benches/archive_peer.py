"""The script to which the archive is compared: Python's sqlite3, one page of 1000 rows per
transaction, an upsert with executemany, the same indexes and the text of the rows, but no versions
and no ledger. SQLite copies its log into the database after 1000 pages, as it does by default.
Usage: archive_peer.py ROWS.jsonl FOLDER [ROWS]

For the elapsed time, measure the whole process, and that of `omnilogs archive import ROWS.jsonl`:
both then include what is written when the database is closed."""

import itertools
import json
import os
import sqlite3
import sys
import time
from datetime import datetime

COLUMNS = ["ident", "channel", "bulk_id", "sender", "destination", "at", "done_at", "status_group",
           "status_name", "status_id", "rank", "mccmnc", "raw"]


def millis(text):
    return int(datetime.fromisoformat(text[:-2] + ":" + text[-2:]).timestamp() * 1000)


def columns(line):
    row = json.loads(line)
    status = row["status"]
    return (row["messageId"], row["channel"], row["bulkId"], row["from"], row["to"],
            millis(row["sentAt"]), millis(row["doneAt"]), status["groupName"], status["name"],
            status["id"], 0 if status["groupName"] == "PENDING" else 2, row["mccmnc"], line)


def main(source, folder, limit):
    path = os.path.join(folder, "peer.db")
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("PRAGMA page_size = 8192")
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = FULL")
    database.execute("PRAGMA cache_size = -16384")
    database.executescript("""
        CREATE TABLE IF NOT EXISTS message (id INTEGER PRIMARY KEY, ident TEXT, channel TEXT,
            bulk_id TEXT, sender TEXT, destination TEXT, at INTEGER, done_at INTEGER,
            status_group TEXT, status_name TEXT, status_id INTEGER, rank INTEGER, mccmnc TEXT,
            raw TEXT);
        CREATE UNIQUE INDEX IF NOT EXISTS k ON message (ident, channel);
        CREATE INDEX IF NOT EXISTS a ON message (at);
        CREATE INDEX IF NOT EXISTS d ON message (destination, at);
        CREATE INDEX IF NOT EXISTS b ON message (bulk_id, at);
        CREATE INDEX IF NOT EXISTS s ON message (status_group, at);
        CREATE INDEX IF NOT EXISTS p ON message (at) WHERE rank < 2;
    """)
    names, places = ", ".join(COLUMNS), ", ".join("?" * len(COLUMNS))
    updates = ", ".join(f"{name} = excluded.{name}" for name in COLUMNS[2:])
    upsert = (f"INSERT INTO message ({names}) VALUES ({places}) "
              f"ON CONFLICT (ident, channel) DO UPDATE SET {updates} "
              "WHERE excluded.rank >= message.rank")
    started, used, count = time.monotonic(), time.process_time(), 0
    with open(source, encoding="utf-8") as lines:
        lines = itertools.islice((line.rstrip("\n") for line in lines), limit)
        while page := list(itertools.islice(lines, 1000)):
            database.execute("BEGIN IMMEDIATE")
            database.executemany(upsert, map(columns, page))
            database.execute("COMMIT")
            count += len(page)
    seconds, used = time.monotonic() - started, time.process_time() - used
    database.close()
    print(f"peer: {count / seconds:.0f} rows/s, {used:.2f} s of processor time, {os.path.getsize(path)} bytes")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else None)
