"""The front stack: a CloudFormation template with CloudFront in front of the API, the alarms, budget and dashboard.

The API serves only requests that come through CloudFront, which adds a secret to every request: the function rejects
all others.
"""

from collections.abc import Sequence

from chalicelib import http_api as requests
from chalicelib import public_pages
from chalicelib.api import FORMS
from chalicelib.pages import Cursors
from ops.deployment import alarms, budget, dashboard, front_sockets, http_api
from ops.deployment.naming import Template, named_worldwide

DOMAIN = "Domain"
"""Name of the output with CloudFront's host."""
ORIGIN_SECRET = "OriginSecret"  # noqa: S105  # a name
"""Name of the parameter with the secret that CloudFront adds to requests."""
SOCKETS = front_sockets.API
"""Name of the parameter with the id of the WebSocket API, in a stage with live streaming."""

# The ids of AWS managed policies, which are the same in every account. Source: "Use managed response headers policies"
# in the CloudFront Developer Guide.
_SECURITY_HEADERS = "67f7725c-6f97-4210-82d7-5512b31e9d03"
_CORS_AND_SECURITY_HEADERS = "e61eb60c-9c35-4d20-a928-2b84e02af89c"
"""Also adds `Access-Control-Allow-Origin: *` to responses without CORS headers: those that API Gateway and CloudFront
make themselves, whose status pages of other sites could not read otherwise."""

_YEAR = 31_536_000
_METHODS = ["GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE"]
_PUBLIC_PAGES = ("/", "/about", "/docs", "/openapi.json", "/manifest.webmanifest", "/web/*")
"""The web client and documents that are the same for everybody, whatever the query; Cache-Control says how long
CloudFront may cache them."""
_PROFILES = "/@*"
"""Pages of profiles and messages. They are never cached, because what they show can be deleted at any time; only with a
cache policy does CloudFront compress them."""
_SHOWN = (*Cursors.__struct_fields__, *public_pages.Unfold.__struct_fields__)
"""Parameters of these pages."""
_WITHOUT_CORS = [f"{path}*" for path in FORMS]
"""The paths that pages of other sites must not read, also with a slash at their end."""
_KEYED = ("Accept", "Authorization")
"""Headers that a response may depend on, so that CloudFront never gives it to others. CloudFront sends Authorization
only if it is one of them."""
SENT = (
    requests.VIEWER,
    "Accept-Language",
    "Content-Type",
    "Idempotency-Key",
    "If-None-Match",
    "Origin",
    "Sec-Fetch-Site",
)
"""Other headers that CloudFront sends to the function, 10 at most. It adds the first one: an HTTP API replaces
X-Forwarded-For by its own caller. Responses that may be cached depend on none of them: pages and errors in the reader's
language are `no-store`."""
_PICTURES = ("/avatars/*", "/headers/*", "/icons/*", "/favicon.ico", "/apple-touch-icon.png")
"""Paths of pictures, which depend neither on the user nor on the query."""
_ERRORS = (400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504)
"""Errors that CloudFront caches for ten seconds by default; not here, because a new profile must be found at once."""


def template(*, with_budget: bool = True, streaming: bool = True) -> Template:
    """Return the template.

    Args:
        with_budget: whether CloudFormation can make budgets in the region.
        streaming: whether the stage has live streaming.
    """
    with_sockets = {
        front_sockets.FUNCTION: front_sockets.function(),
        front_sockets.POLICY: _request_policy("handshakes", front_sockets.SENT, others="none", query="all"),
    }
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "FSTREAM: CloudFront, alarms and dashboard",
        "Parameters": _parameters(with_budget=with_budget) | (front_sockets.parameters() if streaming else {}),
        "Conditions": {
            "HasOwnDomain": {"Fn::Not": [{"Fn::Equals": [{"Ref": "OwnDomain"}, ""]}]},
            "HasAlarmEmail": {"Fn::Not": [{"Fn::Equals": [{"Ref": "AlarmEmail"}, ""]}]},
        },
        "Resources": {
            "Distribution": _distribution(streaming=streaming),
            "Answers": _answers(),
            "PublicPages": _cache_policy("public-pages", is_text=True),
            "Profiles": _cache_policy("profiles", is_text=True, query=_SHOWN),
            "Pictures": _cache_policy("pictures", is_text=False),
            "Requests": _request_policy("requests", SENT, others="all"),
            "PictureRequests": _request_policy("picture-requests", [requests.VIEWER], others="none"),
            **(with_sockets if streaming else {}),
            **http_api.resources(),
            **alarms.resources(streaming=streaming),
            **({"Budget": budget.resource()} if with_budget else {}),
            "Dashboard": dashboard.resource(streaming=streaming),
        },
        "Outputs": {DOMAIN: {"Value": {"Fn::GetAtt": ["Distribution", "DomainName"]}}},
    }


