#include "cli/text/error_text.h"

#include <algorithm>
#include <array>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "nlohmann/json.hpp"

namespace loyalty::cli {
namespace {

template <class Message>
// Of a call's error, or of one inside an answer.
bool Unpack(const google::protobuf::Any& any, Message& message) {
  const absl::string_view url = any.type_url();
  return (url == absl::StrCat("type.googleapis.com/google.rpc.", message.GetDescriptor()->name()) ||
          url == absl::StrCat("type.googleapis.com/", message.GetTypeName())) &&
         message.ParseFromString(any.value());
}

void AddDetail(const google::protobuf::Any& detail, Failure& failure) {
  rpc::v1::ErrorInfo info;
  rpc::v1::BadRequest bad_request;
  rpc::v1::RetryInfo retry;
  if (Unpack(detail, info)) {
    failure.reason = info.reason();
    failure.metadata.insert(info.metadata().begin(), info.metadata().end());
  } else if (Unpack(detail, bad_request)) {
    for (const auto& violation : bad_request.field_violations()) {
      failure.violations.push_back({violation.field(), violation.description(), violation.reason()});
    }
  } else if (Unpack(detail, retry)) {
    failure.retry_delay =
        absl::Seconds(retry.retry_delay().seconds()) + absl::Nanoseconds(retry.retry_delay().nanos());
  }
}

std::string WithMetadata(const Failure& failure) {
  if (failure.metadata.empty()) return failure.message;
  return absl::StrCat(failure.message, " (", absl::StrJoin(failure.metadata, ", ", absl::PairFormatter("=")),
                      ")");
}

// The services' messages for INVALID_ARGUMENT name every violation: nothing to say twice.
bool MessageHasViolations(const Failure& failure) {
  return std::all_of(failure.violations.begin(), failure.violations.end(),
                     [&](const Failure::Violation& violation) {
                       return absl::StrContains(failure.message, violation.field) &&
                              absl::StrContains(failure.message, violation.description);
                     });
}

}  // namespace

Failure DecodeFailure(const rpc::v1::Status& status) {
  Failure failure{.code = static_cast<grpc::StatusCode>(status.code()), .message = status.message()};
  for (const auto& detail : status.details()) AddDetail(detail, failure);
  return failure;
}

Failure DecodeFailure(const grpc::Status& status) {
  rpc::v1::Status details;
  if (!details.ParseFromString(status.error_details())) details.Clear();
  details.set_code(status.error_code());
  details.set_message(status.error_message());
  return DecodeFailure(details);
}

absl::string_view CodeName(grpc::StatusCode code) {
  static constexpr std::array<absl::string_view, 17> kNames = {
      "OK",        "CANCELLED",      "UNKNOWN",           "INVALID_ARGUMENT",   "DEADLINE_EXCEEDED",
      "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION",
      "ABORTED",   "OUT_OF_RANGE",   "UNIMPLEMENTED",     "INTERNAL",           "UNAVAILABLE",
      "DATA_LOSS", "UNAUTHENTICATED"};
  return code >= 0 && static_cast<size_t>(code) < kNames.size() ? kNames[code] : "UNKNOWN";
}

std::string FailureText(const Failure& failure) {
  std::string text =
      absl::StrCat(CodeName(failure.code), failure.reason.empty() ? "" : " ", failure.reason, ":");
  const bool said = MessageHasViolations(failure);
  const bool lines = failure.violations.size() > 1 || !said;
  if (!(lines && said)) absl::StrAppend(&text, " ", WithMetadata(failure));
  if (!lines) return text;
  for (const auto& violation : failure.violations) {
    absl::StrAppend(&text, "\n  ", violation.field, ": ", violation.description, " (", violation.reason, ")");
  }
  return text;
}

std::string FailureSummary(const Failure& failure) {
  std::string text = WithMetadata(failure);
  if (MessageHasViolations(failure)) return text;
  for (const auto& violation : failure.violations) {
    absl::StrAppend(&text, "; ", violation.field, ": ", violation.description);
  }
  return text;
}

nlohmann::ordered_json FailureJson(const Failure& failure) {
  auto violations = nlohmann::ordered_json::array();
  for (const auto& violation : failure.violations) {
    violations.push_back(
        {{"field", violation.field}, {"description", violation.description}, {"reason", violation.reason}});
  }
  return {{"code", std::string(CodeName(failure.code))},
          {"message", failure.message},
          {"reason", failure.reason},
          {"metadata", failure.metadata},
          {"field_violations", violations}};
}

}  // namespace loyalty::cli
