"""`deadair token` tells mistakes, and changes nothing then."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from deadair.commands import token
from domain.errors import DeadairError
from storage.config import StorageConfig
from storage.store import open_store


@pytest.fixture
def config(tmp_path: Path) -> Path:
    async def make() -> None:
        async with open_store(StorageConfig(url=f"sqlite:///{tmp_path / 'deadair.db'}")):
            pass

    asyncio.run(make())
    path = tmp_path / "config.toml"
    path.write_text('[web]\nlisten = "127.0.0.1:8790"\naddress = "https://archive.example.org"\n')
    return path


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"name": ""}, "a name has"),
        ({"name": "x" * 121}, "a name has"),
        ({"scopes": ["everything"]}, "there is no scope 'everything'"),
        ({"scopes": ["pages"], "role": "king"}, "there is no role 'king'"),
        ({"role": "ops"}, "a role counts on the pages only"),
        ({"expires": "soon"}, "--expires"),
        ({"expires": "0d"}, "--expires"),
        ({"expires": "999999999w"}, "--expires"),
    ],
)
def test_a_token_that_makes_no_sense_is_not_made(
    config: Path, more: dict[str, Any], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    usual: dict[str, Any] = {
        "name": "Ana",
        "scopes": [],
        "role": "guest",
        "expires": "90d",
        "per_minute": None,
    }
    with pytest.raises(DeadairError, match=said) as told:
        token.make(config, **{**usual, **more})
    assert told.value.hint
    token.show(config, as_json=True)
    assert capsys.readouterr().out == "[]\n"


def test_what_is_not_there_cannot_be_revoked(config: Path) -> None:
    with pytest.raises(DeadairError, match="there is no token 7"):
        token.revoke(config, 7)


def test_a_link_leads_to_the_address_that_people_know(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    token.link(config, "Ana", role="ops")
    assert capsys.readouterr().out.startswith("https://archive.example.org/sign-in/")
    with pytest.raises(DeadairError, match="there is no role 'king'"):
        token.link(config, "Ana", role="king")


def test_a_token_may_do_what_it_was_made_for(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    token.make(config, "Ana [bold]", scopes=["all"], role="ops", expires="never", per_minute=5)
    made = capsys.readouterr()
    assert made.out.startswith("deadair_")
    assert made.out.strip() not in made.err
    token.show(config, as_json=False)
    listed = capsys.readouterr().out
    assert made.out.strip() not in listed
    token.revoke(config, 1)
    assert "opens nothing any more" in capsys.readouterr().out
    token.revoke(config, 1)
    assert "was revoked before" in capsys.readouterr().out
