"""Operates a deployed stage: its state, logs, dead letters, moderation, and the repair of data derived from messages.

`docs/operations.md` says when to use each command.
"""
