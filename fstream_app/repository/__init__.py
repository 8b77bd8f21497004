"""The repository, the only importer of the tables: one module per table, one function per access pattern.

Each docstring gives the key condition, the consistency, the cost, and the errors. Costs are read (RRU) and write (WRU)
request units, for items up to 4 KB and 1 KB. Every function may raise `errors.Unavailable`.
"""
