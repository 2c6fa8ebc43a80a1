"""What is said at the door, and of the ways in."""

from typing import Final

STRANGER: Final = "This bot speaks only to people who were invited. Ask its owner for an invite link."
STALE_INVITE: Final = "This invite link was used or has expired. Ask whoever gave it to you for a new one."
LET_IN: Final = "Welcome, {name}. You are let in as {role}."
GROUP_LET_IN: Final = "This group is let in. Whoever of you is let in may choose what is told here."
GOODBYE: Final = (
    "Done: nothing more will be sent here, and your access has ended. A new invite link brings you back; "
    "what you had subscribed to is kept for that."
)
GOODBYE_OWNER: Final = (
    "Done: nothing more will be sent here. You are an owner in the config, so /start brings you back."
)
NOT_ALLOWED: Final = "This is for {role} and above; you are {mine}."
INVITE: Final = "An invite link for one {role}, good for {span}, for the first who opens it:\n{link}"
INVITE_ROLES: Final = "Whom do you want to let in? Say /invite guest, /invite analyst or /invite ops."
