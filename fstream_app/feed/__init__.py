"""Feeds: the fan-out, which writes views; the tail, the part of the log in memory; and the timelines read from them."""
