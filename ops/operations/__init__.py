"""Looking after a deployed FSTREAM: its state, its logs, dead letters, and what is rebuilt from the messages.

`docs/operations.md` says when to use what.
"""