def _parameters(*, with_budget: bool) -> Template:
    optional = {"Type": "String", "Default": ""}
    return {
        "App": {"Type": "String"},
        "Stage": {"Type": "String"},
        ORIGIN_SECRET: {"Type": "String", "NoEcho": True, "MinLength": 32},
        "OwnDomain": optional | {"Description": "Host of FSTREAM_BASE_URL, if it is a custom domain"},
        "Certificate": optional
        | {
            "Description": "ARN of the custom domain's certificate, in us-east-1",
            "AllowedPattern": "^$|^arn:aws[a-zA-Z-]*:acm:us-east-1:\\d{12}:certificate/.+$",
        },
        "AlarmEmail": optional | {"Description": "E-mail address that receives alarms"},
        http_api.THROTTLE: {"Type": "Number", "Description": "Requests per second that the API accepts"},
        **({budget.AMOUNT: {"Type": "Number"}, budget.NAME: {"Type": "String"}} if with_budget else {}),
    }


def _distribution(*, streaming: bool) -> Template:
    own = {
        "AcmCertificateArn": {"Ref": "Certificate"},
        "MinimumProtocolVersion": "TLSv1.2_2021",
        "SslSupportMethod": "sni-only",
    }
    nothing = {"Ref": "AWS::NoValue"}
    config = {
        "Comment": {"Fn::Sub": "FSTREAM ${App}-${Stage}"},
        "Enabled": True,
        "HttpVersion": "http2and3",
        "IPV6Enabled": True,
        "Aliases": {"Fn::If": ["HasOwnDomain", [{"Ref": "OwnDomain"}], nothing]},
        "ViewerCertificate": {"Fn::If": ["HasOwnDomain", own, {"CloudFrontDefaultCertificate": True}]},
        "Origins": [_origin("api", http_api.API), *([_origin(front_sockets.ORIGIN, SOCKETS)] if streaming else [])],
        "DefaultCacheBehavior": _behaviour({"CachePolicyId": {"Ref": "Answers"}}),
        "CacheBehaviors": [
            *(_handshakes(path) for path in (front_sockets.PATHS if streaming else ())),
            *(_behaviour({"PathPattern": path, "CachePolicyId": {"Ref": "PublicPages"}}) for path in _PUBLIC_PAGES),
            _behaviour({"PathPattern": _PROFILES, "CachePolicyId": {"Ref": "Profiles"}}),
            *(
                _behaviour(
                    {
                        "PathPattern": path,
                        "CachePolicyId": {"Ref": "Answers"},
                        "ResponseHeadersPolicyId": _SECURITY_HEADERS,
                    }
                )
                for path in _WITHOUT_CORS
            ),
        ]
        + [_pictures(path) for path in _PICTURES],
        "CustomErrorResponses": [{"ErrorCode": code, "ErrorCachingMinTTL": 0} for code in _ERRORS],
    }
    return {"Type": "AWS::CloudFront::Distribution", "Properties": {"DistributionConfig": config}}


def _origin(name: str, api: str) -> Template:
    """Return an origin, given its id and what has the id of its API: a resource or a parameter."""
    return {
        "Id": name,
        "DomainName": {"Fn::Sub": f"${{{api}}}.execute-api.${{AWS::Region}}.${{AWS::URLSuffix}}"},
        "OriginCustomHeaders": [{"HeaderName": requests.SECRET, "HeaderValue": {"Ref": ORIGIN_SECRET}}],
        "CustomOriginConfig": {"OriginProtocolPolicy": "https-only", "OriginSSLProtocols": ["TLSv1.2"]},
    }


