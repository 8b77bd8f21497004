"""Counts what live arrival takes in a day: open sockets, and the messages that are sent to them."""

from dataclasses import asdict, dataclass

import numpy as np

from fstream_app.core.settings import Settings
from ops.simulation.fleet import Fleet, page_units
from ops.simulation.parameters import DAY, HOUR
from ops.simulation.population import Array, Authors, hours

_POOL = 24
"""Frames that the function `live` sends at a time."""
_SCANNED = Settings().live_followers
"""Followers of an author that are compared with the online users at most."""
_REFRESHED = 0.5
"""Seconds for which a function remembers who is online, and whether anybody is."""


@dataclass(frozen=True)
class Live:
    """The day's sockets and announcements. Rates have one entry per hour of the day."""

    fleet: Fleet
    authors: Authors

    @property
    def online(self) -> Array:
        """Sockets that are open at the same time."""
        parameters = self.fleet.parameters
        return parameters.socket_minutes * 60 / DAY * hours(parameters.swing)

    @property
    def batches(self) -> Array:
        """Batches announced per second: those of the fan-out while anybody is online."""
        return self.fleet.log_items * -np.expm1(-self.online)

    @property
    def compared(self) -> Array:
        """Followers who are online when a message of theirs is announced, per second."""
        parameters = self.fleet.parameters
        a_day = float(self.authors.deliveries.sum()) / parameters.registered_users
        return a_day / DAY * hours(parameters.swing) * self.online

    @property
    def sent(self) -> float:
        """Frames sent per day. What a page would drop, such as a reply to a stranger, is not sent."""
        return (1 - self.fleet.parameters.dropped) * HOUR * float(self.compared.sum())

    @property
    def received(self) -> float:
        """Frames received from clients per day, with which they subscribe."""
        return self.fleet.parameters.sockets_a_day * self.fleet.parameters.frames

    @property
    def invocations(self) -> float:
        """Invocations of functions per day: by sockets, and one per announced batch."""
        return self.fleet.parameters.sockets_a_day * self.calls + HOUR * float(self.batches.sum())

    @property
    def calls(self) -> float:
        """Invocations for each socket, which is opened, subscribes by frames if at all, and is closed."""
        return 2 + self.fleet.parameters.frames

    @property
    def socket_rru(self) -> float:
        """RRU for each socket."""
        return self._of_socket("rru")

    @property
    def socket_wru(self) -> float:
        """WRU for each socket."""
        return self._of_socket("wru")

    @property
    def socket_seconds(self) -> float:
        """Seconds of functions for each socket."""
        memory = self.fleet.parameters.stream_memory
        return float(self.fleet.seconds(self._of_socket("trips"), self._of_socket("cpu"), memory))

    def _of_socket(self, unit: str) -> float:
        """Return what a socket takes of a unit. Clients that send no frame subscribe in the address."""
        costs, frames = asdict(self.fleet.costs.sockets), self.fleet.parameters.frames
        by_frame = min(1.0, frames)
        opened = by_frame * costs[f"connect_{unit}"] + (1 - by_frame) * costs[f"query_{unit}"]
        return float(opened + frames * costs[f"frame_{unit}"] + costs[f"close_{unit}"])

    @property
    def announcing_rru(self) -> float:
        """RRU per day of finding out who is online and who may see each message."""
        costs, parameters = self.fleet.costs.sockets, self.fleet.parameters
        asked = np.minimum(self.batches, parameters.stream_shards / _REFRESHED)
        messages = self.batches * self.fleet.batch * (costs.live_rru + self._audience_rru)
        a_second = costs.presence_rru * asked + messages + costs.recipient_rru * self.compared + self._online_rru
        return HOUR * float(a_second.sum())

    @property
    def announcing_seconds(self) -> float:
        """Seconds per day of the function that announces messages."""
        return HOUR * float((self.batches * self._batch_seconds).sum())

    @property
    def _audience_rru(self) -> float:
        """RRU of reading a message's author's followers, averaged over the messages."""
        sizes = np.minimum(self.authors.followers, _SCANNED) * self.fleet.costs.sockets.follower_bytes
        return float(np.average(page_units(sizes), weights=self.authors.posts))

    @property
    def _online_rru(self) -> Array:
        """RRU per second of knowing who is online: functions read what has changed; cold ones read everything."""
        parameters, size = self.fleet.parameters, self.fleet.costs.sockets.online_bytes
        refreshes = np.minimum(self.batches, self.functions / _REFRESHED)
        changes = 2 * parameters.sockets_a_day / DAY * hours(parameters.swing)
        changed = page_units(changes * self.functions / np.maximum(refreshes, 1e-9) * size)
        cold = self.functions / (HOUR * parameters.function_hours)
        return refreshes * changed + cold * page_units(self.online * size)

    @property
    def functions(self) -> Array:
        """Warm functions that announce messages: Little's law, and at least one while anybody is online."""
        busy = self.batches * self._batch_seconds
        needed: Array = np.where(self.batches > 0, np.ceil(busy + 1), 0)
        return needed

    @property
    def _batch_seconds(self) -> Array:
        """Seconds to announce a batch: wait until it has settled, find the recipients, and send."""
        fleet, costs = self.fleet, self.fleet.costs.sockets
        recipients = self.compared / np.maximum(self.batches, 1e-9)
        cpu = fleet.batch * costs.live_cpu + recipients * costs.send_cpu
        trips = costs.live_trips + recipients / _POOL
        return fleet.parameters.waits + fleet.seconds(trips, cpu, fleet.parameters.stream_memory)

    @property
    def sent_gb(self) -> float:
        """Gigabytes of frames per day, which are not compressed, and of the responses to handshakes."""
        parameters = self.fleet.parameters
        opened = parameters.sockets_a_day * parameters.response_head
        return (self.sent * self.fleet.costs.sockets.frame_bytes + opened) / 1e9
