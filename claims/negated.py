"""Acts that are said not to have happened: `لم يقع أي هجوم`, "no attack took place", "атаки не было".

Only the act is denied so: "no casualties" and "no group has claimed" are something else.
"""

import re

_AR = (
    r"(?:ال)?(?:هجوم|هجمات|هجومات|استهداف|استهدافات|قصف|انفجار|انفجارات|ضربه|ضربات|اعتداء|"
    r"عمليه استهداف|عمليه|عدوان)"
)
_FA = r"(?:حمله|حملهاي|حملات|انفجار|انفجاري|اصابت|اصابتي|شليك|شليكي|عمليات|عملياتي|هدف قرار گرفتن)"
_EN = (
    r"(?:attacks?|strikes?|explosions?|blasts?|shelling|bombing|airstrikes?|drone attacks?|"
    r"rocket attacks?|operations?)"
)
_RU = r"(?:атак\w*|удар\w*|обстрел\w*|взрыв\w*|нападени\w*|прил[её]т\w*|операци\w*)"
_HE = r"(?:תקיפה|תקיפות|מתקפה|התקפה|פיצוץ|פיצוצים|פגיעה|שיגור|שיגורים|ירי)"
_TR = r"(?:saldiri|patlama|hava saldirisi|bombardiman|operasyon|vurulma)\w*"
_CKB = r"(?:ه[يێ]رش|تهقينهوه|تهقینهوه|بوردومان|بۆردومان|لێدان)\w*"

