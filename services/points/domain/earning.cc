#include "services/points/domain/earning.h"

#include <absl/numeric/int128.h>
#include <absl/strings/str_cat.h>

#include <algorithm>
#include <limits>
#include <map>
#include <utility>

#include "common/money/currency.h"
#include "common/status/status.h"
#include "services/points/domain/allocation.h"
#include "services/points/domain/reason.h"
#include "services/points/domain/rule_conditions.h"

namespace loyalty::points {
namespace {

constexpr int64_t kMax = std::numeric_limits<int64_t>::max();

// numerator ÷ denominator, both 0 or more.
absl::uint128 Round(absl::uint128 numerator, absl::uint128 denominator, RoundingMode mode) {
  const absl::uint128 whole = numerator / denominator;
  const absl::uint128 twice_rest = 2 * (numerator % denominator);
  switch (mode) {
    case RoundingMode::kFloor:
      return whole;
    case RoundingMode::kHalfUp:
      return whole + (twice_rest >= denominator ? 1 : 0);
    case RoundingMode::kHalfEven:
      return whole + (twice_rest > denominator || (twice_rest == denominator && whole % 2 == 1) ? 1 : 0);
  }
  return whole;
}

absl::Status Overflow(int64_t total_minor) {
  return Refuse(
      absl::StatusCode::kOutOfRange, reason::kPointsOverflow,
      absl::StrCat("An order of ", total_minor, " minor units earns more points than an int64 holds."),
      {{"total_minor", absl::StrCat(total_minor)}});
}

absl::StatusOr<int64_t> Narrow(absl::uint128 points, int64_t total_minor) {
  if (points > absl::uint128(kMax)) return Overflow(total_minor);
  return static_cast<int64_t>(absl::Uint128Low64(points));
}

// An exact factor, 0 or more.
struct Factor {
  int64_t numerator = 1;
  int64_t denominator = 1;
};

// round(factor × amount × rate). Below 10^6 · 2^63 · 10^9, and 10^6 · 10^9 · 10^4: within 128 bits.
absl::StatusOr<int64_t> RoundedAward(const Program& program, int64_t amount_minor, EarnRate rate,
                                     Factor factor) {
  uint64_t minor_in_major = 1;
  for (int i = CurrencyExponent(program.currency_code).value_or(2); i > 0; --i) minor_in_major *= 10;
  const absl::uint128 numerator =
      absl::uint128(amount_minor) * absl::uint128(rate.points) * absl::uint128(factor.numerator);
  const absl::uint128 denominator =
      absl::uint128(rate.per_major_units) * minor_in_major * absl::uint128(factor.denominator);
  return Narrow(Round(numerator, denominator, program.rounding_mode), amount_minor);
}

// What of an order counts for a rule: all of it, or the lines that its conditions choose.
class Counted {
 public:
  Counted(const EarnConditions& conditions, const Purchase& purchase)
      : purchase_(purchase), chooses_(ChoosesLines(conditions)), conditions_(conditions) {}

  int64_t amount_minor() const { return chooses_ ? Sum(&PurchaseLine::amount_minor) : purchase_.total_minor; }
  int64_t pieces() const { return Sum(&PurchaseLine::quantity); }

  // The share of each line in `points`; empty if the order has fewer than two.
  std::vector<int64_t> SharesOf(int64_t points, bool by_pieces) const;

 private:
  bool Has(const PurchaseLine& line) const { return !chooses_ || Counts(conditions_, line); }
  int64_t Sum(int64_t PurchaseLine::*value) const {
    int64_t sum = 0;
    for (const PurchaseLine& line : purchase_.lines) sum += Has(line) ? line.*value : 0;
    return sum;
  }

  const Purchase& purchase_;
  const bool chooses_;
  const EarnConditions& conditions_;
};

std::vector<int64_t> Counted::SharesOf(int64_t points, bool by_pieces) const {
  const std::vector<PurchaseLine>& lines = purchase_.lines;
  if (lines.size() < 2) return {};
  const bool by_amount = !by_pieces && Sum(&PurchaseLine::amount_minor) > 0;
  const auto weight = by_amount ? &PurchaseLine::amount_minor : &PurchaseLine::quantity;
  std::vector<int64_t> weights;
  weights.reserve(lines.size());
  for (const PurchaseLine& line : lines) weights.push_back(Has(line) ? line.*weight : 0);
  return Allocate(points, weights);
}

// What a rule that applies gives for a deed, before its limits.
struct PointsOf {
  const Program& program;
  const EarnRule& rule;
  const Purchase* purchase;  // null: another deed

