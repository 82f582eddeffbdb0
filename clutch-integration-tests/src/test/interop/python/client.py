"""Calls a Clutch worker with nothing but its .proto files.

Usage: client.py HOST:PORT GENERATED_FOLDER, where the folder holds what protoc made of the .proto
files: protoc -I PROTO_FOLDER -I . --python_out=GENERATED_FOLDER clutch/v1/*.proto error_details.proto
"""

import json
import sys

import grpc

address, generated = sys.argv[1:]
sys.path.insert(0, generated)
from clutch.v1 import payload_pb2, worker_pb2  # noqa: E402
import error_details_pb2  # noqa: E402


def main():
    channel = grpc.insecure_channel(address)

    def method(name, response):
        return channel.unary_unary(
            f"/clutch.v1.Worker/{name}",
            request_serializer=lambda message: message.SerializeToString(),
            response_deserializer=response.FromString,
        )

    call = method("Call", worker_pb2.CallResponse)
    enqueue = method("Enqueue", worker_pb2.EnqueueResponse)
    describe = method("Describe", worker_pb2.DescribeResponse)

    def request(function, value):
        payload = payload_pb2.Payload(json=json.dumps(value))
        return worker_pb2.CallRequest(function=function, payload=payload)

    response = call(request("echo", "hello from python"), timeout=10)
    print("echo:", json.loads(response.payload.json))

    value = {"list": [1, 2.5, None, True], "text": "grüße 漢字 😀"}
    response = call(request("identity", value), timeout=10)
    assert json.loads(response.payload.json) == value
    print("identity: the same")

    accepted = enqueue(
        worker_pb2.EnqueueRequest(function="sleep", payload=payload_pb2.Payload(json="1")),
        timeout=10,
    )
    print("accepted:", accepted.call_id)

    try:
        call(worker_pb2.CallRequest(function="nosuch"), timeout=10)
        raise AssertionError("a function that does not exist was called")
    except grpc.RpcError as error:
        assert error.code() == grpc.StatusCode.NOT_FOUND
        info = error_info(error)
        print("error:", info.domain, info.reason, "started", info.metadata["started"])
        print("functions:", info.metadata["functions"])

    try:
        call(request("sleep", 60000), timeout=0.3)
        raise AssertionError("the deadline did not hold")
    except grpc.RpcError as error:
        assert error.code() == grpc.StatusCode.DEADLINE_EXCEEDED
        print("deadline: exceeded")

    print("pid:", describe(worker_pb2.DescribeRequest(), timeout=10).process_id)


def error_info(error):
    """The reason of a failed call and what else the worker tells."""
    trailers = dict(error.trailing_metadata())
    status = error_details_pb2.Status.FromString(trailers["grpc-status-details-bin"])
    info = error_details_pb2.ErrorInfo()
    for detail in status.details:
        if detail.Unpack(info):
            return info
    raise AssertionError("no ErrorInfo")


if __name__ == "__main__":
    main()
