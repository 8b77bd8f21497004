"""/.well-known/nodeinfo: which software the server runs (nodeinfo.diaspora.software, 2.0)."""

import msgspec

from chalicelib import rendering
from chalicelib.api import Access, Blueprint, Call
from chalicelib.instance import SOFTWARE_VERSION, approximate_counts
from chalicelib.shapes import Number, Url
from fstream_app.core import settings

api = Blueprint(__name__, limited=False)


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """The address of a document."""

    rel: str = "http://nodeinfo.diaspora.software/ns/schema/2.0"
    href: Url


class Links(msgspec.Struct, frozen=True, kw_only=True):
    """The addresses of the documents, one for each version of the schema."""

    links: tuple[Link, ...]


class Software(msgspec.Struct, frozen=True, kw_only=True):
    """The server's software."""

    name: str = "fstream"
    version: str = SOFTWARE_VERSION


class Services(msgspec.Struct, frozen=True, kw_only=True):
    """The networks that the server is connected to: none."""

    inbound: tuple[()] = ()
    outbound: tuple[()] = ()


class Users(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The approximate numbers of users, at most seven hours old."""

    total: Number
    active_month: Number
    """Users with messages that exist."""


class SoftwareUsage(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Usage figures, the same as in the instance documents."""

    users: Users
    local_posts: Number
    """Messages that exist, including expired ones until they are removed."""


class Upstream(msgspec.Struct, frozen=True, kw_only=True):
    """The origin of the client API, which megalodon reads for software that it does not know."""

    name: str = "mastodon"


class Metadata(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Metadata, whose contents the schema leaves open."""

    node_name: str
    node_description: str
    upstream: Upstream = Upstream()


class NodeInfo(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The server's software and what it supports."""

    version: str = "2.0"
    software: Software = Software()
    protocols: tuple[()] = ()
    """Always empty, although the schema requires at least one: FSTREAM does not federate."""
    services: Services = Services()
    open_registrations: bool
    usage: SoftwareUsage
    metadata: Metadata


@api.declare("GET", "/.well-known/nodeinfo", access=Access.ANYBODY)
def links(_: Call[msgspec.Struct]) -> Links:
    """Link to the document that describes the software."""
    return Links(links=(Link(href=f"{rendering.base_url()}/nodeinfo/2.0"),))


@api.declare("GET", "/nodeinfo/2.0", access=Access.ANYBODY)
def nodeinfo(call: Call[msgspec.Struct]) -> NodeInfo:
    """Describe the server's software."""
    current = settings.get()
    counts = approximate_counts(call.now)
    return NodeInfo(
        usage=SoftwareUsage(
            users=Users(total=counts.users, active_month=counts.active),
            local_posts=counts.messages,
        ),
        open_registrations=current.registrations,
        metadata=Metadata(node_name=current.title, node_description=current.description),
    )
