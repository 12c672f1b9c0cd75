"""How fast errors are grouped and classified, beside Drain3 on the same file and core."""

import json
import shutil
import statistics
from pathlib import Path

from machine import Failure, cargo_bench, run, say

HERE = Path(__file__).parent
ERRORS = 1_000_000
# Drain3 takes minutes for all of them; its speed hardly changes behind so many.
ERRORS_OF_PEER = 200_000
ROUNDS_OF_PEER = 3


def grouping(root, cache, python):
    """Measures both on simulated errors with stack traces; prints a table of each."""
    if not shutil.which("taskset"):
        raise Failure("missing: taskset (apt-get install util-linux)")
    file, some = errors(root, cache)
    say("measuring how fast errors are grouped …")
    print(cargo_bench(root, "smartetl-core", "grouping", file, before=["taskset", "--cpu-list", "0"]))
    answers = []
    for turn in range(ROUNDS_OF_PEER):
        said = run(["taskset", "--cpu-list", "0", python, HERE / "peers" / "drain3_lines.py", some], "Drain3 failed")
        answers.append(json.loads(said))
        say(f"  round {turn + 1}: drain3 {answers[-1]['seconds']:.1f} s")
    seconds = statistics.median(answer["seconds"] for answer in answers)
    answer = answers[0]
    print(f"{'drain3, masked':34} {answer['errors'] / seconds:12.0f} {answer['lines'] / seconds:12.0f}, {answer['templates']} templates")


def errors(root, cache):
    """All errors, and the first of them, each in a file."""
    file, some = cache / f"errors-{ERRORS}.jsonl", cache / f"errors-{ERRORS_OF_PEER}.jsonl"
    say(f"simulating {ERRORS} errors …")
    command = ["cargo", "run", "--release", "--locked", "--quiet", "--package", "smartetl-simulate", "--example", "errors",
               "--manifest-path", root / "Cargo.toml", "--", str(ERRORS)]
    text = run(command, "the errors could not be simulated")
    file.write_text(text, encoding="utf-8")
    some.write_text("".join(text.splitlines(keepends=True)[:ERRORS_OF_PEER]), encoding="utf-8")
    return file, some
