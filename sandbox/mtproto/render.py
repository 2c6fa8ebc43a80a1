"""The world as TL objects: the one file that knows both."""

from collections import OrderedDict
from typing import Any

from telethon.tl import types as T  # noqa: N812 - as everywhere in Telethon's world

from domain.post import Forward
from sandbox.account import Account
from sandbox.channel import Channel
from sandbox.event import Event, Happening
from sandbox.mtproto import media as parts
from sandbox.mtproto.factory import make
from sandbox.mtproto.serial import Encoded
from sandbox.post import Post
from sandbox.world import World

KEPT = 200_000  #: serialised posts kept at hand, some 300 bytes each


class Renderer:
    """Keeps the bytes of posts: a page of history then costs no more than joining them."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._kept: OrderedDict[tuple[int, int], tuple[Post, Encoded]] = OrderedDict()

    def post(self, post: Post) -> Encoded:
        key = (post.channel_id, post.id)
        kept = self._kept.get(key)
        if kept is not None and kept[0] is post:
            return kept[1]
        encoded = Encoded(_message(post)._bytes())
        if len(self._kept) >= KEPT:
            self._kept.popitem(last=False)
        self._kept[key] = (post, encoded)
        return encoded

    def posts(self, posts: list[Post]) -> list[Encoded]:
        return [self.post(p) for p in posts]

    def channel(self, channel: Channel, account_id: int) -> Any:
        """As this account sees it: with its own access hash, or as forbidden."""
        access_hash = self.world.access_hash(channel, account_id)
        if not channel.open_to(account_id):
            return make(
                T.ChannelForbidden,
                id=channel.id,
                access_hash=access_hash,
                title=channel.title,
                broadcast=True,
            )
        hidden = channel.restriction
        return make(
            T.Channel,
            id=channel.id,
            title=channel.title,
            photo=T.ChatPhotoEmpty(),
            date=channel.created_at,
            broadcast=None if channel.group_now else True,
            megagroup=channel.group_now or None,
            scam=channel.scam or None,
            fake=channel.fake or None,
            access_hash=access_hash,
            username=channel.handle,
            left=account_id not in channel.members or None,
            signatures=channel.signs or None,
            participants_count=channel.audience,
            restricted=True if hidden else None,
            restriction_reason=[
                make(T.RestrictionReason, platform=channel.restricted_on, reason="terms", text=hidden)
            ]
            if hidden
            else None,
        )

    def user(self, account: Account, *, me: bool = True) -> Any:
        return make(
            T.User,
            id=account.id,
            is_self=me or None,
            access_hash=account.access_hash,
            first_name=account.first_name,
            username=account.username,
            phone=account.phone,
        )

    def dialog(self, channel: Channel, account_id: int | None = None) -> Any:
        newest = channel.newest(account_id)
        return make(
            T.Dialog,
            peer=T.PeerChannel(channel.id),
            top_message=newest.id if newest else 0,
            pts=channel.pts,
        )

    def update(self, event: Event) -> Encoded:
        """What a client is told of an event, with the post as it was then."""
        return Encoded(self._update(event, event.post)._bytes())

    def update_now(self, event: Event) -> Encoded:
        """The same with the post as it is now: so differences tell it."""
        post = event.post
        if post is not None:
            post = self.world.channels[event.channel_id].posts.get(post.id, post)
        return Encoded(self._update(event, post)._bytes())

    def _update(self, event: Event, post: Post | None) -> Any:
        match event.kind:
            case Happening.NEW | Happening.EDIT if post is not None:
                new = event.kind is Happening.NEW
                constructor = T.UpdateNewChannelMessage if new else T.UpdateEditChannelMessage
                return constructor(message=self.post(post), pts=event.pts, pts_count=event.pts_count)
            case Happening.DELETE:
                return T.UpdateDeleteChannelMessages(
                    channel_id=event.channel_id,
                    messages=list(event.ids),
                    pts=event.pts,
                    pts_count=event.pts_count,
                )
            case Happening.PIN:
                return T.UpdatePinnedChannelMessages(
                    channel_id=event.channel_id,
                    messages=list(event.ids),
                    pts=event.pts,
                    pts_count=event.pts_count,
                    pinned=True,
                )
            case Happening.VIEWS if post is not None:
                return T.UpdateChannelMessageViews(channel_id=event.channel_id, id=post.id, views=post.views)
            case _:
                return T.UpdateChannel(channel_id=event.channel_id)


def _message(post: Post) -> Any:
    peer, more = T.PeerChannel(post.channel_id), post.details
    reply = _reply(post)
    if post.service is not None:
        return make(
            T.MessageService,
            id=post.id,
            peer_id=peer,
            date=post.posted_at,
            post=True,
            reply_to=reply,
            action=_action(post.service),
        )
    return make(
        T.Message,
        id=post.id,
        peer_id=peer,
        date=post.posted_at,
        message=post.text,
        post=True,
        pinned=post.pinned or None,
        edit_hide=post.edit_hidden or None,
        media=parts.media(post.media, post.posted_at) if post.media else None,
        entities=[parts.entity(e) for e in post.entities] or None,
        fwd_from=_forward(post) if post.forward else None,
        reply_to=reply,
        views=post.views,
        forwards=post.forwards,
        edit_date=post.edited_at,
        post_author=post.author,
        grouped_id=post.album_id,
        reactions=_reactions(post) if post.reactions else None,
        via_bot_id=more.via_bot,
        from_id=T.PeerUser(more.sender_id) if more.sender_id is not None else None,
        silent=more.is_silent or None,
        noforwards=more.is_protected or None,
        from_scheduled=more.was_scheduled or None,
        ttl_period=more.ttl,
        effect=more.effect,
        paid_message_stars=more.paid,
        replies=_replies(post),
        reply_markup=_markup(post) if more.buttons else None,
        factcheck=make(T.FactCheck, hash=1, country="XX", text=parts.plain(more.fact_check))
        if more.fact_check
        else None,
        restriction_reason=[
            make(T.RestrictionReason, platform=platform, reason=reason, text=reason)
            for platform, _, reason in (each.partition(": ") for each in more.hidden_in)
        ]
        or None,
    )


def _reply(post: Post) -> Any:
    """What it answers: a post of its own channel or another's, a story, a topic of a forum."""
    more = post.details.reply
    if more is not None and more.story_id is not None:
        return T.MessageReplyStoryHeader(peer=T.PeerChannel(more.channel_id or 0), story_id=more.story_id)
    if post.reply_to is None and more is None and post.details.topic_id is None:
        return None
    other = more.channel_id if more is not None else None
    return make(
        T.MessageReplyHeader,
        reply_to_msg_id=more.post_id if more is not None and other is not None else post.reply_to,
        reply_to_peer_id=T.PeerChannel(other) if other is not None else None,
        reply_from=make(T.MessageFwdHeader, date=post.posted_at, from_name=more.name)
        if more is not None and more.name
        else None,
        quote=True if more is not None and more.quote else None,
        quote_text=more.quote if more is not None else None,
        quote_offset=more.quote_offset if more is not None else None,
        forum_topic=True if post.details.topic_id is not None else None,
        reply_to_top_id=post.details.topic_id,
    )


