"""Logs that are posted: 2,000 requests a second for a minute, over connections that are kept open.

Open loop: a request is due at its moment whether or not those before it were answered, and its latency counts from there. One process
sends, with nothing between it and the sockets, on the same cores as the service and its PostgreSQL.
"""

import gc
import select
import signal
import socket
import subprocess
import tempfile
import threading
import time
from datetime import datetime, timezone
from pathlib import Path

from machine import Failure, high_water_kb, run
from server import wait_for

REQUESTS_PER_SECOND = 2_000
SECONDS = 60
ROWS = 10
# The service keeps 200 at most; more would wait to be accepted.
CONNECTIONS = 150
PATIENCE_S = 30


def logs():
    """One run of ten rows of some 200 bytes, as tStatCatcher's columns in lines of JSON; target, kind and a template of the body."""
    moment = datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M:%S")

    def line(origin, kind, message, duration):
        return (f'{{"moment":"{moment}","pid":"r%(i)08d","father_pid":"r%(i)08d","root_pid":"r%(i)08d","system_pid":"1",'
                f'"project":"BENCH","job":"J_ODS_Orders","context":"PROD","origin":"{origin}","message_type":"{kind}",'
                f'"message":"{message}","duration":"{duration}"}}\n')

    steps = [line(f"tDB_{step}", *what) for step in range((ROWS - 2) // 2) for what in (("begin", "", ""), ("end", "success", 12))]
    body = "".join([line("", "begin", "", ""), *steps, line("", "end", "success", 250)])
    return "/api/v1/logs?dialect=talend&timezone=UTC", "application/x-ndjson", body, 200, ROWS


def lineage():
    """One event of OpenLineage, as a task of Airflow that ended."""
    moment = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    body = (f'{{"eventType":"COMPLETE","eventTime":"{moment}","producer":"https://github.com/apache/airflow",'
            '"schemaURL":"https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",'
            '"run":{"runId":"00000000-0000-4000-8000-0000%(i)08d","facets":{"nominalTime":{"nominalStartTime":"' + moment + '",'
            '"_producer":"https://github.com/apache/airflow","_schemaURL":"https://openlineage.io/spec/facets/1-0-1/NominalTimeRunFacet.json"}}},'
            '"job":{"namespace":"bench","name":"orders.load"},"inputs":[{"namespace":"postgres://db:5432","name":"ods.orders"}],'
            '"outputs":[{"namespace":"postgres://db:5432","name":"dwh.orders"}]}')
    return "/api/v1/lineage", "application/json", body, 201, 1


def posting(binary, server):
    """Both kinds; returns whether every request was answered as it should be and everything is stored."""
    return all([measure(binary, server, kind) for kind in (logs, lineage)])


def measure(binary, server, kind):
    target, content, body, status, rows = kind()
    url = server.fresh_database(f"post {kind.__name__}")
    with tempfile.TemporaryDirectory() as folder:
        output = open(Path(folder) / "up.txt", "w+", encoding="utf-8")
        (Path(folder) / "logs").mkdir()
        up = subprocess.Popen(["env", f"DATABASE_URL={url}", "SMARTETL_TIMEZONE=UTC", binary, "up", Path(folder) / "logs", "--port", "0"],
                              stdout=output, stderr=subprocess.STDOUT)
        try:
            host, port = wait_for("the service", lambda: address(output.name, up)).rsplit(":", 1)
            memory = Memory(up.pid)
            load = Load((host, int(port)), target, content, body, status)
            load.run()
            resident = memory.end()
            good = load.told(kind.__name__, len(body % {"i": 0}))
            stored = int(run(["psql", "--no-psqlrc", "-qAt", url, "--command", "SELECT count(*) FROM log"], "a query failed"))
            expected = load.sent * rows
            print(f"  rows posted: {expected:,}, stored: {stored:,}{'' if stored == expected else '  THEY DIFFER'}; memory of the service: "
                  f"{resident[0]:.0f} MB at the start, {resident[len(resident) // 2]:.0f} in the middle, {resident[-1]:.0f} at the end, "
                  f"{high_water_kb(up.pid) / 1024:.0f} at most")
            return good and stored == expected
        finally:
            up.send_signal(signal.SIGTERM)
            up.wait(60)
            output.close()


def address(path, up):
    if up.poll() is not None:
        raise Failure(f"smartetl up ended: {Path(path).read_text(encoding='utf-8')[-2000:]}")
    for line in Path(path).read_text(encoding="utf-8").splitlines():
        if "http://" in line and "PostgreSQL" in Path(path).read_text(encoding="utf-8"):
            return line.split("http://")[1].split()[0]
    return None


class Memory:
    """Resident memory of a process in MB, once a second."""

    def __init__(self, pid):
        self.pid, self.found, self.ended = pid, [self.now(pid)], threading.Event()
        self.thread = threading.Thread(target=self.look, daemon=True)
        self.thread.start()

    @staticmethod
    def now(pid):
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:")) / 1024

    def look(self):
        while not self.ended.wait(1):
            self.found.append(self.now(self.pid))

    def end(self):
        self.ended.set()
        self.thread.join()
        return self.found


class Load:
    def __init__(self, where, target, content, body, status):
        self.where = where
        length = len(body % {"i": 0})
        head = (f"POST {target} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {content}\r\nContent-Length: {length}\r\n\r\n")
        self.template = (head.replace("%", "%%") + body).encode()
        self.expected = str(status).encode()
        self.epoll, self.idle, self.waiting = select.epoll(), [], {}
        self.sent, self.latencies, self.errors = 0, [], {}

    def run(self):
        gc.disable()
        began = time.perf_counter()
        end = REQUESTS_PER_SECOND * SECONDS
        while self.sent < end or self.waiting:
            now = time.perf_counter()
            due = min(end, int((now - began) * REQUESTS_PER_SECOND) + 1)
            while self.sent < due and (self.idle or len(self.waiting) < CONNECTIONS):
                self.send(began + self.sent / REQUESTS_PER_SECOND)
            if now > began + SECONDS + PATIENCE_S:
                self.error("no answer", len(self.waiting) + end - self.sent)
                break
            wait = began + self.sent / REQUESTS_PER_SECOND - time.perf_counter()
            full = self.sent == end or (not self.idle and len(self.waiting) >= CONNECTIONS)
            for number, _ in self.epoll.poll(0.1 if full else max(0.0005, wait)):
                self.receive(number)
        self.took = time.perf_counter() - began
        gc.enable()
        for connection in self.idle:
            connection.close()

    def send(self, due):
        connection = self.idle.pop() if self.idle else self.connect()
        connection.sendall(self.template % {b"i": self.sent})
        self.waiting[connection.fileno()] = (connection, due, b"")
        self.sent += 1

    def connect(self):
        connection = socket.create_connection(self.where)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.epoll.register(connection.fileno(), select.EPOLLIN)
        return connection

    def receive(self, number):
        if number not in self.waiting:
            return
        connection, due, known = self.waiting[number]
        piece = connection.recv(65536)
        answer = known + piece
        head, end, body = answer.partition(b"\r\n\r\n")
        if piece and (not end or len(body) < length_of(head)):
            self.waiting[number] = (connection, due, answer)
            return
        del self.waiting[number]
        if answer[9:12] == self.expected:
            self.latencies.append(time.perf_counter() - due)
        else:
            self.error(answer[:200].decode(errors="replace").splitlines()[0] if answer else "closed without an answer")
        if piece and b"connection: close" not in head.lower():
            self.idle.append(connection)
        else:
            self.epoll.unregister(number)
            connection.close()

    def error(self, what, times=1):
        self.errors[what] = self.errors.get(what, 0) + times

    def told(self, name, size):
        late = sorted(self.latencies) or [float("nan")]
        p50, p99 = late[len(late) // 2], late[min(len(late) - 1, int(len(late) * 0.99))]
        print(f"POST {name}: {len(self.latencies) / self.took:,.0f} requests/s of {size:,} bytes answered for {self.took:.0f} s (aim "
              f"{REQUESTS_PER_SECOND:,}); latency p50 {p50 * 1e3:.0f} ms, p99 {p99 * 1e3:.0f} ms, at most {late[-1] * 1e3:.0f} ms; "
              f"errors: {sum(self.errors.values())} {self.errors or ''}")
        return not self.errors


def length_of(head):
    for line in head.split(b"\r\n"):
        if line[:15].lower() == b"content-length:":
            return int(line[15:])
    return 0
