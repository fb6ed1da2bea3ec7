#include "cli/text/error_text.h"

#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace loyalty::cli {
namespace {

void Pack(const std::string& type, const google::protobuf::Message& message, rpc::v1::Status& status) {
  auto& detail = *status.add_details();
  detail.set_type_url("type.googleapis.com/google.rpc." + type);
  detail.set_value(message.SerializeAsString());
}

rpc::v1::Status Insufficient() {
  rpc::v1::Status status;
  status.set_code(grpc::StatusCode::FAILED_PRECONDITION);
  status.set_message("ada has too few points");
  rpc::v1::ErrorInfo info;
  info.set_reason("INSUFFICIENT_POINTS");
  info.set_domain("loyalty.points.v1");
  (*info.mutable_metadata())["balance"] = "40";
  (*info.mutable_metadata())["asked"] = "100";
  Pack("ErrorInfo", info, status);
  return status;
}

rpc::v1::Status TwoViolations() {
  rpc::v1::Status status;
  status.set_code(grpc::StatusCode::INVALID_ARGUMENT);
  status.set_message("2 fields are wrong");
  rpc::v1::ErrorInfo info;
  info.set_reason("FIELD_REQUIRED");
  Pack("ErrorInfo", info, status);
  rpc::v1::BadRequest bad_request;
  for (const char* field : {"member_id", "request_id"}) {
    auto& violation = *bad_request.add_field_violations();
    violation.set_field(field);
    violation.set_description("must not be empty");
    violation.set_reason("FIELD_REQUIRED");
  }
  Pack("BadRequest", bad_request, status);
  return status;
}

grpc::Status AsTrailer(const rpc::v1::Status& status) {
  return {static_cast<grpc::StatusCode>(status.code()), status.message(), status.SerializeAsString()};
}

TEST(FailureText, HasCodeReasonMessageAndMetadataOnOneLine) {
  EXPECT_EQ(FailureText(DecodeFailure(AsTrailer(Insufficient()))),
            "FAILED_PRECONDITION INSUFFICIENT_POINTS: ada has too few points (asked=100, balance=40)");
}

TEST(FailureText, ReadsTheDetailsOfAnErrorInsideAnAnswer) {
  rpc::v1::Status status;
  status.set_code(grpc::StatusCode::ALREADY_EXISTS);
  status.set_message("order 7 is another one");
  rpc::v1::ErrorInfo info;
  info.set_reason("ORDER_ID_REUSED");
  status.add_details()->PackFrom(info);
  EXPECT_EQ(FailureText(DecodeFailure(status)), "ALREADY_EXISTS ORDER_ID_REUSED: order 7 is another one");
}

TEST(FailureText, HasEachViolationOnALineOfItsOwn) {
  EXPECT_EQ(FailureText(DecodeFailure(AsTrailer(TwoViolations()))),
            "INVALID_ARGUMENT FIELD_REQUIRED: 2 fields are wrong\n"
            "  member_id: must not be empty (FIELD_REQUIRED)\n"
            "  request_id: must not be empty (FIELD_REQUIRED)");
}

TEST(FailureText, SaysNothingTwice) {
  auto status = TwoViolations();
  status.set_message("member_id: must not be empty request_id: must not be empty");
  EXPECT_EQ(FailureText(DecodeFailure(AsTrailer(status))),
            "INVALID_ARGUMENT FIELD_REQUIRED:\n"
            "  member_id: must not be empty (FIELD_REQUIRED)\n"
            "  request_id: must not be empty (FIELD_REQUIRED)");
  EXPECT_EQ(FailureSummary(DecodeFailure(status)), status.message());
}

TEST(FailureText, DoesWithoutDetailsAndWithBrokenOnes) {
  EXPECT_EQ(FailureText(DecodeFailure(grpc::Status(grpc::StatusCode::UNAVAILABLE, "connection refused"))),
            "UNAVAILABLE: connection refused");
  EXPECT_EQ(FailureText(DecodeFailure(grpc::Status(grpc::StatusCode::INTERNAL, "oops", "\xFF\xFF\xFF"))),
            "INTERNAL: oops");
}

TEST(FailureSummary, IsOneLine) {
  EXPECT_EQ(FailureSummary(DecodeFailure(TwoViolations())),
            "2 fields are wrong; member_id: must not be empty; request_id: must not be empty");
}

TEST(FailureJson, HasEverything) {
  const auto json = FailureJson(DecodeFailure(Insufficient()));
  EXPECT_EQ(json["code"], "FAILED_PRECONDITION");
  EXPECT_EQ(json["reason"], "INSUFFICIENT_POINTS");
  EXPECT_EQ(json["metadata"]["asked"], "100");
  EXPECT_TRUE(json["field_violations"].empty());
}

TEST(DecodeFailure, ReadsWhenToTryAgain) {
  rpc::v1::Status status;
  rpc::v1::RetryInfo retry;
  retry.mutable_retry_delay()->set_seconds(1);
  retry.mutable_retry_delay()->set_nanos(500'000'000);
  Pack("RetryInfo", retry, status);
  EXPECT_EQ(DecodeFailure(status).retry_delay, absl::Milliseconds(1500));
}

}  // namespace
}  // namespace loyalty::cli
