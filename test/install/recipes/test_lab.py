# Run by pytest: each test has a lab of its own on one server.

import json
import subprocess
import urllib.error
import urllib.request

import pytest

SERVER = "http://localhost:8091"


def call(method, path, body=None):
    data = None if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(SERVER + path, data, headers, method=method)
    try:
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as problem:
        return json.load(problem)


@pytest.fixture(scope="session", autouse=True)
def server():
    command = ["npx", "replication-lab"]
    server = subprocess.Popen([*command, "--port", "8091", "--clock", "manual"])
    subprocess.run([*command, "wait", "--url", SERVER, "--timeout", "30s"], check=True)
    yield
    server.terminate()
    server.wait()


@pytest.fixture
def lab():
    lab = call("POST", "/labs", {"followers": 1})["url"]
    yield lab
    call("DELETE", lab)


def test_a_follower_may_be_stale(lab):
    call("POST", f"{lab}/write", {"key": "user:1", "value": "Jessica"})
    read = f"{lab}/follower-read?key=user:1&replica=1"
    assert call("GET", read)["code"] == "key-not-found"
    call("POST", f"{lab}/clock/advance", {"to": "idle"})
    assert call("GET", read)["value"] == "Jessica"
