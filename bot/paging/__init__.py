"""Destinations beyond Slack that wake people up; one file each, behind one small interface."""
