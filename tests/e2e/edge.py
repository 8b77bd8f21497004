"""The part of CloudFront that MiniStack lacks: forwarding requests from a distribution to its origin."""

import boto3

from chalicelib import http_api


class Edge:
    """A distribution, found by its host: its origin's URL, and the headers that it adds to requests."""

    def __init__(self, session: boto3.Session, endpoint_url: str, host: str) -> None:
        client = session.client("cloudfront", endpoint_url=endpoint_url)
        distributions = client.list_distributions()["DistributionList"]["Items"]
        (self.id,) = [each["Id"] for each in distributions if each["DomainName"] == host]
        self.config = client.get_distribution_config(Id=self.id)["DistributionConfig"]
        self._endpoint_url = endpoint_url
        (self.origin,) = self.config["Origins"]["Items"]

    @property
    def api_id(self) -> str:
        api_id: str = self.origin["DomainName"].partition(".")[0]
        return api_id

    @property
    def url(self) -> str:
        """The origin's URL on MiniStack."""
        return address(self._endpoint_url, self.api_id, self.origin.get("OriginPath", ""))

    @property
    def headers(self) -> dict[str, str]:
        """The headers that the distribution adds to requests."""
        added = self.origin["CustomHeaders"]["Items"]
        return {each["HeaderName"]: each["HeaderValue"] for each in added} | {http_api.VIEWER: "192.0.2.7:46532"}


def address(endpoint_url: str, api_id: str, path: str) -> str:
    """Return MiniStack's URL for a stage of an API."""
    return f"{endpoint_url}/_aws/execute-api/{api_id}{path}"
