"""Operates a deployed stage: its state, logs, dead letters, moderation, and the repair of data derived from messages.

`docs/operations.md` says when to use each command. Modules that import the tables are imported in functions or after
`stage.enter`, because the tables' names depend on the settings.
"""
