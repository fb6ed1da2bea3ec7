#include "services/points/domain/replay.h"

#include <absl/strings/match.h>
#include <absl/strings/str_cat.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "services/points/domain/decisions.h"
#include "services/points/domain/merging.h"
#include "services/points/domain/reward.h"

namespace loyalty::points {
namespace {

constexpr std::pair<LimitWindow, int64_t EarnLimits::*> kWindows[] = {
    {LimitWindow::kDay, &EarnLimits::per_member_day},
    {LimitWindow::kWeek, &EarnLimits::per_member_week},
    {LimitWindow::kMonth, &EarnLimits::per_member_month},
    {LimitWindow::kLifetime, &EarnLimits::per_member}};

int64_t Sum(int64_t a, int64_t b) {
  int64_t sum = 0;
  if (!__builtin_add_overflow(a, b, &sum)) return sum;
  return a > 0 ? std::numeric_limits<int64_t>::max() : std::numeric_limits<int64_t>::min();
}

// The version of a rule that a deed was held against; 0: it is not said.
int32_t VersionIn(const std::vector<Considered>& considered, const std::string& rule_id) {
  for (const Considered& one : considered) {
    if (one.rule_id == rule_id) return one.version;
  }
  return 0;
}

// Whether what a rule gave was counted against one of its limits.
enum class Answer { kNo, kPerhaps, kYes };

Answer Limits(const EarnRule* rule, int64_t EarnLimits::*limit) {
  if (rule == nullptr) return Answer::kPerhaps;
  return rule->limits.*limit > 0 ? Answer::kYes : Answer::kNo;
}

// What `points` change where they may count or not.
void Count(Answer counts, int64_t points, Span& span) {
  const bool surely = counts == Answer::kYes;
  if (counts != Answer::kNo) span.Add(surely || points < 0 ? points : 0, surely || points > 0 ? points : 0);
}

// The awards on feasts are the only ones that nobody asked for.
bool IsFeast(const Entry& entry) {
  return entry.request_id.empty() && (entry.reason == "birthday" || entry.reason == "anniversary");
}

// A standing's `since` is told by the clock of a batch; that of the entry never goes back, and may be ahead.
constexpr absl::Duration kAhead = absl::Hours(1);

bool Same(Standing a, const Standing& b) {
  const absl::Duration apart = a.since > b.since ? a.since - b.since : b.since - a.since;
  if (apart <= kAhead) a.since = b.since;
  return a == b;
}

std::string InWords(const Standing& standing) {
  Progress sum = standing.progress;
  for (const Standing::Day& day : standing.days) {
    sum = {Sum(sum.points, day.progress.points), Sum(sum.money_minor, day.progress.money_minor),
           Sum(sum.purchases, day.progress.purchases)};
  }
  return absl::StrCat("tier '", standing.tier_id, "' since ",
                      absl::FormatTime(standing.since, absl::UTCTimeZone()), ", '", standing.carried_tier_id,
                      "' carried over, ", sum.points, " points, ", sum.money_minor, " minor units and ",
                      sum.purchases, " orders on ", standing.days.size(), " days or since ",
                      absl::FormatTime(standing.period_start, absl::UTCTimeZone()));
}

}  // namespace

void Span::Add(int64_t to_low, int64_t to_high) {
  low = Sum(low, to_low);
  high = Sum(high, to_high);
}

RuleVersions::RuleVersions(std::vector<EarnRule> versions) {
  for (EarnRule& rule : versions) versions_[rule.id].push_back(std::move(rule));
}

const EarnRule* RuleVersions::Find(const std::string& rule_id, int32_t version) const {
  const auto found = versions_.find(rule_id);
  if (found == versions_.end()) return nullptr;
  for (const EarnRule& rule : found->second) {
    if (rule.version == version) return &rule;
  }
  return nullptr;
}

bool RuleVersions::HasBudgets() const {
  for (const auto& [id, rules] : versions_) {
    for (const EarnRule& rule : rules) {
      if (rule.limits.budget > 0) return true;
    }
  }
  return false;
}

std::vector<StateDifference> CompareBudgets(const Budgets& told,
                                            const std::map<std::string, int64_t>& stored) {
  std::vector<StateDifference> differences;
  const auto compare = [&](const std::string& rule_id, const Span& span, int64_t used) {
    if (span.Has(used)) return;
    differences.push_back(
        {"budget", 0,
         absl::StrCat("of the budget of the rule ", rule_id, ", ", used, " are used, the entries say ",
                      span.low, span.low == span.high ? "" : absl::StrCat(" to ", span.high))});
  };
  for (const auto& [rule_id, used] : stored) {
    const auto span = told.find(rule_id);
    compare(rule_id, span == told.end() ? Span() : span->second, used);
  }
  for (const auto& [rule_id, span] : told) {
    if (!stored.contains(rule_id)) compare(rule_id, span, 0);
  }
  return differences;
}

std::vector<EntryKind> Replay::Kinds(bool with_donations) {
  std::vector<EntryKind> kinds = {EntryKind::kPurchase,    EntryKind::kEarn,       EntryKind::kActivity,
                                  EntryKind::kReversal,    EntryKind::kReturn,     EntryKind::kTier,
                                  EntryKind::kTransferOut, EntryKind::kRedemption, EntryKind::kMergeIn};
  if (with_donations) kinds.push_back(EntryKind::kDonation);
  return kinds;
}

void Replay::Apply(const PastEntry& past) {
  const Entry& entry = past.entry;
  Member& member = members_[past.account_id];
  switch (entry.kind) {
    case EntryKind::kPurchase:
      ++member.purchases;
      CountAwards(entry.awards, entry.considered, entry.occurred_time, 1);
      return CountForTier(member, {entry.Net(), past.total_minor, 1}, entry.occurred_time,
                          entry.recorded_time);
    case EntryKind::kActivity:
      CountAwards(entry.awards, entry.considered, entry.occurred_time, 1);
      return CountForTier(member, {.points = entry.Net()}, entry.occurred_time, entry.recorded_time);
    case EntryKind::kEarn:
      return ApplyEarn(past);
    case EntryKind::kReversal:
      return ApplyReversal(past);
    case EntryKind::kReturn:
      return ApplyReturn(past);
    case EntryKind::kTier:  // those that nobody asked for follow from what was counted
      if (!entry.request_id.empty() && entry.tier) {
        std::optional<Standing::Override> wanted;
        if (entry.tier->override_until != absl::InfinitePast()) {
          wanted = {entry.tier->to_tier_id, entry.tier->override_until};
        }
        if (entry.recorded_time <= changes_.tiers + kDoubt) tiers_known_ = false;
        OverrideTier(SceneOf(member), wanted, entry.recorded_time, member.standing);
      }
      return;
    case EntryKind::kTransferOut:
      return ApplyTransfer(entry);
    case EntryKind::kRedemption:
      if (past.counted) {
        const absl::CivilDay start = PeriodStartOf(*past.counted, DayOf(entry.occurred_time));
        const int64_t count = past.cancelled ? 0 : 1;  // what was counted once is kept as a period
        uses_[{RewardUse(entry.reward_id), *past.counted, start}].Add(count, count);
      }
      return;
    case EntryKind::kDonation:
      if (past.about) {
        const EarnRule* rule = rules_.Find(entry.rule_id, VersionIn(past.about_considered, entry.rule_id));
        Count(Limits(rule, &EarnLimits::budget), entry.Net(), budgets_[entry.rule_id]);
      }
      return;
    case EntryKind::kMergeIn:
      if (entry.hold_until == absl::InfinitePast()) ApplyMerger(past);
      return;
    default:  // nothing follows from the others
      return;
  }
}

void Replay::ApplyEarn(const PastEntry& past) {
  const Entry& entry = past.entry;
  Member& member = members_[past.account_id];
  if (!IsFeast(entry)) {
    return CountForTier(member, {.points = entry.Net()}, entry.occurred_time, entry.recorded_time);
  }
  int32_t& year =
      entry.reason == "birthday" ? member.celebrated.birthday_year : member.celebrated.anniversary_year;
  year = std::max(year, static_cast<int32_t>(DayOf(entry.occurred_time).year()));
  CountForTier(member, {.points = entry.Net()}, entry.occurred_time, entry.occurred_time);
}

void Replay::ApplyReturn(const PastEntry& past) {
  if (!past.about) return;  // of nothing: another invariant tells of it
  const Entry& entry = past.entry;
  Original& order = OriginalOf(past);
  const absl::StatusOr<ReturnStep> step =
      StepOfReturn(order, entry.returned_minor, entry.returned_lines, true);
  if (!step.ok()) return;  // more than the order: another invariant tells of it
  order = step->after;
  Member& member = members_[past.account_id];
  if (step->whole) --member.purchases;
  CountAwards(step->undone, past.about_considered, order.occurred_time, -1);
  UncountForTier(member, {step->undone_points, step->returned_minor, step->whole ? 1 : 0}, order,
                 entry.recorded_time);
}

void Replay::ApplyReversal(const PastEntry& past) {
  if (!past.about) return;
  const int64_t points = past.entry.Net();
  Original& award = OriginalOf(past);
  const int64_t before = std::exchange(award.corrected, award.corrected - points);
  CountAwards(Undone(award, before, award.corrected), past.about_considered, award.occurred_time, -1);
  UncountForTier(members_[past.account_id], {.points = -points}, award, past.entry.recorded_time);
}

// With what was taken back of it by the entries before.
Original& Replay::OriginalOf(const PastEntry& past) {
  const Entry& entry = past.entry;
  const int64_t home = entry.corrected_account == 0 ? past.account_id : entry.corrected_account;
  return originals_.try_emplace({home, entry.corrected_sequence}, *past.about).first->second;
}

void Replay::ApplyTransfer(const Entry& entry) {
  const absl::CivilDay day = DayOf(entry.recorded_time), before = DayOf(entry.recorded_time - kDoubt);
  const bool known = entry.recorded_time > changes_.transfers + kDoubt;
  if (known && program_.policies.transfers.most_points_day == 0) return;
  const int64_t points = -entry.points;
  uses_[{kTransferUse, LimitWindow::kDay, day}].Add(known && day == before ? points : 0, points);
  if (day != before) uses_[{kTransferUse, LimitWindow::kDay, before}].Add(0, points);
}

void Replay::ApplyMerger(const PastEntry& past) {
  if (!past.entry.counterpart) return;
  if (past.entry.recorded_time <= changes_.tiers + kDoubt) tiers_known_ = false;
  Member from = std::exchange(members_[past.entry.counterpart->account_id], {});
  members_[past.entry.counterpart->account_id].enroll_time = from.enroll_time;
  Member& into = members_[past.account_id];
  into.purchases += from.purchases;
  into.celebrated.birthday_year = std::max(into.celebrated.birthday_year, from.celebrated.birthday_year);
  into.celebrated.anniversary_year =
      std::max(into.celebrated.anniversary_year, from.celebrated.anniversary_year);
  MergeStandings(SceneOf(from), from.standing, SceneOf(into), past.entry.recorded_time, into.standing);
}

void Replay::CountAwards(const std::vector<Award>& awards, const std::vector<Considered>& considered,
                         absl::Time occurred, int sign) {
  for (const Award& award : awards) {
    if (award.rule_id == kBaseRule || absl::StartsWith(award.rule_id, kTierRulePrefix)) continue;
    const EarnRule* rule = rules_.Find(award.rule_id, VersionIn(considered, award.rule_id));
    if (Limits(rule, &EarnLimits::budget) != Answer::kNo) {
      Count(Limits(rule, &EarnLimits::budget), sign * award.points, budgets_[award.rule_id]);
    }
    for (const auto& [window, limit] : kWindows) {
      if (Limits(rule, limit) == Answer::kNo) continue;
      Count(Limits(rule, limit), sign * award.points,
            uses_[{award.rule_id, window, PeriodStartOf(window, DayOf(occurred))}]);
    }
  }
}

void Replay::CountForTier(Member& member, const Progress& progress, absl::Time occurred, absl::Time now) {
  if (now <= changes_.tiers + kDoubt) tiers_known_ = false;
  if (program_.policies.tiers.tiers.empty() || !tiers_known_) return;
  AddProgress(SceneOf(member), progress, occurred, now, member.standing);
}

void Replay::UncountForTier(Member& member, const Progress& progress, const Original& of, absl::Time now) {
  if (now <= changes_.tiers + kDoubt) tiers_known_ = false;
  if (program_.policies.tiers.tiers.empty() || !tiers_known_ || !of.counts_for_tier) return;
  TakeProgress(SceneOf(member), progress, of.occurred_time, of.recorded_time, now, member.standing);
}

void Replay::Compare(const Account& stored, absl::Time now, std::vector<StateDifference>& differences) const {
  if (stored.merged_into != 0) {
    if (stored.purchases == 0 && StateOf(stored) == MemberState()) return;
    differences.push_back(
        {"member", stored.id, "the account was merged, and has orders, limits or a tier left"});
    return;
  }
  const auto found = members_.find(stored.id);
  const Member told = found == members_.end() ? Member() : found->second;
  if (stored.purchases != told.purchases) {
    differences.push_back(
        {"purchases", stored.id,
         absl::StrCat("the account counts ", stored.purchases, " orders, its entries ", told.purchases)});
  }
  CompareUses(stored, differences);
  CompareStanding(stored, now, differences);
  const Celebrated& is = StateOf(stored).celebrated;
  // What was celebrated is told by its award; that a year passed by is not.
  if (std::abs(is.birthday_year) < told.celebrated.birthday_year ||
      std::abs(is.anniversary_year) < told.celebrated.anniversary_year) {
    differences.push_back(
        {"celebration", stored.id,
         absl::StrCat("the account celebrated birthday and anniversary last in ", is.birthday_year, " and ",
                      is.anniversary_year, ", its entries say ", told.celebrated.birthday_year, " and ",
                      told.celebrated.anniversary_year)});
  }
}

void Replay::CompareUses(const Account& stored, std::vector<StateDifference>& differences) const {
  const auto tell = [&](const Period& period, int64_t is, const Span& span) {
    differences.push_back(
        {"limit", stored.id,
         absl::StrCat("of ", std::get<0>(period), " (window ", static_cast<int>(std::get<1>(period)), "), ",
                      is, " are used since ", absl::FormatCivilTime(std::get<2>(period)),
                      "; the entries say ", span.low,
                      span.low == span.high ? "" : absl::StrCat(" to ", span.high))});
  };
  std::map<Period, int64_t> uses;
  for (const RuleUse& use : StateOf(stored).uses.all()) {
    const Period period(use.rule_id, use.window, use.start);
    uses[period] = use.points;
    const auto span = uses_.find(period);
    if (const Span right = span == uses_.end() ? Span() : span->second; !right.Has(use.points)) {
      tell(period, use.points, right);
    }
  }
  // From the newest: how many periods of a rule's window are newer.
  std::map<std::pair<std::string, LimitWindow>, size_t> newer;
  for (auto use = uses_.rbegin(); use != uses_.rend(); ++use) {
    const auto& [period, span] = *use;
    const bool kept = newer[{std::get<0>(period), std::get<1>(period)}]++ < RuleUses::kMaxPeriods;
    if (kept && span.low > 0 && !uses.contains(period)) tell(period, 0, span);
  }
}

void Replay::CompareStanding(const Account& stored, absl::Time now,
                             std::vector<StateDifference>& differences) const {
  const auto found = members_.find(stored.id);
  if (!tiers_known_ || found == members_.end()) return;
  const absl::Time time = std::max(now, stored.last_recorded_time);
  const TierScene scene = SceneOf(found->second);
  Standing is = StateOf(stored).standing, told = found->second.standing;
  AdvanceTier(scene, time, is);
  AdvanceTier(scene, time, told);
  if (Same(is, told)) return;
  differences.push_back(
      {"tier", stored.id,
       absl::StrCat("the account is in ", InWords(is), "; its entries say ", InWords(told))});
}

}  // namespace loyalty::points
