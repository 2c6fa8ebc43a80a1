"""Why words that are searched for find nothing: templates, by which translations know them.

English here; `domain.sentence.Sentence` fills them, and pages and bot say them in each reader's language.
"""

from typing import Final

# -- where
AT: Final = "at character {n} of {words}: {why}"
AT_END: Final = "at the end of {words}: {why}"

# -- why, and what to write instead
TOO_LONG: Final = "a query has {most} characters at most, this one {n}"
NUL: Final = "a NUL stands there, which no post has"
CLOSES_NONE: Final = "this bracket closes none"
OPEN_IT: Final = "put ( before, or leave it out"
ONLY_WITHOUT: Final = "one side of OR only says what must not stand there"
BOTH_WITHOUT: Final = "write it as: {example}"
AND_FIRST: Final = "AND stands at the beginning"
OR_FIRST: Final = "OR stands at the beginning"
WRITE: Final = "write: {example}"
MISSING_AFTER: Final = "after {keyword} a word is missing"
NOTHING_HERE: Final = "there is nothing here"
WORD_MISSING: Final = "a word is missing"
TOO_DEEP: Final = "brackets within brackets, more than {most} deep"
NEVER_CLOSED: Final = "this bracket is never closed"
CLOSE_IT: Final = "put ) behind what it holds"
OPENS_NOTHING: Final = "a quotation mark that opens nothing"
QUOTE_AS: Final = "quote as: {example}"
NO_WORD: Final = "{name} is no word of a post"
FILTERS: Final = "filters stand beside the query: {example}"
STAR_ALONE: Final = "a star alone"
EMPTY_FINDS_ALL: Final = "an empty query finds everything"
QUOTE_OPEN: Final = "this quotation mark is never closed"
CLOSE_QUOTE: Final = "put {mark} behind the passage"
HOLDS_NO_WORD: Final = "{words} holds no word"
LETTERS: Final = "find signs letter for letter: {example}"
BEGINS_TOO_MANY: Final = "{words} begins too many words"
BEFORE_STAR: Final = "write {n} letters or more before the star"
NOTHING_IN_IT: Final = "there is nothing in it"
TOO_MANY: Final = "more than {most} words and phrases"
AMONG_OTHERS: Final = "a passage letter for letter stands among other words in OR or brackets"
BESIDE_THEM: Final = "put it beside them, as in: {example}; or search for each by itself"

# -- what can be read, but takes too long
TOO_HEAVY: Final = "this takes longer than {span} and was broken off"
NARROW: Final = "narrow it: fewer channels, or less time"
ASK_LESS_TIME: Final = "ask for a shorter time"
ASK_CHANNELS: Final = "name channels or a group"
ASK_WORDS: Final = "write more words, or longer ones before a star"
ASK_IN_ORDER: Final = "ask for the newest or oldest first instead of by relevance"
OR_ELSE: Final = "{one}, or {other}"
