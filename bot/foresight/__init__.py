"""What the bot does with forecasts: feeds them, asks for them, shows them, rehearses peaks."""
