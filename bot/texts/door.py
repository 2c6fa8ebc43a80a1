"""What is said at the door, and of the ways in."""

from typing import Final

STRANGER: Final = "This bot speaks only to people who were invited. Ask its owner for an invite link."
STALE_INVITE: Final = "This invite link was used or has expired. Ask whoever gave it to you for a new one."
LET_IN: Final = "Welcome, {name}. You are let in as {role}."
GROUP_LET_IN: Final = "This group is let in. An admin of it who is let in chooses what is told here."
TOPIC_LET_IN: Final = (
    "This group is let in, and alerts come into this topic. An admin of the group who is let in chooses what "
    "is told here; /start in another topic moves them there."
)
GROUP_MOVED: Final = "From now on alerts come here, outside of the topics."
TOPIC_MOVED: Final = "From now on alerts come into this topic."
GOODBYE: Final = (
    "Done: nothing more will be sent here, and your access has ended. A new invite link brings you back; "
    "what you had subscribed to is kept for that."
)
GOODBYE_OWNER: Final = (
    "Done: nothing more will be sent here. You are an owner in the config, so /start brings you back."
)
NOT_ALLOWED: Final = "This is for {role} and above; you are {mine}."
ADMINS_CHOOSE: Final = "In a group only its admins settle what is told there."
INVITE: Final = "An invite link for one {role}, good for {span}, for the first who opens it:\n{link}"
INVITE_ROLES: Final = (
    "Whom do you want to let in? Say /invite guest, /invite analyst or /invite ops. /invites lists the open "
    "links."
)
ONLY_IN_PRIVATE: Final = "Say that to me in private: here everybody would see it."
INVITES: Final = "Invite links that are open:"
INVITES_NONE: Final = "No invite link is open. /invite makes one."
INVITES_USED: Final = "Used in the last 30 days:"
INVITE_LINE: Final = "{n}. for one {role}, by {by}, until {until}"
INVITE_USED_LINE: Final = "{name} came in as {role} at {at}"
REVOKE_BUTTON: Final = "✕ Revoke {n}"
INVITE_REVOKED: Final = "Revoked: that link opens nothing any more."
INVITE_GONE: Final = "That link was used or has expired already."
ASK_BUTTON: Final = "Ask to be let in"
ASKED: Final = "Your wish has been passed on to the owner. You will hear here when it is decided."
ASKED_ALREADY: Final = "You have asked already. You will hear here when it is decided."
ASKED_TOO_MANY: Final = "Too many people are asking just now. Try again tomorrow."
ASKED_IS_IN: Final = "You are let in already: say /start."
WANTS_IN: Final = "{name} ({handle}, number {id}) asks to be let in."
WANTS_IN_NO_HANDLE: Final = "{name} (number {id}) asks to be let in."
APPROVE_BUTTON: Final = "Let in as {role}"
REFUSE_BUTTON: Final = "Refuse"
REQUESTS_NONE: Final = "Nobody is waiting to be let in."
REQUEST_APPROVED: Final = "{name} was let in as {role} by {by}, {at}."
REQUEST_REFUSED: Final = "{name} was refused by {by}, {at}."
REQUEST_GONE: Final = "There is no such request any more."
NOT_LET_IN: Final = "Your wish to be let in was refused."
PEOPLE: Final = "Who is let in ({n}):"
MEMBER: Final = "{name}, number {id}: {role}, let in {at} by {by}."
MEMBER_OWNER: Final = "Who is an owner stands in config.toml."
MEMBER_GONE: Final = "Nobody of that number is let in any more."
MAKE_BUTTON: Final = "Make {role}"
PUT_OUT_BUTTON: Final = "Put out"
MADE: Final = "{name} is {role} now."
WAS_PUT_OUT: Final = "{name} is out. /audit takes it back."
