"""WebSockets on which unique markers are sent: see `tests/security/test_forensics.py`."""

import json
from collections.abc import Mapping

from tests.support.forensics import Markers
from tests.support.gateway import Gateway
from tests.support.people import Person


def listen(marks: Markers, headers: Mapping[str, str], author: Person) -> None:
    """Open WebSockets, subscribe to a hashtag, and send markers in everything that is refused or ignored."""
    ws = Gateway()
    for refused in (
        {"protocol": marks["wrong protocol"]},
        {"access_token": marks["wrong query"]},
        {"protocol": author.token, "stream": marks["wrong first stream"]},
        {"protocol": author.token, "stream": "hashtag", "tag": f"{marks['wrong first tag']} -"},
    ):
        assert ws.connect(headers=headers, **refused).status in {400, 401, 422}
    socket = ws.connect(headers=headers, protocol=author.token).id
    assert ws.say(socket, {"type": "subscribe", "stream": "hashtag", "tag": marks["listened"]}) == []
    for frame in (
        marks["no frame"],
        {"type": marks["wrong frame"], "stream": "user"},
        {"type": "subscribe", "stream": marks["wrong stream"]},
        {"type": "subscribe", "stream": "hashtag", "tag": f"{marks['wrong tag']} -"},
        {"type": "subscribe", "stream": "list", "list": marks["wrong list"]},
    ):
        ws.say(socket, frame)
    assert len(ws.sent) == 3
    assert not marks.find([("frame", json.dumps(ws.sent).encode())])
