"""Sending live: who is online, who hears of a message, and the frames that they get."""
