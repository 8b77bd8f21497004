"""/.well-known/nodeinfo: what software this is, for clients that ask no further (nodeinfo.diaspora.software, 2.0)."""

import msgspec

from chalicelib import rendering
from chalicelib.api import Access, Blueprint, Call
from chalicelib.entities import Empty
from chalicelib.instance import SOFTWARE_VERSION
from fstream_app.core import settings

api = Blueprint(__name__, limited=False)


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """Where a document is."""

    rel: str = "http://nodeinfo.diaspora.software/ns/schema/2.0"
    href: str


class Links(msgspec.Struct, frozen=True, kw_only=True):
    """Where the documents are, one for each version of their schema."""

    links: tuple[Link, ...]


class Software(msgspec.Struct, frozen=True, kw_only=True):
    """What runs here."""

    name: str = "fstream"
    version: str = SOFTWARE_VERSION


class Services(msgspec.Struct, frozen=True, kw_only=True):
    """Which other networks it is connected to: none."""

    inbound: tuple[()] = ()
    outbound: tuple[()] = ()


class SoftwareUsage(msgspec.Struct, frozen=True, kw_only=True):
    """How many use it: nobody counts, so the numbers are left out."""

    users: Empty = Empty()


class Upstream(msgspec.Struct, frozen=True, kw_only=True):
    """Whose client API is spoken: what megalodon looks for in software that it does not know."""

    name: str = "mastodon"


class Metadata(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What the schema leaves open."""

    node_name: str
    node_description: str
    upstream: Upstream = Upstream()


class NodeInfo(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The software and what it allows."""

    version: str = "2.0"
    software: Software = Software()
    protocols: tuple[()] = ()
    """None of the schema's, which wants one at least: FSTREAM does not federate, and does not pretend to."""
    services: Services = Services()
    open_registrations: bool
    usage: SoftwareUsage = SoftwareUsage()
    metadata: Metadata


@api.declare("GET", "/.well-known/nodeinfo", access=Access.ANYBODY)
def links(_: Call[msgspec.Struct]) -> Links:
    """Tell where the document about the software is."""
    return Links(links=(Link(href=f"{rendering.base_url()}/nodeinfo/2.0"),))


@api.declare("GET", "/nodeinfo/2.0", access=Access.ANYBODY)
def nodeinfo(_: Call[msgspec.Struct]) -> NodeInfo:
    """Describe the software."""
    current = settings.get()
    return NodeInfo(
        open_registrations=current.registrations,
        metadata=Metadata(node_name=current.title, node_description=current.description),
    )
