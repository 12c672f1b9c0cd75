"""What the benchmark needs of the machine: tools, the program, the data, and a stopwatch."""

import hashlib
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from datetime import datetime, timezone
from pathlib import Path


class Failure(Exception):
    """What happened and what to do about it, for a person."""


def say(text):
    print(text, file=sys.stderr, flush=True)


def need():
    """Refuses to start where a tool is missing, and says how it is installed."""
    missing = [f"{tool} ({how})" for tool, how in {
        "cargo": "the Rust toolchain", "psql": "apt-get install postgresql-client", "bash": "apt-get install bash",
    }.items() if not shutil.which(tool)]
    if sys.version_info < (3, 11):
        missing.append(f"Python 3.11 (this is {platform.python_version()})")
    if missing:
        raise Failure(f"missing: {', '.join(missing)}")


def venv(cache, requirements):
    """A virtual environment with the pinned peers, made once for each list; returns its Python."""
    folder = cache / f"venv-{hashlib.sha256(requirements.read_bytes()).hexdigest()[:12]}"
    python = folder / "bin" / "python"
    if not (folder / "complete").exists():
        say("installing the peers (DuckDB, pandas, Polars, SQLAlchemy, Drain3) …")
        run([sys.executable, "-m", "venv", "--clear", folder], "python3 -m venv failed; on Debian: apt-get install python3-venv")
        run([python, "-m", "pip", "install", "--quiet", "--requirement", requirements], "pip could not install bench/requirements.txt")
        (folder / "complete").touch()
    return python


def build(root):
    """Builds smartetl with the release profile, where `make` keeps its target folder."""
    target = Path(os.environ.get("CARGO_TARGET_DIR", root / "target"))
    say("building smartetl (release) …")
    run(["cargo", "build", "--release", "--locked", "--package", "smartetl", "--manifest-path", root / "Cargo.toml"], "the build failed")
    return target / "release" / "smartetl"


def reading_speed(root):
    """How fast each container and dialect is read, as a table."""
    say("measuring how fast files are read …")
    return cargo_bench(root, "smartetl-formats", "reading")


def classifying_speed(root):
    """How fast messages are classified, and that those which attack cost what their length does, as a table."""
    say("measuring how fast messages are classified …")
    return cargo_bench(root, "smartetl-core", "classifying")


def cargo_bench(root, package, name, *given, before=()):
    """Builds a benchmark and runs it, `before` standing before the command that runs it."""
    command = ["cargo", "bench", "--profile", "release", "--locked", "--package", package, "--bench", name,
               "--manifest-path", root / "Cargo.toml"]
    if before:
        run([*command, "--no-run"], f"the benchmark of {name} could not be built")
    return run([*before, *command, *(["--", *given] if given else [])], f"the benchmark of {name} failed")


def data(cache, binary, simulate, days):
    """Simulated files, made once for each set of flags and each simulator."""
    version = run([binary, "--version"], "smartetl --version failed").strip()
    key = hashlib.sha256(repr([simulate, days, version]).encode()).hexdigest()[:12]
    folder = cache / f"data-{key}"
    if not (folder / "complete").exists():
        say(f"simulating {days} days …")
        shutil.rmtree(folder, ignore_errors=True)
        run([binary, *simulate, "--days", str(days), "--output", folder], "smartetl simulate failed")
        for name in ("stats.csv", "logs.csv"):
            if not (folder / name).is_file():
                raise Failure(f"smartetl simulate wrote no {folder / name}")
        (folder / "complete").touch()
    return folder


def run(command, hint):
    done = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE, encoding="utf-8", check=False)
    if done.returncode != 0:
        raise Failure(f"{hint} (exit code {done.returncode} of: {' '.join(map(str, command))})")
    return done.stdout


def measured(command, label):
    """Runs a command; returns its seconds and its peak memory in MB."""
    with tempfile.TemporaryFile() as output:
        began = time.perf_counter()
        process = subprocess.Popen([str(part) for part in command], stdout=output, stderr=subprocess.STDOUT)
        peak = Peak(process.pid)
        process.wait()
        took = time.perf_counter() - began
        peak_kb = peak.end()
        if process.returncode != 0:
            output.seek(0)
            raise Failure(f"{label} failed with exit code {process.returncode}:\n{output.read().decode(errors='replace')[-4000:]}")
    return took, peak_kb / 1024


class Peak:
    """The largest resident memory of a process and of those that it started, each for itself, as the kernel keeps it.

    `ru_maxrss` would be at least that of this program: a process inherits it from whoever starts it.
    """

    def __init__(self, pid):
        self.pid, self.kb, self.ended = pid, 0, threading.Event()
        self.thread = threading.Thread(target=self.look, daemon=True)
        self.thread.start()

    def look(self):
        while not self.ended.wait(0.02):
            for pid in [self.pid, *children(self.pid)]:
                self.kb = max(self.kb, high_water_kb(pid))

    def end(self):
        self.ended.set()
        self.thread.join()
        return self.kb


def children(pid):
    try:
        found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    return [deeper for child in map(int, found) for deeper in (child, *children(child))]


def high_water_kb(pid):
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM:")), 0)


def describe_machine(folder):
    rows = []
    for name in ("stats.csv", "logs.csv"):
        with open(folder / name, "rb") as file:
            lines = sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b""))
        rows.append(f"{name} {lines:,} lines, {(folder / name).stat().st_size / 1e6:.0f} MB")
    return f"{describe_load()} · {' · '.join(rows)}"


def describe_load():
    now = datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M UTC")
    return f"{now} · {platform.machine()} · {os.cpu_count()} cores · load {os.getloadavg()[0]:.2f}"
