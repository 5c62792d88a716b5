"""Gives a deployed HTTP API its routes, as CloudFormation would, and prints the stack's outputs as JSON.

SAM turns the routes of `AWS::Serverless::HttpApi` into an OpenAPI body, which MiniStack does not read: the API comes up
empty. This takes the body from the deployed stack's processed template and makes the same routes by API calls.
"""

import json
import re
import sys

import boto3

DEFAULT = "$default"


def resolved(value, conditions, parameters):
    """What CloudFormation makes of a value of the authorizer. What becomes `AWS::NoValue` is None, and no item of a list."""

    def of(part):
        return resolved(part, conditions, parameters)

    if isinstance(value, list):
        return [item for item in map(of, value) if item is not None]
    if not isinstance(value, dict):
        return value
    [(function, argument)] = value.items()
    if function == "Ref":
        return None if argument == "AWS::NoValue" else parameters[argument]
    if function == "Fn::If":
        return of(argument[1 if of(conditions[argument[0]]) else 2])
    if function == "Fn::Not":
        return not of(argument[0])
    if function == "Fn::Equals":
        return of(argument[0]) == of(argument[1])
    if function == "Fn::Split":
        return of(argument[1]).split(argument[0])
    raise ValueError(f"what is {function}?")


def function_arn(integration, cloudformation, stack):
    """The ARN of the function that an integration's `Fn::Sub` names."""
    logical_id = re.search(r"functions/\$\{(\w+)\.Arn\}", integration["uri"]["Fn::Sub"])[1]
    detail = cloudformation.describe_stack_resource(StackName=stack, LogicalResourceId=logical_id)
    name = detail["StackResourceDetail"]["PhysicalResourceId"]
    return boto3.client("lambda").get_function(FunctionName=name)["Configuration"]["FunctionArn"]


def route_key(path, method):
    if path.strip("/") == DEFAULT:
        return DEFAULT
    return f"{'ANY' if method.startswith('x-') else method.upper()} {path}"


def clear(gateway, api_id):
    for route in gateway.get_routes(ApiId=api_id)["Items"]:
        gateway.delete_route(ApiId=api_id, RouteId=route["RouteId"])
    for integration in gateway.get_integrations(ApiId=api_id)["Items"]:
        gateway.delete_integration(ApiId=api_id, IntegrationId=integration["IntegrationId"])
    for authorizer in gateway.get_authorizers(ApiId=api_id)["Items"]:
        gateway.delete_authorizer(ApiId=api_id, AuthorizerId=authorizer["AuthorizerId"])


def main(stack):
    cloudformation, gateway = boto3.client("cloudformation"), boto3.client("apigatewayv2")
    deployed = cloudformation.describe_stacks(StackName=stack)["Stacks"][0]
    outputs = {output["OutputKey"]: output["OutputValue"] for output in deployed["Outputs"]}
    parameters = {each["ParameterKey"]: each["ParameterValue"] for each in deployed["Parameters"]}
    template = cloudformation.get_template(StackName=stack, TemplateStage="Processed")["TemplateBody"]
    body, api_id = template["Resources"]["Api"]["Properties"]["Body"], outputs["ApiId"]
    conditions = template["Conditions"]
    clear(gateway, api_id)

    authorizers = {}
    for name, scheme in body["components"]["securitySchemes"].items():
        authorizer = scheme["x-amazon-apigateway-authorizer"]
        settings = authorizer["jwtConfiguration"]
        authorizers[name] = gateway.create_authorizer(
            ApiId=api_id,
            Name=name,
            AuthorizerType="JWT",
            IdentitySource=[authorizer["identitySource"]],
            JwtConfiguration={
                "Issuer": resolved(settings["issuer"], conditions, parameters),
                "Audience": resolved(settings["audience"], conditions, parameters),
            },
        )["AuthorizerId"]

    integrations = {}
    for path, methods in body["paths"].items():
        for method, operation in methods.items():
            integration = operation["x-amazon-apigateway-integration"]
            uri = integration["uri"]["Fn::Sub"]
            if uri not in integrations:
                integrations[uri] = gateway.create_integration(
                    ApiId=api_id,
                    IntegrationType="AWS_PROXY",
                    IntegrationUri=function_arn(integration, cloudformation, stack),
                    PayloadFormatVersion=integration["payloadFormatVersion"],
                )["IntegrationId"]
            # A route without one is public.
            security = [scheme for each in operation.get("security", []) for scheme in each.items()]
            gateway.create_route(
                ApiId=api_id,
                RouteKey=route_key(path, method),
                Target=f"integrations/{integrations[uri]}",
                **{
                    name: value
                    for scheme, scopes in security
                    for name, value in (
                        ("AuthorizationType", "JWT"),
                        ("AuthorizerId", authorizers[scheme]),
                        ("AuthorizationScopes", resolved(scopes, conditions, parameters)),
                    )
                },
            )
    json.dump(outputs, sys.stdout)


main(sys.argv[1])
