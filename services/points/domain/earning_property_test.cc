// EarnedBy against a model that decides the same in the simplest way, over random rules and histories.
#include <absl/numeric/int128.h>
#include <absl/strings/str_cat.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "services/points/domain/test_earning.h"

namespace loyalty::points {
namespace {

using Lines = std::vector<int64_t>;  // a value for each line

struct Gift {
  RuleOutcome outcome = RuleOutcome::kApplied;
  int64_t points = 0;
  bool operator==(const Gift&) const = default;
};

int64_t Rounded(absl::int128 n, absl::int128 d, RoundingMode mode) {
  const absl::int128 down = n / d, rest = n - down * d;
  const bool half = 2 * rest == d, more = 2 * rest > d;
  const bool up = mode == RoundingMode::kHalfUp     ? half || more
                  : mode == RoundingMode::kHalfEven ? more || (half && down % 2 != 0)
                                                    : false;
  return static_cast<int64_t>(down + (up ? 1 : 0));
}

// What rules gave so far: of a rule to the member in the period that begins then, and of its budget.
struct Spent {
  std::map<std::pair<std::string, absl::CivilDay>, int64_t> day, week, month;
  std::map<std::string, int64_t> ever, budget;

  static absl::CivilDay Monday(absl::CivilDay day) {
    while (absl::GetWeekday(day) != absl::Weekday::monday) --day;
    return day;
  }
  static absl::CivilDay First(absl::CivilDay day) { return absl::CivilDay(day.year(), day.month(), 1); }

  void Add(const std::string& rule, absl::CivilDay on, int64_t points) {
    day[{rule, on}] += points;
    week[{rule, Monday(on)}] += points;
    month[{rule, First(on)}] += points;
    ever[rule] += points;
  }
  // What a member may still get, none below 0.
  int64_t Left(const EarnRule& rule, absl::CivilDay on) {
    int64_t left = INT64_MAX;
    const auto bind = [&](int64_t limit, int64_t used) {
      if (limit != 0) left = std::min(left, limit - used);
    };
    bind(rule.limits.per_member_day, day[{rule.id, on}]);
    bind(rule.limits.per_member_week, week[{rule.id, Monday(on)}]);
    bind(rule.limits.per_member_month, month[{rule.id, First(on)}]);
    bind(rule.limits.per_member, ever[rule.id]);
    return left;
  }
};

// The naive decision.
class Model {
 public:
  Model(const Program& program, const Purchase& purchase, const Known& known, Spent& spent)
      : program_(program),
        purchase_(purchase),
        known_(known),
        spent_(spent),
        day_(absl::ToCivilDay(purchase.purchase_time, program.zone)) {}

  static bool Counts(const EarnConditions& asked, const PurchaseLine& line) {
    const auto named = [](const std::vector<std::string>& list, const std::string& name) {
      return std::count(list.begin(), list.end(), name) > 0;
    };
    if (named(asked.excluded_skus, line.sku) || named(asked.excluded_categories, line.category)) return false;
    if (asked.skus.empty() && asked.categories.empty()) return true;
    return named(asked.skus, line.sku) || named(asked.categories, line.category);
  }

  std::vector<Gift> Decide() {
    std::vector<Gift> gifts;
    for (const EarnRule& rule : program_.rules) gifts.push_back(AfterLimits(rule, Alone(rule)));
    for (size_t i = 0; i < gifts.size(); ++i) {
      bool beaten = false;
      for (size_t j = 0; j < gifts.size(); ++j) beaten = beaten || Beats(j, i, gifts);
      if (beaten) beaten_.insert(i);
    }
    for (const size_t i : beaten_) gifts[i] = {RuleOutcome::kBetterInGroup, 0};
    return gifts;
  }

 private:
  bool Donates(size_t i) const { return program_.rules[i].effect.index() == 5; }

  bool Beats(size_t i, size_t j, const std::vector<Gift>& gifts) const {
    const EarnRule &a = program_.rules[i], &b = program_.rules[j];
    if (i == j || a.group.empty() || a.group != b.group || Donates(i) != Donates(j)) return false;
    if (gifts[i].points == 0 || gifts[j].points == 0) return false;
    if (gifts[i].points != gifts[j].points) return gifts[i].points > gifts[j].points;
    return a.priority != b.priority ? a.priority > b.priority : a.id < b.id;
  }

