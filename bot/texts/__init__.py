"""Every sentence the bot can say: templates for `bot.say.Say`, which translates, fills in and escapes."""
