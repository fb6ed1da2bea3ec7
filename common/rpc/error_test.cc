#include "common/rpc/error.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <pqxx/pqxx>

#include "common/postgres/errors.h"
#include "common/status/status.h"

namespace loyalty::rpc {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

constexpr char kDomain[] = "loyalty.points.v1";

template <class Detail>
std::optional<Detail> DetailOf(const v1::Status& wire) {
  Detail detail;
  for (const auto& any : wire.details()) {
    if (any.UnpackTo(&detail)) return detail;
  }
  return std::nullopt;
}
std::optional<v1::ErrorInfo> InfoOf(const v1::Status& wire) { return DetailOf<v1::ErrorInfo>(wire); }

TEST(Error, CarriesCodeMessageReasonDomainAndEveryValue) {
  const v1::Status wire =
      ToWire(Refuse(absl::StatusCode::kFailedPrecondition, "INSUFFICIENT_POINTS",
                    "The member has 40 points, 100 were asked.", {{"balance", "40"}, {"asked", "100"}}),
             kDomain);
  EXPECT_EQ(wire.code(), 9);
  EXPECT_EQ(wire.message(), "The member has 40 points, 100 were asked.");
  const auto info = InfoOf(wire);
  ASSERT_TRUE(info.has_value());
  EXPECT_EQ(info->reason(), "INSUFFICIENT_POINTS");
  EXPECT_EQ(info->domain(), kDomain);
  EXPECT_THAT(info->metadata(), UnorderedElementsAre(Pair("balance", "40"), Pair("asked", "100")));
  EXPECT_EQ(wire.details_size(), 1) << "no BadRequest and no RetryInfo where they do not apply";
}

TEST(Error, BadInputListsEveryViolation) {
  Violations violations;
  violations.Add("points", "NOT_POSITIVE", "must be above zero.");
  violations.Add("purchase.lines[2].sku", "TOO_LONG", "must be at most 64 characters.");
  const v1::Status wire = ToWire(violations.ToStatus(), kDomain);
  EXPECT_EQ(wire.code(), 3);
  EXPECT_EQ(InfoOf(wire)->reason(), "NOT_POSITIVE");
  const auto bad = DetailOf<v1::BadRequest>(wire);
  ASSERT_TRUE(bad.has_value());
  ASSERT_EQ(bad->field_violations_size(), 2);
  EXPECT_EQ(bad->field_violations(1).field(), "purchase.lines[2].sku");
  EXPECT_EQ(bad->field_violations(1).reason(), "TOO_LONG");
  EXPECT_EQ(bad->field_violations(1).description(), "must be at most 64 characters.");
}

// gRPC takes trailers of 8 KiB; an error with more of them would be another error.
TEST(Error, BadInputListsAsManyViolationsAsThereIsRoomFor) {
  Violations violations;
  for (int i = 0; i < 800; ++i) {
    violations.Add(absl::StrCat("purchase.lines[", i, "].quantity"), "OUT_OF_RANGE", "must be at least 1.");
  }
  const grpc::Status status = ToGrpc(violations.ToStatus(), kDomain);
  EXPECT_LT(status.error_message().size() + status.error_details().size() * 4 / 3, 7'500);
  EXPECT_THAT(status.error_message(), HasSubstr("purchase.lines[0].quantity: must be at least 1. "));
  EXPECT_THAT(status.error_message(), HasSubstr(" In all, 800 things are wrong."));
  const auto bad = DetailOf<v1::BadRequest>(ToWire(violations.ToStatus(), kDomain));
  ASSERT_TRUE(bad);
  EXPECT_GT(bad->field_violations_size(), 30);
  EXPECT_EQ(bad->field_violations(30).field(), "purchase.lines[30].quantity");
}

TEST(Error, SaysWhenToRetryWhereWaitingHelpsAndNowhereElse) {
  for (int code = 1; code <= 16; ++code) {
    const v1::Status wire =
        ToWire(Refuse(static_cast<absl::StatusCode>(code), "REASON", "Message."), kDomain);
    const auto retry = DetailOf<v1::RetryInfo>(wire);
    const bool waiting_helps = code == 8 || code == 14;  // RESOURCE_EXHAUSTED, UNAVAILABLE
    EXPECT_EQ(retry.has_value(), waiting_helps) << "code " << code;
    if (waiting_helps) {
      EXPECT_GT(retry->retry_delay().seconds() + retry->retry_delay().nanos(), 0);
    }
  }
}

TEST(Error, EveryCodeHasAnErrorInfoEvenWithoutARefusal) {
  for (int code = 1; code <= 16; ++code) {
    const v1::Status wire = ToWire(absl::Status(static_cast<absl::StatusCode>(code), "Message."), kDomain);
    ASSERT_TRUE(InfoOf(wire).has_value()) << "code " << code;
    EXPECT_THAT(InfoOf(wire)->reason(), Not(IsEmpty()));
    EXPECT_EQ(InfoOf(wire)->domain(), kDomain);
  }
}

TEST(Error, OfACallHasTheSameDetailsInItsTrailerUnderTheNamesOfGoogleRpc) {
  EXPECT_TRUE(ToGrpc(absl::OkStatus(), kDomain).ok());
  const absl::Status status =
      Refuse(absl::StatusCode::kNotFound, "MEMBER_NOT_FOUND", "No such member.", {{"member_id", "m"}});
  const grpc::Status call = ToGrpc(status, kDomain);
  EXPECT_EQ(call.error_code(), grpc::NOT_FOUND);
  EXPECT_EQ(call.error_message(), "No such member.");
  v1::Status trailer;
  ASSERT_TRUE(trailer.ParseFromString(call.error_details()));
  ASSERT_EQ(trailer.details_size(), 1);
  EXPECT_EQ(trailer.details(0).type_url(), "type.googleapis.com/google.rpc.ErrorInfo");
  trailer.mutable_details(0)->set_type_url("type.googleapis.com/loyalty.rpc.v1.ErrorInfo");
  EXPECT_EQ(trailer.SerializeAsString(), ToWire(status, kDomain).SerializeAsString());
}

TEST(Error, InternalAndUnknownAreInternalWithNothingOfTheirTextOrValues) {
  for (const auto code : {absl::StatusCode::kInternal, absl::StatusCode::kUnknown}) {
    const absl::Status status =
        WithRefusal(code, "relation \"secret\" does not exist",
                    {"SECRET", {{"sqlstate", "secret"}}, {{"secret", "secret", "secret"}}});
    const v1::Status wire = ToWire(status, kDomain);
    EXPECT_EQ(wire.code(), 13);
    EXPECT_EQ(InfoOf(wire)->reason(), "INTERNAL");
    EXPECT_THAT(InfoOf(wire)->metadata(), IsEmpty());
    const grpc::Status call = ToGrpc(status, kDomain);
    EXPECT_EQ(call.error_code(), grpc::INTERNAL);
    for (const std::string& bytes : {wire.SerializeAsString(), call.error_message(), call.error_details()}) {
      EXPECT_THAT(bytes, Not(HasSubstr("secret")));
      EXPECT_THAT(bytes, Not(HasSubstr("SECRET")));
    }
  }
}

// As common/postgres makes them: what the database or its driver says is for the log, not for a caller.
template <class Exception>
v1::Status WireOf(const Exception& exception) {
  try {
    throw exception;
  } catch (...) {
    return ToWire(postgres::StatusOfCurrentException(false), kDomain);
  }
}

TEST(Error, OfALostConnectionSaysUnavailableAndNothingOfTheDriversText) {
  const v1::Status wire =
      WireOf(pqxx::broken_connection("connection to server at \"10.0.0.3\", user \"loyalty\" failed"));
  EXPECT_EQ(wire.code(), 14);
  EXPECT_EQ(InfoOf(wire)->reason(), "UNAVAILABLE");
  EXPECT_THAT(wire.SerializeAsString(), Not(HasSubstr("10.0.0.3")));
}

TEST(Error, OfALostConflictSaysAbortedAndNothingOfTheDatabasesText) {
  const v1::Status wire =
      WireOf(pqxx::deadlock_detected("Process 71 waits for ShareLock on transaction 4711"));
  EXPECT_EQ(wire.code(), 10);
  EXPECT_EQ(InfoOf(wire)->reason(), "CONFLICT");
  EXPECT_THAT(wire.SerializeAsString(), Not(HasSubstr("ShareLock")));
}

TEST(Error, OfARefusedStatementSaysNothingOfTheDatabasesText) {
  const v1::Status wire =
      WireOf(pqxx::unique_violation("Key (order_id)=(4711) already exists", "INSERT …", "23505"));
  EXPECT_EQ(wire.code(), 13);
  EXPECT_THAT(wire.SerializeAsString(), Not(HasSubstr("4711")));
  EXPECT_THAT(wire.SerializeAsString(), Not(HasSubstr("23505")));
}

}  // namespace
}  // namespace loyalty::rpc
