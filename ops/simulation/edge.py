"""Prices what CloudFront sends to clients."""

from ops.simulation.day import Day
from ops.simulation.prices import EDGE_GB, EDGE_REQUESTS, priced


def edge(day: Day, *, with_sockets: bool = True) -> float:
    """Return CloudFront's dollars per day: compressed JSON, the heads of the responses, and WebSockets."""
    handled, sent = requests(day), sent_gb(day)
    if with_sockets:
        handled, sent = handled + day.parameters.sockets_a_day, sent + day.live.sent_gb
    return priced(EDGE_REQUESTS, handled) + priced(EDGE_GB, sent)


def requests(day: Day) -> float:
    """Return the requests per day, without handshakes of WebSockets."""
    return day.counts.reads + day.parameters.posts_a_day


def sent_gb(day: Day) -> float:
    """Return the gigabytes per day that clients receive in response to these requests."""
    statuses = (day.counts.shown + day.parameters.posts_a_day) * day.costs.status_bytes
    return (statuses * day.parameters.compressed + requests(day) * day.parameters.response_head) / 1e9
