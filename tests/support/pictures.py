"""The pictures of docs/pictures that show the bot's charts in each language, from invented data.

python -m tests.support.pictures
"""

import io
import math
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from PIL import Image

from bot.channel_chart import draw_profile
from bot.chart import draw
from bot.payload import read_payload
from bot.say import LANGUAGES, say_in
from bot.telling import Reader
from domain.series import Expected
from tests.support.alerting import HOUR, NOON, a_payload, an_alert

PICTURES = Path(__file__).parents[2] / "docs/pictures"
TITLES = {"en": "Falcon Front", "ar": "جبهة الصقر", "fa": "جبههٔ شاهین"}
ZONES = {"en": "UTC", "ar": "Asia/Baghdad", "fa": "Asia/Tehran"}


def points(start: datetime, hours: int, until: datetime, unwatched: range) -> list[Expected]:
    """Hours of an invented channel with a quiet night; those from `until` on are to come."""
    luck = random.Random(7)
    out = []
    for n in range(hours):
        at = start + n * HOUR
        expected = 3.2 * (1.05 + math.sin((at.hour - 9) / 24 * 2 * math.pi)) + 0.3
        observed = max(0, round(luck.gauss(expected, math.sqrt(expected))))
        is_known = at + HOUR <= until and n not in unwatched
        out.append(
            Expected(
                start=at,
                observed=observed if is_known else None,
                expected=expected,
                lower=max(0.0, expected - 1.7 * math.sqrt(expected)),
                upper=expected + 1.7 * math.sqrt(expected),
            )
        )
    return out


def main() -> None:
    now = datetime(2031, 3, 14, 12, 20, tzinfo=UTC)
    for language in LANGUAGES:
        reader = Reader(zone=ZoneInfo(ZONES[language]), say=say_in(language))
        payload = read_payload(a_payload(TITLES[language], unwatched=[(40, 58)]))
        _keep(f"alert-{language}.png", draw(an_alert(), payload, reader))
        week = points(NOON - timedelta(days=7), 7 * 24, now, range(50, 63))
        midnight = now.astimezone(reader.zone).replace(hour=0, minute=0, second=0, microsecond=0)
        day = points(midnight.astimezone(UTC), 24, now, range(0))
        _keep(f"channel-{language}.png", draw_profile(TITLES[language], week, day, now, reader))


def _keep(name: str, png: bytes) -> None:
    """With 64 colours: a third of the size, and no difference to the eye."""
    image = Image.open(io.BytesIO(png)).convert("RGB").quantize(64)
    image.save(PICTURES / name, optimize=True)


if __name__ == "__main__":
    main()
