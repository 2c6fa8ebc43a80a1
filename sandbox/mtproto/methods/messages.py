"""messages.*: history, search and counters."""

from typing import Any

from telethon.tl import types as T  # noqa: N812 - as everywhere in Telethon's world

from sandbox.mtproto.call import Call, method
from sandbox.mtproto.fault import RpcFault
from sandbox.mtproto.methods.channels import page_of
from sandbox.post import Post

LARGEST_PAGE = 100


def _offsets(request: Any) -> dict[str, Any]:
    dated = getattr(request, "offset_date", None)
    return {
        "offset_id": request.offset_id or 0,
        "offset_date": dated if dated is not None and dated.timestamp() > 0 else None,
        "add_offset": request.add_offset or 0,
        "limit": min(max(request.limit or 0, 0), LARGEST_PAGE),
        "max_id": request.max_id or 0,
        "min_id": request.min_id or 0,
    }


@method("messages.getHistory")
def get_history(call: Call, request: Any) -> Any:
    channel = call.readable(request.peer)
    if channel.is_hidden or channel.history_hidden:
        return page_of(call, channel, [], 0)
    who = call.account.id
    shown = (lambda post: channel.shows(post.id, who)) if who in channel.hidden else None
    return page_of(call, channel, call.render.posts(channel.page(**_offsets(request), only=shown)))


@method("messages.search")
def search(call: Call, request: Any) -> Any:
    """By words in the text, a stretch of time, and the kind of media."""
    channel = call.readable(request.peer)
    wanted = _matcher(request)
    offsets = _offsets(request)
    found = channel.page(**offsets, only=wanted)
    count = sum(wanted(p) for p in channel.posts.values())
    return page_of(call, channel, call.render.posts(found), count)


def _matcher(request: Any) -> Any:
    words = (request.q or "").casefold()
    after = request.min_date if request.min_date and request.min_date.timestamp() > 0 else None
    before = request.max_date if request.max_date and request.max_date.timestamp() > 0 else None
    kind = _KINDS.get(type(request.filter))
    if kind is None and not isinstance(request.filter, T.InputMessagesFilterEmpty):
        raise RpcFault(400, f"METHOD_NOT_FAKED_messages.search_{type(request.filter).__name__}")

    def matches(post: Post) -> bool:
        if words not in post.text.casefold() or (post.service is not None):
            return False
        if (after and post.posted_at <= after) or (before and post.posted_at >= before):
            return False
        return kind is None or kind(post)

    return matches


_KINDS: dict[type, Any] = {
    T.InputMessagesFilterPhotos: lambda p: p.media is not None and p.media.kind == "photo",
    T.InputMessagesFilterVideo: lambda p: p.media is not None and p.media.kind == "video",
    T.InputMessagesFilterDocument: lambda p: p.media is not None and p.media.kind == "document",
    T.InputMessagesFilterPhotoVideo: lambda p: p.media is not None and p.media.kind in ("photo", "video"),
    T.InputMessagesFilterPinned: lambda p: p.pinned,
    T.InputMessagesFilterUrl: lambda p: "://" in p.text,
}


@method("messages.getMessagesViews")
def get_messages_views(call: Call, request: Any) -> Any:
    """The counters of up to 100 posts. `increment` counts the caller as a reader: a monitor must not."""
    channel = call.readable(request.peer)
    if len(request.id) > LARGEST_PAGE:
        raise RpcFault(400, "MESSAGE_IDS_TOO_MUCH")
    found = []
    for number in request.id:
        post = channel.posts.get(number)
        if post is not None and request.increment:
            post = call.world.count_view(post)
        found.append(T.MessageViews(views=post.views, forwards=post.forwards) if post else T.MessageViews())
    return T.messages.MessageViews(
        views=found, chats=[call.render.channel(channel, call.account.id)], users=[]
    )


@method("messages.readHistory")
def read_history(_call: Call, _request: Any) -> Any:
    return T.messages.AffectedMessages(pts=1, pts_count=0)


@method("channels.readHistory")
def read_channel_history(call: Call, request: Any) -> Any:
    return call.readable(request.channel) is not None
