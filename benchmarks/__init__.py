"""Timed benchmarks, run by hand with `make bench`: `python -m benchmarks`. No time is ever asserted."""
