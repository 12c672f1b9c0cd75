"""How soon the web app is there with ten times the rows: each call that a page makes when it is opened, and each page in Chromium."""

import json
import os
import socket
import statistics
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path

from machine import Failure, measured, run

CALL_AIM_MS = 150
PAGE_AIM_MS = 1500
# Each call is made so often; the first answers of a fresh connection to PostgreSQL count too.
CALLS = 40
PATIENCE_S = 120


def pages(root, binary, server, folder, load):
    """Loads the rows, serves them, opens each page, and prints what it took. Never fails on a missed aim."""
    url = server.fresh_database("web")
    took, peak_mb = measured(load(binary, folder, url), label="load")
    # In the night autovacuum is through with the rows long before anybody looks; here it would begin when the pages are measured.
    run(["psql", "--no-psqlrc", "--quiet", "--command", "VACUUM (ANALYZE)", url], "the rows could not be vacuumed")
    counts = run([binary, "--database-url", url, "sql", "--format", "csv", "SELECT (SELECT count(*) FROM dataset), (SELECT count(*) FROM log)"],
                 "the rows cannot be counted").split()[-1]
    print(f"{counts.replace(',', ' runs, ')} rows of log, loaded in {took:.1f} s with {peak_mb:.0f} MB")
    with tempfile.TemporaryDirectory() as scratch, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        empty = Path(scratch) / "empty"
        empty.mkdir()
        with open(Path(scratch) / "up.txt", "w", encoding="utf-8") as output:
            service = subprocess.Popen([binary, "--database-url", url, "up", empty, "--port", str(port)], stdout=output, stderr=subprocess.STDOUT)
            try:
                base = f"http://127.0.0.1:{port}"
                wait_for(base)
                found = in_chromium(root, base, Path(scratch) / "found.json")
                table(base, found)
            finally:
                service.terminate()
                service.wait()


def wait_for(base):
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(f"{base}/readyz", timeout=5).close()
            return
        except OSError:
            time.sleep(0.2)
    raise Failure(f"the service was not ready within {PATIENCE_S} s")


def in_chromium(root, base, file):
    """Page → its cold starts in milliseconds and the addresses it asks (web/pages/speed.ts)."""
    environment = os.environ | {"SPEED_URL": base, "SPEED_FILE": str(file)}
    done = subprocess.run(["npm", "run", "--silent", "speed"], cwd=root / "web", env=environment, capture_output=True, encoding="utf-8", check=False)
    if done.returncode != 0:
        raise Failure(f"Chromium could not open the pages:\n{done.stdout}{done.stderr}")
    return json.loads(file.read_text(encoding="utf-8"))


def table(base, found):
    print("| page | can be used after ms (median) | slowest | calls | slowest call, p95 ms | |\n|---|---|---|---|---|---|")
    known = {}
    for name, page in found.items():
        for address in page["asked"]:
            if address not in known:
                known[address] = p95(base + address)
        slowest = max(page["asked"], key=known.get, default=None)
        cold = statistics.median(page["cold_ms"])
        met = cold <= PAGE_AIM_MS and all(known[address] <= CALL_AIM_MS for address in page["asked"])
        call = f"{known[slowest]:.0f} `{slowest[:70]}`" if slowest else "none"
        print(f"| {name} | {cold:.0f} | {max(page['cold_ms']):.0f} | {len(page['asked'])} | {call} | {'met' if met else '**missed**'} |")


def p95(address):
    """Milliseconds until the whole answer is there."""
    times = []
    for _ in range(CALLS):
        begin = time.perf_counter()
        with urllib.request.urlopen(address, timeout=60) as answer:
            answer.read()
        times.append((time.perf_counter() - begin) * 1000)
    return statistics.quantiles(times, n=20)[-1]