  // Before limits and groups.
  Gift Alone(const EarnRule& rule) const {
    const EarnConditions& asked = rule.conditions;
    const bool chooses = !(asked.skus.empty() && asked.categories.empty() && asked.excluded_skus.empty() &&
                           asked.excluded_categories.empty());
    int64_t amount = 0, pieces = 0, lines = 0;
    for (const PurchaseLine& line : purchase_.lines) {
      if (!Counts(asked, line)) continue;
      amount += line.amount_minor;
      pieces += line.quantity;
      ++lines;
    }
    if (!chooses) amount = purchase_.total_minor;
    if (!asked.activity_type.empty()) return {RuleOutcome::kOtherDeed, 0};
    if (chooses && lines == 0) return {RuleOutcome::kNoLine, 0};
    if (purchase_.total_minor < asked.minimum_order_minor) return {RuleOutcome::kMinimumOrder, 0};
    if (asked.every_nth_purchase > 0 && (known_.purchases + 1) % asked.every_nth_purchase != 0) {
      return {RuleOutcome::kNotNthPurchase, 0};
    }
    const int64_t points = Points(rule, amount, pieces);
    return {points == 0 ? RuleOutcome::kNothing : RuleOutcome::kApplied, points};
  }

  int64_t Points(const EarnRule& rule, int64_t amount, int64_t pieces) const {
    const absl::int128 base_n = absl::int128(amount) * program_.base_earn_rate.points;
    const absl::int128 base_d = absl::int128(100) * program_.base_earn_rate.per_major_units;
    const RoundingMode mode = program_.rounding_mode;
    switch (rule.effect.index()) {
      case 1: {
        const auto& m = std::get<Multiplier>(rule.effect);
        return Rounded(base_n * (m.numerator - m.denominator), base_d * m.denominator, mode);
      }
      case 2: {
        const auto& rate = std::get<PointsPerUnit>(rule.effect);
        return Rounded(absl::int128(amount) * rate.points, absl::int128(100) * rate.per_major_units, mode);
      }
      case 3:
        return std::get<FixedPoints>(rule.effect).points;
      case 4:
        return std::get<PointsPerItem>(rule.effect).points * pieces;
      default: {
        const auto& gift = std::get<Donation>(rule.effect);
        if (gift.points != 0) return gift.points;
        return Rounded(base_n * gift.share_numerator, base_d * gift.share_denominator, mode);
      }
    }
  }

  Gift AfterLimits(const EarnRule& rule, Gift gift) {
    if (gift.points == 0) return gift;
    const EarnLimits& limits = rule.limits;
    if (limits.per_order != 0 && gift.points > limits.per_order) gift.points = limits.per_order;
    const auto leave = [&](int64_t left, RuleOutcome why) {
      if (gift.points == 0 || gift.points <= left) return;
      gift.points = limits.partial ? left : 0;
      if (gift.points == 0) gift.outcome = why;
    };
    if (rule.effect.index() != 5) leave(spent_.Left(rule, day_), RuleOutcome::kMemberLimit);
    if (limits.budget != 0) leave(limits.budget - spent_.budget[rule.id], RuleOutcome::kBudget);
    return gift;
  }

