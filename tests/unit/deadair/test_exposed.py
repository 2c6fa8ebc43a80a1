"""Files with secrets that every user of the machine can read are found, and none besides."""

from pathlib import Path

import pytest

from deadair.config import load
from deadair.exposed import examine_secrets
from tests.support.let_through import let_through


@pytest.mark.parametrize(
    ("text", "is_secret"),
    [
        ("", False),
        ('[storage]\nurl = "sqlite:///deadair.db"\n', False),
        ('[storage]\nurl = "postgresql://u@127.0.0.1/deadair"\n', False),
        ('[storage]\nurl = "postgresql://u:marked-word@127.0.0.1/deadair"\n', True),
        ('[storage]\nurl = "postgresql://u@127.0.0.1/deadair?password=marked-word"\n', True),
        ('[health]\nheartbeat_url = "https://h/beat"\n', True),
        ('[[accounts]]\nname = "main"\nproxy = "socks5://u:marked-word@h:1080"\n', True),
        ('[alerts]\noutages = ["https://h/v2?key=marked-word"]\n', True),
        ('[alerts]\noutages = ["iq.json"]\n', False),
    ],
)
def test_a_config_with_a_secret_in_it_that_every_user_can_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, *, is_secret: bool
) -> None:
    """By whatever name, and also where the environment says something else than it."""
    monkeypatch.setenv("DEADAIR_STORAGE_URL", "sqlite:///other.db")
    path = tmp_path / "other.toml"
    path.write_text(text)
    path.chmod(0o644)
    with let_through(path):
        exposed = list(examine_secrets(load(path), path))
        assert [c.hint for c in exposed] == [f"chmod 600 {path}"] * is_secret
        assert "marked-word" not in str(exposed)
        path.chmod(0o600)
        assert list(examine_secrets(load(path), path)) == []


def test_the_file_of_the_api_id_that_every_user_can_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config.toml").write_text('[collector]\napi_id_file = "id"\n')
    (tmp_path / "id").write_text("4711")
    (tmp_path / "id").chmod(0o644)
    with let_through(tmp_path / "id"):
        assert [c.hint for c in examine_secrets(load(), None)] == ["chmod 600 id"]
