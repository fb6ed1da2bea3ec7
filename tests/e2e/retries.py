"""What clients of the suite try again, and how soon they look for a server that went away. Needs python3-grpcio."""
import grpc

# What a client cannot know the end of, or is told to try again. UNKNOWN: gRPC's word for some streams that were cut.
TRY_AGAIN = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.ABORTED,
             grpc.StatusCode.RESOURCE_EXHAUSTED, grpc.StatusCode.UNKNOWN)
# A client that waits two minutes for a server that came back at once would miss the test.
CHANNEL = [("grpc.initial_reconnect_backoff_ms", 50), ("grpc.min_reconnect_backoff_ms", 50),
           ("grpc.max_reconnect_backoff_ms", 200)]
