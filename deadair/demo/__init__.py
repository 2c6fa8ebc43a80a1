"""The demo: the whole of Deadair against a simulated Telegram, on a clock that runs fast."""
