"""The Kafka of the benchmark: one real broker on loopback, from the same jars as that of the tests (crates/testkit/kafka/pom.xml)."""

import hashlib
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from machine import Failure, run, say

POM = Path(__file__).parent.parent / "crates" / "testkit" / "kafka" / "pom.xml"
READY = "Kafka Server started"
PATIENCE_S = 60


class Broker:
    """Starts empty, ends with its folder."""

    def __init__(self, cache):
        self.jars, self.folder, self.process = jars(cache), None, None

    def __enter__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="smartetl-bench-kafka-"))
        port, controller = free_port(), free_port()
        self.servers = f"127.0.0.1:{port}"
        properties = {
            "process.roles": "broker,controller", "node.id": 1, "controller.quorum.voters": f"1@127.0.0.1:{controller}",
            "listeners": f"PLAINTEXT://{self.servers},CONTROLLER://127.0.0.1:{controller}",
            "controller.listener.names": "CONTROLLER", "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
            "log.dirs": self.folder / "data", "offsets.topic.replication.factor": 1, "offsets.topic.num.partitions": 3,
            "transaction.state.log.replication.factor": 1, "transaction.state.log.min.isr": 1,
            "group.initial.rebalance.delay.ms": 0, "auto.create.topics.enable": "false",
        }
        (self.folder / "server.properties").write_text("".join(f"{key}={value}\n" for key, value in properties.items()))
        (self.folder / "log4j2.properties").write_text(
            "rootLogger.level=INFO\nrootLogger.appenderRef.out.ref=out\nappender.out.type=Console\nappender.out.name=out\n"
            "appender.out.layout.type=PatternLayout\nappender.out.layout.pattern=%d %p %m (%c)%n\n")
        try:
            run(self.java("kafka.tools.StorageTool") + ["format", "-t", "c21hcnRldGwtYmVuY2gtMQ", "-c", self.folder / "server.properties"],
                "the folder of Kafka could not be prepared")
            self.output = open(self.folder / "kafka.txt", "w", encoding="utf-8")
            self.process = subprocess.Popen(
                [str(part) for part in self.java("kafka.Kafka") + [self.folder / "server.properties"]],
                stdout=self.output, stderr=subprocess.STDOUT)
            self.wait()
        except BaseException:
            self.__exit__()
            raise
        return self

    def java(self, name):
        return ["java", "-Xmx512m", f"-Dlog4j2.configurationFile={self.folder / 'log4j2.properties'}", "-cp", f"{self.jars}/*", name]

    def wait(self):
        deadline = time.monotonic() + PATIENCE_S
        while READY not in (told := (self.folder / "kafka.txt").read_text(encoding="utf-8")):
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise Failure(f"Kafka did not start:\n{told[-2000:]}")
            time.sleep(0.1)

    def __exit__(self, *_):
        if self.process:
            self.process.terminate()
            try:
                self.process.wait(PATIENCE_S)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
            self.output.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def jars(cache):
    """The folder of the jars, which Maven brings once for each list."""
    folder = cache / f"kafka-{hashlib.sha256(POM.read_bytes()).hexdigest()[:12]}"
    if not (folder / "complete").exists():
        if not shutil.which("mvn") or not shutil.which("java"):
            raise Failure("missing: Maven and Java 17 (apt-get install maven default-jre-headless)")
        say("fetching Kafka …")
        run(["mvn", "-B", "-q", "-f", POM, "dependency:copy-dependencies", "-DincludeScope=runtime", f"-DoutputDirectory={folder}"],
            "Maven could not bring Kafka's jars")
        (folder / "complete").touch()
    return folder


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]
