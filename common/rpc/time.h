// Times and durations as contracts have them, and as the code does.
#pragma once

#include <absl/time/time.h>
#include <google/protobuf/duration.pb.h>
#include <google/protobuf/timestamp.pb.h>

namespace loyalty::rpc {

// In whole microseconds, which is what the tables keep. A timestamp outside the protocol's range (years 1 to
// 9999) becomes the infinite future, which validation refuses.
absl::Time ToTime(const google::protobuf::Timestamp& timestamp);
// Of a finite time, rounded down to microseconds.
google::protobuf::Timestamp ToProto(absl::Time time);

absl::Duration ToDuration(const google::protobuf::Duration& duration);
// Of whole seconds.
google::protobuf::Duration ToProto(absl::Duration duration);

}  // namespace loyalty::rpc