def _replies(post: Post) -> Any:
    more = post.details
    if more.replies is None and more.discussion_id is None:
        return None
    return make(
        T.MessageReplies,
        replies=more.replies or 0,
        comments=more.discussion_id is not None or None,
        channel_id=more.discussion_id,
    )


def _markup(post: Post) -> Any:
    buttons = [
        make(
            T.KeyboardInlineButton,
            text=words,
            type=T.InlineButtonTypeUrl(url=url) if url else make(T.InlineButtonTypeCallback, data=b"x"),
        )
        for words, url in post.details.buttons
    ]
    return T.ReplyInlineMarkup(rows=[T.KeyboardInlineButtonRow(buttons=buttons)])


def _action(service: str) -> Any:
    what, _, detail = service.partition(":")
    if what == "title":
        return T.MessageActionChatEditTitle(title=detail)
    if what == "photo":
        return T.MessageActionChatEditPhoto(photo=T.PhotoEmpty(id=0))
    if what == "created":
        return T.MessageActionChannelCreate(title=detail)
    if what == "pin":
        return T.MessageActionPinMessage()
    return T.MessageActionCustomAction(message=service)


def _forward(post: Post) -> Any:
    source = post.forward
    if source is None:
        return None
    return make(
        T.MessageFwdHeader,
        date=source.posted_at or post.posted_at,
        from_id=_origin(source),
        channel_post=source.post_id,
        imported=source.is_imported or None,
        from_name=source.name if source.channel_id is None else None,
    )


def _origin(source: Forward) -> Any:
    if source.channel_id is not None:
        return T.PeerChannel(source.channel_id)
    return T.PeerUser(source.user_id) if source.user_id is not None else None


def _reactions(post: Post) -> Any:
    return make(
        T.MessageReactions,
        results=[make(T.ReactionCount, reaction=_sign(sign), count=n) for sign, n in post.reactions],
    )


def _sign(sign: str) -> Any:
    if sign == "paid":
        return T.ReactionPaid()
    kind, _, number = sign.partition(":")
    return (
        T.ReactionCustomEmoji(document_id=int(number)) if kind == "custom" else T.ReactionEmoji(emoticon=sign)
    )
