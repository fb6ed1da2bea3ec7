#include "services/points/service/points_moved.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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

Posting Posted(EntryKind kind, int64_t points) {
  Posting posting;
  posting.entry.kind = kind;
  posting.entry.points = points;
  return posting;
}

TEST(PointsMoved, EachKindIsCountedForItself) {
  metrics::Registry registry;
  PointsMoved moved(registry);
  moved.Count("shop",
              {Posted(EntryKind::kPurchase, 10), Posted(EntryKind::kEarn, 5), Posted(EntryKind::kActivity, 7),
               Posted(EntryKind::kSpend, -4), Posted(EntryKind::kAdjust, 3), Posted(EntryKind::kAdjust, -2),
               Posted(EntryKind::kReversal, -1), Posted(EntryKind::kReturn, -6), Posted(EntryKind::kLabel, 0),
               Posted(EntryKind::kTier, 0), Posted(EntryKind::kExpiry, -8), Posted(EntryKind::kRestore, 9),
               Posted(EntryKind::kTransferOut, -11), Posted(EntryKind::kTransferIn, 11),
               Posted(EntryKind::kFee, -12), Posted(EntryKind::kDonation, 13)});
  EXPECT_EQ(Moved(registry, "issued"), 22);
  EXPECT_EQ(Moved(registry, "redeemed"), 4);
  EXPECT_EQ(Moved(registry, "adjusted_up"), 3);
  EXPECT_EQ(Moved(registry, "adjusted_down"), 2);
  EXPECT_EQ(Moved(registry, "reversed"), 1);
  EXPECT_EQ(Moved(registry, "clawed_back"), 6);
  EXPECT_EQ(Moved(registry, "expired"), 8);
  EXPECT_EQ(Moved(registry, "restored"), 9);
  EXPECT_EQ(Moved(registry, "transferred_out"), 11);
  EXPECT_EQ(Moved(registry, "transferred_in"), 11);
  EXPECT_EQ(Moved(registry, "fees"), 12);
  EXPECT_EQ(Moved(registry, "donated"), 13);
  EXPECT_EQ(Moved(registry, "issued", "other"), -1);
}

TEST(PointsMoved, WhatIsPendingHeldOrOwedCountsWhenItComesInOrGoesOut) {
  metrics::Registry registry;
  PointsMoved moved(registry);
  Posting bought = Posted(EntryKind::kPurchase, 10);  // 40 more later, 5 have repaid a debt
  bought.entry.pending = 40;
  bought.entry.debt = -5;
  Posting matured = Posted(EntryKind::kMaturity, 40);
  matured.entry.pending = -40;
  Posting held = Posted(EntryKind::kHold, -30);
  held.entry.held = 30;
  Posting captured = Posted(EntryKind::kCapture, 10);  // 20 of the 30
  captured.entry.held = -30;
  moved.Count("shop", {bought, matured, held, captured});
  EXPECT_EQ(Moved(registry, "issued"), 55);
  EXPECT_EQ(Moved(registry, "redeemed"), 20);
}

TEST(PointsMoved, ABatchThatPostsNothingShowsAllKindsAtZero) {
  metrics::Registry registry;
  PointsMoved moved(registry);
  moved.Count("shop", {});
  EXPECT_EQ(Moved(registry, "issued"), 0);
  EXPECT_EQ(Moved(registry, "donated"), 0);
}

}  // namespace
}  // namespace loyalty::points
