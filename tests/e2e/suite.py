"""What the end-to-end tests share: databases, service programs, the command-line client.

Needs LOYALTY_TEST_DATABASE_URL (a superuser of a PostgreSQL that may be filled and emptied) and the built programs in
LOYALTY_BIN (default: build/release/bin). `./dev test` sees to both.
"""
import contextlib
import ctypes
import json
import os
import pathlib
import random
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(os.environ.get("LOYALTY_BIN", ROOT / "build/release/bin"))
SERVICES = ("points", "referral", "membership", "surveys")
PATIENCE = 60  # seconds for what should take one: another test may have the machine
SKIPPED = 77  # the exit code that ctest shows as "Skipped"

_libc = ctypes.CDLL(None)
_PR_SET_PDEATHSIG = 1
_given_ports = set()  # those of servers that are not started yet, too


def _die_with_parent():
    """A test that ctest kills takes its servers with it."""
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def environment(**variables):
    """That of the caller without its LOYALTY_* and PG*, which are not meant for the programs under test."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("LOYALTY_", "PG"))}
    return kept | variables


def start(command, **options):
    return subprocess.Popen([str(word) for word in command], stdin=subprocess.DEVNULL, preexec_fn=_die_with_parent,
                            **({"env": environment()} | options))


def run(command, timeout=PATIENCE, **options):
    """The command's exit code and what it wrote, all of it."""
    process = start(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace", **options)
    try:
        out, err = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        process.kill()
        out, err = process.communicate()
        raise AssertionError(f"still running after {timeout} s: {command}\n{out}{err}") from None
    return subprocess.CompletedProcess(command, process.returncode, out, err)


def wait_until(condition, what, timeout=PATIENCE, pause=0.01):
    """Returns the first true value of condition()."""
    deadline = time.monotonic() + timeout
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {timeout} s in vain: {what}")
        time.sleep(pause)
    return value


def free_port():
    """Outside the range that the kernel gives to outgoing connections; never the same one twice."""
    while True:
        port = random.SystemRandom().randint(20000, 29999)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            if port not in _given_ports:
                _given_ports.add(port)
                return port


class Database:
    """A database of its own."""

    def __init__(self):
        server = os.environ.get("LOYALTY_TEST_DATABASE_URL")
        if not server:
            sys.exit("LOYALTY_TEST_DATABASE_URL is not set: run the tests with ./dev test")
        self._server = server
        self.name = f"e2e_{os.getpid()}_{random.SystemRandom().randrange(10**9)}"
        self.url = re.sub(r"/[^/?]*($|\?)", rf"/{self.name}\1", server)
        self._psql(self._server, f"CREATE DATABASE {self.name}")

    def drop(self):
        self._psql(self._server, f"DROP DATABASE {self.name} WITH (FORCE)")

    def rows(self, sql):
        """Each row as a list of strings. None of these tests has texts with control characters in its tables."""
        out = self._psql(self.url, sql)
        return [row.split("\x1f") for row in out.removesuffix("\n").split("\x1e")] if out else []

    def row(self, sql):
        return self.rows(sql)[0]

    def value(self, sql):
        return self.row(sql)[0]

    def execute(self, sql):
        self._psql(self.url, sql)

    @staticmethod
    def _psql(url, sql):
        done = run(["psql", "-X", "-q", "-A", "-t", "-F", "\x1f", "-R", "\x1e", "-v", "ON_ERROR_STOP=1", "-d", url,
                    "-c", sql])
        if done.returncode != 0:
            raise AssertionError(f"{sql}\n{done.stderr}")
        return done.stdout


class Server:
    """One service program. It may be started again after it stopped or was killed, at the same address."""

    def __init__(self, service, database_url, folder, flags=(), variables=None):
        self.service = service
        self.address = f"127.0.0.1:{free_port()}"
        self.metrics_address = f"127.0.0.1:{free_port()}"
        self.log_path = pathlib.Path(folder) / f"{service}-{self.address.rpartition(':')[2]}.log"
        self._command = [program(service), f"--listen_address={self.address}",
                         f"--metrics_address={self.metrics_address}", f"--database_url={database_url}", *flags]
        self._environment = environment(**(variables or {}))
        self.process = None

    def add_flags(self, *flags):
        self._command += flags

    def start(self):
        with open(self.log_path, "ab") as log:
            self.process = start(self._command, stdout=log, stderr=log, env=self._environment)
        health = start(loyalty_command("health", "--wait", PATIENCE, address=self.address), stdout=subprocess.PIPE)
        with health:
            wait_until(lambda: health.poll() is not None or self.process.poll() is not None,
                       f"loyalty-{self.service} serves or ends", timeout=2 * PATIENCE)
            health.kill()
        if health.returncode != 0:
            state = "does not serve" if self.process.poll() is None else f"ended with {self.process.returncode}"
            raise AssertionError(f"loyalty-{self.service} {state}:\n{self.log()}")
        return self

    def stop(self):
        """SIGTERM; the exit code and the seconds that it took."""
        begin = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(PATIENCE)
        return code, time.monotonic() - begin

    def kill(self):
        """SIGKILL: no word of farewell to anybody."""
        self.process.kill()
        self.process.wait()

    def log(self):
        return self.log_path.read_text(errors="replace")

    def metrics(self):
        with urllib.request.urlopen(f"http://{self.metrics_address}/metrics", timeout=PATIENCE) as answer:
            return answer.read().decode()


def program(service):
    return BIN / f"loyalty-{service}"


def migrate(service, database_url):
    done = run([program(service), "migrate", f"--database_url={database_url}"])
    if done.returncode != 0:
        raise AssertionError(f"loyalty-{service} migrate: {done.stderr}")


def loyalty(*arguments, address=None, timeout=PATIENCE):
    return run(loyalty_command(*arguments, address=address), timeout=timeout)


def loyalty_command(*arguments, address=None):
    return [BIN / "loyalty", *arguments, *(["--address", address] if address else [])]


class SuiteTest(unittest.TestCase):
    """Each test gets a folder and a database of its own, and loses them and its programs at the end."""

    maxDiff = 4000

    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="loyalty-e2e.")))
        self.database = Database()
        self.addCleanup(self.database.drop)

    def server(self, service, **options):
        """A server that is not started yet, on the test's database."""
        server = Server(service, self.database.url, self.folder, **options)
        self.addCleanup(lambda: server.process and server.process.poll() is None and server.kill())
        return server

    def points_server(self, **options):
        """A points server that serves a migrated schema."""
        migrate("points", self.database.url)
        return self.server("points", **options).start()

    def whole_suite(self):
        """All four services on a migrated database and the payment sandbox, started: by name. They know each other."""
        for service in SERVICES:
            migrate(service, self.database.url)
        sandbox_address = f"127.0.0.1:{free_port()}"
        sandbox = start([BIN / "loyalty-payment-sandbox", f"--listen_address={sandbox_address}"])
        self.addCleanup(sandbox.wait)
        self.addCleanup(sandbox.kill)
        health = loyalty("health", "--wait", PATIENCE, address=sandbox_address, timeout=2 * PATIENCE)
        self.assertEqual(health.stdout, "SERVING\n", health.stderr)
        servers = {service: self.server(service) for service in SERVICES}
        servers["points"].add_flags("--due_addresses=" + ",".join(server.address for server in servers.values()))
        for service in ("referral", "membership", "surveys"):
            servers[service].add_flags(f"--points_address={servers['points'].address}")
        servers["membership"].add_flags(f"--payment_provider_address={sandbox_address}")
        for server in servers.values():
            server.start()
        return servers

    def loyalty_json(self, *arguments, address, code=0, timeout=PATIENCE):
        """What a command prints with --json."""
        done = loyalty(*arguments, "--json", address=address, timeout=timeout)
        self.assertEqual(done.returncode, code, f"loyalty {arguments}: {done.stdout}{done.stderr}")
        return json.loads(done.stdout)


def main():
    """unittest.main, but a skip is seen in ctest's summary."""
    result = unittest.main(module="__main__", exit=False).result
    if not result.wasSuccessful():
        raise SystemExit(1)
    for test, reason in result.skipped:
        print(f"SKIPPED {test}: {reason}")
    raise SystemExit(SKIPPED if result.skipped else 0)
