// Errors that say precisely what is wrong.
//
// An error of the suite is an absl::Status that carries a Refusal: the reason (a name of the service's
// ErrorReason enum, without its prefix), every dynamic value by name, and, for bad input, everything that is
// wrong with it. common/rpc turns it into google.rpc.ErrorInfo and BadRequest.
//
//   return Refuse(absl::StatusCode::kFailedPrecondition, "INSUFFICIENT_POINTS",
//                 "The member has 40 points, 100 were asked.", {{"balance", "40"}, {"asked", "100"}});
#pragma once

#include <absl/status/status.h>
#include <absl/status/statusor.h>
#include <absl/strings/string_view.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace loyalty {

// One thing that is wrong with one field of a request.
struct Violation {
  std::string field;  // path in the request: purchase.lines[2].quantity
  std::string reason;
  std::string description;
};

// What an error of the suite carries beside code and message.
struct Refusal {
  std::string reason;
  std::map<std::string, std::string> metadata;
  std::vector<Violation> violations;
};

absl::Status Refuse(absl::StatusCode code, absl::string_view reason, absl::string_view message,
                    std::map<std::string, std::string> metadata = {});

// Attaches `refusal` to an error, and reads it back; nothing if the status carries none.
absl::Status WithRefusal(absl::StatusCode code, absl::string_view message, const Refusal& refusal);
std::optional<Refusal> RefusalOf(const absl::Status& status);

// Collects everything that is wrong with a request.
class Violations {
 public:
  // `metadata`: the dynamic values of the description, by name.
  void Add(std::string field, absl::string_view reason, std::string description,
           std::map<std::string, std::string> metadata = {}) {
    if (list_.empty()) first_metadata_ = std::move(metadata);
    list_.push_back({std::move(field), std::string(reason), std::move(description)});
  }
  bool empty() const { return list_.empty(); }
  // OK if there are none. Reason and metadata are those of the first. The message names them all, or, as far
  // as there is room for, the first ones and how many there are; so do the details of an answer
  // (rpc::ToWire).
  absl::Status ToStatus() const;

 private:
  std::vector<Violation> list_;
  std::map<std::string, std::string> first_metadata_;
};

}  // namespace loyalty

// Returns the status of `expression` from this function unless it is OK.
#define LOYALTY_RETURN_IF_ERROR(expression)                                                      \
  do {                                                                                           \
    if (absl::Status loyalty_status = (expression); !loyalty_status.ok()) return loyalty_status; \
  } while (false)
