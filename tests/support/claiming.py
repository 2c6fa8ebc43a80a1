"""Posts that claim attacks, each an act of its own in whatever order they are read."""

from claims.face import PARTED, Face, compare, face_of
from claims.interpreter import Interpreter, words_of
from claims.lexicon.entries import Layer
from claims.lexicon.load import Lexicon
from claims.nearby import Nearby
from tests.support.reading import NOON, a_post, reads

_CLAIM = "بيان صادر عن {who}: استهدف مجاهدونا فجر اليوم بالطيران المسير {place}"
_WHO = ("المقاومة الإسلامية في العراق", "كتائب حزب الله")
_KINDS = ("base", "airport", "port", "city", "town")


def claims_of_acts() -> list[str]:
    """No two of them can be taken for one act: what the reader makes of one depends on no other."""
    read = reads()
    interpreter, nearby = Interpreter(read), Nearby(read.lexicon.places)
    found: dict[str, Face] = {}
    for number, words in enumerate(_statements(read.lexicon), 1):
        said = interpreter.read(words_of(a_post(number, words, at=NOON)), None).claims
        faces = [face_of(claim, words, NOON) for claim in said if claim.kind.is_attack]
        if len(faces) == 1 and all(compare(faces[0], other, nearby) == PARTED for other in found.values()):
            found[words] = faces[0]
    return list(found)


def _statements(lexicon: Lexicon) -> list[str]:
    """Each place by the first of its Arabic names."""
    named = [lexicon.surfaces[Layer.PLACE, code] for code, p in lexicon.places.items() if p.kind in _KINDS]
    arabic = [[written for language, written in names if language == "ar"] for names in named]
    return [_CLAIM.format(who=who, place=names[0]) for who in _WHO for names in arabic if names]
