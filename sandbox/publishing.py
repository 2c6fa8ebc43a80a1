"""What a channel does: it posts, edits, deletes, pins."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from domain.post import NO_DETAILS, Details, Entity, Forward, Media
from sandbox.channel import Channel
from sandbox.event import Happening
from sandbox.post import Post
from sandbox.stage import Stage


class Publishing(Stage):
    """The verbs of a channel's owner. A date not given is the clock's; a post may bear any."""

    def post(
        self,
        channel: Channel | int | str,
        text: str = "",
        *,
        at: datetime | None = None,
        media: Media | None = None,
        entities: Sequence[Entity] = (),
        album_id: int | None = None,
        forward: Forward | None = None,
        reply_to: int | None = None,
        author: str | None = None,
        views: int = 1,
        forwards: int = 0,
        service: str | None = None,
        details: Details = NO_DETAILS,
        push: bool = True,
        log: bool = True,
    ) -> Post:
        """Publish. Without `push` nobody is told at once, but a difference makes up for it; without `log`
        not even that: the post is in the history only.
        """
        c = self.channel(channel)
        post = Post(
            channel_id=c.id,
            id=c.top_id + 1,
            posted_at=at or self.clock.now(),
            text=text,
            media=media,
            entities=tuple(entities),
            album_id=album_id,
            forward=forward,
            reply_to=reply_to,
            author=author,
            views=views,
            forwards=forwards,
            service=service,
            details=details,
        )
        c.put(post)
        if log:
            self._tell(c, Happening.NEW, post=post, count=1, push=push)
        return post

    def post_album(
        self, channel: Channel | int | str, media: Sequence[Media], text: str = "", **more: Any
    ) -> list[Post]:
        """Several posts that apps show as one; the text stands under the first."""
        self._album += 1
        album = 13_000_000_000 + self._album
        return [
            self.post(channel, text if n == 0 else "", media=each, album_id=album, **more)
            for n, each in enumerate(media)
        ]

    def edit(
        self,
        channel: Channel | int | str,
        post_id: int,
        text: str | None = None,
        *,
        media: Media | None = None,
        entities: Sequence[Entity] | None = None,
        at: datetime | None = None,
        push: bool = True,
    ) -> Post:
        """Change text or media of a post."""
        c, old = self._existing(channel, post_id)
        post = replace(
            old,
            text=old.text if text is None else text,
            media=media or old.media,
            entities=old.entities if entities is None else tuple(entities),
            edited_at=at or self.clock.now(),
            edit_hidden=False,
            version=old.version + 1,
        )
        c.put(post)
        self._tell(c, Happening.EDIT, post=post, count=1, push=push)
        return post

    def react(
        self,
        channel: Channel | int | str,
        post_id: int,
        reactions: dict[str, int],
        *,
        at: datetime | None = None,
        push: bool = True,
    ) -> Post:
        """Readers react: the edit date moves, the text does not."""
        c, old = self._existing(channel, post_id)
        post = replace(
            old,
            reactions=tuple(reactions.items()),
            edited_at=at or self.clock.now(),
            edit_hidden=True,
            version=old.version + 1,
        )
        c.put(post)
        self._tell(c, Happening.EDIT, post=post, count=1, push=push)
        return post

    def set_views(
        self, channel: Channel | int | str, post_id: int, views: int, *, forwards: int | None = None
    ) -> Post:
        """Move the counters of a post. Telegram tells of it, if at all, outside the numbered updates."""
        c, old = self._existing(channel, post_id)
        post = replace(
            old,
            views=views,
            forwards=old.forwards if forwards is None else forwards,
            version=old.version + 1,
        )
        c.put(post)
        self._tell(c, Happening.VIEWS, post=post)
        return post

    def count(
        self,
        channel: Channel | int | str,
        post_id: int,
        *,
        views: int | None = None,
        forwards: int | None = None,
        replies: int | None = None,
        reactions: dict[str, int] | None = None,
    ) -> Post:
        """Move counters in silence: nobody is told, and who wants to know must ask."""
        c, old = self._existing(channel, post_id)
        post = replace(
            old,
            views=old.views if views is None else views,
            forwards=old.forwards if forwards is None else forwards,
            reactions=old.reactions if reactions is None else tuple(reactions.items()),
            details=old.details if replies is None else replace(old.details, replies=replies),
            version=old.version + 1,
        )
        c.put(post)
        return post

    def count_view(self, post: Post) -> Post:
        """One more reader, silently: what messages.getMessagesViews(increment=True) does."""
        seen = replace(post, views=post.views + 1, version=post.version + 1)
        self.channels[post.channel_id].put(seen)
        return seen

    def delete(
        self,
        channel: Channel | int | str,
        *post_ids: int,
        at: datetime | None = None,
        push: bool = True,
        log: bool = True,
    ) -> None:
        """Take posts away. Ids that are not there are passed over."""
        c = self.channel(channel)
        when = at or self.clock.now()
        gone = tuple(i for i in post_ids if c.remove(i, when))
        if gone and log:
            self._tell(c, Happening.DELETE, ids=gone, count=len(gone), push=push)

    def pin(self, channel: Channel | int | str, post_id: int, *, at: datetime | None = None) -> Post:
        """Pin a post, with the service message that Telegram leaves."""
        c, old = self._existing(channel, post_id)
        c.put(replace(old, pinned=True, version=old.version + 1))
        self._tell(c, Happening.PIN, ids=(post_id,), count=1)
        return self.post(c, service="pin", reply_to=post_id, at=at)
