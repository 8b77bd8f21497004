"""Moderation: reports, suspension of users, and removal of messages."""
