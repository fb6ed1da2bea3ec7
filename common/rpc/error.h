// absl::Status, with or without a Refusal, as the error that goes over the wire.
#pragma once

#include <absl/status/status.h>
#include <absl/strings/string_view.h>
#include <grpcpp/support/status.h>

#include "loyalty/rpc/v1/status.pb.h"

namespace loyalty::rpc {

// An ErrorInfo (domain: the package whose ErrorReason it is), and a BadRequest or RetryInfo where they apply.
// The text of INTERNAL and UNKNOWN errors stays here: the caller gets a fixed one. As part of an answer: the
// details have the names of this contract, which a client without it finds by reflection.
v1::Status ToWire(const absl::Status& status, absl::string_view domain);

// The same as the status of a call, with the details in its trailer, under the google.rpc names that clients
// know.
grpc::Status ToGrpc(const absl::Status& status, absl::string_view domain);

// The other way: what a call to another service of the suite ended with, with reason and metadata if it came
// with them.
absl::Status FromGrpc(const grpc::Status& status);

}  // namespace loyalty::rpc
