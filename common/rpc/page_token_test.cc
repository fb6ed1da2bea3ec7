#include "common/rpc/page_token.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "common/status/status.h"

namespace loyalty::rpc {
namespace {

const Digest kFilter = Fingerprint().Add("program").Add("member").Finish();
const Digest kOtherFilter = Fingerprint().Add("program").Add("other member").Finish();

void ExpectViolation(const absl::Status& status, const std::string& field, const std::string& reason) {
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  const auto refusal = RefusalOf(status);
  ASSERT_TRUE(refusal.has_value());
  EXPECT_EQ(refusal->reason, reason);
  ASSERT_EQ(refusal->violations.size(), 1);
  EXPECT_EQ(refusal->violations[0].field, field);
}

RC_GTEST_PROP(PageToken, BringsBackAnyCursorUnderItsFilterAndOnlyThere, (const std::string& cursor)) {
  const std::string token = MakePageToken(kFilter, cursor);
  RC_ASSERT(ReadPageToken(kFilter, token).value() == cursor);
  RC_ASSERT(!ReadPageToken(kOtherFilter, token).ok());
}

TEST(PageToken, IsSafeInAUrlAndOpaque) {
  const std::string token = MakePageToken(kFilter, "cursor \xff\xfe/+=");
  EXPECT_EQ(token.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_="),
            std::string::npos);
  EXPECT_EQ(token.find("cursor"), std::string::npos);
}

TEST(PageToken, OfAnotherFilterIsRefusedByName) {
  ExpectViolation(ReadPageToken(kOtherFilter, MakePageToken(kFilter, "7")).status(), "page_token",
                  "PAGE_TOKEN_INVALID");
}

TEST(PageToken, ThatNobodyMadeIsRefusedByName) {
  const std::string good = MakePageToken(kFilter, "");
  for (const std::string& token : {std::string(), std::string("7"), std::string("not base64!"),
                                   good.substr(0, good.size() / 2), std::string(5000, 'A')}) {
    ExpectViolation(ReadPageToken(kFilter, token).status(), "page_token", "PAGE_TOKEN_INVALID");
  }
}

TEST(PageSize, ZeroTakesTheDefaultAndTooManyTakesTheCap) {
  EXPECT_EQ(PageSize(0, 50, 1000).value(), 50);
  EXPECT_EQ(PageSize(1, 50, 1000).value(), 1);
  EXPECT_EQ(PageSize(1000, 50, 1000).value(), 1000);
  EXPECT_EQ(PageSize(1001, 50, 1000).value(), 1000);
  EXPECT_EQ(PageSize(std::numeric_limits<int>::max(), 50, 1000).value(), 1000);
}

TEST(PageSize, BelowZeroIsRefusedByName) {
  ExpectViolation(PageSize(-1, 50, 1000).status(), "page_size", "NEGATIVE");
}

}  // namespace
}  // namespace loyalty::rpc
