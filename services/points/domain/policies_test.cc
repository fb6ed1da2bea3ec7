#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "common/testing/refused.h"
#include "services/points/domain/program.h"

namespace loyalty::points {

void ValidatePolicies(const Policies& policies, Violations& violations);

namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

using Change = std::function<void(Policies&)>;

absl::Status Checked(const Change& change) {
  Policies policies;
  change(policies);
  Violations violations;
  ValidatePolicies(policies, violations);
  return violations.ToStatus();
}
std::vector<std::string> Faults(const Change& change) { return testing::ViolationsOf(Checked(change)); }

TEST(Policies, OfAProgramThatSaysNothingAreGood) {
  EXPECT_THAT(Faults([](Policies&) {}), IsEmpty());
}

TEST(Policies, AreAcceptedUpToEveryLimit) {
  const Change accepted[] = {
      [](Policies& p) { p.spending = {.points = 100, .worth_minor = 500}; },
      [](Policies& p) { p.spending = {.points = 1, .worth_minor = 1}; },
      [](Policies& p) { p.spending = {.points = kMaxRateTerm, .worth_minor = kMaxRateTerm}; },
      [](Policies& p) {
        p.spending = {
            .points = 1, .worth_minor = 1, .minimum_order_minor = INT64_MAX, .largest_share_percent = 1};
      },
      [](Policies& p) { p.spending.grace_days = kMaxGraceDays; },
      [](Policies& p) {
        p.transfers = {true, INT64_MAX, INT64_MAX, 100};
      },
      [](Policies& p) {
        p.transfers = {false, 500, 1000, 10};
      },
  };
  for (size_t i = 0; i < std::size(accepted); ++i) EXPECT_THAT(Faults(accepted[i]), IsEmpty()) << i;
}

TEST(Policies, OfSpendingAreRefusedWithThePreciseFault) {
  const std::string spending = "program.policies.spending.";
  const std::pair<Change, std::string> refused[] = {
      {[](Policies& p) { p.spending.worth_minor = 5; }, "points FIELD_REQUIRED"},
      {[](Policies& p) { p.spending.points = 5; }, "worth_minor FIELD_REQUIRED"},
      {[](Policies& p) { p.spending.largest_share_percent = 99; }, "worth_minor FIELD_REQUIRED"},
      {[](Policies& p) { p.spending.minimum_order_minor = 2000; }, "worth_minor FIELD_REQUIRED"},
      {[](Policies& p) { p.spending.points = -1; }, "points NEGATIVE"},
      {[](Policies& p) { p.spending.worth_minor = -1; }, "worth_minor NEGATIVE"},
      {[](Policies& p) {
         p.spending = {kMaxRateTerm + 1, 1};
       },
       "points TOO_LARGE"},
      {[](Policies& p) {
         p.spending = {1, kMaxRateTerm + 1};
       },
       "worth_minor TOO_LARGE"},
      {[](Policies& p) { p.spending.minimum_order_minor = -1; }, "minimum_order_minor NEGATIVE"},
      {[](Policies& p) {
         p.spending = {1, 1, 0, 0};
       },
       "largest_share_percent NOT_POSITIVE"},
      {[](Policies& p) {
         p.spending = {1, 1, 0, 101};
       },
       "largest_share_percent TOO_LARGE"},
      {[](Policies& p) { p.spending.grace_days = -1; }, "grace_days NEGATIVE"},
      {[](Policies& p) { p.spending.grace_days = kMaxGraceDays + 1; }, "grace_days TOO_LARGE"},
  };
  for (const auto& [change, fault] : refused) EXPECT_THAT(Faults(change), ElementsAre(spending + fault));
}

TEST(Policies, OfTransfersAreRefusedWithThePreciseFault) {
  EXPECT_THAT(Faults([](Policies& p) {
                p.transfers = {true, -1, -1, -1};
              }),
              ElementsAre("program.policies.transfers.most_points NEGATIVE",
                          "program.policies.transfers.most_points_day NEGATIVE",
                          "program.policies.transfers.fee_percent NEGATIVE"));
  EXPECT_THAT(testing::MetadataOf(Checked([](Policies& p) { p.transfers.fee_percent = 101; })),
              UnorderedElementsAre(Pair("value", "101"), Pair("limit", "100")));
}

TEST(Policies, AreCheckedAllAtOnce) {
  EXPECT_THAT(Faults([](Policies& p) {
                p.expiry.kind = ExpiryKind::kInactivity;
                p.spending.grace_days = -1;
                p.tiers.grace_days = -1;
                p.transfers.fee_percent = 101;
              }),
              ElementsAre("program.policies.expiry.inactivity_months NOT_POSITIVE",
                          "program.policies.spending.grace_days NEGATIVE",
                          "program.policies.tiers.grace_days NEGATIVE",
                          "program.policies.transfers.fee_percent TOO_LARGE"));
}

}  // namespace
}  // namespace loyalty::points
