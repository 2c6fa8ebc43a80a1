"""HTML as Telegram reads it."""

import html
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.botapi.errors import Refused
from sandbox.botapi.markup import parse_html, units


def entities(source: str) -> list[tuple[str, str]]:
    """Each entity's kind and the text it covers."""
    read = parse_html(source)
    wide = read.text.encode("utf-16-le")
    return [
        (e["type"], wide[2 * e["offset"] : 2 * (e["offset"] + e["length"])].decode("utf-16-le"))
        for e in read.entities
    ]


@pytest.mark.parametrize(
    ("source", "text", "found"),
    [
        ("<b>bold</b> <i>it</i>", "bold it", [("bold", "bold"), ("italic", "it")]),
        ("<B>loud</B >", "loud", [("bold", "loud")]),
        ("&ltfoo; &lt b &#X41; &#1114112; &#xD800;", "&ltfoo; < b &#X41; &#1114112; &#xD800;", []),
        ("<b>a<i>b</i></b>", "ab", [("bold", "ab"), ("italic", "b")]),
        ("<b>صاروخ 🚀</b>🚀<s>x</s>", "صاروخ 🚀🚀x", [("bold", "صاروخ 🚀"), ("strikethrough", "x")]),
        (
            "<tg-spoiler>a</tg-spoiler><span class='tg-spoiler'>b</span>",
            "ab",
            [("spoiler", "a"), ("spoiler", "b")],
        ),
        ("<blockquote expandable>q</blockquote>", "q", [("expandable_blockquote", "q")]),
        ("<b></b>nothing", "nothing", []),
        ("AT&T &amp; &copy; &#1589; &#x1F680; &lt;b&gt;", "AT&T & &copy; ص 🚀 <b>", []),
        ("<b>any close</>", "any close", [("bold", "any close")]),
    ],
)
def test_markup_is_read_as_telegram_reads_it(source: str, text: str, found: list[tuple[str, str]]) -> None:
    assert parse_html(source).text == text
    assert entities(source) == found


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (
            '<a href="https://t.me/falcon?a=1&amp;b=2">post</a>',
            {"type": "text_link", "url": "https://t.me/falcon?a=1&b=2"},
        ),
        ("<a href='tg://user?id=42'>Ana</a>", {"type": "text_mention"}),
        ('<pre><code class="language-python">x</code></pre>', {"type": "pre", "language": "python"}),
        ('<tg-emoji emoji-id="5368324170671202286">👍</tg-emoji>', {"type": "custom_emoji"}),
    ],
)
def test_attributes_give_entities_their_detail(source: str, expected: dict[str, Any]) -> None:
    [entity] = parse_html(source).entities
    assert expected.items() <= entity.items()


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("<b", "Unclosed start tag at byte offset 0"),
        ("<script>x</script>", 'Unsupported start tag "script" at byte offset 0'),
        ("<!-- x -->", 'Unsupported start tag "!--" at byte offset 0'),
        ("line<br/>", 'Unsupported start tag "br/" at byte offset 4'),
        ("ب</b>", "Unexpected end tag at byte offset 2"),
        ("<b>x</b", "Unclosed end tag at byte offset 4"),
        ("<b><i>x</b></i>", 'Unmatched end tag at byte offset 7, expected "</i>", found "</b>"'),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
        ("<a href=http://x>y</a>", "Unexpected end of name token at byte offset 8"),
        ('<a href="x>y</a>', "Unclosed start tag at byte offset 0"),
        ("a < b", 'Unsupported start tag "" at byte offset 2'),
        (
            "<b bare>x</b>",
            'Expected equal sign in declaration of an attribute of the tag "b" at byte offset 0',
        ),
        ("<a ='x'>y</a>", 'Empty attribute name in the tag "a" at byte offset 0'),
        ("<b><i>x", 'Can\'t find end tag corresponding to start tag "i"'),
    ],
)
def test_what_telegram_cannot_parse_is_refused_in_its_words(source: str, reason: str) -> None:
    with pytest.raises(Refused) as refused:
        parse_html(source)
    assert refused.value.description == f"Bad Request: can't parse entities: {reason}"


@given(st.text())
def test_escaped_text_comes_back_as_it_was(text: str) -> None:
    read = parse_html(html.escape(text, quote=False))
    assert (read.text, read.entities) == (text, ())


@given(st.text())
def test_any_text_is_either_read_or_refused(text: str) -> None:
    try:
        read = parse_html(text)
    except Refused:
        return  # any other error would fail the test
    assert units(read.text) <= units(text)


@given(st.lists(st.tuples(st.sampled_from("bius"), st.text(min_size=1)), max_size=5))
def test_entities_cover_exactly_what_stood_between_the_tags(parts: list[tuple[str, str]]) -> None:
    kinds = {"b": "bold", "i": "italic", "u": "underline", "s": "strikethrough"}
    source = "".join(f"<{tag}>{html.escape(text)}</{tag}>" for tag, text in parts)
    assert [kind for kind, _ in entities_raw(source)] == [kinds[tag] for tag, _ in parts]
    assert [length for _, length in entities_raw(source)] == [units(text) for _, text in parts]


def entities_raw(source: str) -> list[tuple[str, int]]:
    return [(e["type"], e["length"]) for e in parse_html(source.replace("&#x27;", "'")).entities]
