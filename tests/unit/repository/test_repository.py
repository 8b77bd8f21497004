"""The repository when DynamoDB leaves something unprocessed, refuses it, or has already done it."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError
from pynamodb.connection import Connection
from pynamodb.connection.base import MetaTable
from pynamodb.exceptions import PutError

from fstream_app.core import ids, retry
from fstream_app.core.edges import EdgeKind, edge
from fstream_app.core.entities import Message, User, Window
from fstream_app.core.errors import Unavailable
from fstream_app.core.ids import MessageId
from fstream_app.repository import batch, messages, relationships, users
from fstream_app.tables import EdgeItem, HeadItem, UserItem
from tests.support.clock import Clock
from tests.support.people import Api

Dispatch = Callable[[Connection, str, dict[str, Any]], Any]


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fstream_app.core.retry.time.sleep", lambda _: None)


@pytest.fixture
def between(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[Dispatch], Dispatch]], None]:
    """Put something between the repository and DynamoDB: `between(lambda real: replacement)`."""

    def install(wrap: Callable[[Dispatch], Dispatch]) -> None:
        monkeypatch.setattr(Connection, "dispatch", wrap(Connection.dispatch))

    return install


def heads(number: int) -> list[HeadItem]:
    return [HeadItem(ids.encode(each, 13), entries=b"", expires_at=4_000_000_000) for each in range(number)]


def make_user(name: str) -> User:
    user = User(id=ids.new_user_id(), name=name, created_at=0, password_hash="hash")
    users.create(user)
    return user


def test_what_a_batch_leaves_unwritten_is_written_in_the_end(mocked: None, between: Any) -> None:
    calls = []

    def halve(real: Dispatch) -> Dispatch:
        def dispatch(connection: Connection, operation: str, request: dict[str, Any]) -> Any:
            if operation != "BatchWriteItem":
                return real(connection, operation, request)
            ((table, puts),) = request["RequestItems"].items()
            calls.append(len(puts))
            keep = -(-len(puts) // 2)
            real(connection, operation, {"RequestItems": {table: puts[:keep]}})
            return {"UnprocessedItems": {table: puts[keep:]} if puts[keep:] else {}}

        return dispatch

    between(halve)
    batch.put(heads(30))
    assert calls == [25, 12, 6, 3, 1, 5, 2, 1]
    assert len(list(batch.get(HeadItem, [head.author_id for head in heads(30)]))) == 30


def test_what_a_batch_leaves_unread_is_read_in_the_end(mocked: None, between: Any) -> None:
    batch.put(heads(150))

    def one_by_one(real: Dispatch) -> Dispatch:
        def dispatch(connection: Connection, operation: str, request: dict[str, Any]) -> Any:
            ((table, wanted),) = request["RequestItems"].items()
            keep = max(1, len(wanted["Keys"]) // 2)
            answer = real(connection, operation, {"RequestItems": {table: wanted | {"Keys": wanted["Keys"][:keep]}}})
            left = wanted["Keys"][keep:]
            return answer | {"UnprocessedKeys": {table: wanted | {"Keys": left}} if left else {}}

        return dispatch

    between(one_by_one)
    assert len(list(batch.get(HeadItem, [head.author_id for head in heads(150)]))) == 150


@pytest.mark.parametrize("operation", ["BatchWriteItem", "BatchGetItem"])
def test_a_batch_that_never_ends_is_given_up_with_a_clear_error(operation: str, mocked: None, between: Any) -> None:
    key = "UnprocessedItems" if operation == "BatchWriteItem" else "UnprocessedKeys"
    between(lambda _: lambda _connection, _operation, request: {key: request["RequestItems"]})
    with pytest.raises(Unavailable):
        batch.put(heads(1)) if operation == "BatchWriteItem" else list(batch.get(HeadItem, ["a"]))


def conflict(real: Dispatch, times: int) -> Dispatch:
    left = [times]

    def dispatch(connection: Connection, operation: str, request: dict[str, Any]) -> Any:
        if operation == "TransactWriteItems" and left[0]:
            left[0] -= 1
            reasons = [{"Code": "TransactionConflict", "Message": ""}] * len(request["TransactItems"])
            error = {"Error": {"Code": "TransactionCanceledException", "Message": ""}, "CancellationReasons": reasons}
            connection.client._make_api_call = _raising(ClientError(error, operation), connection)  # type: ignore[method-assign]
        return real(connection, operation, request)

    return dispatch


def _raising(error: ClientError, connection: Connection) -> Callable[..., Any]:
    real = connection.client._make_api_call

    def once(*_: object) -> Any:
        connection.client._make_api_call = real  # type: ignore[method-assign]
        raise error

    return once


def test_a_transaction_that_another_one_hinders_is_tried_again(mocked: None, between: Any) -> None:
    ada, bob = make_user("ada"), make_user("bob")
    between(lambda real: conflict(real, 3))
    relationships.block(ada.id, bob.id)
    assert relationships.of(ada.id, 0).blocking == {bob.id}


def test_a_transaction_that_is_always_hindered_is_given_up_and_writes_nothing(mocked: None, between: Any) -> None:
    ada, bob = make_user("ada"), make_user("bob")
    between(lambda real: conflict(real, retry.ATTEMPTS))
    with pytest.raises(Unavailable):
        relationships.block(ada.id, bob.id)
    assert list(batch.get(EdgeItem, [(ada.id, edge(EdgeKind.BLOCK, bob.id))])) == []


def test_a_busy_database_is_a_503_that_says_to_try_again(api: Api, between: Any) -> None:
    ada = api.sign_up("ada")

    def throttle(real: Dispatch) -> Dispatch:
        def dispatch(connection: Connection, operation: str, request: dict[str, Any]) -> Any:
            if operation == "PutItem":
                raise PutError("refused")
            return real(connection, operation, request)

        return dispatch

    between(throttle)
    answer = api.request("POST", "/api/v1/statuses", ada, json={"status": "hello"})
    assert (answer.status, answer.headers["Retry-After"]) == (503, "1")
    assert "again" in answer.error


def test_the_second_of_two_users_with_one_name_is_refused_and_leaves_nothing(mocked: None) -> None:
    make_user("ada")
    second = User(id=ids.new_user_id(), name="ada", created_at=0, password_hash="hash")
    with pytest.raises(users.NameTaken):
        users.create(second)
    assert users.get(second.id) is None


def test_putting_the_same_message_again_is_no_error_but_another_under_its_id_is(mocked: None) -> None:
    message = Message(id=MessageId.new(ids.new_user_id(), 1_000), text="hello", lifetime=60)
    messages.put(message)
    messages.put(message)
    with pytest.raises(messages.IdTaken):
        messages.put(Message(id=message.id, text="another", lifetime=60))
    assert messages.get(message.id) == message


@pytest.mark.parametrize("oldest_first", [False, True])
def test_an_authors_messages_come_in_order_across_pages_without_the_expired(
    oldest_first: bool, mocked: None, clock: Clock
) -> None:
    author = ids.new_user_id()
    posted = [
        Message(id=MessageId.new(author, clock.now + number), text="x", lifetime=1 if number % 3 else 60)
        for number in range(20)
    ]
    for message in posted:
        messages.put(message)
    read = messages.of_author(author, Window(limit=4, oldest_first=oldest_first), clock.now + 2_000)
    live = [message for message in posted if message.lifetime == 60]
    assert list(read) == (live if oldest_first else live[::-1])


def test_every_table_shares_one_connection(mocked: None) -> None:
    connections = {id(model.connection().connection) for model in (UserItem, EdgeItem, HeadItem)}
    assert len(connections) == 1
    assert isinstance(UserItem.connection().get_meta_table(), MetaTable)
