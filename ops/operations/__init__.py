"""Looking after a FSTREAM that is deployed: its state, its logs, dead letters, and what is made anew from the messages.

`docs/operations.md` tells when to use what. Modules that import the tables are imported in the functions or after
`stage.enter`: the tables' names are made of the settings.
"""
