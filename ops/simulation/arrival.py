"""Prices live arrival: WebSockets, and the messages that are sent to them."""

from dataclasses import astuple, dataclass

from ops.simulation import prices
from ops.simulation.day import Day
from ops.simulation.edge import edge
from ops.simulation.parameters import HOUR


@dataclass(frozen=True, slots=True)
class Arrival:
    """Dollars per day of live arrival, by service; 0 if all clients poll."""

    minutes: float
    """API Gateway: time during which WebSockets are open."""
    messages: float
    """API Gateway: frames in both directions."""
    queue: float
    database: float
    """DynamoDB: sockets, followers who are online, and what is checked before sending."""
    functions: float
    logs: float
    edge: float
    """CloudFront: handshakes and frames."""

    @property
    def total(self) -> float:
        """Dollars per day for all services."""
        return float(sum(astuple(self)))


def arrival(day: Day) -> Arrival:
    """Price the day's live arrival."""
    live, parameters = day.live, day.parameters
    if not parameters.live:
        return Arrival(0, 0, 0, 0, 0, 0, 0)
    sockets = parameters.sockets_a_day
    queued = prices.QUEUE_CALLS * HOUR * float(live.batches.sum()) + prices.IDLE_RECEIVES
    seconds = sockets * live.socket_seconds + live.announcing_seconds
    return Arrival(
        minutes=prices.SOCKET_MINUTE * parameters.socket_minutes,
        messages=prices.SOCKET_MESSAGE * (live.sent + live.received),
        queue=prices.priced(prices.QUEUE_REQUESTS, queued),
        database=prices.units(sockets * live.socket_rru + live.announcing_rru, sockets * live.socket_wru),
        functions=live.invocations * prices.INVOCATION + prices.gb_seconds(seconds, parameters.stream_memory),
        logs=prices.logged(live.invocations, parameters.log_line),
        edge=edge(day) - edge(day, with_sockets=False),
    )


def opening(day: Day) -> float:
    """Return the dollars of a socket without the time during which it is open: connecting, subscribing, closing."""
    live, parameters = day.live, day.parameters
    return (
        prices.EDGE_REQUESTS[-1][1]
        + prices.SOCKET_MESSAGE * parameters.frames
        + prices.units(live.socket_rru, live.socket_wru)
        + live.calls * prices.INVOCATION
        + prices.gb_seconds(live.socket_seconds, parameters.stream_memory)
        + prices.logged(live.calls, parameters.log_line)
    )
