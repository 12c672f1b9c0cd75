"""The PostgreSQL 17 that all sides write to: the one smartETL embeds, held up by a smartetl process of ours."""

import json
import os
import shutil
import signal
import statistics
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from machine import Failure, measured, run

# What keeps the server up while the sides are measured: `up` on an empty folder. It looks there now and then, nothing more.
HOLD = ["up", "--port", "0"]
# The cheapest command that needs the server.
TOUCH = ["sql", "SELECT 1"]
# How long the server may take to answer, and how long to leave after its last user.
PATIENCE_S = 60


def environment(folder):
    """smartETL's own server in this folder, whatever the shell says."""
    kept = {k: v for k, v in os.environ.items() if k != "DATABASE_URL" and not k.startswith(("PG", "SMARTETL_"))}
    return kept | {k: v for k, v in os.environ.items() if k in ("SMARTETL_POSTGRES_ARCHIVE", "SMARTETL_POSTGRES_BIN")} | {"SMARTETL_DATA_DIR": str(folder)}


class Server:
    def __init__(self, binary, folder, keep):
        self.binary, self.folder, self.keep = binary, folder, keep

    def __enter__(self):
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        empty = self.folder / "no-logs"
        empty.mkdir()
        self.output = open(self.folder / "up.txt", "w", encoding="utf-8")
        self.holder = subprocess.Popen(
            [self.binary, HOLD[0], empty, *HOLD[1:]], env=environment(self.folder / "data"),
            stdout=self.output, stderr=subprocess.STDOUT)
        try:
            self.base = wait_for("the embedded server", self.ask_url)
        except BaseException:
            self.__exit__()
            raise
        return self

    def ask_url(self):
        if self.holder.poll() is not None:
            raise Failure(f"smartetl up stopped with exit code {self.holder.returncode}; see {self.output.name}")
        report = subprocess.run(
            [self.binary, "doctor", "--format", "json"], env=environment(self.folder / "data"),
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, encoding="utf-8", check=False).stdout
        url = find(json.loads(report), "database_url") if report.strip() else None
        ready = url and subprocess.run(["psql", "--no-psqlrc", "-c", "SELECT 1", url], capture_output=True, check=False).returncode == 0
        return url if ready else None

    def url(self, side):
        return urlunsplit(urlsplit(self.base)._replace(path="/bench_" + side.replace(" ", "_")))

    def fresh_database(self, side):
        """Drops and makes the side's database, then lets everything older reach the disk."""
        name = urlsplit(self.url(side)).path[1:]
        statements = [f"DROP DATABASE IF EXISTS {name}", f"CREATE DATABASE {name}", "CHECKPOINT"]
        run(["psql", "--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1", "--set", "VERBOSITY=terse", self.base,
             "--command", "SET client_min_messages = warning"] + [part for s in statements for part in ("--command", s)],
            "a database could not be made")
        os.sync()
        return self.url(side)

    def __exit__(self, *_):
        self.holder.send_signal(signal.SIGTERM)
        try:
            self.holder.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            self.holder.kill()
            self.holder.wait()
        self.output.close()
        if not self.keep:
            wait_until_stopped(self.folder / "data")
            shutil.rmtree(self.folder, ignore_errors=True)


@dataclass
class Starts:
    first: float
    warm: float


def start_times(binary, cache, repeat):
    """Seconds of a first start (unpacked archive in the cache, new cluster) and of a warm one; medians."""
    first, warm = [], []
    # Whatever has to be downloaded and unpacked once is not part of either.
    for turn in range(repeat + 1):
        with tempfile.TemporaryDirectory(dir=cache) as folder:
            first.append(touch(binary, folder))
            wait_until_stopped(folder)
            warm.append(touch(binary, folder))
            wait_until_stopped(folder)
    return Starts(statistics.median(first[1:]), statistics.median(warm[1:]))


def touch(binary, folder):
    command = ["env", "--unset=DATABASE_URL", f"SMARTETL_DATA_DIR={folder}", binary, *TOUCH]
    return measured(command, label="a start of the embedded server")[0]


def wait_until_stopped(folder):
    """The server leaves some seconds after its last user; its postmaster.pid goes with it."""
    wait_for("the end of the embedded server", lambda: not list(Path(folder).rglob("postmaster.pid")))


def wait_for(what, condition):
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        if answer := condition():
            return answer
        time.sleep(0.1)
    raise Failure(f"waited {PATIENCE_S} s in vain for {what}")


def find(value, key):
    """The first value of a key anywhere in a JSON document."""
    if isinstance(value, dict):
        if isinstance(value.get(key), str):
            return value[key]
        value = list(value.values())
    if isinstance(value, list):
        return next(filter(None, (find(item, key) for item in value)), None)
    return None
