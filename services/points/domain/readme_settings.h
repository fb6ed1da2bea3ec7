// For the test of the README's examples: what their words are, and the program that one is told of.
#pragma once

#include <absl/strings/ascii.h>
#include <absl/strings/match.h>
#include <absl/strings/numbers.h>
#include <absl/strings/str_replace.h>
#include <absl/strings/str_split.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "services/points/domain/memory_store.h"

namespace loyalty::points {

using Words = std::vector<std::string>;

inline Words WordsOf(absl::string_view text) { return absl::StrSplit(text, ' ', absl::SkipEmpty()); }

inline int64_t Number(const std::string& word) {
  int64_t number = 0;
  EXPECT_TRUE(absl::SimpleAtoi(word, &number)) << "not a number: " << word;
  return number;
}
inline int32_t SmallNumber(const std::string& word) { return static_cast<int32_t>(Number(word)); }

// "25.00" is 2500.
inline int64_t Minor(const std::string& word) { return Number(absl::StrReplaceAll(word, {{".", ""}})); }

// "3/2"; "2" is 2/1.
inline Multiplier Ratio(const std::string& word) {
  const Words terms = absl::StrSplit(word, '/');
  return {Number(terms[0]), terms.size() > 1 ? Number(terms[1]) : 1};
}

inline bool IsTime(const std::string& word) { return word.size() >= 10 && word[4] == '-' && word[7] == '-'; }

inline absl::Time TimeOf(const std::string& word) {
  absl::Time time;
  std::string error;
  const std::string full = word.size() == 10 ? word + "T00:00:00Z" : word + ":00Z";
  EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, full, &time, &error)) << word << ": " << error;
  return time;
}

// Settings are phrases, separated by semicolons: "expiry rolling 1 month", "tier silver from 500.00 grace
// 31", …
class Settings {
 public:
  explicit Settings(const std::string& text) {
    program_ = DollarProgram();
    SetZone("UTC");
    for (const absl::string_view phrase : absl::StrSplit(text, ';', absl::SkipWhitespace())) {
      const Words words = WordsOf(phrase);
      if (!SetPolicy(words, program_.policies) && !SetProgram(words))
        ADD_FAILURE() << "unknown setting: " << phrase;
    }
  }

  // expiry rolling 12 months [to month's|quarter's|year's end]; expiry day 12 31; expiry inactive 6 months
  static ExpiryPolicy Expiry(const Words& w) {
    const int32_t number = SmallNumber(w[2]);
    if (w[1] == "day") return {.kind = ExpiryKind::kFixedDay, .month = number, .day = SmallNumber(w[3])};
    if (w[1] == "inactive") return {.kind = ExpiryKind::kInactivity, .months = number};
    ExpiryPolicy expiry{.kind = ExpiryKind::kRolling};
    (absl::StartsWith(w[3], "month") ? expiry.months : expiry.days) = number;
    if (w.size() > 5) {
      expiry.round_up = w[5] == "month's"     ? RoundUp::kMonthEnd
                        : w[5] == "quarter's" ? RoundUp::kQuarterEnd
                                              : RoundUp::kYearEnd;
    }
    return expiry;
  }

  // tier silver from 500.00 [times 3/2] [label lounge] [grace 31]; the grace is that of all tiers
  static void AddTier(const Words& w, TierPolicy& policy) {
    Tier tier{.id = w[1], .display_name = w[1], .threshold = Minor(w[3])};
    for (size_t i = 4; i + 1 < w.size(); i += 2) {
      if (w[i] == "grace") policy.grace_days = SmallNumber(w[i + 1]);
      if (w[i] == "label") tier.labels.push_back(w[i + 1]);
      if (w[i] != "times") continue;
      tier.multiplier_numerator = Ratio(w[i + 1]).numerator;
      tier.multiplier_denominator = Ratio(w[i + 1]).denominator;
    }
    policy.tiers.push_back(std::move(tier));
  }

  MemoryStore Store() const {
    MemoryStore store(program_);
    for (const auto& [reward, codes] : rewards_) store.AddReward(reward, codes);
    return store;
  }

 private:
  void SetZone(const std::string& name) {
    program_.time_zone = name;
    EXPECT_TRUE(absl::LoadTimeZone(name, &program_.zone)) << name;
  }

  // False if it is no setting of the program's own.
  bool SetProgram(const Words& w) {
    if (w[0] == "rule") {
      program_.rules.push_back(Rule(w));
    } else if (w[0] == "reward") {
      AddReward(w);
    } else if (w[0] == "zone") {  // zone America/New_York
      SetZone(w[1]);
    } else if (w[0] == "base") {  // base 3 per 20
      program_.base_earn_rate = {Number(w[1]), Number(w[3])};
    } else if (w[0] == "rounding") {  // rounding half-up|half-even
      program_.rounding_mode = w[1] == "half-up" ? RoundingMode::kHalfUp : RoundingMode::kHalfEven;
    } else {
      return false;
    }
    return true;
  }

