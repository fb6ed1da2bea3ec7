// Random programs and rewards, for properties.
#pragma once

#include <rapidcheck.h>

#include <string>
#include <utility>
#include <vector>

#include "services/points/domain/expiry_changes.h"
#include "services/points/domain/simple_ledger.h"
#include "services/points/domain/test_kit.h"

namespace loyalty::points {

// All of a range is as likely: inRange alone begins with its lowest numbers, and reaches the others late.
inline rc::Gen<int> From(int min, int end) {
  return rc::gen::resize(rc::kNominalSize, rc::gen::inRange(min, end));
}
// True in one of n cases.
inline rc::Gen<bool> OneIn(int n) {
  return rc::gen::map(From(0, n), [n](int x) { return x == n - 1; });
}

inline ExpiryPolicy AnyExpiry() {
  const int32_t few = *From(1, 4);
  switch (*From(0, 5)) {
    case 0:
      return {};
    case 1:
      return {.kind = ExpiryKind::kRolling, .months = few, .round_up = static_cast<RoundUp>(few)};
    case 2:
      return {.kind = ExpiryKind::kRolling, .days = few * 6};
    case 3:
      return {.kind = ExpiryKind::kFixedDay, .month = few * 4, .day = 31 - few};
    default:
      return {.kind = ExpiryKind::kInactivity, .months = few};
  }
}

inline TierPolicy AnyTiers() {
  TierPolicy tiers;
  tiers.metric = static_cast<TierMetric>(*From(1, 4));
  tiers.period = static_cast<TierPeriod>(*From(1, 5));
  tiers.downgrade = static_cast<Downgrade>(*From(1, 3));
  tiers.grace_days = *From(0, 3) * 10;
  const int64_t unit = tiers.metric == TierMetric::kMoneySpent  ? 800
                       : tiers.metric == TierMetric::kPurchases ? 1
                                                                : 8;
  tiers.tiers = {{.id = "silver", .threshold = unit},
                 {.id = "gold",
                  .threshold = 3 * unit,
                  .multiplier_numerator = 3,
                  .multiplier_denominator = 2,
                  .labels = {"plus"}}};
  tiers.tiers.resize(static_cast<size_t>(*From(0, 3)));
  return tiers;
}

inline std::vector<EarnRule> AnyRules() {
  const auto rule = [](std::string id, decltype(EarnRule::effect) effect) {
    EarnRule made = MultiplierRule(std::move(id), "", {});
    made.effect = effect;
    return made;
  };
  std::vector<EarnRule> all = {
      MultiplierRule("a-gold", "gold", {2, 1}), MultiplierRule("b-plus", "plus", {7, 3}),
      rule("c-fixed", FixedPoints{4}),          rule("d-item", PointsPerItem{2}),
      rule("e-late", PointsPerUnit{1, 1}),      rule("f-visit", FixedPoints{5}),
      rule("g-give", Donation{"m3", 3, 0, 1}),  rule("h-first", FixedPoints{7}),
      rule("i-born", FixedPoints{6}),           rule("j-vip", FixedPoints{3})};
  all[2].limits = {.per_order = 3, .per_member_day = 5, .per_member_month = 9, .partial = true};
  all[3].maturity = {MaturityKind::kConfirmation, 0};
  all[3].conditions.skus = {"tea", "gift"};
  all[3].limits = {.per_member_month = 30, .budget = 50, .partial = *rc::gen::arbitrary<bool>()};
  all[4].maturity = {MaturityKind::kDays, 9};
  all[4].limits = {.budget = 40, .partial = *rc::gen::arbitrary<bool>()};
  all[5].conditions.activity_type = "visit";
  all[5].limits = {.per_member_week = 10, .budget = 33};
  all[5].maturity = {*rc::gen::element(MaturityKind::kAtOnce, MaturityKind::kDays), 0};
  if (all[5].maturity.kind == MaturityKind::kDays) all[5].maturity.days = 20;
  all[6].limits = {.budget = 20};
  all[7].conditions.first_purchase = true;
  all[8].conditions.birthday = static_cast<BirthdayWindow>(*From(1, 4));
  all[9].conditions.segment = "vip";
  std::vector<EarnRule> some;
  for (const EarnRule& one : all) {
    if (*OneIn(3)) some.push_back(one);
  }
  return some;
}

inline Program AnyProgram() {
  Program program = DollarProgram();
  program.base_earn_rate = {*From(0, 4), *From(1, 3)};
  if (*OneIn(25)) program.enrollment_mode = EnrollmentMode::kExplicit;
  Policies& policies = program.policies;
  policies.expiry = AnyExpiry();
  policies.returns = static_cast<ReturnPolicy>(*From(1, 4));
  policies.tiers = AnyTiers();
  policies.spending.grace_days = *rc::gen::element(0, 0, 5);
  if (*OneIn(3)) policies.spending = {2, 40, 300, 50, policies.spending.grace_days};
  policies.transfers.allowed = !*OneIn(4);
  if (*OneIn(2)) policies.transfers = {true, 8, 12, 10};
  policies.closure = *rc::gen::element(ClosurePolicy::kForfeit, ClosurePolicy::kKeep);
  policies.celebrations = {*rc::gen::element<int64_t>(0, 5), *rc::gen::element<int64_t>(0, 4)};
  program.rules = AnyRules();
  return program;
}

inline EarnLimits AnyLimits(bool for_member) {
  EarnLimits limits{.budget = *rc::gen::element<int64_t>(0, 0, 15, 45),
                    .partial = *rc::gen::arbitrary<bool>()};
  if (!for_member) return limits;
  limits.per_member_day = *rc::gen::element<int64_t>(0, 4);
  limits.per_member_month = *rc::gen::element<int64_t>(0, 8);
  limits.per_member = *rc::gen::element<int64_t>(0, 0, 25);
  return limits;
}

// The program becomes the next one, at `now`.
inline void Begin(const Program& before, absl::Time now, Program& after) {
  BeginInactivity(before.policies.expiry, now, after.policies.expiry);
  const bool for_existing = !after.policies.expiry_changes.empty();
  after.policies.expiry_changes = before.policies.expiry_changes;
  if (for_existing) (void)ApplyExpiryToExisting(now, after);
}

// What may become of the program: the time zone stays, tiers may. Its rules end, or go on in a new version,
// or in the one that they have.
inline Program AfterAnyChange(const Program& before) {
  Program after = AnyProgram();
  if (*OneIn(2)) after.policies.tiers = before.policies.tiers;
  after.enrollment_mode = before.enrollment_mode;
  if (*OneIn(2)) after.policies.expiry_changes = {{kNoon, after.policies.expiry}};  // see Begin
  after.rules.clear();
  for (EarnRule rule : before.rules) {
    const int fate = *From(0, 4);
    if (fate == 0) continue;
    if (fate > 1) {
      ++rule.version;
      rule.limits = AnyLimits(!std::holds_alternative<Donation>(rule.effect));
      if (std::holds_alternative<FixedPoints>(rule.effect)) rule.effect = FixedPoints{*From(1, 9)};
    }
    after.rules.push_back(std::move(rule));
  }
  return after;
}

// A program, and what it becomes.
inline std::vector<Program> AnyPrograms() {
  std::vector<Program> programs = {AnyProgram()};
  for (int changes = *rc::gen::element(0, 1, 3); changes > 0; --changes)
    programs.push_back(AfterAnyChange(programs.back()));
  return programs;
}

// One reward of each kind that the ledger does something about, and one that nobody offers.
inline constexpr const char* kRewardIds[] = {"mug", "card", "code", "gift", "cut", "none"};

inline std::vector<SimpleLedger::Offer> AnyOffers() {
  const auto offer = [](const std::string& id, auto kind) {
    Reward reward;
    reward.id = reward.display_name = id;
    reward.kind = kind;
    reward.price_points = *From(1, 6);
    reward.create_time = reward.update_time = kNoon;
    return SimpleLedger::Offer{reward, {}};
  };
  std::vector<SimpleLedger::Offer> offers = {
      offer("mug", FreeProduct{"mug-1"}), offer("card", Voucher{}), offer("code", Voucher{true, "C", 8}),
      offer("gift", DonationReward{"m3"}), offer("cut", DiscountPercent{10})};
  offers[0].reward.stock = *From(0, 4);
  offers[0].reward.tier_prices = {{"silver", 2}, {"gold", 1}};
  offers[1].codes = {"A", "B"};
  offers[1].codes.resize(static_cast<size_t>(*From(0, 3)));
  for (const size_t i : {0, 1, 2}) {
    const auto window = static_cast<LimitWindow>(*From(1, 5));
    offers[i].reward.limit = {*From(0, 3), window};
  }
  offers[3].reward.stock = *rc::gen::element<int64_t>(0, 2);
  if (*OneIn(3)) offers[4].reward.member_label = "plus";
  if (*OneIn(3)) offers[4].reward.tier_ids = {"gold"};
  if (*OneIn(3)) offers[4].reward.minimum_order_minor = 500;
  if (*OneIn(3)) offers[4].reward.start = kNoon + absl::Hours(24 * 20);
  if (*OneIn(3)) offers[4].reward.end = kNoon + absl::Hours(24 * 90);
  return offers;
}

}  // namespace loyalty::points
