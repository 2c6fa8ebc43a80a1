"""Who is in a chat: joining, leaving, promoting, and a group's upgrade; the bot is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.botapi.chats import Chat, ChatKind, Standing, Topic
from sandbox.botapi.errors import Json, Misused

if TYPE_CHECKING:
    from sandbox.botapi.people import Person
    from sandbox.botapi.world import World

ADMIN_RIGHTS = (
    "can_be_edited", "can_manage_chat", "can_delete_messages", "can_manage_video_chats",
    "can_restrict_members", "can_promote_members", "can_change_info", "can_invite_users", "can_post_stories",
    "can_edit_stories", "can_delete_stories", "can_send_welcome_messages", "can_pin_messages",
    "can_post_messages", "can_edit_messages",
)  # fmt: skip
WRITE_RIGHTS = (
    "can_send_messages", "can_send_audios", "can_send_documents", "can_send_photos", "can_send_videos",
    "can_send_video_notes", "can_send_voice_notes", "can_send_polls", "can_send_other_messages",
    "can_add_web_page_previews", "can_react_to_messages", "can_edit_tag", "can_change_info",
    "can_invite_users", "can_pin_messages", "can_manage_topics",
)  # fmt: skip


def member_to_api(standing: Standing, user: Json) -> Json:
    """The Bot API's ChatMember."""
    out: Json = {"status": standing.value, "user": user}
    match standing:
        case Standing.CREATOR:
            out["is_anonymous"] = False
        case Standing.ADMINISTRATOR:
            out |= {"is_anonymous": False} | dict.fromkeys(ADMIN_RIGHTS, True)
        case Standing.RESTRICTED:
            out |= {"is_member": True, "until_date": 0} | dict.fromkeys(WRITE_RIGHTS, False)
        case Standing.KICKED:
            out["until_date"] = 0
        case _:
            pass
    return out


def _changed(world: World, chat: Chat, by: Json, user: Json, old: Standing, new: Standing) -> Json:
    return {
        "chat": chat.to_api(),
        "from": by,
        "date": int(world.now().timestamp()),
        "old_chat_member": member_to_api(old, user),
        "new_chat_member": member_to_api(new, user),
    }


def bot_standing_changed(world: World, chat: Chat, by: Json, old: Standing, new: Standing) -> None:
    """Tell the bot what has become of it in a chat."""
    world.queue.push("my_chat_member", _changed(world, chat, by, world.me, old, new))
    world.record.changed()


def set_bot(world: World, chat: Chat, by: Person, new: Standing) -> None:
    """Add the bot, promote it, mute it, throw it out."""
    if chat.kind is ChatKind.PRIVATE:
        raise Misused("nobody can add the bot to a private chat or throw it out", hint="block or start it")
    old, chat.bot = chat.bot, new
    if old is new:
        return
    if new.is_in and not old.is_in and chat.is_group:
        world.serve_notice(chat, by.user, new_chat_members=[world.me])
    bot_standing_changed(world, chat, by.user, old, new)


def set_member(world: World, chat: Chat, person: Person, new: Standing, *, by: Person | None = None) -> None:
    """Let someone join or leave, be promoted or thrown out. `by` does it, or they themselves."""
    old, chat.members[person.id] = chat.standing(person.id), new
    if old is new or not chat.bot.is_in:
        return
    who = (by or person).user
    if chat.is_group and new.is_in and not old.is_in:
        world.serve_notice(chat, who, new_chat_members=[person.user])
    elif chat.is_group and old.is_in and not new.is_in:
        world.serve_notice(chat, who, left_chat_member=person.user)
    if chat.bot.rules:  # only administrators hear of others
        world.queue.push("chat_member", _changed(world, chat, who, person.user, old, new))


def migrate(world: World, chat: Chat, by: Person) -> Chat:
    """Upgrade a group to a supergroup. The old number leads to an error naming the new."""
    if chat.kind is not ChatKind.GROUP or chat.migrated_to is not None:
        raise Misused(f"{chat.title or chat.id} cannot be upgraded", hint="only a group can, and only once")
    new = world.group(chat.title, kind=ChatKind.SUPERGROUP, bot=chat.bot)
    new.members = dict(chat.members)
    world.serve_notice(chat, by.user, migrate_to_chat_id=new.id)
    chat.migrated_to = new.id
    world.serve_notice(new, by.user, migrate_from_chat_id=chat.id)
    return new


def open_topic(world: World, chat: Chat, by: Person, name: str) -> Topic:
    """Open a topic in a forum."""
    if not chat.is_forum:
        raise Misused(f"{chat.title} is no forum", hint="make it with forum=True")
    colour: Json = {"name": name, "icon_color": 0x6FB9F0}
    notice = world.serve_notice(chat, by.user, forum_topic_created=colour)
    notice.thread_id = notice.id
    topic = chat.topics[notice.id] = Topic(id=notice.id, name=name)
    return topic
