"""Python's stubs of the contracts, made by protoc, and an interpreter that can use them (Debian's python3-grpcio).

    stubs.go_on_where_grpc_is()         # first of all
    stubs.make(folder)                  # from then on: from loyalty.points.v1 import points_service_pb2
"""
import os
import shutil
import subprocess
import sys

import suite

DEBIANS_PYTHON = "/usr/bin/python3"
MISSING = ("python3-grpcio, protoc or grpc_python_plugin is missing (packages python3-grpcio, protobuf-compiler and "
           "protobuf-compiler-grpc): nothing of this was checked")


def interpreter():
    """A Python that knows grpc and protobuf: this one, or Debian's; None if there is none or no protoc."""
    if not shutil.which("protoc") or not shutil.which("grpc_python_plugin"):
        return None
    for python in (sys.executable, DEBIANS_PYTHON):
        try:
            subprocess.run([python, "-c", "import grpc, google.protobuf"], check=True, capture_output=True)
            return python
        except (OSError, subprocess.CalledProcessError):
            pass
    return None


def go_on_where_grpc_is():
    """Starts this program again in an interpreter that knows grpc, if this one does not. None has it: skipped."""
    # Else gRPC stops its threads at each fork, and fork holds Python's lock, for which they may wait: for ever.
    os.environ["GRPC_ENABLE_FORK_SUPPORT"] = "0"
    python = interpreter()
    if python is None:
        print(f"SKIPPED {sys.argv[0]}: {MISSING}")
        sys.exit(suite.SKIPPED)
    if python != sys.executable:
        os.execv(python, [python, "-B", *sys.argv])


def make(folder):
    """Stubs of all contracts in a folder, which becomes one that Python imports from."""
    contracts = suite.ROOT / "proto"
    files = sorted(contracts.rglob("*.proto"))
    done = suite.run(["protoc", f"--proto_path={contracts}", f"--python_out={folder}", f"--grpc_out={folder}",
                      f"--plugin=protoc-gen-grpc={shutil.which('grpc_python_plugin')}", *files])
    if done.returncode != 0:
        raise AssertionError(f"protoc: {done.stderr}")
    sys.path.insert(0, str(folder))
