"""The only importer of the tables: one module per table, one function per access pattern.

Each docstring gives the key condition, the consistency, the cost in read (RRU) and write (WRU) request units of
items up to 4 KB and 1 KB, and the errors. Every function may raise `errors.Unavailable`.
"""
