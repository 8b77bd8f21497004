"""Timed benchmarks: `make bench`, or `python -m benchmarks`. No time is ever asserted."""
