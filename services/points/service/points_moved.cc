#include "services/points/service/points_moved.h"

#include <cmath>
#include <cstdlib>

namespace loyalty::points {
namespace {

constexpr std::array kNames = {"issued",      "redeemed", "adjusted_up", "adjusted_down",  "reversed",
                               "clawed_back", "expired",  "restored",    "transferred_in", "transferred_out",
                               "fees",        "donated",  "forfeited"};

}  // namespace

PointsMoved::PointsMoved(metrics::Registry& registry)
    : family_(prometheus::BuildCounter()
                  .Name("loyalty_points_moved_total")
                  .Help("Points that entries brought or took, by program and kind.")
                  .Register(registry)) {}

void PointsMoved::Count(const std::string& program_id, const std::deque<Posting>& postings) {
  std::array<double, kKinds> points{};
  for (const Posting& posting : postings) {
    const std::optional<Kind> kind = KindOf(posting.entry);
    if (kind) points[*kind] += std::abs(static_cast<double>(posting.entry.Net()));
  }
  absl::MutexLock lock(&mutex_);
  const Totals& totals = Of(program_id);
  for (size_t kind = 0; kind < kKinds; ++kind) {
    if (points[kind] > 0) totals[kind]->Increment(points[kind]);
  }
}

std::optional<PointsMoved::Kind> PointsMoved::KindOf(const Entry& entry) {
  switch (entry.kind) {
    case EntryKind::kPurchase:
    case EntryKind::kEarn:
    case EntryKind::kActivity:
      return kIssued;
    case EntryKind::kSpend:
    case EntryKind::kCapture:
    case EntryKind::kRedemption:
      return kRedeemed;
    case EntryKind::kAdjust:
      return entry.Net() > 0 ? kAdjustedUp : kAdjustedDown;
    case EntryKind::kReversal:
      return kReversed;
    case EntryKind::kReturn:
      return kClawedBack;
    case EntryKind::kExpiry:
      return kExpired;
    case EntryKind::kRestore:
      return kRestored;
    case EntryKind::kTransferIn:
      return kTransferredIn;
    case EntryKind::kTransferOut:
      return kTransferredOut;
    case EntryKind::kFee:
      return kFees;
    case EntryKind::kDonation:
      return kDonated;
    case EntryKind::kForfeit:
      return kForfeited;
    case EntryKind::kLabel:
    case EntryKind::kTier:
    case EntryKind::kMaturity:
    case EntryKind::kHold:
    case EntryKind::kRelease:
    case EntryKind::kFulfillment:
    case EntryKind::kProfile:
    case EntryKind::kExpiryChange:
    case EntryKind::kMergeOut:  // to the same person
    case EntryKind::kMergeIn:
      return std::nullopt;
  }
  std::abort();
}

// All kinds of a program are there from its first batch on.
PointsMoved::Totals& PointsMoved::Of(const std::string& program_id) {
  const auto [it, fresh] = programs_.try_emplace(program_id);
  for (size_t kind = 0; fresh && kind < kKinds; ++kind) {
    it->second[kind] = &family_.Add({{"program", program_id}, {"kind", kNames[kind]}});
  }
  return it->second;
}

}  // namespace loyalty::points
