"""A Telegram that speaks MTProto, on loopback."""
