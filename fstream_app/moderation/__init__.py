"""Moderation: reports, suspending people, removing messages."""
