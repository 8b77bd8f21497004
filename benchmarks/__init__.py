"""Timed benchmarks: `make bench` or `python -m benchmarks`. They never assert a time."""
