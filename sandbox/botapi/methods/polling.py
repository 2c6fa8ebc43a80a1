"""How a bot gets its updates."""

from typing import Any

from sandbox.botapi.call import Call
from sandbox.botapi.errors import Json, Refused, bad_request
from sandbox.botapi.world import World


async def get_updates(world: World, call: Call) -> list[Json]:
    """Long polling; refused while a webhook is set."""
    if world.profile.webhook:
        raise Refused(
            409,
            "Conflict: can't use getUpdates method while webhook is active; "
            "use deleteWebhook to delete the webhook first",
        )
    world.queue.allow(_kinds(call))
    return await world.queue.poll(
        offset=call.whole("offset", 0), limit=call.whole("limit", 100), timeout=call.whole("timeout", 0)
    )


def set_webhook(world: World, call: Call) -> bool:
    """Keeps the address. Nothing is delivered there, for the sandbox reaches no other host; updates wait."""
    url = call.text("url")
    if not url:
        return delete_webhook(world, call)
    if not url.startswith("https://"):
        raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
    world.queue.interrupt("terminated by setWebhook request")
    world.queue.allow(_kinds(call))
    _drop_pending(world, call)
    world.profile.webhook = {"url": url, "set_at": int(world.pace.now().timestamp())}
    return True


def delete_webhook(world: World, call: Call) -> bool:
    _drop_pending(world, call)
    world.profile.webhook = {}
    return True


def get_webhook_info(world: World, call: Call) -> Json:
    """Also of use to a bot that polls: how many updates wait for it."""
    hook = world.profile.webhook
    out: Json = {
        "url": hook.get("url", ""),
        "has_custom_certificate": False,
        "pending_update_count": world.queue.pending,
    }
    if hook and world.queue.pending:
        out |= {"last_error_date": hook["set_at"], "last_error_message": "Connection refused"}
    if world.queue.allowed is not None:
        out["allowed_updates"] = sorted(world.queue.allowed)
    return out


def _kinds(call: Call) -> list[str] | None:
    kinds: Any = call.thing("allowed_updates")
    if kinds is not None and not isinstance(kinds, list):
        raise bad_request("can't parse allowed updates JSON object")
    return kinds


def _drop_pending(world: World, call: Call) -> None:
    if call.flag("drop_pending_updates"):
        world.queue.clear()