  absl::StatusOr<int64_t> operator()(std::monostate) const { return 0; }
  absl::StatusOr<int64_t> operator()(const Multiplier& factor) const {
    return OfBase({factor.numerator - factor.denominator, factor.denominator});
  }
  absl::StatusOr<int64_t> operator()(const PointsPerUnit& rate) const {
    return OfAmount({rate.points, rate.per_major_units}, {});
  }
  absl::StatusOr<int64_t> operator()(const FixedPoints& fixed) const { return fixed.points; }
  absl::StatusOr<int64_t> operator()(const PointsPerItem& item) const {
    if (purchase == nullptr) return 0;
    const int64_t pieces = Counted(rule.conditions, *purchase).pieces();
    return Narrow(absl::uint128(item.points) * absl::uint128(pieces), purchase->total_minor);
  }
  absl::StatusOr<int64_t> operator()(const Donation& gift) const {
    if (gift.points > 0) return gift.points;
    return OfBase({gift.share_numerator, gift.share_denominator});
  }

 private:
  absl::StatusOr<int64_t> OfBase(Factor factor) const { return OfAmount(program.base_earn_rate, factor); }
  absl::StatusOr<int64_t> OfAmount(EarnRate rate, Factor factor) const {
    if (purchase == nullptr) return 0;
    return RoundedAward(program, Counted(rule.conditions, *purchase).amount_minor(), rate, factor);
  }
};

constexpr struct {
  LimitWindow window;
  int64_t EarnLimits::*limit;
} kMemberLimits[] = {{LimitWindow::kDay, &EarnLimits::per_member_day},
                     {LimitWindow::kWeek, &EarnLimits::per_member_week},
                     {LimitWindow::kMonth, &EarnLimits::per_member_month},
                     {LimitWindow::kLifetime, &EarnLimits::per_member}};

// What the rule may still give the member on that day.
int64_t LeftForMember(const EarnRule& rule, absl::CivilDay day, const RuleUses& uses) {
  int64_t left = kMax;
  for (const auto& [window, limit] : kMemberLimits) {
    const int64_t most = rule.limits.*limit;
    if (most > 0) left = std::min(left, std::max<int64_t>(0, most - uses.Used(rule.id, window, day)));
  }
  return left;
}

// A rule on its way to what it gives.
struct Considering {
  const EarnRule& rule;
  RuleOutcome outcome;
  int64_t points = 0;  // above 0 if and only if it applied

