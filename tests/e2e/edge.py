"""What CloudFront does with a request, as far as MiniStack does not: the way from a distribution to its origin."""

import boto3


class Edge:
    """A distribution, by its host: where its origin is, and what it adds to requests."""

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
        """The origin, at the address which MiniStack has for it."""
        return address(self._endpoint_url, self.api_id, self.origin["OriginPath"])

    @property
    def headers(self) -> dict[str, str]:
        """What it adds."""
        return {each["HeaderName"]: each["HeaderValue"] for each in self.origin["CustomHeaders"]["Items"]}


def address(endpoint_url: str, api_id: str, path: str) -> str:
    """Return the address that MiniStack has for a stage of an API."""
    return f"{endpoint_url}/_aws/execute-api/{api_id}{path}"
