"""The base of all tables: their names, the shared connection, and the expiry attribute."""

from typing import ClassVar, Protocol, cast

from pynamodb.attributes import Attribute, BooleanAttribute, ListAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.connection.table import TableConnection
from pynamodb.constants import NUMBER
from pynamodb.models import MetaProtocol, Model

from fstream_app.core import database, settings
from fstream_app.core.warm import remembered


class Description(MetaProtocol, Protocol):
    """PynamoDB's `Meta` of a table, with FSTREAM's addition."""

    base_name: str
    """The table's name without app and stage."""


class _Described(type):
    """The metaclass of `Meta` classes: `table_name` is computed from the settings on access, not at import."""

    base_name: str

    @property
    def table_name(cls) -> str:
        return settings.get().table_name(cls.base_name)


def described(base_name: str, *, stream: bool = False) -> Description:
    """Return the `Meta` of a table with on-demand billing; the optional stream carries keys only."""
    attributes: dict[str, object] = {"base_name": base_name, "billing_mode": "PAY_PER_REQUEST"}
    if stream:
        attributes["stream_view_type"] = "KEYS_ONLY"
    return cast(Description, _Described("Meta", (), attributes))


class Table(Model):
    """A table's items, as a PynamoDB model with a public connection."""

    Meta: Description
    connection: ClassVar[remembered[TableConnection]]
    """Returns the table's connection, which uses the shared client of `fstream_app.core.database`."""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.connection = remembered(cls._connect)

    @classmethod
    def _connect(cls) -> TableConnection:
        cls._connection = None  # PynamoDB would reuse the previous connection
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
        """Return the stored names of the hash key and the range key, if the table has one."""
        keys = [attribute for attribute in cls.get_attributes().values() if attribute.is_hash_key]
        keys += [attribute for attribute in cls.get_attributes().values() if attribute.is_range_key]
        return [str(attribute.attr_name) for attribute in keys]


class CountingTable(Table):
    """A table with items that hold counts: see `fstream_app.repository.counting`."""

    revision = NumberAttribute(null=True)
    """How many times the counts have changed."""


class CountedTable(Table):
    """A table with items that are counted elsewhere: see `fstream_app.repository.counting`.

    An item that is counted and has not ended has neither mark, so the marks take no space in the long run.
    """

    pending = BooleanAttribute(null=True, attr_name="p")
    """Not counted yet."""
    ended = BooleanAttribute(null=True, attr_name="x")
    """No longer exists for any read, and is kept only until it is subtracted."""

    def keys(self) -> tuple[str, str]:
        """Return the hash key and the range key."""
        names = self._hash_keyname, self._range_keyname
        hash_key, range_key = (str(self.attribute_values[str(name)]) for name in names)
        return hash_key, range_key


class Expiry(Attribute[int]):
    """The attribute by which DynamoDB's TTL deletes items: whole seconds since the epoch.

    PynamoDB's TTLAttribute converts to and from datetimes, which costs CPU time and is not needed here.
    """

    attr_type = NUMBER

    def serialize(self, value: int) -> str:
        """Convert the seconds to a DynamoDB number."""
        return str(value)

    def deserialize(self, value: str) -> int:
        """Convert a DynamoDB number to seconds."""
        return int(value)


def has_expired(expires_at: int | None, now: int) -> bool:
    """Return whether an item with this expiry (s; None: never) has expired at this time (ms). TTL deletes it later."""
    return expires_at is not None and expires_at * 1000 <= now


def texts(*, null: bool = False) -> ListAttribute[str]:
    """Return an attribute for a list of texts. The cast corrects PynamoDB's type, which is a list of attributes."""
    return cast("ListAttribute[str]", ListAttribute(of=UnicodeAttribute, null=null))
