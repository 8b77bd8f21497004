"""Checks that all tables agree with each other, without writing anything.

Every item of every table is read once, page by page, and compared with the items that it must agree with: counts with
what they count, messages with the places in which they belong, items with the users whom they name. What is checked is
in `people` (accounts and what belongs to them), `content` (messages and their counts) and `views` (what fan-out
writes); `walk` reads the tables and reports.

FSTREAM keeps running meanwhile, so two items can differ because one of them has just changed. An item that seems wrong
is therefore checked again after a pause, and reported only if it is still wrong.
"""
