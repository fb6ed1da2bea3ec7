#include "common/status/status.h"

#include <absl/strings/cord.h>
#include <absl/strings/str_cat.h>

#include <cstdint>

namespace loyalty {
namespace {

constexpr size_t kMostMessageBytes = 1'000;  // then no more is added

constexpr absl::string_view kPayload = "loyalty/refusal";

// A payload is bytes: strings with their length before them, lists with their count.
void Put(std::string& out, absl::string_view text) { absl::StrAppend(&out, text.size(), ":", text); }

std::string Take(absl::string_view& in) {
  const size_t colon = in.find(':');
  const size_t length = std::stoull(std::string(in.substr(0, colon)));
  std::string text(in.substr(colon + 1, length));
  in.remove_prefix(colon + 1 + length);
  return text;
}

std::string Encode(const Refusal& refusal) {
  std::string out;
  Put(out, refusal.reason);
  Put(out, absl::StrCat(refusal.metadata.size()));
  for (const auto& [key, value] : refusal.metadata) {
    Put(out, key);
    Put(out, value);
  }
  for (const Violation& violation : refusal.violations) {
    Put(out, violation.field);
    Put(out, violation.reason);
    Put(out, violation.description);
  }
  return out;
}

Refusal Decode(absl::string_view in) {
  Refusal refusal;
  refusal.reason = Take(in);
  for (auto left = std::stoull(Take(in)); left > 0; --left) {
    std::string key = Take(in);
    refusal.metadata.emplace(std::move(key), Take(in));
  }
  while (!in.empty()) {
    Violation violation;
    violation.field = Take(in);
    violation.reason = Take(in);
    violation.description = Take(in);
    refusal.violations.push_back(std::move(violation));
  }
  return refusal;
}

}  // namespace

absl::Status WithRefusal(absl::StatusCode code, absl::string_view message, const Refusal& refusal) {
  absl::Status status(code, message);
  status.SetPayload(kPayload, absl::Cord(Encode(refusal)));
  return status;
}

absl::Status Refuse(absl::StatusCode code, absl::string_view reason, absl::string_view message,
                    std::map<std::string, std::string> metadata) {
  return WithRefusal(code, message, Refusal{std::string(reason), std::move(metadata), {}});
}

std::optional<Refusal> RefusalOf(const absl::Status& status) {
  const auto payload = status.GetPayload(kPayload);
  if (!payload) return std::nullopt;
  return Decode(std::string(*payload));
}

absl::Status Violations::ToStatus() const {
  if (list_.empty()) return absl::OkStatus();
  std::string message;
  size_t named = 0;
  for (; named < list_.size() && message.size() < kMostMessageBytes; ++named) {
    absl::StrAppend(&message, named == 0 ? "" : " ", list_[named].field, ": ", list_[named].description);
  }
  if (named < list_.size()) absl::StrAppend(&message, " In all, ", list_.size(), " things are wrong.");
  return WithRefusal(absl::StatusCode::kInvalidArgument, message,
                     Refusal{list_.front().reason, first_metadata_, list_});
}

}  // namespace loyalty
