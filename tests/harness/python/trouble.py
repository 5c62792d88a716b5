"""Makes one kind of trouble in a deployed stack, as an outage would, and prints what AWS would count of it.

    trouble.py STACK crash FUNCTION      invokes it with an event that it cannot take: 1 when the invocation ends in an error
    trouble.py STACK throttle FUNCTION   leaves it no concurrency and invokes it: 1 when it is refused
    trouble.py STACK take-nothing        switches the worker's mapping off
    trouble.py STACK stop-schedule       switches the reconciler's rule off
    trouble.py STACK delete RESOURCE     deletes the queue or the table behind the stack's back
    trouble.py STACK waiting QUEUE       the messages that wait in it
    trouble.py STACK restore TABLE NAME  backs the table up and restores it as another one, with the settings that a restore leaves out
    trouble.py STACK look-after          has the reconciler do a round
    trouble.py STACK deliver COUNT       hands the worker so many messages of a run, as the mapping would
"""

import json
import sys

import boto3

KINDS = {"AWS::SQS::Queue": "sqs", "AWS::DynamoDB::Table": "dynamodb"}


def resource(stack, name):
    detail = boto3.client("cloudformation").describe_stack_resource(StackName=stack, LogicalResourceId=name)
    return detail["StackResourceDetail"]


def crash(stack, function):
    name = resource(stack, function)["PhysicalResourceId"]
    answer = boto3.client("lambda").invoke(FunctionName=name, Payload=b"[]")
    return int("FunctionError" in answer)


def throttle(stack, function):
    functions, name = boto3.client("lambda"), resource(stack, function)["PhysicalResourceId"]
    functions.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    try:
        functions.invoke(FunctionName=name, Payload=b"[]")
    except functions.exceptions.TooManyRequestsException:
        return 1
    finally:
        functions.delete_function_concurrency(FunctionName=name)
    return 0


def take_nothing(stack):
    functions, name = boto3.client("lambda"), resource(stack, "WorkerFunction")["PhysicalResourceId"]
    for mapping in functions.list_event_source_mappings(FunctionName=name)["EventSourceMappings"]:
        functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
    return 0


def stop_schedule(stack):
    boto3.client("events").disable_rule(Name=resource(stack, "ReconcilerFunctionEachMinute")["PhysicalResourceId"])
    return 0


def delete(stack, name):
    found = resource(stack, name)
    if KINDS[found["ResourceType"]] == "sqs":
        boto3.client("sqs").delete_queue(QueueUrl=found["PhysicalResourceId"])
    else:
        boto3.client("dynamodb").delete_table(TableName=found["PhysicalResourceId"])
    return 0


def waiting(stack, name):
    name, attribute = resource(stack, name)["PhysicalResourceId"], "ApproximateNumberOfMessages"
    attributes = boto3.client("sqs").get_queue_attributes(QueueUrl=name, AttributeNames=[attribute])
    return int(attributes["Attributes"][attribute])


def restore(stack, name, target):
    tables, source = boto3.client("dynamodb"), resource(stack, name)["PhysicalResourceId"]
    backup = tables.create_backup(TableName=source, BackupName="restore")["BackupDetails"]["BackupArn"]
    tables.restore_table_from_backup(TargetTableName=target, BackupArn=backup)
    tables.get_waiter("table_exists").wait(TableName=target, WaiterConfig={"Delay": 1})
    tables.update_time_to_live(TableName=target, TimeToLiveSpecification={"Enabled": True, "AttributeName": "ttl"})
    return tables.describe_table(TableName=target)["Table"]["ItemCount"]


def look_after(stack):
    answer = boto3.client("lambda").invoke(FunctionName=resource(stack, "ReconcilerFunction")["PhysicalResourceId"], Payload=b"{}")
    if "FunctionError" in answer:
        sys.exit(answer["Payload"].read().decode())
    return 0


def deliver(stack, count):
    record = {"receiptHandle": "none", "body": json.dumps({"v": 1, "run_id": 1}), "attributes": {"ApproximateReceiveCount": "1"}}
    records = [record | {"messageId": str(number), "eventSource": "aws:sqs"} for number in range(int(count))]
    name = resource(stack, "WorkerFunction")["PhysicalResourceId"]
    answer = boto3.client("lambda").invoke(FunctionName=name, Payload=json.dumps({"Records": records}))
    return len(json.load(answer["Payload"])["batchItemFailures"])


TROUBLES = {"crash": crash, "throttle": throttle, "take-nothing": take_nothing, "delete": delete, "waiting": waiting}
TROUBLES |= {"look-after": look_after, "deliver": deliver, "restore": restore, "stop-schedule": stop_schedule}

stack, kind, *names = sys.argv[1:]
print(TROUBLES[kind](stack, *names))
