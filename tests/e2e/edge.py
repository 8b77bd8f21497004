"""The part of CloudFront that MiniStack lacks: forwarding requests from a distribution to its origins."""

import re

import boto3

from chalicelib import http_api


class Edge:
    """A distribution, found by its host: its origins' URLs, and the headers that it adds to requests."""

    def __init__(self, session: boto3.Session, endpoint_url: str, host: str) -> None:
        self._client = client = session.client("cloudfront", endpoint_url=endpoint_url)
        distributions = client.list_distributions()["DistributionList"]["Items"]
        (self.id,) = [each["Id"] for each in distributions if each["DomainName"] == host]
        self.config = client.get_distribution_config(Id=self.id)["DistributionConfig"]
        self._endpoint_url = endpoint_url
        self.origins = {origin["Id"]: origin for origin in self.config["Origins"]["Items"]}
        self.origin = self.origins[self.config["DefaultCacheBehavior"]["TargetOriginId"]]

    @property
    def api_id(self) -> str:
        api_id: str = self.origin["DomainName"].partition(".")[0]
        return api_id

    @property
    def url(self) -> str:
        """The origin's URL on MiniStack."""
        return address(self._endpoint_url, self.api_id, self.origin.get("OriginPath", ""))

    def socket_url(self, target: str) -> str:
        """Return where CloudFront connects to, given the path and query of a WebSocket.

        The function at the edge is not run, only read: `tests/unit/ops/test_front_sockets.py` runs it.
        """
        path, _, query = target.partition("?")
        (behaviour,) = [each for each in self.config["CacheBehaviors"]["Items"] if each["PathPattern"] == path]
        (function,) = behaviour["FunctionAssociations"]["Items"]
        name = function["FunctionARN"].rpartition("/")[2]
        code = self._client.get_function(Name=name, Stage="LIVE")["FunctionCode"].read().decode()
        (stage,) = re.findall(r'uri = "(/\w+)"', code)
        api_id = self.origins[behaviour["TargetOriginId"]]["DomainName"].partition(".")[0]
        url = address(self._endpoint_url.replace("http", "ws", 1), api_id, stage)
        return f"{url}?{query}" if query else url

    @property
    def headers(self) -> dict[str, str]:
        """The headers that the distribution adds to requests."""
        added = self.origin["CustomHeaders"]["Items"]
        return {each["HeaderName"]: each["HeaderValue"] for each in added} | {http_api.VIEWER: "192.0.2.7:46532"}


def address(endpoint_url: str, api_id: str, path: str) -> str:
    """Return MiniStack's URL for a stage of an API."""
    return f"{endpoint_url}/_aws/execute-api/{api_id}{path}"