def _behaviour(more: Template) -> Template:
    return {
        "TargetOriginId": "api",
        "ViewerProtocolPolicy": "redirect-to-https",
        "AllowedMethods": _METHODS,
        "CachedMethods": ["GET", "HEAD"],
        "Compress": True,
        "OriginRequestPolicyId": {"Ref": "Requests"},
        "ResponseHeadersPolicyId": _CORS_AND_SECURITY_HEADERS,
        **more,
    }


def _pictures(path: str) -> Template:
    # CloudFront forwards neither the query nor the client's Accept header.
    policies = {"CachePolicyId": {"Ref": "Pictures"}, "OriginRequestPolicyId": {"Ref": "PictureRequests"}}
    return _behaviour({"PathPattern": path, **policies})


def _handshakes(path: str) -> Template:
    """Return the behaviour of the path for WebSockets. Nothing is cached: a connection is not a response."""
    return _behaviour(
        {
            "PathPattern": path,
            "TargetOriginId": front_sockets.ORIGIN,
            "CachePolicyId": {"Ref": "Answers"},
            "OriginRequestPolicyId": {"Ref": front_sockets.POLICY},
            "Compress": False,
            **front_sockets.association(),
        }
    )


def _answers() -> Template:
    """Return the cache policy of everything that is not the same for everybody.

    It exists for compression: CloudFront compresses only with a policy that allows to cache. A response that may be
    cached is, for a second, for requests with the same token, query and cookies. All others are `no-store`.
    """
    return _policy(
        "answers",
        1,
        {
            "CookiesConfig": {"CookieBehavior": "all"},
            "HeadersConfig": {"HeaderBehavior": "whitelist", "Headers": list(_KEYED)},
            "QueryStringsConfig": {"QueryStringBehavior": "all"},
        },
    )


def _cache_policy(name: str, *, is_text: bool, query: Sequence[str] = ()) -> Template:
    """Return a cache policy. Neither headers nor cookies, and only these parameters of the query, make a difference."""
    strings = {"QueryStringBehavior": "whitelist", "QueryStrings": list(query)}
    key = {
        "CookiesConfig": {"CookieBehavior": "none"},
        "HeadersConfig": {"HeaderBehavior": "none"},
        "QueryStringsConfig": strings if query else {"QueryStringBehavior": "none"},
    }
    return _policy(name, _YEAR, key, is_text=is_text)


def _policy(name: str, longest: int, key: Template, *, is_text: bool = True) -> Template:
    """Return a cache policy for responses that can be cached for so many seconds at most, and differ by a key.

    There is no default time, so that responses without Cache-Control, or with `no-store`, are not cached.
    """
    encodings = {"EnableAcceptEncodingBrotli": is_text, "EnableAcceptEncodingGzip": is_text}
    config = {
        "Name": named_worldwide(name),
        "MinTTL": 0,
        "DefaultTTL": 0,
        "MaxTTL": longest,
        "ParametersInCacheKeyAndForwardedToOrigin": {**key, **encodings},
    }
    return {"Type": "AWS::CloudFront::CachePolicy", "Properties": {"CachePolicyConfig": config}}


def _request_policy(name: str, headers: Sequence[str], others: str, query: str = "") -> Template:
    """Return a policy to send these headers to the origin, and all or none of the cookies and the query.

    Args:
        name: the last part of the policy's name.
        headers: the headers.
        others: `all` or `none`.
        query: the same for the query alone, if different.
    """
    config = {
        "Name": named_worldwide(name),
        "CookiesConfig": {"CookieBehavior": others},
        "HeadersConfig": {"HeaderBehavior": "whitelist", "Headers": list(headers)},
        "QueryStringsConfig": {"QueryStringBehavior": query or others},
    }
    return {"Type": "AWS::CloudFront::OriginRequestPolicy", "Properties": {"OriginRequestPolicyConfig": config}}