  bool donates() const { return std::holds_alternative<Donation>(rule.effect); }
  void Drop(RuleOutcome why) {
    points = 0;
    outcome = why;
  }
  // Cuts the points down to what is left of a limit, or to nothing.
  void CutTo(int64_t left, RuleOutcome why) {
    if (left >= points) return;
    points = rule.limits.partial ? left : 0;
    if (points <= 0) Drop(why);
  }
};

void ApplyLimits(const Deed& deed, Considering& one) {
  const EarnLimits& limits = one.rule.limits;
  if (limits.per_order > 0) one.points = std::min(one.points, limits.per_order);
  if (!one.donates()) {
    one.CutTo(LeftForMember(one.rule, absl::CivilDay(deed.local), deed.facts.uses),
              RuleOutcome::kMemberLimit);
  }
  if (limits.budget > 0 && one.points > 0) one.CutTo(deed.facts.budget_left(one.rule), RuleOutcome::kBudget);
}

absl::StatusOr<Considering> Consider(const Program& program, const EarnRule& rule, const Deed& deed) {
  Considering one{rule, OutcomeOf(rule.conditions, deed)};
  if (one.outcome != RuleOutcome::kApplied) return one;
  const auto* gift = std::get_if<Donation>(&rule.effect);
  if (gift != nullptr && !deed.facts.is_member(gift->charity_id)) {
    one.Drop(RuleOutcome::kNoCharity);
    return one;
  }
  const absl::StatusOr<int64_t> points = std::visit(PointsOf{program, rule, deed.purchase}, rule.effect);
  if (!points.ok()) return points.status();
  one.points = *points;
  if (one.points == 0) {
    one.Drop(RuleOutcome::kNothing);
  } else {
    ApplyLimits(deed, one);
  }
  return one;
}

// Leaves of each group only the best.
void ChooseBest(std::vector<Considering>& all) {
  // The rules come by id: among equals the first stays.
  const auto better = [](const Considering& a, const Considering& b) {
    return std::pair(a.points, a.rule.priority) > std::pair(b.points, b.rule.priority);
  };
  std::map<std::pair<absl::string_view, bool>, Considering*> best;
  for (Considering& one : all) {
    if (one.points == 0 || one.rule.group.empty()) continue;
    Considering*& winner = best[{one.rule.group, one.donates()}];
    Considering* loser = &one;
    if (winner == nullptr || better(one, *winner)) std::swap(winner, loser);
    if (loser != nullptr) loser->Drop(RuleOutcome::kBetterInGroup);
  }
}

// Adds an award; false if the sum overflows.
bool AddAward(Earned& earned, Award award) {
  if (__builtin_add_overflow(earned.points, award.points, &earned.points)) return false;
  earned.awards.push_back(std::move(award));
  return true;
}

// The base's and the tier's.
absl::Status AddBase(const Program& program, const Purchase& purchase, const Tier* tier, Earned& earned) {
  const EarnConditions none;
  const Counted whole(none, purchase);
  const absl::StatusOr<int64_t> base = BaseAward(program, purchase.total_minor);
  LOYALTY_RETURN_IF_ERROR(base.status());
  AddAward(earned, {kBaseRule, *base, {}, whole.SharesOf(*base, false)});
  if (tier == nullptr) return absl::OkStatus();
  const absl::StatusOr<int64_t> extra =
      RoundedAward(program, purchase.total_minor, program.base_earn_rate,
                   {tier->multiplier_numerator - tier->multiplier_denominator, tier->multiplier_denominator});
  LOYALTY_RETURN_IF_ERROR(extra.status());
  if (*extra == 0) return absl::OkStatus();
  Award award{absl::StrCat(kTierRulePrefix, tier->id), *extra, {}, whole.SharesOf(*extra, false)};
  return AddAward(earned, std::move(award)) ? absl::OkStatus() : Overflow(purchase.total_minor);
}

absl::Status AddRules(const Program& program, const Deed& deed, Earned& earned) {
  std::vector<Considering> all;
  all.reserve(program.rules.size());
  for (const EarnRule& rule : program.rules) {
    const absl::StatusOr<Considering> one = Consider(program, rule, deed);
    LOYALTY_RETURN_IF_ERROR(one.status());
    all.push_back(*one);
  }
  ChooseBest(all);
  for (const Considering& one : all) {
    const EarnRule& rule = one.rule;
    earned.considered.push_back({rule.id, rule.version, one.outcome});
    if (one.points == 0) continue;
    if (const auto* gift = std::get_if<Donation>(&rule.effect)) {
      earned.donations.push_back({rule.id, gift->charity_id, one.points});
      continue;
    }
    Award award{rule.id, one.points, rule.maturity, {}};
    if (deed.purchase != nullptr) {
      const bool by_pieces = std::holds_alternative<PointsPerItem>(rule.effect);
      award.lines = Counted(rule.conditions, *deed.purchase).SharesOf(one.points, by_pieces);
    }
    if (!AddAward(earned, std::move(award))) {
      return Overflow(deed.purchase != nullptr ? deed.purchase->total_minor : 0);
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<int64_t> BaseAward(const Program& program, int64_t total_minor) {
  return RoundedAward(program, total_minor, program.base_earn_rate, {});
}

absl::StatusOr<Earned> EarnedBy(const Program& program, const Purchase& purchase, const EarnFacts& facts) {
  Earned earned;
  LOYALTY_RETURN_IF_ERROR(AddBase(program, purchase, facts.tier, earned));
  LOYALTY_RETURN_IF_ERROR(AddRules(program, Deed(purchase, program.zone, facts), earned));
  if (earned.awards.size() == 1) earned.awards.clear();  // only the base's
  return earned;
}

absl::StatusOr<Earned> EarnedBy(const Program& program, const Activity& activity, const EarnFacts& facts) {
  Earned earned;
  LOYALTY_RETURN_IF_ERROR(AddRules(program, Deed(activity, program.zone, facts), earned));
  return earned;
}

RuleLimits LimitsOf(const Program& program, const std::vector<Award>& awards) {
  RuleLimits limits;
  for (const Award& award : awards) {
    const auto rule = std::find_if(program.rules.begin(), program.rules.end(),
                                   [&](const EarnRule& one) { return one.id == award.rule_id; });
    if (rule == program.rules.end() || rule->limits == EarnLimits()) continue;  // also: the base, or a tier
    limits.emplace(award.rule_id, rule->limits);
  }
  return limits;
}

void CountUses(const RuleLimits& limits, const std::vector<Award>& awards, absl::CivilDay day, int sign,
               RuleUses& uses) {
  for (const Award& award : awards) {
    const auto of_rule = limits.find(award.rule_id);
    if (of_rule == limits.end()) continue;
    for (const auto& [window, limit] : kMemberLimits) {
      if (of_rule->second.*limit > 0) uses.Add(award.rule_id, window, day, sign * award.points);
    }
  }
}

}  // namespace loyalty::points
