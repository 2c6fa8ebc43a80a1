"""The pictures of docs/pictures that show the pages, from invented data.

python -m tests.support.page_pictures
"""

import tempfile
from pathlib import Path

from tests.support.browsing import running_browser, serving_birds, signed_in

PICTURES = Path(__file__).parents[2] / "docs/pictures"
#: Name, address, language, width, height.
SHOTS = (
    ("pages-now-en", "/", "en", 1100, 900),
    ("pages-now-ar", "/", "ar", 390, 1000),
    ("pages-episode-fa", "/episodes/1", "fa", 900, 900),
)


def main() -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        serving_birds(f"sqlite:///{folder}/birds.db") as served,
        running_browser() as browser,
    ):
        for name, address, language, width, height in SHOTS:
            with signed_in(browser, served, served.token, width) as context:
                page = context.new_page()
                page.set_viewport_size({"width": width, "height": height})
                page.goto(f"{served.base}{address}?lang={language}")
                page.screenshot(path=PICTURES / f"{name}.png")


if __name__ == "__main__":
    main()
