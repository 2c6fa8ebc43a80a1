"""An act that is said not to have happened is a denial, in whatever language; a miss or an escape is none."""

from datetime import UTC, datetime

import pytest

from claims.lexicon.load import load
from claims.reading import read_post
from domain.claim import ClaimKind

POSTED = datetime(2024, 5, 2, 9, tzinfo=UTC)


def kinds(text: str) -> list[ClaimKind]:
    return [claim.kind for claim in read_post(load(), text, posted=POSTED).claims]


@pytest.mark.parametrize(
    "text",
    [
        "مصدر أمني: لم يقع أي هجوم على قاعدة حرير هذا اليوم",
        "قيادة العمليات تؤكد عدم وقوع أي استهداف لقاعدة عين الأسد",
        "لا وجود لأي قصف على مطار أربيل الدولي",
        "هیچ حمله‌ای به پایگاه حریر رخ نداده است",
        "منبع امنیتی: پایگاه عین الاسد مورد حمله قرار نگرفت",
        "No attack on Harir base took place last night, says a security source",
        "There was no strike on Ain al-Asad, the spokesman added",
        "Erbil airport was not attacked overnight, officials say",
        "Никакой атаки на базу Харир не было, сообщает источник",
        "Harir üssüne herhangi bir saldırı olmadı",
        "לא הייתה שום תקיפה על בסיס עין אל-אסד",
    ],
)
def test_an_attack_that_never_took_place_is_a_denial(text: str):
    assert kinds(text) == [ClaimKind.DENIAL]


@pytest.mark.parametrize(
    "text",
    [
        "هجوم بطائرة مسيرة على قاعدة حرير ولم تتبن أي جهة الهجوم",
        "Drone attack on Harir base, no casualties reported",
        "حمله پهپادی به پایگاه حریر؛ تلفاتی گزارش نشد",
        "Harir üssüne İHA saldırısı, can kaybı yok",
    ],
)
def test_that_nobody_was_hurt_or_claims_it_denies_no_attack(text: str):
    assert kinds(text) == [ClaimKind.ATTACK_REPORT]
