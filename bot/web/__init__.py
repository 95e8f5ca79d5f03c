"""What others may ask of the bot over HTTP, on loopback unless the settings say otherwise."""
