"""What .ci/notebooks needs of Python.

  check            the notebooks are stored as they should be (needs nothing but Python itself)
  strip            takes the outputs out of them
  address PROGRAM  the database of the smartETL that runs on this machine
  execute FILE …   runs notebooks from start to end; fails with the cell that fails (needs notebook/requirements.lock)
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOKS = ROOT / "notebook"
# Where conda, Python's packages and imports call the same thing otherwise.
CONDA_NAMES = {"psycopg2": "psycopg2-binary", "python-xxhash": "xxhash"}
# Not imported, and needed: the driver that an address names, what runs cells.
WITHOUT_IMPORT = {"psycopg2-binary", "ipykernel", "nbclient"}


def notebooks():
    found = sorted(path for path in NOTEBOOKS.rglob("*.ipynb") if ".ipynb_checkpoints" not in path.parts)
    if not found:
        raise SystemExit(f"no notebook below {NOTEBOOKS}")
    return found


def written(notebook):
    return json.dumps(notebook, ensure_ascii=False, indent=1) + "\n"


def stripped(notebook):
    """Without what an execution leaves behind: only then does a difference in git tell what somebody changed."""
    for cell in notebook["cells"]:
        cell["metadata"] = {}
        if cell["cell_type"] == "code":
            cell.update(execution_count=None, outputs=[])
    notebook["metadata"] = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    return notebook


def source(cell):
    return "".join(cell["source"])


def names(path, pattern):
    found = (re.match(pattern, line) for line in path.read_text(encoding="utf-8").splitlines())
    return {match[1].lower() for match in found if match}


def problems():
    imported = set()
    for path in notebooks():
        text = path.read_text(encoding="utf-8")
        notebook, shown = json.loads(text), path.relative_to(ROOT)
        if text != written(stripped(json.loads(text))):
            yield f"{shown} is stored with outputs: python3 .ci/notebooks.py strip"
        for cell in notebook["cells"]:
            if cell["cell_type"] == "code":
                imported |= set(re.findall(r"^(?:import|from) (\w+)", source(cell), re.MULTILINE))
            elif match := re.match(r"#+ (.+)\n(?!\*.+\*$)", source(cell) + "\n", re.MULTILINE):
                yield f"{shown}: the heading {match[1]!r} has no line in English below it"
    imported -= sys.stdlib_module_names
    pip = names(NOTEBOOKS / "requirements.in", r"([A-Za-z][\w-]*)")
    if imported | WITHOUT_IMPORT != pip:
        yield f"requirements.in and the notebooks differ in {sorted((imported | WITHOUT_IMPORT) ^ pip)}"
    conda = {CONDA_NAMES.get(name, name) for name in names(NOTEBOOKS / "environment.yml", r"  - ([a-z][\w-]*)")}
    if conda - {"conda-forge", "nodefaults", "python", "jupyterlab"} != pip:
        yield f"environment.yml and requirements.in differ in {sorted((conda - {'conda-forge', 'nodefaults', 'python', 'jupyterlab'}) ^ pip)}"
    for lock in ("requirements.lock", "jupyterlab.lock"):
        text = (NOTEBOOKS / lock).read_text(encoding="utf-8")
        locked = set(re.findall(r"^([a-z][\w-]*)==", text, re.MULTILINE))
        if missing := pip - locked:
            yield f"{lock} lacks {sorted(missing)}: notebook/requirements.in says how it is made"
        if text.count("==") - text.count("python_full_version ==") > text.count("--hash=sha256:"):
            yield f"{lock} has entries without hashes"
        if re.search(r"https?://|--index|--extra-index|--find-links", text):
            yield f"{lock} names a place to download from"


def check():
    found = list(problems())
    for problem in found:
        print(problem, file=sys.stderr)
    return 1 if found else 0


def strip():
    for path in notebooks():
        path.write_text(written(stripped(json.loads(path.read_text(encoding="utf-8")))), encoding="utf-8")
    return 0


def answer(*command):
    return json.loads(subprocess.run(command, capture_output=True, text=True, encoding="utf-8").stdout)


def address(program):
    """The demo has a database of its own: the service says whether it shows one."""
    settings = {line["setting"]: line["value"] for line in answer(program, "config", "show", "--format", "json")["settings"]}
    if settings["database.url"]:
        print(answer(program, "doctor", "--format", "json")["database_url"])
        return 0
    port = os.environ.get("PORT") or settings["http.port"]
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(f"http://127.0.0.1:{port}/livez", timeout=5) as response:
            demo = json.load(response)["demo"]
    except (OSError, ValueError, KeyError, TypeError):
        print(f"smartETL ne tourne pas sur le port {port} / smartETL does not run on port {port}\n"
              "   hint: `make up` in another terminal first, then `make notebook` (both with the same PORT=…); or set DATABASE_URL", file=sys.stderr)
        return 1
    folder = Path(settings["data_dir"]) / "demo" if demo else Path(settings["data_dir"])
    print(answer(program, "--data-dir", str(folder), "doctor", "--format", "json")["database_url"])
    return 0


def execute(files):
    import nbformat
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError
    from traitlets.config import Config

    for file in map(Path, files):
        began = time.monotonic()
        notebook = nbformat.read(file, as_version=4)
        with tempfile.TemporaryDirectory() as sockets:
            # Sockets of the file system: no port, and nobody else can listen.
            kernel = Config({"KernelManager": {"transport": "ipc", "ip": f"{sockets}/kernel"}})
            client = NotebookClient(notebook, config=kernel, kernel_name="python3", timeout=300, resources={"metadata": {"path": str(file.parent)}})
            try:
                client.execute()
            except CellExecutionError as error:
                print(f"{file}: a cell failed\n{error}", file=sys.stderr)
                return 1
        said = [output for cell in notebook.cells for output in cell.get("outputs", [])]
        warnings = [output.text for output in said if output.output_type == "stream" and output.name == "stderr"]
        if warnings:
            print(f"{file}: says on stderr what a reader should not see\n{''.join(warnings)}", file=sys.stderr)
            return 1
        plots = sum("image/png" in output.get("data", {}) for output in said)
        for output in said:
            if output.output_type == "stream":
                print("  " + output.text.rstrip().replace("\n", "\n  "))
        print(f"{file}: {sum(cell.cell_type == 'code' for cell in notebook.cells)} cells, {plots} plots, {time.monotonic() - began:.0f} s", flush=True)
    return 0


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["check"]:
            sys.exit(check())
        case ["strip"]:
            sys.exit(strip())
        case ["address", program]:
            sys.exit(address(program))
        case ["execute", *files] if files:
            sys.exit(execute(files))
        case _:
            sys.exit(__doc__)
