"""How fast a history comes in, and how long it will take: what a person is told meanwhile and at the end."""

import io
from datetime import UTC, datetime, timedelta

from rich.console import Console

from collector.fetch import Fetched
from deadair.commands.backfill import Pace, picture, summary

JUNE = datetime(2023, 6, 1, tzinfo=UTC)


def at(posts: int, share: float, **more: object) -> list[Fetched]:
    return [Fetched(name="@falcon_news", posts=posts, share=share, oldest_at=JUNE, **more)]  # type: ignore[arg-type]


def test_rate_and_time_left_are_those_of_the_last_seconds() -> None:
    pace = Pace()
    for second in range(60):
        fast = second < 30
        posts = 100 * second if fast else 3000 + 10 * (second - 30)
        share = 0.01 * second if fast else 0.3 + 0.001 * (second - 30)
        pace.note(at(posts, share), float(second))
    assert pace.rate == 10
    assert pace.left is not None
    assert timedelta(seconds=640) < pace.left < timedelta(seconds=720)


def test_before_anything_is_known_nothing_is_claimed() -> None:
    pace = Pace()
    pace.note(at(0, 0.0), 5.0)
    assert pace.rate is None
    assert pace.left is None
    pace.note(at(0, 0.0), 9.0)
    assert pace.left is None


def test_the_picture_shows_how_far_how_fast_and_how_long() -> None:
    pace = Pace()
    pace.note(at(1000, 0.10), 0.0)
    pace.note(at(3000, 0.25), 10.0)
    console = Console(width=110, record=True, file=io.StringIO())
    console.print(picture(at(3000, 0.25), pace))
    said = console.export_text()
    for words in (
        "@falcon_news",
        "25%",
        "3,000 posts",
        "back to 2023-06-01 ...",
        "200 posts a second",
        "left",
    ):
        assert words in said
    assert said.rstrip().endswith("left")


def test_at_the_end_every_number_is_accounted_for() -> None:
    numbers = {"posts": 990, "album_parts": 6, "service": 1, "deleted": 0, "unknown": 3}
    found = at(997, 1.0, is_read=True, is_done=True, numbers=numbers, found=2)[0]
    assert summary(found) == (
        "@falcon_news: 997 posts held, back to 2023-06-01; every number accounted for: 990 posts, "
        "6 further parts of albums, 1 service messages, 3 never seen; 2 of them only asked for by number"
    )
    assert summary(at(5, 0.2, trouble="it is private")[0]).endswith("cannot be read: it is private")
