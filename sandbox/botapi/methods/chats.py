"""What a bot can learn of the chats it is in, and of files."""

from sandbox.botapi.call import Call
from sandbox.botapi.chats import Chat, ChatKind, Standing
from sandbox.botapi.errors import Json, bad_request
from sandbox.botapi.files import LARGEST_DOWNLOAD
from sandbox.botapi.membership import member_to_api
from sandbox.botapi.world import World


def get_chat(world: World, call: Call) -> Json:
    chat = _known(world, call)
    out = chat.to_api() | {
        "accent_color_id": abs(chat.id) % 7,
        "max_reaction_count": 11,
        "accepted_gift_types": dict.fromkeys(
            (
                "unlimited_gifts",
                "limited_gifts",
                "unique_gifts",
                "premium_subscription",
                "gifts_from_channels",
            ),
            True,
        ),
    }
    if chat.pinned and (pinned := chat.messages.get(chat.pinned[-1])):
        out["pinned_message"] = world.message_to_api(chat, pinned)
    return out


def get_chat_member(world: World, call: Call) -> Json:
    chat = _known(world, call)
    number = call.whole("user_id")
    if number == world.me["id"]:
        return member_to_api(chat.bot, world.me)
    if number not in world.people:
        raise bad_request("user not found")
    return member_to_api(chat.standing(number), world.people[number].user)


def get_chat_member_count(world: World, call: Call) -> int:
    chat = _known(world, call)
    return sum(standing.is_in for standing in chat.members.values()) + chat.bot.is_in


def get_chat_administrators(world: World, call: Call) -> list[Json]:
    chat = _known(world, call)
    if chat.kind is ChatKind.PRIVATE:
        raise bad_request("there are no administrators in the private chat")
    people = [(s, world.people[number].user) for number, s in chat.members.items() if s.rules]
    own = [(chat.bot, world.me)] if chat.bot.rules else []
    return [member_to_api(standing, user) for standing, user in people + own]


def leave_chat(world: World, call: Call) -> bool:
    chat = _known(world, call)
    if chat.kind is ChatKind.PRIVATE:
        raise bad_request("chat member status can't be changed in private chats")
    chat.bot = Standing.LEFT
    return True


def get_file(world: World, call: Call) -> Json:
    file = world.files.known(call.text("file_id"))
    if file.size > LARGEST_DOWNLOAD:
        raise bad_request("file is too big")
    sized = {"file_size": file.size, "file_path": file.path}
    return {"file_id": file.id, "file_unique_id": file.unique_id, **sized}


def _known(world: World, call: Call) -> Chat:
    """A chat the bot has met; being blocked does not hide it."""
    chat = world.find_chat(call.chat)
    chat.refuse_reading()
    if chat.shut == "chat not found":
        raise bad_request(chat.shut)
    return chat
