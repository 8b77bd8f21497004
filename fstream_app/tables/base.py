"""What all tables have in common: their names, the shared connection, and the attribute for their expiry."""

from typing import ClassVar, Protocol, cast

from pynamodb.attributes import Attribute, ListAttribute, UnicodeAttribute
from pynamodb.connection.table import TableConnection
from pynamodb.constants import NUMBER
from pynamodb.models import MetaProtocol, Model

from fstream_app.core import database, settings
from fstream_app.core.warm import remembered


class Description(MetaProtocol, Protocol):
    """PynamoDB's `Meta` of a table, and FSTREAM's addition to it."""

    base_name: str
    """The table's name without app and stage."""


class _Described(type):
    """The type of `Meta` classes, whose `table_name` is made of the settings when it is asked for, not at import."""

    base_name: str

    @property
    def table_name(cls) -> str:
        return settings.get().table_name(cls.base_name)


def described(base_name: str, *, stream: bool = False) -> Description:
    """Return the `Meta` of a table: billed on demand; its stream, if it has one, carries keys only."""
    attributes: dict[str, object] = {"base_name": base_name, "billing_mode": "PAY_PER_REQUEST"}
    if stream:
        attributes["stream_view_type"] = "KEYS_ONLY"
    return cast(Description, _Described("Meta", (), attributes))


class Table(Model):
    """A table's items, as a PynamoDB model with a public connection."""

    Meta: Description
    connection: ClassVar[remembered[TableConnection]]
    """Returns the table's connection, which uses the one client of `fstream_app.core.database`."""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.connection = remembered(cls._connect)

    @classmethod
    def _connect(cls) -> TableConnection:
        cls._connection = None  # where PynamoDB would find the one before
        table = super()._get_connection()
        meta_table = table.get_meta_table()
        table.connection = database.connection()
        table.connection.add_meta_table(meta_table)
        return table

    @classmethod
    def _get_connection(cls) -> TableConnection:
        return cls.connection()

    @classmethod
    def table_name(cls) -> str:
        """Return the table's full name: `<app>-<stage>-<base name>`."""
        return cls.Meta.table_name

    @classmethod
    def base_name(cls) -> str:
        """Return the table's name without app and stage."""
        return cls.Meta.base_name

    @classmethod
    def key_names(cls) -> list[str]:
        """Return the stored names of the hash key and, if there is one, the range key."""
        keys = [attribute for attribute in cls.get_attributes().values() if attribute.is_hash_key]
        keys += [attribute for attribute in cls.get_attributes().values() if attribute.is_range_key]
        return [str(attribute.attr_name) for attribute in keys]


class Expiry(Attribute[int]):
    """The attribute by which DynamoDB's TTL deletes items: whole seconds since the epoch.

    PynamoDB's own, TTLAttribute, takes and gives datetimes, which cost CPU and are of no use here.
    """

    attr_type = NUMBER

    def serialize(self, value: int) -> str:
        """Write the seconds as DynamoDB's number."""
        return str(value)

    def deserialize(self, value: str) -> int:
        """Read the seconds."""
        return int(value)


def has_expired(expires_at: int | None, now: int) -> bool:
    """Return whether an item's expiry (s, or None for never) has come at this time (ms): TTL deletes it days later."""
    return expires_at is not None and expires_at * 1000 <= now


def texts(*, null: bool = False) -> ListAttribute[str]:
    """Make an attribute for a list of texts: PynamoDB's type for it names the attributes, not the values."""
    return cast("ListAttribute[str]", ListAttribute(of=UnicodeAttribute, null=null))