  // False if it is no policy.
  static bool SetPolicy(const Words& w, Policies& policies) {
    if (w[0] == "expiry") {
      policies.expiry = Expiry(w);
    } else if (w[0] == "returns") {
      policies.returns = w[1] == "pending" ? ReturnPolicy::kPendingOnly
                         : w[1] == "debt"  ? ReturnPolicy::kAllowNegative
                                           : ReturnPolicy::kWithinBalance;
    } else if (w[0] == "tier") {
      AddTier(w, policies.tiers);
    } else if (w[0] == "tiers") {
      SetTiers(w, policies.tiers);
    } else if (w[0] == "transfers") {  // transfers fee 10 each 50 daily 100
      policies.transfers.allowed = true;
      for (size_t i = 1; i + 1 < w.size(); i += 2) {
        if (w[i] == "fee") policies.transfers.fee_percent = SmallNumber(w[i + 1]);
        if (w[i] == "each") policies.transfers.most_points = Number(w[i + 1]);
        if (w[i] == "daily") policies.transfers.most_points_day = Number(w[i + 1]);
      }
    } else if (w[0] == "payment") {  // payment 100 points for 1.00 share 50 from 10.00
      policies.spending = {Number(w[1]), Minor(w[4]), Minor(w[8]), SmallNumber(w[6])};
    } else if (w[0] == "grace") {
      policies.spending.grace_days = SmallNumber(w[1]);
    } else if (w[0] == "leavers") {  // leavers keep
      policies.closure = w[1] == "keep" ? ClosurePolicy::kKeep : ClosurePolicy::kForfeit;
    } else if (w[0] == "birthday") {  // birthday 20
      policies.celebrations.birthday_points = Number(w[1]);
    } else if (w[0] == "anniversary") {  // anniversary 50
      policies.celebrations.anniversary_points = Number(w[1]);
    } else {
      return false;
    }
    return true;
  }

  // tiers [by points|purchases] [within 12-months|membership-year|lifetime] [dropping one]; otherwise by
  // money, within the calendar year, dropping to what is earned
  static void SetTiers(const Words& w, TierPolicy& policy) {
    for (size_t i = 1; i + 1 < w.size(); i += 2) {
      const std::string& value = w[i + 1];
      if (w[i] == "by")
        policy.metric = value == "points" ? TierMetric::kPointsEarned : TierMetric::kPurchases;
      if (w[i] == "within") {
        policy.period = value == "12-months"         ? TierPeriod::kRolling12Months
                        : value == "membership-year" ? TierPeriod::kMembershipYear
                                                     : TierPeriod::kLifetime;
      }
      if (w[i] == "dropping") policy.downgrade = Downgrade::kOneTier;
    }
  }

  // rule gift gives 5 [per 20|item]; rule gift times 3/2; rule gift donates 5|1/2 to red-cross. Then options:
  // of a condition, a limit or the rule itself, each with a value but for "first" and "partial".
  static EarnRule Rule(const Words& w) {
    EarnRule rule = MultiplierRule(w[1], "", Ratio(w[3]));
    size_t i = 4;
    if (w[2] == "gives" && w.size() > 5 && w[4] == "per") {
      rule.effect = PointsPerUnit{Number(w[3]), w[5] == "item" ? 1 : Number(w[5])};
      if (w[5] == "item") rule.effect = PointsPerItem{Number(w[3])};
      i = 6;
    } else if (w[2] == "gives") {
      rule.effect = FixedPoints{Number(w[3])};
    } else if (w[2] == "donates") {
      const Multiplier share = Ratio(w[3]);
      rule.effect = absl::StrContains(w[3], "/") ? Donation{w[5], 0, share.numerator, share.denominator}
                                                 : Donation{.charity_id = w[5], .points = share.numerator};
      i = 6;
    }
    for (; i < w.size(); ++i) {
      if (w[i] == "first") {
        rule.conditions.first_purchase = true;
      } else if (w[i] == "partial") {
        rule.limits.partial = true;
      } else {
        const std::string &option = w[i], &value = w.at(++i);
        const bool known = SetCondition(option, value, rule.conditions) ||
                           SetLimit(option, value, rule.limits) || SetOption(option, value, rule);
        EXPECT_TRUE(known) << "unknown option of a rule: " << option;
      }
    }
    return rule;
  }

