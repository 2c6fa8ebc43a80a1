"""Sorani Kurdish, which langdetect does not know: by its letters, and without them by how it builds words."""

import re

_WORD = re.compile(r"[^\W\d_]+(?:[’'\u200c][^\W\d_]+)*")

#: Fewer words than this are a name or an exclamation.
LEAST_WORDS = 3


def word_set(text: str) -> frozenset[str]:
    return frozenset(text.split())


_SORANI = frozenset("ێۆڕڵڤەە")
_SORANI_ONLY = frozenset("ێۆڕڵ")
_HEH = frozenset("هەھة")
#: Sorani as one types it on an Arabic or Persian keyboard.
_PLAIN_SORANI = str.maketrans("يىێكەھةڕڵۆ", "یییکهههرلو", "\u200c\u200d\u0640")
_SORANI_WORDS = word_set(
    """
    له بو لهسهر لهگهل لهناو لهبهر لهلای لی لیی بهلام وهک وهکو ههموو ههر نیه نییه ههیه ههن کرا کران بووه
    بوون دهکات دهکهن دهکهم دهبیت دهبی دهلی دهلیت خوی خوم زور چهند چهندین دوای دواتر پیش ناو ناوی ههولیر
    سلیمانی کهرکووک کوردستان ههریم ههریمی بهغدا سالی روژی روژ مانگی شهو خهلک خهلکی گهوره لای بهرز بههوی
    بهردهوام نوی نویی یهکهم دووهم سییهم پینج شهش حهوت ههشت ههزار سهد مووچه مووچهی نرخی کاتژمیر سبهی دوینی
    یانه یانهی یاری پولی چوو هات هاتن گرت کهس کهسی لیره لهوی لهم لهو بهم بهو تهنها تهنیا هیشتا وتی گوتی باران
    کوژرا کوژران بریندار لیکرا ییکرا وهزیری سهروک سهروکی حکومهتی پهرلهمان پیشمهرگه هیزهکانی فروکهخانه
    فروکهخانهی بنکهی هیرش هیرشی هیرشیک درون درونیک تهقینهوه مووشهک راگهیاند رایگهیاند شارهوانی شاری گوندی
    نیوان سنووری باشوور باکوور روژههلات روژئاوا ناوهراست باشترین گهورهترین خوشترین بازار بازاری مول مولی
    ساتیک جاریک جاریکی کهسیک کهسیکی دایک باوک مندال خویندن قوتابی قوتابیان ماموستا ماموستایان
    """
)
_PERSIAN_MARKS = word_set("را از است این می های برای شد شده با تا آن در بود اند کند کنند هم بر آنها یک")
_LONGEST = 24  #: letters of a word that are looked at
_SORANI_SHAPE = re.compile(
    r"(?:ده(?!(?:د|ند|م|ه|ان|قان|ستان|کده|نده|لی|ها)$)\w{3,}|هه\w{2,}|نه\w{2,}هوه|به\w+هوه"
    r"|\w{2,}(?:هکان|هکانی|هکه|هکهی|هکهم|یهکان|یهکه|هوه|هوهی|یهکی|یهک|هیه|ییان|ییهکان|یکی|وون|ووه|ووی|مان لی)"
    r"|\w*ه\w+ه\w*و\w*|\w*[^اوید]وو\w*)$"
)


def writes_sorani(text: str, seen: set[str], letters: int) -> bool:
    """Does the text use the letters that Sorani alone writes? `seen` are its characters."""
    own = sum(map(text.count, _SORANI & seen))
    return own >= 2 and own * 14 >= letters and len(seen & _SORANI) >= (1 if "ە" in seen else 2)


def looks_sorani(text: str, seen: set[str], letters: int) -> bool:
    """Is this Sorani typed without its own letters (ي ك ه for ی ک ە, no ڕ ڵ ۆ ێ), by how it builds its words?

    It writes its vowel e as a letter, and so has twice as many ه as Persian; its words begin with ئ, ده and
    هه and end in the article and in هوه as no Persian or Arabic word does.
    """
    vowels = sum(map(text.count, _HEH & seen))
    if vowels < 3 or (vowels * 10 < letters and " ئ" not in text and not seen & _SORANI):
        return False
    words = _WORD.findall(text.translate(_PLAIN_SORANI))
    if len(words) < LEAST_WORDS:
        return False
    score = 30 * (vowels / letters - 0.1) + 1.5 * sum(map(text.count, _SORANI_ONLY & seen))
    hits = inner = 0
    for word in words:
        if word in _PERSIAN_MARKS or (word.startswith("ال") and len(word) > 4):
            score -= 2
        elif word in _SORANI_WORDS or (word[0] == "ئ" and len(word) > 1):
            score += 1.5
            hits += 1
        elif _SORANI_SHAPE.match(word[:_LONGEST]):
            score += 1
            hits += 1
        inner += "ه" in word[1:-1]
    ends = sum(word[-1] == "ه" for word in words) / len(words)
    score += max(0.0, 4 * (ends - 0.3)) + max(0.0, 5 * (inner / len(words) - 0.3))
    return score >= 2.3 and score >= 0.2 * len(words) and hits >= 1 + (len(words) > 6)
