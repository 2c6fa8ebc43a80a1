"""What one post says: direction, priority of cues, homographs, and text that means harm to the reader."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from claims.explain import explain
from claims.extract import MOST_RECORDS
from claims.lexicon.load import load
from claims.reading import read_post
from domain.claim import Claim, ClaimKind, Understanding

POSTED = datetime(2024, 2, 1, 10, tzinfo=ZoneInfo("Asia/Baghdad"))


def read(text: str, **known: str) -> Understanding:
    return read_post(load(), text, posted=POSTED, **known)  # type: ignore[arg-type]


def only(text: str) -> Claim:
    claims = read(text).claims
    assert len(claims) == 1, claims
    return claims[0]


@pytest.mark.parametrize(
    ("text", "kind", "claimant"),
    [
        ("القوات المسلحة اليمنية استهدفت مدمرة أمريكية في البحر الأحمر", "responsibility", "houthis"),
        ("الطيران الأمريكي يستهدف القوات المسلحة اليمنية في صنعاء", "enemy_action", "us"),
        ("استهداف المقاومة الإسلامية في العراق قاعدة حرير بمسيرة", "responsibility", "iri"),
        ("صواريخ إيرانية تصيب حيفا", "attack_report", "iran"),
        ("كتائب حزب الله تنفي استهداف قاعدة عين الأسد", "denial", "kh"),
        ("كتائب حزب الله: سنستهدف قاعدة عين الأسد إن عاد العدوان", "threat", "kh"),
        ("كتائب حزب الله تعلن استئناف العمليات", "resumption", "kh"),
        ("كتائب حزب الله تعلن تعليق العمليات", "suspension", "kh"),
        ("كتائب حزب الله تنعى الشهيد القائد أبو حسن", "mourning", "kh"),
        ("Hezbollah fighters targeted an Israeli base near Metula", "responsibility", "hezbollah"),
        ("Israeli jets struck a Hezbollah position in south Lebanon", "enemy_action", "israel"),
    ],
)
def test_direction_and_cues_decide_the_kind(text: str, kind: str, claimant: str):
    claim = only(text)
    assert (claim.kind, claim.claimant) == (ClaimKind(kind), claimant)


@pytest.mark.parametrize(
    "text",
    [
        "حرير صناعي وأقمشة بأسعار مناسبة",
        "والعديد من المباني في المدينة",
        "مسيرة حاشدة في ساحة التحرير",
        "سورة الكهف وقصة أصحاب الكهف",
        "صلح عشائري بحضور أولياء الدم",
        "المنتخب يقصف مرمى ضيفه بأربعة أهداف",
        "من أرشيف المقاومة: استهداف قاعدة للاحتلال عام 2007",
        "الجيش يختبر صاروخاً باليستياً في مناورات",
        "لو استهدفت المقاومة حيفا لتغيرت المعادلة، خبير عسكري",
        "القوات الأمنية تقتل خمسة دواعش بضربة جوية في كركوك",
        "صفارات الإنذار تدوي في حيفا",
    ],
)
def test_what_only_sounds_like_an_attack_is_none(text: str):
    assert not read(text).is_claim


def test_the_longest_name_wins():
    assert only("كتائب حزب الله استهدفت قاعدة حرير بمسيرة").claimant == "kh"
    assert only("سرايا القدس قصفت عسقلان بالصواريخ").location == "ashkelon"
    assert only("حركة أنصار الله الأوفياء استهدفت قاعدة حرير بمسيرة").claimant == "ansar_awfiya"


def test_a_direct_hit_is_no_injury():
    assert only("حزب الله: استهدفنا موقع المطلة وأصبناه إصابة مباشرة").casualties is None


def test_a_list_of_places_is_a_record_each_and_a_bilingual_repeat_is_one():
    both = read("المقاومة الإسلامية في العراق استهدفت حيفا وعسقلان بالمسيرات").claims
    assert [c.location for c in both] == ["haifa", "ashkelon"]
    once = read("Drone hits Haifa port | مسيرة تصيب ميناء حيفا").claims
    assert [c.location for c in once] == ["haifa_port"]


def test_a_group_in_no_lexicon_is_unknown_and_shown():
    text = 'فصيل يسمي نفسه "رماح البادية" يتبنى استهداف قاعدة حرير'
    claim = only(text)
    span = next(s for s in claim.evidence if s.field == "claimant")
    assert (claim.claimant, text[span.start : span.end]) == ("unknown_group", "رماح البادية")


def test_a_bare_resistance_is_the_channels_own():
    text = "المقاومة الإسلامية استهدفت تجمعاً لجنود العدو بصلية صاروخية"
    assert read(text, resistance="hezbollah").claims[0].claimant == "hezbollah"
    assert read("المقاومة استهدفت قاعدة حرير بمسيرة").claims[0].claimant == "iri"


def test_an_enemy_who_denies_takes_nothing_back():
    text = "رغم أن العدو ينفي، استهدف مجاهدو المقاومة الإسلامية في العراق قاعدة حرير بمسيرة"
    assert [c.kind for c in read(text).claims] == [ClaimKind.RESPONSIBILITY]


def test_why_it_was_done_is_no_record():
    claim = only("رداً على العدوان على غزة، استهدف مجاهدو المقاومة الإسلامية في العراق قاعدة حرير بمسيرة")
    assert (claim.kind, claim.location) == (ClaimKind.RESPONSIBILITY, "harir")


def test_an_explanation_underlines_the_words_that_were_used():
    text = "حزب الله استهدف موقع المطلة بصاروخ موجه"
    read_with_evidence = read_post(load(), text, posted=POSTED, shown=True)
    shown = explain(text, read_with_evidence)
    assert "weapons       atgm   “صاروخ موجه”  [weapon:lexicon]" in shown
    below = shown.splitlines()[-1]
    at = text.index("صاروخ موجه")
    assert below[5 + at : 5 + at + 10] == "^" * 10


@given(st.text(alphabet=st.characters(exclude_categories=()), max_size=160))
@settings(max_examples=200, deadline=None)
def test_any_text_is_read_without_an_error(text: str):
    read(text)


WORDS = [
    "قاعدة حرير ",
    "استهدف ",
    "كتائب ",
    "12-3-",
    "قتل 3 ",
    "في حرير ",
    "لكن العدو ",
]
SIGNS = ["«", "- ", "\ud800", "\u202e", "🚀", "ﷲ", "الله\n", "a b "]


ENDING = "\n\nكتائب حزب الله: استهدفنا قاعدة حرير بطائرة مسيرة"


@pytest.mark.parametrize("unit", [*WORDS, *SIGNS])
def test_a_long_text_of_one_thing_is_read_to_its_end(unit: str):
    """A rule that looks over the whole text again at every word would run into the test's time limit."""
    text = unit * (100_000 // len(unit)) + ENDING
    spans = [span for claim in read(text, lang="ar").claims for span in claim.evidence]
    assert any(text[span.start : span.end] == "قاعدة حرير" for span in spans)
    assert max(span.end for span in spans) <= len(text)


def test_of_a_text_with_thousands_of_claims_the_first_are_read():
    claims = read("حماس: قصفنا حيفا\n" * 6000 + ENDING, lang="ar").claims
    assert [(claim.claimant, claim.location) for claim in claims] == [("hamas_qassam", "haifa")]


@pytest.mark.parametrize(
    "text",
    [
        "سنتكوم: استهدفنا مواقع للحوثيين في صنعاء",  # the adversary's own "we"
        "ترامب: ضربنا إيران وسنضربها مرة أخرى",
        "قتل خمسة في هجوم انتحاري تبنته طالبان في كابل",  # another war
        "A suicide bomber hit a NATO convoy in Kabul",
        "إيران قادرة على ضرب تل أبيب بالصواريخ",  # what could be done
        "تعرضت السفارة الأمريكية في بيروت لهجوم عام 1983",  # long ago
        "General strike hits Ben Gurion airport, flights delayed",  # sounds like it
        "الصوت الذي سمع قرب السفارة الأمريكية ناجم عن انفجار محولة كهربائية",
        "إغلاق المدارس في حيفا خشية هجمات حزب الله بالصواريخ",  # what is feared
        "تل‌آویو ضاحیه جنوبی بیروت را هدف قرار داد",
    ],
)
def test_what_is_no_act_of_the_axis_is_no_claim(text: str):
    assert not read(text).is_claim


@pytest.mark.parametrize(
    ("text", "slots"),
    [
        ("كتائب المجاهدين وألوية الناصر صلاح الدين تقصفان محور نتساريم بالهاون", [
            ("responsibility", "mujahideen_brig", "netzarim"),
            ("responsibility", "nasser_brigades", "netzarim"),
        ]),
        ("إيران تطلق صواريخ باليستية نحو بات يام", [("responsibility", "iran", "oov")]),
        ("رادارهای آمریکایی در کویت هدف حملات پهپادی قرار گرفت", [("attack_report", None, "kuwait")]),
        ("مشاهد من استهداف المقاومة الإسلامية في لبنان بتاريخ 01-02-2024 دبابة ميركافا في محيط المطلة", [
            ("responsibility", "hezbollah", "metula"),
        ]),
        ("هجوم صاروخي يدك قاعدة حرير", [("attack_report", None, "harir")]),
        ("Turkish base at Bashiqa hit by rockets, no group claims responsibility", [
            ("attack_report", None, "bashiqa"),
        ]),
        ("الجيش الأمريكي: تعرضت قواعدنا في العراق لـ 151 هجوماً منذ تشرين الأول", [("tally", None, None)]),
        ("استهدف مجاهدونا قا_عدة حر.ير بصار*وخ", [("responsibility", None, "harir")]),
    ],
)  # fmt: skip
def test_who_and_where_are_found_in_what_order_ever_they_stand(
    text: str, slots: list[tuple[str, str | None, str | None]]
):
    assert [(str(c.kind), c.claimant, c.location) for c in read(text).claims] == slots


def test_of_a_list_of_everything_no_more_is_read_than_is_kept():
    lines = [
        f"قصفنا حيفا بصاروخ\nاستهدفنا قرية أبجد{chr(0x0627 + n % 30)}{chr(0x0628 + n // 30)} في إيلات"
        for n in range(200)
    ]
    claims = read("\n".join(lines)).claims
    assert 0 < len(claims) <= MOST_RECORDS + 1
    many = " ".join(f"استهدفنا مستوطنة {name}." for name in map(_name, range(200)))
    assert MOST_RECORDS <= len(read(many).claims) <= MOST_RECORDS + 1


def _name(n: int) -> str:
    return "كفر" + "".join(chr(0x0628 + (n // 6**i) % 6) for i in range(3))


def test_a_word_with_a_mark_in_it_is_shown_as_it_is_written():
    text = "قصفنا قا_عدة حرير بصار.وخ"
    (claim,) = read(text).claims
    assert {text[s.start : s.end] for s in claim.evidence if s.field in ("location", "weapon")} == {
        "قا_عدة حرير", "صار.وخ",
    }  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "عاصفة ترابية تضرب قاعدة عين الأسد ومطار بغداد",
        "دوي صفارات الإنذار في صفد",
        "محكمة الجنايات تحكم على مدانين بإطلاق صواريخ على قاعدة عين الأسد",
        "صدور رواية جديدة عن هجوم على حيفا",
        "A sandstorm hits Ain al-Asad base and Baghdad airport",
        "Two convicted of firing rockets at Ain al-Asad base",
        "موج گرما پایگاه عین الاسد را هدف گرفت",
    ],
)
def test_weather_courts_alarms_and_novels_make_no_claims(text: str):
    assert read(text).claims == ()


def test_the_digits_of_a_date_count_no_operations():
    told = only("كتائب حزب الله: نفذ مجاهدونا يوم السبت 3-2-2024 هجوماً بالطيران المسير على قاعدة حرير")
    assert (told.kind, told.n_operations) == (ClaimKind.RESPONSIBILITY, None)


def test_the_lines_under_the_head_of_a_tally_are_counted_as_his_whom_the_head_names():
    told = read("حصاد عمليات حزب الله ليوم السبت\n• 21 عملية عسكرية على طول الجبهة").claims
    assert [(c.kind, c.claimant, c.n_operations) for c in told] == [(ClaimKind.TALLY, "hezbollah", 21)]


def test_sites_of_a_list_stand_in_it_whatever_their_countries():
    told = read("كتائب حزب الله: استهدفنا بالمسيرات قاعدة علي السالم في الكويت وقاعدة العديد في قطر").claims
    assert [(c.location, c.country) for c in told] == [("ali_al_salem", "KW"), ("al_udeid", "QA")]


def test_who_took_part_in_a_joint_operation_claims_it_too_wherever_he_is_named():
    told = read(
        "في عملية مشتركة مع كتائب حزب الله استهدفت القوات المسلحة اليمنية بالمسيرات ميناء حيفا"
    ).claims
    assert {c.claimant for c in told} == {"houthis", "kh"}


@pytest.mark.parametrize(
    ("text", "killed", "wounded"),
    [
        ("ارتفاع عدد قتلى الهجوم على قاعدة حرير إلى 4 جنود أمريكيين والجرحى إلى 19", 4, 19),
        ("إعلام العدو: مقتل ضابط وإصابة 6 جنود بعبوة ناسفة في جباليا", 1, 6),
        ("مقتل متعاقد أمريكي في قصف صاروخي على قاعدة فكتوريا", 1, None),
        ("3 قتلى و12 جريحا بسقوط صاروخ في حيفا", 3, 12),
        ("הרוג ושלושה פצועים מפגיעת טיל בחיפה", 1, 3),
    ],
)
def test_the_dead_and_wounded_are_counted_each_for_himself(text: str, killed: int, wounded: int | None):
    hurt = only(text).casualties
    assert hurt is not None
    assert (hurt.killed, hurt.wounded) == (killed, wounded)


def test_the_words_of_a_name_are_nobodys_death():
    told = only("كتائب الشهيد أبو علي مصطفى: استهدفنا دبابة ميركافا بعبوة ناسفة")
    assert told.casualties is None


def test_he_of_whom_a_condition_speaks_threatens_nobody():
    assert read("Senator: if the Houthis attack our ships again there will be a price").claims == ()


def test_an_american_mission_is_in_the_town_that_is_named():
    told = only("Drone hits building near the US consulate in Tel Aviv")
    assert (told.location, told.country) == ("tel_aviv", "IL")


def test_a_place_nobody_knows_lies_in_the_country_named_behind_it():
    told = only("حزب الله استهدف بالصواريخ موقع الرويسة في مزارع شبعا")
    assert (told.location, told.country) == ("oov", "LB")