  // [group g] [priority 1] [pending 14|until-confirmed]
  static bool SetOption(const std::string& option, const std::string& value, EarnRule& rule) {
    if (option == "group") {
      rule.group = value;
    } else if (option == "priority") {
      rule.priority = SmallNumber(value);
    } else if (option == "pending") {
      rule.maturity = value == "until-confirmed" ? Maturity{MaturityKind::kConfirmation}
                                                 : Maturity{MaturityKind::kDays, SmallNumber(value)};
    } else {
      return false;
    }
    return true;
  }

  // [channel app] [location rome] [sku tea] [category drinks] [not-sku water] [not-category food] [in silver]
  // [order-label gift] [from 30.00] [from 2026-05-01] [until 2026-06-01] [weekday 5] [hours 22-2] [label vip]
  // [segment family] [birthday day|week|month] [every 3] [for review]
  static bool SetCondition(const std::string& option, const std::string& value, EarnConditions& asked) {
    static constexpr std::pair<const char*, std::vector<std::string> EarnConditions::*> kLists[] = {
        {"channel", &EarnConditions::channels},
        {"location", &EarnConditions::locations},
        {"sku", &EarnConditions::skus},
        {"category", &EarnConditions::categories},
        {"not-sku", &EarnConditions::excluded_skus},
        {"not-category", &EarnConditions::excluded_categories},
        {"in", &EarnConditions::tier_ids},
        {"order-label", &EarnConditions::order_labels}};
    for (const auto& [name, list] : kLists) {
      if (option != name) continue;
      (asked.*list).push_back(value);
      return true;
    }
    if (option == "from" && IsTime(value)) {
      asked.start = TimeOf(value);
    } else if (option == "from") {
      asked.minimum_order_minor = Minor(value);
    } else if (option == "until") {
      asked.end = TimeOf(value);
    } else if (option == "weekday") {
      asked.weekdays.push_back(SmallNumber(value));
    } else if (option == "hours") {
      const Words hours = absl::StrSplit(value, '-');
      asked.hour_start = SmallNumber(hours[0]);
      asked.hour_end = SmallNumber(hours.at(1));
    } else if (option == "label") {
      asked.member_label = value;
    } else if (option == "segment") {
      asked.segment = value;
    } else if (option == "birthday") {
      asked.birthday = value == "day"    ? BirthdayWindow::kDay
                       : value == "week" ? BirthdayWindow::kWeek
                                         : BirthdayWindow::kMonth;
    } else if (option == "every") {
      asked.every_nth_purchase = Number(value);
    } else if (option == "for") {
      asked.activity_type = value;
    } else {
      return false;
    }
    return true;
  }

  // [per-order 4] [daily 5] [weekly 5] [monthly 10] [ever 12] [budget 7]
  static bool SetLimit(const std::string& option, const std::string& value, EarnLimits& limits) {
    static constexpr std::pair<const char*, int64_t EarnLimits::*> kLimits[] = {
        {"per-order", &EarnLimits::per_order},    {"daily", &EarnLimits::per_member_day},
        {"weekly", &EarnLimits::per_member_week}, {"monthly", &EarnLimits::per_member_month},
        {"ever", &EarnLimits::per_member},        {"budget", &EarnLimits::budget}};
    for (const auto& [name, limit] : kLimits) {
      if (option != name) continue;
      limits.*limit = Number(value);
      return true;
    }
    return false;
  }

  // reward mug costs 100 [stock 5] [daily 1] [from 20.00] [from 2026-05-01] [until 2026-06-01] [in gold]
  // [label vip] [codes A,B] [to unicef] [gold 80]
  void AddReward(const Words& w) {
    Reward reward;
    reward.id = reward.display_name = w[1];
    reward.kind = ServiceReward{};
    reward.price_points = Number(w[3]);
    Words codes;
    for (size_t i = 4; i + 1 < w.size(); i += 2) {
      const std::string &option = w[i], &value = w[i + 1];
      if (option == "stock") {
        reward.stock = Number(value);
      } else if (option == "daily") {
        reward.limit = {Number(value), LimitWindow::kDay};
      } else if (option == "from" && IsTime(value)) {
        reward.start = TimeOf(value);
      } else if (option == "from") {
        reward.minimum_order_minor = Minor(value);
      } else if (option == "until") {
        reward.end = TimeOf(value);
      } else if (option == "in") {
        reward.tier_ids.push_back(value);
      } else if (option == "label") {
        reward.member_label = value;
      } else if (option == "codes") {
        reward.kind = Voucher{};
        codes = absl::StrSplit(value, ',');
      } else if (option == "to") {
        reward.kind = DonationReward{value};
      } else {
        reward.tier_prices[option] = Number(value);
      }
    }
    rewards_.emplace_back(std::move(reward), std::move(codes));
  }

  Program program_;
  std::vector<std::pair<Reward, Words>> rewards_;  // with the codes that were uploaded
};

}  // namespace loyalty::points
