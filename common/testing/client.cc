#include "common/testing/client.h"

#include <absl/strings/match.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace loyalty::testing {
namespace {

std::string NewRequestId() {
  static std::atomic<int> count = 0;
  return absl::StrCat("request-", ++count);
}

}  // namespace

WireError Decode(const rpc::v1::Status& status) {
  WireError error;
  error.code = static_cast<StatusCode>(status.code());
  error.message = status.message();
  for (const auto& detail : status.details()) {
    if (absl::EndsWith(detail.type_url(), ".ErrorInfo")) {
      rpc::v1::ErrorInfo info;
      EXPECT_TRUE(info.ParseFromString(detail.value()));
      error.reason = info.reason();
      error.domain = info.domain();
      error.metadata = {info.metadata().begin(), info.metadata().end()};
    } else if (absl::EndsWith(detail.type_url(), ".BadRequest")) {
      rpc::v1::BadRequest bad;
      EXPECT_TRUE(bad.ParseFromString(detail.value()));
      for (const auto& violation : bad.field_violations()) {
        EXPECT_NE(violation.description(), "") << violation.field();
        error.violations.push_back(absl::StrCat(violation.field(), " ", violation.reason()));
      }
    }
  }
  return error;
}

WireError Decode(const grpc::Status& status) {
  rpc::v1::Status details;
  EXPECT_TRUE(details.ParseFromString(status.error_details()));
  WireError error = Decode(details);
  if (!status.ok()) {
    EXPECT_EQ(error.code, status.error_code()) << "the code of the trailer and of the details";
  }
  error.code = status.error_code();
  error.message = status.error_message();
  return error;
}

std::ostream& operator<<(std::ostream& out, const WireError& error) {
  out << "code " << error.code << " " << error.reason << " (" << error.message << ")";
  if (!error.violations.empty()) out << ": " << absl::StrJoin(error.violations, ", ");
  return out;
}

void ParseInto(google::protobuf::Message& message, const std::string& json, Fill fill) {
  const auto status = google::protobuf::util::JsonStringToMessage("{" + json + "}", &message);
  EXPECT_TRUE(status.ok()) << status.ToString() << " in " << json;
  const auto set = [&](const char* name, const std::string& value) {
    const auto* field = message.GetDescriptor()->FindFieldByName(name);
    if (field == nullptr || json.find(absl::StrCat(name, ":")) != std::string::npos) return;
    message.GetReflection()->SetString(&message, field, value);
  };
  set("program_id", "shop");
  if (fill == Fill::kProgram) return;
  set("request_id", NewRequestId());
  set("actor", "bob");
}

bool WasReplayed(const grpc::ClientContext& context) {
  const auto& trailers = context.GetServerTrailingMetadata();
  const auto replayed = trailers.find("replayed");
  return replayed != trailers.end() && replayed->second == "true";
}

void InThreads(int count, const std::function<void(int)>& body) {
  std::vector<std::thread> threads;
  for (int i = 0; i < count; ++i) threads.emplace_back(body, i);
  for (std::thread& thread : threads) thread.join();
}

}  // namespace loyalty::testing
