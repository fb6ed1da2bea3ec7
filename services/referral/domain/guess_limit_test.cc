#include "services/referral/domain/guess_limit.h"

#include <absl/strings/str_cat.h>
#include <gtest/gtest.h>

#include "common/status/status.h"
#include "services/referral/domain/reason.h"

namespace loyalty::referral {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'700'000'000);

class GuessLimitTest : public ::testing::Test {
 protected:
  void Guess(int times, absl::Time now) {
    for (int i = 0; i < times; ++i) limit_.Missed("shop", absl::StrCat("ab", i), now);
  }
  bool Admits(absl::string_view program, absl::string_view code, absl::Time now) {
    return limit_.Admit(program, code, now).ok();
  }
  GuessLimit limit_;
};

TEST_F(GuessLimitTest, RefusesAPrefixThatHasNoGuessLeft) {
  Guess(GuessLimit::kBurst - 1, kNow);
  EXPECT_TRUE(Admits("shop", "abc2345", kNow));
  Guess(1, kNow);
  const absl::Status refused = limit_.Admit("shop", "abc2345", kNow);
  EXPECT_EQ(refused.code(), absl::StatusCode::kResourceExhausted);
  ASSERT_TRUE(RefusalOf(refused).has_value());
  EXPECT_EQ(RefusalOf(refused)->reason, reason::kTooManyGuesses);
  EXPECT_EQ(RefusalOf(refused)->metadata.at("prefix"), "ab");
}

TEST_F(GuessLimitTest, IsOfEachProgramAndPrefix) {
  Guess(GuessLimit::kBurst, kNow);
  EXPECT_FALSE(Admits("shop", "ab", kNow));
  EXPECT_TRUE(Admits("shop", "ac22222", kNow));
  EXPECT_TRUE(Admits("other", "abc2345", kNow));
}

TEST_F(GuessLimitTest, GivesOneGuessBackAfterAnother) {
  Guess(GuessLimit::kBurst, kNow);
  EXPECT_FALSE(Admits("shop", "abc", kNow + GuessLimit::kRefill - absl::Milliseconds(1)));
  EXPECT_TRUE(Admits("shop", "abc", kNow + GuessLimit::kRefill));
  Guess(1, kNow + GuessLimit::kRefill);
  EXPECT_FALSE(Admits("shop", "abc", kNow + GuessLimit::kRefill));
  const absl::Time later = kNow + absl::Hours(1);
  Guess(GuessLimit::kBurst - 1, later);
  EXPECT_TRUE(Admits("shop", "abc", later)) << "all are back, and no more than all";
  Guess(1, later);
  EXPECT_FALSE(Admits("shop", "abc", later));
}

TEST_F(GuessLimitTest, ForgetsRatherThanGrows) {
  Guess(GuessLimit::kBurst, kNow);
  for (size_t i = 0; i < GuessLimit::kMostPrefixes; ++i) limit_.Missed(absl::StrCat("p", i), "ab", kNow);
  EXPECT_TRUE(Admits("shop", "abc", kNow));
}

}  // namespace
}  // namespace loyalty::referral
