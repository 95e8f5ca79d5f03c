"""`python -m bot` is the `seamwatch` command."""

from bot.cli import main

main()
