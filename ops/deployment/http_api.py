"""The HTTP API of the front stack, which passes every request on to the function.

It costs $1.00 a million requests, Chalice's REST API $3.50.

It has one route, `$default`, and the function finds FSTREAM's (`chalicelib.http_api`). A route for each path, some 130,
would fit into the quota of 300, and API Gateway would then respond to other paths itself. That would save little:
requests without a route are not among those that AWS does not charge for (throttled or unauthorized ones), so only the
invocation and its log line would be saved, some $0.40 of $1.40 a million. And it would lose what clients need:

- The body of such a response is `{"message":"Not Found"}`, and cannot be changed. Clients read `error`, and browsers
  get a page.
- A path that ends with a slash is another path.
- API Gateway answers preflight requests only if it sets CORS headers for the whole API, in place of the function's.
  `/oauth/authorize` and `/account` must not have them (RFC 9700, section 2.6).
- The paths would be in the front stack, which is deployed after the code: a new route would be missing in between, and
  after an interrupted deploy.

Nor would it protect from anything: an attacker who wants to cause invocations uses a path that exists. The throttle
bounds both.
"""

from ops.deployment import functions
from ops.deployment.naming import PREFIX, Template, named

API = "HttpApi"
"""Name of the API within the template."""
THROTTLE = "Throttle"
"""Name of the parameter with the number of requests per second."""


def resources() -> dict[str, Template]:
    """Return the API, and the permission to call the function."""
    api = {"ApiId": {"Ref": API}}
    function = functions.function_name(PREFIX, functions.API)
    place = "arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:"
    # API Gateway answers 429 beyond these, free of charge. A burst of that many requests at once is accepted.
    throttle = {"ThrottlingRateLimit": {"Ref": THROTTLE}, "ThrottlingBurstLimit": {"Ref": THROTTLE}}
    integration = {
        "IntegrationType": "AWS_PROXY",
        "IntegrationUri": {"Fn::Sub": place + function},
        # Chalice would read 1.0 as it is, except that its resource would be `$default`.
        "PayloadFormatVersion": "2.0",
    }
    target = {"Fn::Sub": "integrations/${HttpApiFunction}"}
    stage = {"StageName": "$default", "AutoDeploy": True, "DefaultRouteSettings": throttle}
    caller = f"arn:${{AWS::Partition}}:execute-api:${{AWS::Region}}:${{AWS::AccountId}}:${{{API}}}/*"
    permission = {
        "Action": "lambda:InvokeFunction",
        "FunctionName": {"Fn::Sub": function},
        "Principal": "apigateway.amazonaws.com",
        "SourceArn": {"Fn::Sub": caller},
    }
    return {
        API: {"Type": "AWS::ApiGatewayV2::Api", "Properties": {"Name": named("front"), "ProtocolType": "HTTP"}},
        "HttpApiFunction": {"Type": "AWS::ApiGatewayV2::Integration", "Properties": {**api, **integration}},
        "HttpApiRoute": {
            "Type": "AWS::ApiGatewayV2::Route",
            "Properties": {**api, "RouteKey": "$default", "Target": target},
        },
        "HttpApiStage": {
            "Type": "AWS::ApiGatewayV2::Stage",
            "DependsOn": "HttpApiPermission",
            "Properties": {**api, **stage},
        },
        "HttpApiPermission": {"Type": "AWS::Lambda::Permission", "Properties": permission},
    }
