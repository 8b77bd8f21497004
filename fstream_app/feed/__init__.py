"""Feeds: the fan-out that writes views, the tail of the log in memory, and the timelines that are read from them."""
