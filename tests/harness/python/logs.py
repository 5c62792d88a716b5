"""Prints everything that the functions of a stack logged, in order of time."""

import sys

import boto3


def main(stack):
    logs = boto3.client("logs")
    groups = logs.get_paginator("describe_log_groups").paginate(logGroupNamePrefix=f"/aws/cloudformation/{stack}/")
    events = []
    for page in groups:
        for group in page["logGroups"]:
            streams = logs.get_paginator("filter_log_events").paginate(logGroupName=group["logGroupName"])
            events += [event for found in streams for event in found["events"]]
    for event in sorted(events, key=lambda event: event["timestamp"]):
        print(event["message"])


main(sys.argv[1])