  const Program& program_;
  const Purchase& purchase_;
  const Known& known_;
  Spent& spent_;
  const absl::CivilDay day_;
  std::set<size_t> beaten_;
};

// Gives one piece after the other to the line that lacks most of its exact share.
Lines SharesOf(int64_t points, const Lines& weights) {
  Lines shares(weights.size(), 0);
  absl::int128 all = 0;
  for (const int64_t weight : weights) all += weight;
  if (all == 0) return shares;
  int64_t left = points;
  for (size_t i = 0; i < weights.size(); ++i) {
    shares[i] = static_cast<int64_t>(absl::int128(points) * weights[i] / all);
    left -= shares[i];
  }
  for (; left > 0; --left) {
    size_t most = 0;
    const auto lacks = [&](size_t i) { return absl::int128(points) * weights[i] - all * shares[i]; };
    for (size_t i = 1; i < weights.size(); ++i) most = lacks(i) > lacks(most) ? i : most;
    ++shares[most];
  }
  return shares;
}

// What the award's shares have to be.
Lines SharesOf(const Award& award, const EarnConditions& asked, bool by_pieces, const Purchase& purchase) {
  if (purchase.lines.size() < 2) return {};
  Lines amounts, pieces;
  int64_t sum = 0;
  for (const PurchaseLine& line : purchase.lines) {
    const bool counts = Model::Counts(asked, line);
    amounts.push_back(counts ? line.amount_minor : 0);
    pieces.push_back(counts ? line.quantity : 0);
    sum += amounts.back();
  }
  return SharesOf(award.points, by_pieces || sum == 0 ? pieces : amounts);
}

template <class T>
T Pick(std::initializer_list<T> values) {
  return *rc::gen::elementOf(std::vector<T>(values));
}

std::vector<std::string> SomeOf(const std::vector<std::string>& names) {
  if (*rc::gen::inRange(0, 3) != 0) return {};
  return {*rc::gen::elementOf(names)};
}

EarnRule RandomRule(int number) {
  const auto points = Pick<int64_t>({5, *rc::gen::inRange<int64_t>(1, 40)});  // equals are not rare
  EarnRule rule = RuleOf(absl::StrCat("r", number), FixedPoints{points});
  switch (*rc::gen::inRange(0, 7)) {
    case 0:
      break;
    case 1:
      rule.effect = PointsPerItem{points};
      break;
    case 2:
      rule.effect = PointsPerUnit{points, *rc::gen::inRange<int64_t>(1, 12)};
      break;
    case 3:
      rule.effect = Donation{"sea", points};
      break;
    case 4:
      rule.effect = Donation{"sea", 0, 1, *rc::gen::inRange<int64_t>(1, 12)};
      break;
    default: {
      const auto denominator = *rc::gen::inRange<int64_t>(1, 12);
      rule.effect = Multiplier{denominator + points, denominator};
    }
  }
  EarnConditions& asked = rule.conditions;
  asked.skus = SomeOf({"a", "b"});
  asked.categories = SomeOf({"x", "y"});
  asked.excluded_skus = SomeOf({"b", "c"});
  asked.excluded_categories = SomeOf({"y", "z"});
  asked.minimum_order_minor = Pick<int64_t>({0, 0, 500});
  asked.every_nth_purchase = Pick<int64_t>({0, 0, 1, 3});
  asked.activity_type = Pick<std::string>({"", "", "", "", "review"});
  const auto limit = [] { return Pick<int64_t>({0, 0, 0, 30, 100}); };
  rule.limits = {limit(), limit(), limit(), limit(), limit(), limit(), *rc::gen::arbitrary<bool>()};
  rule.group = Pick<std::string>({"", "", "g", "h"});
  rule.priority = Pick<int32_t>({0, 0, 1});
  return rule;
}

Purchase RandomOrder() {
  Purchase order = OrderOf(0);
  order.purchase_time += absl::Hours(*rc::gen::inRange(0, 24 * 40));
  const int lines = *rc::gen::inRange(0, 5);
  for (int i = 0; i < lines; ++i) {
    const auto amount = Pick<int64_t>({0, *rc::gen::inRange<int64_t>(0, 2000)});
    order.lines.push_back({Pick<std::string>({"a", "b", "c"}), Pick<std::string>({"x", "y", "z"}),
                           *rc::gen::inRange<int64_t>(1, 5), amount});
    order.total_minor += amount;
  }
  if (lines == 0) order.total_minor = *rc::gen::inRange<int64_t>(0, 3000);
  return order;
}

Program RandomProgram() {
  Program program = ShopWith({});
  program.base_earn_rate = {*rc::gen::inRange<int64_t>(0, 6), *rc::gen::inRange<int64_t>(1, 12)};
  program.rounding_mode = Pick({RoundingMode::kFloor, RoundingMode::kHalfUp, RoundingMode::kHalfEven});
  if (!absl::LoadTimeZone(Pick<const char*>({"UTC", "Asia/Tokyo"}), &program.zone)) RC_FAIL("no zone");
  const int rules = *rc::gen::inRange(0, 7);
  for (int i = 0; i < rules; ++i) program.rules.push_back(RandomRule(i));
  return program;
}

// What one purchase earned is what the model says, to the last line.
void Compare(const Program& program, const Purchase& order, const Tier& tier, const Earned& earned,
             const std::vector<Gift>& gifts) {
  const absl::int128 base_n = absl::int128(order.total_minor) * program.base_earn_rate.points;
  const absl::int128 base_d = absl::int128(100) * program.base_earn_rate.per_major_units;
  const auto base = Rounded(base_n, base_d, program.rounding_mode);
  const int64_t more = tier.multiplier_numerator - tier.multiplier_denominator;
  const auto extra = Rounded(base_n * more, base_d * tier.multiplier_denominator, program.rounding_mode);
  std::vector<Award> awards = {{kBaseRule, base, {}, {}}};
  if (extra > 0) awards.push_back({"tier:gold", extra, {}, {}});
  for (Award& award : awards) award.lines = SharesOf(award, {}, false, order);
  std::vector<Donated> donations;
  std::vector<Considered> considered;
  for (size_t i = 0; i < gifts.size(); ++i) {
    const EarnRule& rule = program.rules[i];
    considered.push_back({rule.id, rule.version, gifts[i].outcome});
    if (gifts[i].points == 0) continue;
    if (rule.effect.index() == 5) {
      donations.push_back({rule.id, "sea", gifts[i].points});
    } else {
      Award& award = awards.emplace_back(Award{rule.id, gifts[i].points, rule.maturity, {}});
      award.lines = SharesOf(award, rule.conditions, rule.effect.index() == 4, order);
    }
  }
  int64_t sum = 0;
  for (const Award& award : awards) sum += award.points;
  if (awards.size() == 1) awards.clear();
  RC_ASSERT(earned.points == sum);
  RC_ASSERT(earned.awards == awards);
  RC_ASSERT(earned.donations == donations);
  RC_ASSERT(earned.considered == considered);
  for (const Award& award : earned.awards) {
    int64_t lines = 0;
    for (const int64_t share : award.lines) lines += share;
    RC_ASSERT(award.lines.empty() || lines == award.points);
  }
}

void CheckLimits(const Program& program, Spent& spent) {
  for (const EarnRule& rule : program.rules) {
    const EarnLimits& limits = rule.limits;
    RC_ASSERT(limits.budget == 0 || spent.budget[rule.id] <= limits.budget);
    if (rule.effect.index() == 5) continue;
    RC_ASSERT(limits.per_member == 0 || spent.ever[rule.id] <= limits.per_member);
    const auto check = [&](const auto& periods, int64_t limit) {
      for (const auto& [period, points] : periods) {
        RC_ASSERT(period.first != rule.id || limit == 0 || points <= limit);
      }
    };
    check(spent.day, limits.per_member_day);
    check(spent.week, limits.per_member_week);
    check(spent.month, limits.per_member_month);
  }
}

RC_GTEST_PROP(EarningModel, EarnsWhatTheNaiveModelSaysAndNeverMoreThanLimits, ()) {
  const Program program = RandomProgram();
  Tier gold;
  gold.id = "gold";
  gold.multiplier_denominator = *rc::gen::inRange<int64_t>(1, 5);
  gold.multiplier_numerator = gold.multiplier_denominator + *rc::gen::inRange<int64_t>(0, 4);
  Known anna;
  anna.tier = &gold;
  Spent spent;
  const int orders = *rc::gen::inRange(1, 8);
  for (; anna.purchases < orders; ++anna.purchases) {
    const Purchase order = RandomOrder();
    for (const EarnRule& rule : program.rules) {
      anna.budgets[rule.id] = rule.limits.budget - spent.budget[rule.id];
    }
    const auto earned = EarnedBy(program, order, anna.Facts());
    RC_ASSERT(earned.ok());
    Compare(program, order, gold, *earned, Model(program, order, anna, spent).Decide());

    const absl::CivilDay day = absl::ToCivilDay(order.purchase_time, program.zone);
    CountUses(LimitsOf(program, earned->awards), earned->awards, day, 1, anna.uses);
    for (const Award& award : earned->awards) {
      spent.Add(award.rule_id, day, award.points);
      spent.budget[award.rule_id] += award.points;
    }
    for (const Donated& gift : earned->donations) spent.budget[gift.rule_id] += gift.points;
    CheckLimits(program, spent);
  }
}

}  // namespace
}  // namespace loyalty::points
