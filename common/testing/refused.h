// Errors, to compare in one line:
//
//   EXPECT_THAT(store.Get("x"), IsRefused(absl::StatusCode::kNotFound, "PLAN_NOT_FOUND"));
#pragma once

#include <absl/status/statusor.h>
#include <gmock/gmock.h>

#include <map>
#include <string>
#include <vector>

#include "common/status/status.h"

namespace loyalty::testing {

inline const absl::Status& AsStatus(const absl::Status& status) { return status; }
template <class T>
const absl::Status& AsStatus(const absl::StatusOr<T>& result) {
  return result.status();
}
template <class T>
std::string ReasonOf(const T& result) {
  const auto refusal = RefusalOf(AsStatus(result));
  return refusal ? refusal->reason : "";
}
template <class T>
std::map<std::string, std::string> MetadataOf(const T& result) {
  const auto refusal = RefusalOf(AsStatus(result));
  return refusal ? refusal->metadata : std::map<std::string, std::string>();
}
// "field REASON" of each violation.
template <class T>
std::vector<std::string> ViolationsOf(const T& result) {
  std::vector<std::string> violations;
  if (const auto refusal = RefusalOf(AsStatus(result))) {
    for (const Violation& violation : refusal->violations) {
      violations.push_back(violation.field + " " + violation.reason);
    }
  }
  return violations;
}
MATCHER_P2(IsRefused, code, reason, "") {
  *result_listener << AsStatus(arg) << " with reason " << ReasonOf(arg);
  return AsStatus(arg).code() == code && ReasonOf(arg) == reason;
}

}  // namespace loyalty::testing
