#include "services/points/storage/policies_json.h"

#include <nlohmann/json.hpp>
#include <type_traits>
#include <vector>

namespace loyalty::points {
namespace {

using nlohmann::json;

// The keys of each struct, for both ways: `use(key, member)`. What is stored has them, so they never change.
template <class Use>
void Members(const ExpiryPolicy&, Use use) {
  use("kind", &ExpiryPolicy::kind);
  use("months", &ExpiryPolicy::months);
  use("days", &ExpiryPolicy::days);
  use("round_up", &ExpiryPolicy::round_up);
  use("month", &ExpiryPolicy::month);
  use("day", &ExpiryPolicy::day);
  use("since", &ExpiryPolicy::since);
}
template <class Use>
void Members(const SpendingPolicy&, Use use) {
  use("points", &SpendingPolicy::points);
  use("worth_minor", &SpendingPolicy::worth_minor);
  use("minimum_order_minor", &SpendingPolicy::minimum_order_minor);
  use("largest_share_percent", &SpendingPolicy::largest_share_percent);
  use("grace_days", &SpendingPolicy::grace_days);
}
template <class Use>
void Members(const Tier&, Use use) {
  use("id", &Tier::id);
  use("name", &Tier::display_name);
  use("threshold", &Tier::threshold);
  use("numerator", &Tier::multiplier_numerator);
  use("denominator", &Tier::multiplier_denominator);
  use("labels", &Tier::labels);
}
template <class Use>
void Members(const TierPolicy&, Use use) {
  use("metric", &TierPolicy::metric);
  use("period", &TierPolicy::period);
  use("downgrade", &TierPolicy::downgrade);
  use("grace_days", &TierPolicy::grace_days);
  use("tiers", &TierPolicy::tiers);
}
template <class Use>
void Members(const TransferPolicy&, Use use) {
  use("allowed", &TransferPolicy::allowed);
  use("most_points", &TransferPolicy::most_points);
  use("most_points_day", &TransferPolicy::most_points_day);
  use("fee_percent", &TransferPolicy::fee_percent);
}
template <class Use>
void Members(const CelebrationPolicy&, Use use) {
  use("birthday_points", &CelebrationPolicy::birthday_points);
  use("anniversary_points", &CelebrationPolicy::anniversary_points);
}
template <class Use>
void Members(const ExpiryChange&, Use use) {
  use("time", &ExpiryChange::time);
  use("policy", &ExpiryChange::policy);
}
template <class Use>
void Members(const Policies&, Use use) {
  use("expiry", &Policies::expiry);
  use("returns", &Policies::returns);
  use("spending", &Policies::spending);
  use("tiers", &Policies::tiers);
  use("transfers", &Policies::transfers);
  use("closure", &Policies::closure);
  use("celebrations", &Policies::celebrations);
  use("expiry_changes", &Policies::expiry_changes);
}

template <class T>
constexpr bool kIsList = false;
template <class T>
constexpr bool kIsList<std::vector<T>> = true;
template <class T>
constexpr bool kIsStruct =
    std::is_class_v<T> && !kIsList<T> && !std::is_same_v<T, std::string> && !std::is_same_v<T, absl::Time>;

template <class T>
json Write(const T& value) {
  if constexpr (kIsList<T>) {
    json out = json::array();
    for (const auto& element : value) out.push_back(Write(element));
    return out;
  } else if constexpr (kIsStruct<T>) {
    json out = json::object();
    const T usual;
    Members(value, [&](const char* key, auto member) {
      if (value.*member != usual.*member) out[key] = Write(value.*member);
    });
    return out;
  } else if constexpr (std::is_same_v<T, absl::Time>) {
    return absl::ToUnixMicros(value);
  } else {
    return value;  // an enum as its number
  }
}

template <class T>
void Read(const json& in, T& value) {
  if constexpr (kIsList<T>) {
    for (const json& element : in) Read(element, value.emplace_back());
  } else if constexpr (kIsStruct<T>) {
    Members(value, [&](const char* key, auto member) {
      if (const auto found = in.find(key); found != in.end()) Read(*found, value.*member);
    });
  } else if constexpr (std::is_same_v<T, absl::Time>) {
    value = absl::FromUnixMicros(in.get<int64_t>());
  } else {
    in.get_to(value);
  }
}

}  // namespace

std::string PoliciesToJson(const Policies& policies) { return Write(policies).dump(); }

Policies PoliciesFromJson(absl::string_view text) {
  Policies policies;
  Read(json::parse(text.begin(), text.end()), policies);
  return policies;
}

}  // namespace loyalty::points
