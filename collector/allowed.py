"""The methods of Telegram's API that an account may call: it reads, and nobody can tell that it is there.

Nothing is typed, sent, reacted to, voted for, marked as read, or shown online; no counter of views moves.
What is not named here is refused before it is sent, be it asked by us or by the client of its own accord.
"""

from typing import Any

#: What watching takes.
READING = frozenset(
    {
        "help.getConfig",
        "help.getAppConfig",
        "users.getUsers",
        "users.getFullUser",
        "contacts.resolveUsername",
        "updates.getState",
        "updates.getDifference",
        "updates.getChannelDifference",
        "messages.getDialogs",
        "messages.getPeerDialogs",
        "messages.getPinnedDialogs",
        "messages.getHistory",
        "messages.getReplies",
        "messages.search",
        "messages.getMessagesViews",
        "messages.getMessagesReactions",
        "messages.getForumTopicsByID",
        "messages.checkChatInvite",
        "channels.getChannels",
        "channels.getFullChannel",
        "channels.getMessages",
        "channels.getChannelRecommendations",
        "upload.getFile",
        "auth.exportAuthorization",  # a file may lie in another data centre than the account
        "auth.importAuthorization",
    }
)
#: What makes the account a member of a channel; only where the config asks for it.
JOINING = frozenset({"channels.joinChannel"})
#: What `deadair login` takes besides.
LOGGING_IN = frozenset(
    {
        "auth.sendCode",
        "auth.resendCode",
        "auth.signIn",
        "auth.checkPassword",
        "auth.exportLoginToken",
        "auth.importLoginToken",
        "account.getPassword",
        "help.getNearestDc",
    }
)
WATCHING = READING | JOINING


class Forbidden(Exception):
    """A method that no part of Deadair may call: a mistake of ours, or a client that has learned new ways."""


def name_of(request: Any) -> str:
    """`functions.messages.GetHistoryRequest` -> messages.getHistory"""
    module = type(request).__module__.rpartition(".")[2]
    name = type(request).__name__.removesuffix("Request")
    name = f"{name[0].lower()}{name[1:]}"
    return name if module == "functions" else f"{module}.{name}"


def refuse(request: Any, may: frozenset[str]) -> None:
    """Raises Forbidden for what is not in `may`, and for a look that would be counted as one."""
    name = name_of(request)
    if name in _WRAPPERS:
        refuse(request.query, may)
    elif name not in may:
        raise Forbidden(f"{name} is not among the methods that an account may call")
    elif name == "messages.getMessagesViews" and request.increment:
        raise Forbidden("messages.getMessagesViews may be asked without increment only")


_WRAPPERS = frozenset(
    {
        "invokeWithLayer",
        "initConnection",
        "invokeWithoutUpdates",
        "invokeAfterMsg",
        "invokeWithTakeout",
    }
)
