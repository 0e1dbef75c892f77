"""Asks a real server everything that the API document allows, and what it does not, as an administrator's token, as a
session, and as nobody.

Run by `make test` and `make soak` with the Python below `.tools/api-fuzz`. Fails where an answer is none that the document
declares, where it is a 5xx, where wrong data passes, and where nobody gets in. `FUZZ_SECONDS` bounds the whole (75);
`FUZZ_SEED` is the seed, or `random`, which is printed. `MUSTER_BIN` is the server's program.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import requests

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
DOCUMENT = ROOT / "openapi" / "muster.json"
PASSWORD = "correct horse battery"
USER = "fuzz"

# Left out of every pass, by operation id. Tests of their own cover all of them.
LEFT_OUT = {
    "open_live_stream": "it answers by becoming a websocket, which no HTTP document describes",
    "create_backup": "its answer is a copy of the whole server, which would be all that the time is spent on",
    "probe_connection": "it dials whatever it is told and waits for that",
    "test_connection": "it waits for whatever its connection leads to",
}

# Left out where there is a session, by operation id.
ENDS_THE_SESSION = {
    "log_out": "it ends the session that asks",
}


class Pass:
    """One way to ask: who asks, what, and for which share of the time."""

    def __init__(self, name, share, arguments):
        self.name, self.share, self.arguments = name, share, arguments


def main():
    with tempfile.TemporaryDirectory(prefix="muster-api-fuzz-") as directory:
        server = Server(Path(directory))
        try:
            failed = [each.name for each in passes(server) if not run(server, each)]
            server.still_knows_us()
        finally:
            server.stop()
    sys.exit(f"error: failed as {', '.join(failed)}" if failed else 0)


def passes(server):
    left_out = without(LEFT_OUT)
    as_session = {"Cookie": f"muster_session={server.session}", "X-CSRF-Token": server.csrf}
    as_token = {"Authorization": f"Bearer {server.token}"}
    return [
        # Schemathesis makes up credentials.
        Pass("nobody", 0.2, ["--phases", "coverage,fuzzing", *left_out]),
        Pass("session", 0.25, [*carrying(as_session), *only(session_routes()), *left_out, *without(ENDS_THE_SESSION)]),
        Pass("administrator", 0.55, [*carrying(as_token), *without(session_routes()), *left_out]),
    ]


def carrying(headers):
    made_up = ["--generation-with-security-parameters", "false"]
    return made_up + [part for name, value in headers.items() for part in ("--header", f"{name}: {value}")]


def session_routes():
    """The ids of the operations that take a session and nothing else."""
    operations = [each for path in json.loads(DOCUMENT.read_text())["paths"].values() for each in path.values()]
    return [each["operationId"] for each in operations if each["x-muster-scope"] == "session"]


def only(operations):
    return [part for operation in operations for part in ("--include-operation-id", operation)]


def without(operations):
    return [part for operation in operations for part in ("--exclude-operation-id", operation)]


def run(server, each):
    seconds = max(5, round(float(os.environ.get("FUZZ_SECONDS", "75")) * each.share))
    print(f"-- as {each.name}, {seconds} s", flush=True)
    command = [Path(sys.executable).with_name("schemathesis"), "--config-file", HERE / "schemathesis.toml", "run"]
    command += [DOCUMENT, "--url", server.url, "--no-color", "--max-time", str(seconds)]
    command += [*seed(), *each.arguments]
    variables = {
        "SCHEMATHESIS_HOOKS": str(HERE / "checks.py"),
        "FUZZ_PASS": each.name,
        "FUZZ_OWN": ",".join(server.own),
        "FUZZ_RESOURCE": server.resource,
    }
    return subprocess.run(command, env=os.environ | variables, cwd=server.directory, check=False).returncode == 0


def seed():
    chosen = os.environ.get("FUZZ_SEED", "1")
    return [] if chosen == "random" else ["--seed", chosen]


class Server:
    """A server on a directory and a port of its own, with an administrator who has a token and is signed in."""

    def __init__(self, directory):
        self.directory, self.data = directory, directory / "data"
        self.log = (directory / "log").open("wb")
        serve = self.command("serve", "--listen", "127.0.0.1:0")
        self.process = subprocess.Popen(serve, env=environment(), stdout=subprocess.PIPE, stderr=self.log, text=True)
        self.url = self.ready()
        self.token = self.result("token", "create", "--name", USER, "--role", "admin")
        self.result("user", "add", USER, "--role", "admin", said=PASSWORD + "\n")
        self.sign_in()
        own = [row["id"] for path in ("tokens", "users") for row in self.ask(f"/api/{path}")["items"]]
        self.own = own + [row["id"] for row in self.ask("/api/sessions", signed_in=True)["items"]]
        self.resource = self.first_resource()

    def command(self, *arguments):
        return [os.environ.get("MUSTER_BIN", ROOT / "target" / "debug" / "muster"), *arguments, "--data-dir", self.data]

    def result(self, *arguments, said=""):
        command = self.command(*arguments)
        answer = subprocess.run(command, env=environment(), input=said, capture_output=True, text=True, check=False)
        if answer.returncode != 0:
            sys.exit(f"error: {arguments} failed: {answer.stderr}")
        return answer.stdout.strip()

    def ready(self):
        for line in self.process.stdout:
            if found := re.fullmatch(r"Muster is ready at (http://\S+)", line.strip()):
                # The little that it says from now on fits into the pipe.
                return found[1]
        sys.exit(f"error: the server did not start: {(self.directory / 'log').read_text()}")

    def sign_in(self):
        answer = requests.post(f"{self.url}/api/login", json={"username": USER, "password": PASSWORD}, timeout=60)
        answer.raise_for_status()
        self.session, self.csrf = answer.cookies["muster_session"], answer.json()["csrfToken"]

    def ask(self, path, signed_in=False):
        who = {"cookies": {"muster_session": self.session}} if signed_in else {"headers": {"X-API-Key": self.token}}
        answer = requests.get(self.url + path, timeout=60, **who)
        answer.raise_for_status()
        return answer.json()

    def first_resource(self):
        """A host with readings: the local agent's first report takes a moment."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if items := self.ask("/api/resources?kind=host")["items"]:
                return items[0]["id"]
        sys.exit("error: the local agent has not reported within a minute")

    def still_knows_us(self):
        """Whatever took our credentials away, everything after it was asked in vain."""
        self.ask("/api/system")
        self.ask("/api/account", signed_in=True)

    def stop(self):
        self.process.terminate()
        code = self.process.wait(timeout=60)
        panics = [line for line in (self.directory / "log").read_text(errors="replace").splitlines() if "panicked" in line]
        if code != 0 or panics:
            sys.exit(f"error: the server ended with {code}: {panics}")


def environment():
    """Nothing of the caller's settings; no limits, since all requests come from one address and one credential."""
    limits = {f"MUSTER_LIMITS__REQUESTS_PER_{whom}": "0" for whom in ("ADDRESS", "CREDENTIAL")}
    return limits | {"PATH": os.environ.get("PATH", "")}


if __name__ == "__main__":
    main()
