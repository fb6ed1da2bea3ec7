#include "services/points/storage/policies_json.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace loyalty::points {
namespace {

int32_t Small() { return *rc::gen::inRange<int32_t>(0, 40'000); }
int64_t Large() { return *rc::gen::oneOf(rc::gen::just<int64_t>(0), rc::gen::arbitrary<int64_t>()); }
template <class Enum>
Enum AnyOf(int count) {
  return static_cast<Enum>(*rc::gen::inRange(1, count + 1));
}
std::string Text() {
  return *rc::gen::element<std::string>("", "gold", "Café ☕", R"(a "quoted" \ one)", "plan:prime", "{}");
}

Tier AnyTier() {
  Tier tier{Text(), Text(), Large(), *rc::gen::inRange<int64_t>(1, 5), *rc::gen::inRange<int64_t>(1, 5)};
  for (int i = *rc::gen::inRange(0, 3); i > 0; --i) tier.labels.push_back(Text());
  return tier;
}

Policies AnyPolicies() {
  Policies policies;
  policies.expiry = {AnyOf<ExpiryKind>(4), Small(), Small(), AnyOf<RoundUp>(4), Small(), Small()};
  policies.returns = AnyOf<ReturnPolicy>(3);
  policies.spending = {Large(), Large(), Large(), *rc::gen::inRange(1, 101), Small()};
  if (policies.expiry.kind == ExpiryKind::kInactivity) policies.expiry.since = absl::FromUnixMicros(Large());
  policies.tiers = {AnyOf<TierMetric>(3), AnyOf<TierPeriod>(4), AnyOf<Downgrade>(2), Small(), {}};
  for (int i = *rc::gen::inRange(0, 4); i > 0; --i) policies.tiers.tiers.push_back(AnyTier());
  policies.transfers = {*rc::gen::arbitrary<bool>(), Large(), Large(), Small()};
  policies.closure = AnyOf<ClosurePolicy>(2);
  for (int i = *rc::gen::inRange(0, 3); i > 0; --i) {
    policies.expiry_changes.push_back({absl::FromUnixMicros(Large()), policies.expiry});
  }
  return policies;
}

TEST(PoliciesJson, LeavesOutWhatIsAsUsual) {
  EXPECT_EQ(PoliciesToJson({}), "{}");
  EXPECT_EQ(PoliciesFromJson("{}"), Policies());
  Policies policies;
  policies.tiers.tiers = {Tier{"gold", "Gold", 200'000}};
  EXPECT_EQ(PoliciesToJson(policies),
            R"({"tiers":{"tiers":[{"id":"gold","name":"Gold","threshold":200000}]}})");
}

// These keys and numbers stand in databases.
TEST(PoliciesJson, StaysAsItWasWritten) {
  Policies policies;
  policies.expiry = {ExpiryKind::kRolling, 12, 0, RoundUp::kMonthEnd};
  policies.returns = ReturnPolicy::kAllowNegative;
  policies.spending = {100, 500, 2000, 50, 30};
  policies.tiers = {TierMetric::kPointsEarned,
                    TierPeriod::kRolling12Months,
                    Downgrade::kOneTier,
                    31,
                    {{"gold", "Gold", 2000, 3, 2, {"vip"}}}};
  policies.transfers = {true, 1000, 5000, 10};
  policies.closure = ClosurePolicy::kKeep;
  const std::string text =
      R"({"closure":2,"expiry":{"kind":2,"months":12,"round_up":2},"returns":3,)"
      R"("spending":{"grace_days":30,"largest_share_percent":50,"minimum_order_minor":2000,"points":100,"worth_minor":500},)"
      R"("tiers":{"downgrade":1,"grace_days":31,"metric":1,"period":2,)"
      R"("tiers":[{"denominator":2,"id":"gold","labels":["vip"],"name":"Gold","numerator":3,"threshold":2000}]},)"
      R"("transfers":{"allowed":true,"fee_percent":10,"most_points":1000,"most_points_day":5000}})";
  EXPECT_EQ(PoliciesToJson(policies), text);
  EXPECT_EQ(PoliciesFromJson(text), policies);
  EXPECT_EQ(PoliciesFromJson(R"({"expiry":{"kind":3,"month":6,"day":30}})").expiry,
            (ExpiryPolicy{.kind = ExpiryKind::kFixedDay, .month = 6, .day = 30}));
}

TEST(PoliciesJson, SkipsKeysThatAreNotKnown) {
  EXPECT_EQ(PoliciesFromJson(R"({"gifts":{"kind":1},"expiry":{"colour":"red"}})"), Policies());
}

RC_GTEST_PROP(PoliciesJson, ComesBackAsItWas, ()) {
  const Policies policies = AnyPolicies();
  RC_ASSERT(PoliciesFromJson(PoliciesToJson(policies)) == policies);
}

}  // namespace
}  // namespace loyalty::points
