"""The HTTP API of the front stack, which passes every request on to the function.

It costs $1.00 a million requests, Chalice's REST API $3.50. It has one route, because the function finds the route
anyway (`chalicelib.http_api`). With a route for each path, CloudFormation would make more calls a second than API
Gateway accepts.
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
        # Chalice reads 1.0 as it is, but without the route that `$default` leaves to the function.
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
