"""`deadair token`, and the API that is opened by what it makes: the console script, as a person runs it."""

import json
import socket
import time
from pathlib import Path

import httpx
import pytest

from tests.support.warm import deadair, started


@pytest.fixture
def home(tmp_path: Path) -> Path:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (tmp_path / "config.toml").write_text(f'[web]\nlisten = "127.0.0.1:{port}"\n')
    (tmp_path / "posts.csv").write_text("channel,id,date,text\nfalcon,1,2026-03-01T12:00:00Z,a drone\n")
    done = deadair("import", "posts.csv", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    return tmp_path


def test_a_token_is_shown_once_opens_the_api_and_closes_when_revoked(home: Path) -> None:
    made = deadair("token", "make", "Ana, notebook", "--scope", "posts", "--expires", "30d", cwd=home)
    assert made.returncode == 0, made.stderr
    secret = made.stdout.strip()
    assert secret.startswith("deadair_")
    assert secret not in made.stderr
    listed = deadair("token", "list", cwd=home)
    assert "Ana, notebook" in listed.stdout
    assert secret not in listed.stdout
    assert secret.encode() not in b"".join(path.read_bytes() for path in home.glob("deadair.db*"))

    served = started("run", "--only", "web", "--only", "indexer", cwd=home)
    try:
        base = (home / "config.toml").read_text().split('"')[1]
        with httpx.Client(
            base_url=f"http://{base}/api/v1", headers={"Authorization": f"Bearer {secret}"}, trust_env=False
        ) as client:
            assert _soon(client, "/posts", lambda answer: len(answer.json().get("posts", ())) == 1)
            assert client.get("/claims").status_code == 403
            revoked = deadair("token", "revoke", "1", cwd=home)
            assert "opens nothing any more" in revoked.stdout
            assert client.get("/posts").status_code == 401
            link = deadair("token", "link", "Ana", "--role", "ops", cwd=home).stdout.strip()
            page = httpx.get(link, trust_env=False)
            assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    finally:
        served.terminate()
        _, errors = served.communicate(timeout=20)
    assert served.returncode == 0, errors
    (token,) = json.loads(deadair("token", "list", "--json", cwd=home).stdout)
    assert (token["open"], token["scopes"]) == (False, ["posts"])
    assert token["used_at"] is not None


def _soon(client: httpx.Client, path: str, holds: object) -> bool:
    assert callable(holds)
    for _ in range(300):
        try:
            if holds(client.get(path)):
                return True
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    return False


def test_a_web_part_alone_with_nowhere_to_listen_says_so(tmp_path: Path) -> None:
    done = deadair("run", "--only", "web", cwd=tmp_path)
    assert done.returncode == 1
    assert "[web] listen" in done.stderr
