"""A post as a line of a list: when it was posted, with its link, and how it begins."""

from datetime import datetime
from zoneinfo import ZoneInfo

from bot.markup import Html, clean, foreign, html, italic, joined, link
from bot.say import Say
from bot.saying import say_at_briefly
from bot.texts import common
from domain.channel import Channel
from domain.post import Post


def post_line(
    post: Post, channel: Channel, zone: ZoneInfo, say: Say, now: datetime, *, excerpt: int, name: str = ""
) -> Html:
    """`name` stands before its words. Where retention removed these it is said so."""
    at = link(html(say_at_briefly(post.posted_at, zone, now, say)), post_url(channel, post.id))
    words = foreign(name + post.text, excerpt) if clean(name + post.text).strip() else Html("")
    if post.removed_at is not None:
        words = joined([words, italic(say(common.REMOVED))], " ")
    return say.bullet(joined([at, words], " "))


def post_url(channel: Channel, post_id: int) -> str:
    """Where a person can read it; of a private channel only its members can."""
    return f"https://t.me/{channel.handle or f'c/{channel.id}'}/{post_id}"
