// A refusal as the services send it (google.rpc.Status with its details), decoded for people and for scripts.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "grpcpp/support/status.h"
#include "loyalty/rpc/v1/status.pb.h"
#include "nlohmann/json_fwd.hpp"

namespace loyalty::cli {

// What a call, or one row of a stream, was refused with.
struct Failure {
  // One field of the request that is wrong.
  struct Violation {
    std::string field;
    std::string description;
    std::string reason;
  };

  grpc::StatusCode code = grpc::StatusCode::UNKNOWN;
  std::string message;
  std::string reason;  // empty when the failure does not come from a service of the suite
  std::map<std::string, std::string> metadata;
  std::vector<Violation> violations;
  absl::Duration retry_delay;
};

Failure DecodeFailure(const rpc::v1::Status& status);
Failure DecodeFailure(const grpc::Status& status);

// "NOT_FOUND"
absl::string_view CodeName(grpc::StatusCode code);

// "FAILED_PRECONDITION INSUFFICIENT_POINTS: ada has 40 points (asked=100, balance=40)", then each violation
// on a line of its own; no line end.
std::string FailureText(const Failure& failure);

// Message, metadata and violations on one line, for a column of a table.
std::string FailureSummary(const Failure& failure);

nlohmann::ordered_json FailureJson(const Failure& failure);

}  // namespace loyalty::cli