_NEGATED = {
    "ar": re.compile(
        rf"(?<!\w)[وف]?(?:لم (?:يقع|تقع|يحدث|تحدث|يحصل|تحصل|يسجل|تسجل|يكن|تكن|يجر|تجر|ينفذ|تنفذ|نسجل|"
        rf"نرصد|يرصد|ترصد|"
        rf"يشهد|تشهد|نشهد|نشن|يشن|تشن)(?: \w+){{0,2}} (?:اي|ايه) (?:\w+ ){{0,1}}{_AR}|"
        rf"(?:لا|ما من|ليس هناك|ليست هناك|لا يوجد|لا توجد|ماكو|ما كو) (?:وجود ل?|اي |ايه )*(?:ل?اي |"
        rf"ايه )?{_AR} (?:علي|في|استهدف|ضد)|"
        rf"عدم (?:وقوع|حدوث|حصول|تسجيل|رصد|وجود) (?:اي |ايه )?{_AR}|"
        r"عدم تعرض \w+|لم (?:يستهدف|تستهدف|يتعرض|تتعرض|نستهدف|نقصف|نهاجم|يقصف|تقصف|يهاجم|تهاجم) )"
    ),
    "fa": re.compile(
        rf"(?<!\w)(?:هيچ(?: گونه|گونه|يك از)? (?:\w+ ){{0,2}}{_FA}(?!\w)[^\n.؛]{{0,80}}?"
        r"(?:رخ نداد\w*|صورت نگرفت\w*|انجام نش\w+|گزارش نش\w+|ثبت نش\w+|نبوده?|وجود نداشت\w*|نداشت\w*|"
        r"نكرد\w*|رخ ندهد|روي نداد\w*)|"
        rf"{_FA}(?!\w)[^\n.؛]{{0,50}}?(?:رخ نداده? ?|صورت نگرفته?|انجام نشده?|روي نداده?)|"
        r"(?:مورد حمله|هدف حمله|هدف|مورد اصابت|مورد هدف) قرار نگرفت\w*|حمله نكرد\w*|شليك نكرد\w*)(?!\w)"
    ),
    "en": re.compile(
        rf"(?<!\w)(?:(?:no|not any) (?:\w+ ){{0,2}}{_EN} (?:\w+ ){{0,6}}?(?:took place|take place|"
        rf"occurred|happened|"
        rf"(?:was|were|has been|have been|is|are) (?:reported|recorded|registered|carried out|launched|"
        rf"detected|confirmed))|"
        rf"there (?:was|were|is|has been|have been) (?:no|not any|never any) (?:\w+ ){{0,2}}{_EN}|"
        r"(?:was|were|has|have|had|is|are)(?: not|n't| never) (?:been |come |coming )?(?:attacked|"
        r"targeted|shelled|bombed|under attack)|"
        r"(?:did not|didn't|never|had not|has not|have not) (?:attack|attacked|target|targeted|bomb|"
        r"bombed|shell|shelled|"
        r"carry out|carried out|launch|launched|strike|struck) |"
        rf"{_EN} (?:never (?:took place|happened|occurred)|did not (?:take place|happen|occur)))(?!\w)"
    ),
    "ru": re.compile(
        rf"(?<!\w)(?:{_RU}[^\n.;]{{0,50}}? не (?:было|зафиксирован\w*|произошло|происходил\w*|"
        rf"наносил\w*|подтвержда\w*|совершал\w*|отмечен\w*)|"
        rf"не (?:было|зафиксирован\w*|произошло|происходило|отмечен\w*) (?:никак\w+ |"
        rf"ни одно\w* )?(?:\w+ )?{_RU}|"
        r"не (?:атаковал\w*|подверга\w*|наносил\w*|обстреливал\w*|запускал\w*))"
    ),
    "he": re.compile(
        rf"(?<!\w)(?:לא (?:התרחש\w*|הייתה|היתה|היה|היו|בוצע\w*|נרשמ\w*|אירע\w*|נצפ\w*|זוה\w*) (?:שום |"
        rf"כל |אף )?{_HE}|"
        rf"לא (?:הותקפ\w*|הותקף|תקפ\w*|תקף|שיגר\w*|ירינו|ירו)(?!\w))"
    ),
    "tr": re.compile(
        rf"(?<!\w)(?:{_TR}[^\n.;]{{0,50}}? (?:olmadi\w*|duzenlenmedi\w*|gerceklesmedi\w*|"
        rf"gerceklestirilmedi\w*|yapilmadi\w*|"
        r"yasanmadi\w*|meydana gelmedi\w*|soz konusu degil\w*|yapmadi\w*|duzenlemedi\w*)|"
        r"(?:hedef alinmadi|vurulmadi|saldiriya ugramadi|saldirmadi|saldirmadik|hedef almadi|vurmadi)\w*)"
    ),
    "ckb": re.compile(
        rf"(?<!\w)(?:ه[يی]چ (?:\w+ ){{0,2}}{_CKB}[^\n.]{{0,60}}?(?:نهكرا\w*|نهدا\w*|ن[يی]يه|نيه|"
        rf"نهبوو\w*|نهكهوت\w*|نهبووه)|"
        rf"{_CKB}[^\n.]{{0,40}}?(?:نهكراوه\w*|رووي? نهداوه|نهكراوهته سهر))(?!\w)"
    ),
}  # fmt: skip


#: One of these stands in every negation, and is quickly looked for.
_HINTS = {
    "ar": ("لم ", "عدم ", "لا ", "ليس", "ماكو", "ما كو", "ما من"),
    "fa": ("هيچ", " نداد", " نگرفت", " نشد", " نكرد"),
    "en": ("no", "n't", "never"),
    "ru": ("не ",),
    "he": ("לא ",),
    "tr": ("me", "ma", "degil"),
    "ckb": ("نه", "ني", "نی"),
}


def negated_act(text: str, start: int, end: int, lang: str) -> tuple[int, int] | None:
    """Where within [start, end) an act is said not to have happened."""
    key = "ckb" if lang == "ckb" else lang[:2]
    if not any(text.find(hint, start, end) >= 0 for hint in _HINTS.get(key, ())):
        return None
    found = _NEGATED[key].search(text, start, end)
    return found.span() if found is not None else None
