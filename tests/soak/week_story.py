"""What an invented network posts in a week, and what becomes of its channels."""

from datetime import timedelta

from sandbox.scenario import Happens, Scenario, Topic, load_scenario
from tests.support.claiming import claims_of_acts

#: What the reader takes for a claim, of all that the demo's channels say.
_CLAIMING = "انقضاضية"


def scenario(live: timedelta, before: timedelta) -> Scenario:
    """The invented network of the demo. A channel posts far more than usual for some hours, another none for
    a day, a third stops talking of attacks; and acts are claimed, every few hours one.
    """
    demo = load_scenario("demo")
    words = iter(claims_of_acts())
    claimants = ("sadim_media", "marsad_alghasaq", "najm_arrimal", "nebula_banner")
    claims = [
        {"at": f"{hour}h", "what": "post", "channel": claimants[n % len(claimants)], "text": next(words)}
        for n, hour in enumerate(range(3, int(live / timedelta(hours=1)), 5))
    ]
    happens = [
        {"at": "8h", "what": "surge", "channel": "marsad_alghasaq", "factor": 8, "for": "5h"},
        {"at": "15h", "what": "falls_silent", "channel": "shafaq_valley"},
        {"at": "40h", "what": "resumes", "channel": "shafaq_valley"},
        {"at": "60h", "what": "topic_stops", "channel": "rayat_assadim", "topic": "attacks"},
        {"at": "130h", "what": "falls_silent", "channel": "najm_arrimal"},
    ]
    of_live = [Happens.model_validate(each) for each in (*happens, *claims)]
    return demo.model_copy(
        update={
            "name": "week",
            "topic": tuple(_claiming_nothing(topic) for topic in demo.topic),
            "history": before,
            "live": live,
            "happens": tuple(sorted((h for h in of_live if h.at < live), key=lambda h: h.at)),
            "expect": (),
        }
    )


def _claiming_nothing(topic: Topic) -> Topic:
    """Which act a claim is of may depend on the order in which two were read: none is left to chance."""
    texts = {
        language: tuple(t for t in texts if _CLAIMING not in t) for language, texts in topic.texts.items()
    }
    return topic.model_copy(update={"texts": texts})
