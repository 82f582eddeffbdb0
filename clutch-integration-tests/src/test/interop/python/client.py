"""Calls a Clutch worker with nothing but its .proto files.

Usage: client.py HOST:PORT GENERATED_FOLDER [CA_PEM TOKEN], where the folder holds what protoc made of
the .proto files:
protoc -I PROTO_FOLDER -I . --python_out=GENERATED_FOLDER clutch/v1/*.proto error_details.proto
With CA_PEM and TOKEN it connects over TLS and shows the token with each call.
"""

import json
import sys

import grpc

address, generated = sys.argv[1:3]
authorities, token = sys.argv[3:] or (None, None)
sys.path.insert(0, generated)
from clutch.v1 import payload_pb2, worker_pb2  # noqa: E402
import error_details_pb2  # noqa: E402


def main():
    channel = connect()

    def method(name, response):
        rpc = channel.unary_unary(
            f"/clutch.v1.Worker/{name}",
            request_serializer=lambda message: message.SerializeToString(),
            response_deserializer=response.FromString,
        )
        return lambda message, timeout, secret=token: rpc(
            message, timeout=timeout, metadata=bearer(secret)
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

    for secret in ["wrong-token-0123456789", None] if token else []:
        try:
            call(request("echo", "never"), timeout=10, secret=secret)
            raise AssertionError("a call without a good token was served")
        except grpc.RpcError as error:
            assert error.code() == grpc.StatusCode.UNAUTHENTICATED
            info = error_info(error)
            print("refused:", info.domain, info.reason, "started", info.metadata["started"])

    print("pid:", describe(worker_pb2.DescribeRequest(), timeout=10).process_id)


def connect():
    if not authorities:
        return grpc.insecure_channel(address)
    with open(authorities, "rb") as file:
        return grpc.secure_channel(address, grpc.ssl_channel_credentials(file.read()))


def bearer(secret):
    return [("authorization", f"Bearer {secret}")] if secret else []


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
