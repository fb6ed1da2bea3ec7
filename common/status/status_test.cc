#include "common/status/status.h"

#include <gtest/gtest.h>

#include "common/status/fingerprint.h"

namespace loyalty {
namespace {

TEST(Status, CarriesReasonAndValues) {
  const absl::Status status = Refuse(absl::StatusCode::kFailedPrecondition, "INSUFFICIENT_POINTS", "Too few.",
                                     {{"balance", "40"}, {"asked", "1:00"}});
  const auto refusal = RefusalOf(status);
  ASSERT_TRUE(refusal.has_value());
  EXPECT_EQ(refusal->reason, "INSUFFICIENT_POINTS");
  EXPECT_EQ(refusal->metadata.at("balance"), "40");
  EXPECT_EQ(refusal->metadata.at("asked"), "1:00");
  EXPECT_EQ(RefusalOf(absl::InternalError("plain")).has_value(), false);
}

TEST(Status, TellsAllViolationsAtOnce) {
  Violations violations;
  EXPECT_TRUE(violations.ToStatus().ok());
  violations.Add("points", "NOT_POSITIVE", "must be above zero.");
  violations.Add("member_id", "FIELD_REQUIRED", "is required.");
  const absl::Status status = violations.ToStatus();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(status.message(), "points: must be above zero. member_id: is required.");
  const auto refusal = RefusalOf(status);
  ASSERT_EQ(refusal->violations.size(), 2);
  EXPECT_EQ(refusal->reason, "NOT_POSITIVE");
  EXPECT_EQ(refusal->violations[1].field, "member_id");
}

TEST(Fingerprint, DependsOnWhereOneFieldEnds) {
  const auto digest = [](absl::string_view a, absl::string_view b) {
    return Fingerprint().Add(a).Add(b).Finish();
  };
  EXPECT_EQ(digest("ab", "c"), digest("ab", "c"));
  EXPECT_NE(digest("ab", "c"), digest("a", "bc"));
  EXPECT_NE(Fingerprint().Add(1).Finish(), Fingerprint().Add(256).Finish());
}

TEST(Fingerprint, SurvivesItsTextForm) {
  const Digest digest = Fingerprint().Add("x").Finish();
  EXPECT_EQ(DigestFromHex(ToHex(digest)), digest);
  std::string uuid = ToHex(digest);
  uuid.insert(8, "-");
  EXPECT_EQ(DigestFromHex(uuid), digest);
}

}  // namespace
}  // namespace loyalty
