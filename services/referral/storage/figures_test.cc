#include "services/referral/storage/figures.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/testing/figures_shown.h"
#include "services/referral/storage/test_store.h"

namespace loyalty::referral {
namespace {

using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

auto Shown(const TestStore& store) {
  return testing::FiguresShown(store.database, sql::Statements(), Figures(), kNoon);
}

TEST(ReferralFigures, ReferralsAreCountedByProgramAndStateAndTheRejectedByTheirReason) {
  TestStore store;
  store.database.AddProgram("shop");
  store.AddCode("anna", "anna-26");
  EXPECT_THAT(Shown(store), IsEmpty()) << "the planner's sample is nobody's";
  for (const char* friend_id : {"bert", "carl", "dora"})
    ASSERT_TRUE(store.Claim(friend_id, "anna-26", At(kNoon)).ok());
  store.Buy("carl", {"o1", 3000, Day(1)}, At(Day(1)));
  store.Buy("dora", {"o2", 3000, Day(-1)}, At(Day(1)));  // before the claim
  EXPECT_THAT(Shown(store), UnorderedElementsAre(
                                Pair("loyalty_referrals{program=shop,state=claimed}", 1),
                                Pair("loyalty_referrals{program=shop,state=rejected}", 1),
                                Pair("loyalty_referrals{program=shop,state=rewarded}", 1),
                                Pair("loyalty_referrals_rejected{program=shop,reason=existing_buyer}", 1)));
}

}  // namespace
}  // namespace loyalty::referral
