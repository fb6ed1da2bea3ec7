// Decisions that award points.
#include <absl/strings/str_cat.h>

#include <algorithm>
#include <limits>
#include <map>

#include "common/status/status.h"
#include "services/points/domain/decisions.h"
#include "services/points/domain/earning.h"
#include "services/points/domain/reason.h"

namespace loyalty::points {
namespace {

absl::Status CheckCurrency(const Program& program, const Purchase& purchase) {
  if (purchase.currency_code.empty() || purchase.currency_code == program.currency_code)
    return absl::OkStatus();
  Violations violations;
  violations.Add(
      "purchase.currency_code", reason::kCurrencyMismatch,
      absl::StrCat("is ", purchase.currency_code, ", the program's currency is ", program.currency_code, "."),
      {{"currency_code", purchase.currency_code}, {"expected", program.currency_code}});
  return violations.ToStatus();
}

absl::Time MatureTime(const Maturity& maturity, absl::Time occurred) {
  switch (maturity.kind) {
    case MaturityKind::kAtOnce:
      return absl::InfinitePast();
    case MaturityKind::kDays:
      return occurred + absl::Hours(24) * maturity.days;
    case MaturityKind::kConfirmation:
      return absl::InfiniteFuture();
  }
  return absl::InfinitePast();
}

// The awards' points come in as one lot for each time at which they can be spent.
void CreditAwards(const Case& scene, const Earned& earned, Entry& draft) {
  std::map<absl::Time, int64_t> by_maturity;
  int64_t by_awards = 0;
  for (const Award& award : earned.awards) {
    by_maturity[MatureTime(award.maturity, draft.occurred_time)] += award.points;
    by_awards += award.points;
  }
  by_maturity[absl::InfinitePast()] += earned.points - by_awards;  // of the base alone
  const absl::Time expiry = scene.book.ExpiryOf(draft.occurred_time);
  for (const auto& [mature, points] : by_maturity) {
    if (points == 0) continue;
    scene.book.Credit(scene.account, {points, draft.occurred_time, expiry, mature}, draft);
  }
}

// Room for all that comes in, also where several donations go to one charity, or to the member.
absl::Status CheckRooms(const Case& scene, const Earned& earned) {
  std::map<const Account*, int64_t> coming = {{&scene.account, earned.points}};
  LOYALTY_RETURN_IF_ERROR(CheckRoom(scene.account, earned.points));
  for (const Donated& donated : earned.donations) {
    const Account* charity = scene.of(donated.charity_id);
    int64_t& points = coming[charity];
    if (__builtin_add_overflow(points, donated.points, &points)) points = std::numeric_limits<int64_t>::max();
    LOYALTY_RETURN_IF_ERROR(CheckRoom(*charity, points));
  }
  return absl::OkStatus();
}

bool HasBudget(const Program& program, const std::string& rule_id) {
  return std::any_of(program.rules.begin(), program.rules.end(), [&rule_id](const EarnRule& rule) {
    return rule.id == rule_id && rule.limits.budget > 0;
  });
}

void Donate(const Case& scene, const std::vector<Donated>& donations, const Entry& main) {
  for (const Donated& donated : donations) {
    Account* charity = scene.of(donated.charity_id);
    Entry draft = FurtherDraftOf(main);
    draft.kind = EntryKind::kDonation;
    draft.rule_id = donated.rule_id;
    draft.counterpart = Counterpart{scene.account.id, main.sequence};
    scene.book.Credit(*charity, {.points = donated.points, .earned_time = main.occurred_time}, draft);
    if (HasBudget(scene.book.program(), donated.rule_id)) {
      scene.book.counters().Add(BudgetCounter(donated.rule_id), donated.points);
    }
    scene.book.Post(*charity, std::move(draft));
    BringUpToDate(scene.book, *charity);  // a deed that is told late may be due already
  }
}

EarnFacts FactsOf(const Case& scene, absl::FunctionRef<int64_t(const EarnRule&)> budget_left,
                  absl::FunctionRef<bool(const std::string&)> is_member) {
  const MemberState& state = StateOf(std::as_const(scene.account));
  return {.labels = LabelsOf(scene.account),
          .profile = ProfileOf(scene.account),
          .tier = FindTier(scene.book.policies().tiers, state.standing.tier_id),
          .purchases = scene.account.purchases,
          .uses = state.uses,
          .budget_left = budget_left,
          .is_member = is_member};
}

template <class Deed>
absl::StatusOr<Earned> EarnedBy(const Case& scene, const Deed& deed) {
  const Counters& counters = scene.book.counters();
  const auto budget_left = [&](const EarnRule& rule) {
    return std::max<int64_t>(0, rule.limits.budget - counters.Used(BudgetCounter(rule.id)));
  };
  const auto is_member = [&](const std::string& id) { return scene.of(id) != nullptr; };
  absl::StatusOr<Earned> earned =
      points::EarnedBy(scene.book.program(), deed, FactsOf(scene, budget_left, is_member));
  LOYALTY_RETURN_IF_ERROR(earned.status());
  LOYALTY_RETURN_IF_ERROR(CheckRooms(scene, *earned));
  return earned;
}

// Posts the entry of a deed, with all that follows from it.
Entry PostDeed(const Case& scene, Earned earned, const Progress& progress, Entry draft) {
  CreditAwards(scene, earned, draft);
  draft.awards = std::move(earned.awards);
  draft.considered = std::move(earned.considered);
  const RuleLimits limits = LimitsOf(scene.book.program(), draft.awards);
  CountAwards(scene.book, limits, draft.awards, draft.occurred_time, 1, scene.account);
  const Entry main = scene.book.Post(scene.account, std::move(draft));
  CountForTier(scene.book, scene.account, progress, main.occurred_time, main);
  Donate(scene, earned.donations, main);
  return main;
}

}  // namespace

void CountAwards(Book& book, const RuleLimits& limits, const std::vector<Award>& awards, absl::Time occurred,
                 int sign, Account& account) {
  if (limits.empty()) return;
  for (const Award& award : awards) {
    const auto of_rule = limits.find(award.rule_id);
    if (of_rule == limits.end() || of_rule->second.budget == 0) continue;
    book.counters().Add(BudgetCounter(award.rule_id), sign * award.points);
  }
  RuleUses uses = StateOf(std::as_const(account)).uses;
  CountUses(limits, awards, book.LocalDayOf(occurred), sign, uses);
  if (uses != StateOf(std::as_const(account)).uses) StateOf(account).uses = std::move(uses);
}

absl::StatusOr<Entry> Decide(const Case& scene, const Earn& earn) {
  LOYALTY_RETURN_IF_ERROR(CheckRoom(scene.account, earn.points));
  Entry draft = DraftOf(scene.command, scene.account, scene.book.now());
  draft.kind = EntryKind::kEarn;
  draft.cause = earn.cause;
  scene.book.Credit(scene.account,
                    {.points = earn.points,
                     .earned_time = draft.occurred_time,
                     .expire_time = scene.book.ExpiryOf(draft.occurred_time)},
                    draft);
  const Entry main = scene.book.Post(scene.account, std::move(draft));
  CountForTier(scene.book, scene.account, {.points = earn.points}, main.occurred_time, main);
  return main;
}

absl::StatusOr<Entry> Decide(const Case& scene, const RecordPurchase& record) {
  const Purchase& purchase = record.purchase;
  LOYALTY_RETURN_IF_ERROR(CheckCurrency(scene.book.program(), purchase));
  absl::StatusOr<Earned> earned = EarnedBy(scene, purchase);
  LOYALTY_RETURN_IF_ERROR(earned.status());
  Entry draft = DraftOf(scene.command, scene.account, scene.book.now());
  draft.kind = EntryKind::kPurchase;
  draft.order_id = purchase.order_id;
  draft.rule_id = kBaseRule;
  draft.occurred_time = purchase.purchase_time;
  draft.channel = purchase.channel;
  draft.location = purchase.location;
  ++scene.account.purchases;
  const Progress progress{earned->points, purchase.total_minor, 1};
  return PostDeed(scene, *std::move(earned), progress, std::move(draft));
}

absl::StatusOr<Entry> Decide(const Case& scene, const RecordActivity& record) {
  const Activity& activity = record.activity;
  absl::StatusOr<Earned> earned = EarnedBy(scene, activity);
  LOYALTY_RETURN_IF_ERROR(earned.status());
  Entry draft = DraftOf(scene.command, scene.account, scene.book.now());
  draft.kind = EntryKind::kActivity;
  draft.activity_type = activity.type;
  draft.activity_id = activity.activity_id;
  draft.occurred_time = activity.time;
  draft.channel = activity.channel;
  draft.location = activity.location;
  const Progress progress{.points = earned->points};
  return PostDeed(scene, *std::move(earned), progress, std::move(draft));
}

}  // namespace loyalty::points
