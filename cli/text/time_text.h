// Times as people write them, to and from protobuf timestamps.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/protobuf/timestamp.pb.h"

namespace loyalty::cli {

// RFC 3339 ("2024-05-31T17:30:00+02:00"), "2024-05-31" or "20240531"; a date alone is its midnight in UTC.
absl::StatusOr<absl::Time> ParseTime(absl::string_view text);

void SetTimestamp(absl::Time time, google::protobuf::Timestamp& timestamp);
absl::Time FromTimestamp(const google::protobuf::Timestamp& timestamp);

// "2024-05-31 17:30", in the zone.
std::string FormatTime(const google::protobuf::Timestamp& timestamp, absl::TimeZone zone);

}  // namespace loyalty::cli
