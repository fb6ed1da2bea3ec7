#include "services/points/service/points_moved.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/points/domain/test_kit.h"

namespace loyalty::points {
namespace {

double Moved(metrics::Registry& registry, const std::string& kind, const std::string& program = "shop") {
  for (const auto& family : registry.Collect()) {
    if (family.name != "loyalty_points_moved_total") continue;
    for (const auto& metric : family.metric) {
      if (metric.label.at(0).value == kind && metric.label.at(1).value == program)
        return metric.counter.value;
    }
  }
  return -1;
}

Receipt Posted(EntryKind kind, int64_t points) {
  Receipt receipt;
  receipt.entry.kind = kind;
  receipt.entry.points = points;
  return receipt;
}

TEST(PointsMoved, EachKindIsCountedForItself) {
  metrics::Registry registry;
  PointsMoved moved(registry);
  const std::vector<absl::StatusOr<Receipt>> answers = {
      Posted(EntryKind::kPurchase, 10), Posted(EntryKind::kEarn, 5),    Posted(EntryKind::kSpend, -4),
      Posted(EntryKind::kAdjust, 3),    Posted(EntryKind::kAdjust, -2), Posted(EntryKind::kReversal, -1),
      Posted(EntryKind::kReturn, -6),   Posted(EntryKind::kLabel, 0)};
  moved.Count("shop", std::vector<Command>(answers.size()), answers);
  EXPECT_EQ(Moved(registry, "issued"), 15);
  EXPECT_EQ(Moved(registry, "redeemed"), 4);
  EXPECT_EQ(Moved(registry, "adjusted_up"), 3);
  EXPECT_EQ(Moved(registry, "adjusted_down"), 2);
  EXPECT_EQ(Moved(registry, "reversed"), 1);
  EXPECT_EQ(Moved(registry, "clawed_back"), 6);
  EXPECT_EQ(Moved(registry, "issued", "other"), -1);
}

TEST(PointsMoved, WhatIsReplayedRefusedOrOnlyValidatedMovesNothing) {
  metrics::Registry registry;
  PointsMoved moved(registry);
  std::vector<absl::StatusOr<Receipt>> answers = {Posted(EntryKind::kEarn, 5), Posted(EntryKind::kEarn, 7),
                                                  absl::NotFoundError("nobody")};
  answers[0]->replayed = true;
  moved.Count("shop",
              std::vector<Command>{EarnCommand("r1", "anna", 5), ValidateOnly(EarnCommand("r2", "anna", 7)),
                                   EarnCommand("r3", "nobody", 1)},
              answers);
  EXPECT_EQ(Moved(registry, "issued"), 0) << "there, and 0";
}

}  // namespace
}  // namespace loyalty::points
