"""The front stack: a CloudFormation template with CloudFront in front of the API, the alarms, budget and dashboard.

The API serves only requests that come through CloudFront: its methods require a key, which CloudFront adds to every
request. API Gateway itself rejects all others, free of charge.
"""

from collections.abc import Sequence
from typing import Any

from chalicelib import web
from chalicelib.pages import Cursors
from ops.deployment import alarms, budget, dashboard
from ops.deployment.naming import Template, named, named_worldwide

DOMAIN = "Domain"
"""Name of the output with CloudFront's host."""
ORIGIN_KEY = "OriginKey"
"""Name of the parameter with the API's key, which nobody needs to know."""
THROTTLE = "Throttle"
"""Name of the parameter with the number of requests per second."""

# The ids of AWS's managed policies, which are the same in every account. Source: "Use managed cache policies" and the
# neighbouring pages of the CloudFront Developer Guide.
_CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
_ALL_VIEWER_EXCEPT_HOST_HEADER = "b689b0a8-53d0-40ab-baf2-68738e2966ac"
_SECURITY_HEADERS = "67f7725c-6f97-4210-82d7-5512b31e9d03"

_YEAR = 31_536_000
_METHODS = ["GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE"]
_PUBLIC_PAGES = ("/", "/docs", "/openapi.json")
"""Documents that are the same for everybody, whatever the query; Cache-Control says how long CloudFront may cache them.
"""
_PROFILES = "/@*"
"""Pages of profiles and messages. They are never cached, because what they show can be deleted at any time; only with a
cache policy does CloudFront compress them."""
_SHOWN = (*Cursors.__struct_fields__, *web.Unfold.__struct_fields__)
"""Parameters of these pages."""
_PICTURES = ("/avatars/*", "/headers/*", "/icons/*", "/favicon.ico", "/apple-touch-icon.png")
"""Paths of pictures, which depend neither on the user nor on the query."""
_ERRORS = (400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504)
"""Errors that CloudFront caches for ten seconds by default; not here, because a new profile must be found at once."""


def template(*, with_budget: bool = True) -> Template:
    """Return the template.

    Args:
        with_budget: whether CloudFormation can make budgets in the region.
    """
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "FSTREAM: CloudFront, alarms and dashboard",
        "Parameters": _parameters(with_budget=with_budget),
        "Conditions": {
            "HasOwnDomain": {"Fn::Not": [{"Fn::Equals": [{"Ref": "OwnDomain"}, ""]}]},
            "HasAlarmEmail": {"Fn::Not": [{"Fn::Equals": [{"Ref": "AlarmEmail"}, ""]}]},
        },
        "Resources": {
            "Distribution": _distribution(),
            "PublicPages": _cache_policy("public-pages", is_text=True),
            "Profiles": _cache_policy("profiles", is_text=True, query=_SHOWN),
            "Pictures": _cache_policy("pictures", is_text=False),
            **_key(),
            **alarms.resources(),
            **({"Budget": budget.resource()} if with_budget else {}),
            "Dashboard": dashboard.resource(),
        },
        "Outputs": {DOMAIN: {"Value": {"Fn::GetAtt": ["Distribution", "DomainName"]}}},
    }


def _parameters(*, with_budget: bool) -> Template:
    optional = {"Type": "String", "Default": ""}
    return {
        "App": {"Type": "String"},
        "Stage": {"Type": "String"},
        "ApiId": {"Type": "String", "Description": "Id of the REST API that Chalice deployed"},
        ORIGIN_KEY: {"Type": "String", "NoEcho": True, "MinLength": 32},
        "OwnDomain": optional | {"Description": "Host of FSTREAM_BASE_URL, if it is a custom domain"},
        "Certificate": optional
        | {
            "Description": "ARN of the custom domain's certificate, in us-east-1",
            "AllowedPattern": "^$|^arn:aws[a-zA-Z-]*:acm:us-east-1:\\d{12}:certificate/.+$",
        },
        "AlarmEmail": optional | {"Description": "E-mail address that receives alarms"},
        THROTTLE: {"Type": "Number", "Description": "Requests per second that the API accepts"},
        **({budget.AMOUNT: {"Type": "Number"}, budget.NAME: {"Type": "String"}} if with_budget else {}),
    }


