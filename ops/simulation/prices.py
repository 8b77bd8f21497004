"""On-demand prices of us-east-1, in dollars."""

WRU, RRU = 0.625e-6, 0.125e-6
GB_SECOND, INVOCATION = 1.33334e-5, 0.20e-6
"""Lambda's prices on arm64; on x86_64, a GB-second costs 1.66667e-5."""
LOG_GB = 0.50
TRACE = 5e-6
SOCKET_MINUTE, SOCKET_MESSAGE = 0.25e-6, 1.00e-6
"""API Gateway's prices of WebSockets: a minute of an open one, and a message of up to 32 KB in either direction.

As in AWS's examples, handshakes are not messages.
"""
Tiers = tuple[tuple[float, float], ...]
"""A price that falls with the amount of a month: the size of each tier, and the price within it."""
_ALL = float("inf")
API_TIERS: Tiers = ((300e6, 1.00e-6), (_ALL, 0.90e-6))
"""Requests of the HTTP API."""
EDGE_REQUESTS: Tiers = ((10e6, 0.0), (_ALL, 1.00e-6))
"""CloudFront's requests over HTTPS."""
EDGE_GB: Tiers = (
    *((1_024.0, 0.0), (9_216.0, 0.085), (40_960.0, 0.080), (102_400.0, 0.060), (358_400.0, 0.040)),
    *((536_576.0, 0.030), (4_194_304.0, 0.025), (_ALL, 0.020)),
)
"""Gigabytes that CloudFront sends to clients."""
REGION_GB: Tiers = ((100.0, 0.0), (10_140.0, 0.09), (40_960.0, 0.085), (102_400.0, 0.07), (_ALL, 0.05))
"""Gigabytes that API Gateway sends to clients, if they do not come through CloudFront."""
QUEUE_REQUESTS: Tiers = ((1e6, 0.0), (_ALL, 0.40e-6))
"""Requests to SQS."""
QUEUE_CALLS, IDLE_RECEIVES = 3, 5 * 86_400 / 20
"""Requests to SQS per message, and per day of Lambda's five pollers, which wait 20 seconds for a message."""
DAYS = 30
"""Days of a month."""


def priced(tiers: Tiers, amount: float) -> float:
    """Return the dollars per day for this amount per day, for a month of such days."""
    left, dollars = amount * DAYS, 0.0
    for size, price in tiers:
        dollars += min(left, size) * price
        left -= min(left, size)
    return dollars / DAYS


def units(read: float, write: float = 0.0) -> float:
    """Return the dollars for request units (RRU, WRU)."""
    return read * RRU + write * WRU


def gb_seconds(seconds: float, memory: int) -> float:
    """Return the dollars for functions with this memory (MB) that run for so long."""
    return seconds * memory / 1024 * GB_SECOND


def logged(lines: float, size: float) -> float:
    """Return the dollars for this number of log lines of `size` bytes."""
    return lines * size / 1e9 * LOG_GB
