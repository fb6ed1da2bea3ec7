#include "services/points/service/points_moved.h"

#include <cstdlib>

namespace loyalty::points {
namespace {

constexpr std::array kNames = {"issued",        "redeemed", "adjusted_up",
                               "adjusted_down", "reversed", "clawed_back"};

}  // namespace

PointsMoved::PointsMoved(metrics::Registry& registry)
    : family_(prometheus::BuildCounter()
                  .Name("loyalty_points_moved_total")
                  .Help("Points that entries brought or took, by program and kind.")
                  .Register(registry)) {}

void PointsMoved::Count(const std::string& program_id, std::span<const Command> commands,
                        std::span<const absl::StatusOr<Receipt>> answers) {
  std::array<double, kKinds> points{};
  for (size_t i = 0; i < answers.size(); ++i) {
    if (!answers[i].ok() || answers[i]->replayed || commands[i].validate_only) continue;
    const Entry& entry = answers[i]->entry;
    points[KindOf(entry)] += static_cast<double>(std::abs(entry.points));
  }
  absl::MutexLock lock(&mutex_);
  const Counters& counters = Of(program_id);
  for (size_t kind = 0; kind < kKinds; ++kind) {
    if (points[kind] > 0) counters[kind]->Increment(points[kind]);
  }
}

PointsMoved::Kind PointsMoved::KindOf(const Entry& entry) {
  switch (entry.kind) {
    case EntryKind::kPurchase:
    case EntryKind::kEarn:
    case EntryKind::kLabel:  // of 0 points
      return kIssued;
    case EntryKind::kSpend:
      return kRedeemed;
    case EntryKind::kAdjust:
      return entry.points > 0 ? kAdjustedUp : kAdjustedDown;
    case EntryKind::kReversal:
      return kReversed;
    case EntryKind::kReturn:
      return kClawedBack;
  }
  std::abort();
}

// All kinds of a program are there from its first batch on.
PointsMoved::Counters& PointsMoved::Of(const std::string& program_id) {
  const auto [it, fresh] = programs_.try_emplace(program_id);
  for (size_t kind = 0; fresh && kind < kKinds; ++kind) {
    it->second[kind] = &family_.Add({{"program", program_id}, {"kind", kNames[kind]}});
  }
  return it->second;
}

}  // namespace loyalty::points