def _distribution() -> Template:
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
        # API Gateway returns bytes only if a picture is the first type that a request accepts. Most clients accept
        # `*/*`, HTML first, or send no header; this one replaces theirs.
        "Origins": [_origin("api"), _origin("pictures", {"HeaderName": "Accept", "HeaderValue": "image/png"})],
        "DefaultCacheBehavior": _behaviour({"CachePolicyId": _CACHING_DISABLED}),
        "CacheBehaviors": [
            *(_behaviour({"PathPattern": path, "CachePolicyId": {"Ref": "PublicPages"}}) for path in _PUBLIC_PAGES),
            _behaviour({"PathPattern": _PROFILES, "CachePolicyId": {"Ref": "Profiles"}}),
        ]
        + [_pictures(path) for path in _PICTURES],
        "CustomErrorResponses": [{"ErrorCode": code, "ErrorCachingMinTTL": 0} for code in _ERRORS],
    }
    return {"Type": "AWS::CloudFront::Distribution", "Properties": {"DistributionConfig": config}}


def _origin(name: str, *headers: Template) -> Template:
    return {
        "Id": name,
        "DomainName": {"Fn::Sub": "${ApiId}.execute-api.${AWS::Region}.${AWS::URLSuffix}"},
        # API Gateway's paths begin with the stage; clients expect /api, /oauth and /.well-known at the root.
        "OriginPath": {"Fn::Sub": "/${Stage}"},
        "OriginCustomHeaders": [{"HeaderName": "x-api-key", "HeaderValue": {"Ref": ORIGIN_KEY}}, *headers],
        "CustomOriginConfig": {"OriginProtocolPolicy": "https-only", "OriginSSLProtocols": ["TLSv1.2"]},
    }


def _behaviour(more: Template) -> Template:
    return {
        "TargetOriginId": "api",
        "ViewerProtocolPolicy": "redirect-to-https",
        "AllowedMethods": _METHODS,
        "CachedMethods": ["GET", "HEAD"],
        "Compress": True,
        "OriginRequestPolicyId": _ALL_VIEWER_EXCEPT_HOST_HEADER,
        "ResponseHeadersPolicyId": _SECURITY_HEADERS,
        **more,
    }


def _pictures(path: str) -> Template:
    # No origin request policy, so CloudFront forwards neither the query nor the client's Accept header.
    behaviour = _behaviour({"PathPattern": path, "TargetOriginId": "pictures", "CachePolicyId": {"Ref": "Pictures"}})
    return {name: value for name, value in behaviour.items() if name != "OriginRequestPolicyId"}


def _cache_policy(name: str, *, is_text: bool, query: Sequence[str] = ()) -> Template:
    """Return a cache policy. Neither headers nor cookies, and only these parameters of the query, make a difference.

    There is no default time, so that responses without Cache-Control, or with `no-store`, are not cached.
    """
    strings = {"QueryStringBehavior": "whitelist", "QueryStrings": list(query)}
    config = {
        "Name": named_worldwide(name),
        "MinTTL": 0,
        "DefaultTTL": 0,
        "MaxTTL": _YEAR,
        "ParametersInCacheKeyAndForwardedToOrigin": {
            "CookiesConfig": {"CookieBehavior": "none"},
            "HeadersConfig": {"HeaderBehavior": "none"},
            "QueryStringsConfig": strings if query else {"QueryStringBehavior": "none"},
            "EnableAcceptEncodingBrotli": is_text,
            "EnableAcceptEncodingGzip": is_text,
        },
    }
    return {"Type": "AWS::CloudFront::CachePolicy", "Properties": {"CachePolicyConfig": config}}


def _key() -> dict[str, Any]:
    stage = {"ApiId": {"Ref": "ApiId"}, "Stage": {"Ref": "Stage"}}
    # API Gateway answers 429 beyond these, free of charge. A burst of that many requests at once is accepted.
    throttle = {"RateLimit": {"Ref": THROTTLE}, "BurstLimit": {"Ref": THROTTLE}}
    return {
        "Key": {
            "Type": "AWS::ApiGateway::ApiKey",
            "Properties": {"Name": named("cloudfront"), "Enabled": True, "Value": {"Ref": ORIGIN_KEY}},
        },
        "KeyPlan": {
            "Type": "AWS::ApiGateway::UsagePlan",
            "Properties": {"UsagePlanName": named("cloudfront"), "ApiStages": [stage], "Throttle": throttle},
        },
        "KeyInPlan": {
            "Type": "AWS::ApiGateway::UsagePlanKey",
            "Properties": {"KeyId": {"Ref": "Key"}, "KeyType": "API_KEY", "UsagePlanId": {"Ref": "KeyPlan"}},
        },
    }
