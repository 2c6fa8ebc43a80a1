"""An alert in the fewest words, where it cannot be written out: what it says is worth more than how."""

from bot.markup import Html, foreign
from bot.render import Rendered
from domain.episode import Alert


def bare(alert: Alert, title: object, *, simulated: bool = False) -> Rendered:
    """In English and UTC, of nothing but what every alert has. `title`: what its payload gives for one."""
    episode = alert.episode
    about = title if isinstance(title, str) and title else str(episode.subject)
    words = Html("SIMULATION\n") if simulated else Html("")
    words += f"{episode.kind.value}, {alert.move.value}: "
    words += foreign(about, 120)
    words += f"\nsince {episode.since_at:%Y-%m-%d %H:%M} UTC\n"
    words += f"Episode {episode.id}. This alert could not be written out; /episode {episode.id} may say more."
    return Rendered(text=words, caption=words)
