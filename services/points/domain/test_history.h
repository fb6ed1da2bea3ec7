// Random histories of all commands for a few members, for properties; under programs of test_programs.h.
#pragma once

#include <rapidcheck.h>

#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "services/points/domain/simple_ledger.h"
#include "services/points/domain/test_kit.h"
#include "services/points/domain/test_programs.h"

namespace loyalty::points {

enum Kind {
  kEarnKind,
  kSpendKind,
  kPayKind,
  kUpKind,
  kDownKind,
  kBuyKind,
  kImportKind,
  kReturnKind,
  kReturnLinesKind,
  kReturnOfNobodyKind,
  kReverseKind,
  kLabelKind,
  kVisitKind,
  kConfirmKind,
  kCancelKind,
  kReserveKind,
  kCaptureKind,
  kReleaseKind,
  kTransferKind,
  kTierKind,
  kCatchUpKind,
  kRedeemKind,
  kFulfillKind,
  kCancelRedemptionKind,
  kProfileKind,
  kConsentKind,
  kCloseKind,  // from here on rare: they end a member
  kMergeKind,
  kKindCount
};
inline constexpr const char* kKinds[] = {
    "earn",     "spend",   "pay",     "adjust +",          "adjust -",
    "buy",      "import",  "return",  "return lines",      "return of no member",
    "reverse",  "label",   "visit",   "confirm",           "cancel",
    "reserve",  "capture", "release", "transfer",          "tier",
    "catch up", "redeem",  "fulfill", "cancel redemption", "profile",
    "consent",  "close",   "merge"};

// One command of a history, in small numbers, so that ids and contents collide and a failure shrinks.
struct Step {
  int kind = 0;
  int member = 0;
  int request = 0;
  int other = 0;  // the request, order or member that it is about
  int points = 1;
  int hours_ago = 0;        // when it happened
  int clock_hours = 0;      // how far the clock moves after it; 0: it does not. Below zero: minutes back
  bool own_content = true;  // otherwise the request id says it all, so that repeats are frequent
  bool validate_only = false;
};

inline std::ostream& operator<<(std::ostream& out, const Step& s) {
  return out << "\n{" << kKinds[s.kind] << " " << s.points << " member " << s.member << " request "
             << s.request << " other " << s.other << " " << s.hours_ago << " h ago, clock " << s.clock_hours
             << (s.own_content ? "" : " by request") << (s.validate_only ? " validate_only" : "") << "}";
}

// Whether the program changes after it, if it has something to change to.
inline bool ChangesProgram(const Step& step) { return step.clock_hours > 0 && step.request % 6 == 0; }

// The content that belongs to a request id.
inline Step ByRequest(Step step) {
  step.request %= 60;
  step.kind = step.request % kKindCount;
  step.member = step.request % 3;
  step.other = step.request % 7;
  step.points = 1 + step.request % 11;
  step.hours_ago = 0;
  return step;
}

// What earlier commands of a history named, and for whom: most commands that correct something are about
// these.
struct Past {
  using Named = std::vector<std::pair<std::string, std::string>>;  // id and member
  Named awards, spendings, holds, orders, redemptions;

  void Add(const Command& command) {
    const auto named = [&command](const std::string& id) { return std::pair(id, command.member_id); };
    if (command.validate_only) return;
    const auto* reserve = std::get_if<ReservePoints>(&command.action);
    const auto* capture = std::get_if<CapturePoints>(&command.action);
    if (std::holds_alternative<Earn>(command.action) ||
        std::holds_alternative<RecordActivity>(command.action)) {
      awards.push_back(named(command.request_id));
    }
    if (std::holds_alternative<Spend>(command.action) || capture != nullptr) {
      spendings.push_back(named(command.request_id));
    }
    if (std::holds_alternative<RedeemReward>(command.action)) {
      redemptions.push_back(named(command.request_id));
    }
    if (reserve != nullptr) holds.push_back(named(command.request_id));
    if (const auto* record = std::get_if<RecordPurchase>(&command.action)) {
      orders.push_back(named(record->purchase.order_id));
    }
  }
  // One of the newest five.
  static void Choose(const Named& named, int which, std::string& id, std::string& member) {
    if (named.empty() || which % 8 == 7) return;
    const auto back = std::min<size_t>(named.size(), 1 + static_cast<size_t>(which) % 5);
    std::tie(id, member) = named[named.size() - back];
  }
};

inline Command PurchaseOfStep(const Step& step, const std::string& member, absl::Time then) {
  const int order = step.own_content ? step.request : step.other;
  Command command = PurchaseCommand(step.kind == kBuyKind ? absl::StrCat("r", step.request) : "", member,
                                    absl::StrCat("o", order), int64_t{step.points} * 155);
  Purchase& purchase = PurchaseOf(command);
  purchase.purchase_time = then;
  if (step.points % 4 == 0) purchase.total_minor = 0;
  const int64_t total = purchase.total_minor;
  if (step.points % 3 == 0) purchase.lines = {{"tea", "", 1 + step.points % 4, total}};
  if (step.points % 3 == 1) {
    purchase.lines = {
        {"tea", "", 1 + step.points % 4, total / 3}, {"cup", "", 2, total - total / 3}, {"gift", "", 1, 0}};
  }
  return command;
}

inline Command ReturnOfStep(const Step& step, const std::string& member, const std::string& order) {
  Command command =
      ReturnCommand(absl::StrCat("r", step.request), step.kind == kReturnOfNobodyKind ? "" : member, order,
                    absl::StrCat("b", step.request), step.points > 8 ? 0 : int64_t{step.points} * 55);
  if (step.kind != kReturnLinesKind) return command;
  auto& record = std::get<RecordReturn>(command.action);
  record.amount_minor = 0;
  record.lines = {{step.points % 3, 1 + step.points % 2}};
  if (step.points > 6) record.lines.push_back({0, 1});
  return command;
}

// Small numbers, so that made codes collide now and then.
inline RedeemReward RedeemOfStep(const Step& step) {
  RedeemReward redeem{kRewardIds[static_cast<size_t>(step.other) % std::size(kRewardIds)]};
  if (step.points % 3 == 0) redeem.order_id = absl::StrCat("o", step.other);
  if (step.points % 3 == 0) redeem.order_total_minor = step.points * 100;
  redeem.random = absl::StrCat(1000 + step.request % 40, std::string(kMostCodeLength - 4, 'X'));
  return redeem;
}

inline UpdateProfile ProfileOfStep(const Step& step) {
  UpdateProfile update{.birthday = step.points % 2 == 0,
                       .segment = step.points % 3 == 0,
                       .referrer = step.points % 4 == 1,
                       .attributes = step.points % 5 == 0};
  Profile& profile = update.profile;
  if (update.birthday && step.other % 8 != 7) {
    profile.birthday = {1 + (step.other * 5 + step.points) % 12, 1 + step.other};
    if (step.other == 0) profile.birthday = {2, 29};
  }
  if (update.segment && step.other % 3 != 0) profile.segment = "vip";
  if (update.referrer) profile.referrer_member_id = absl::StrCat("m", step.other % 5);
  if (!update.attributes) return update;
  profile.attributes = {{absl::StrCat("size", step.other % 2), int64_t{step.points}}, {"color", "red"}};
  return update;
}

// Those under an own content happened so long before now; others at noon, so that a repeat is a repeat.
inline Command ToCommand(const Step& given, absl::Time now, Past& past) {
  const Step step = given.own_content ? given : ByRequest(given);
  const std::string request = absl::StrCat("r", step.request);
  std::string member = absl::StrCat("m", step.member);
  std::string other_request = absl::StrCat("r", step.other), order = absl::StrCat("o", step.other);
  const bool about_hold = step.kind == kCaptureKind || step.kind == kReleaseKind;
  const bool about_order = step.kind == kReturnKind || step.kind == kReturnLinesKind ||
                           step.kind == kReturnOfNobodyKind || step.kind == kConfirmKind ||
                           step.kind == kCancelKind || step.kind == kPayKind || step.kind == kReserveKind;
  if (given.own_content && about_hold) Past::Choose(past.holds, step.other, other_request, member);
  if (given.own_content && about_order) Past::Choose(past.orders, step.other, order, member);
  if (given.own_content && (step.kind == kFulfillKind || step.kind == kCancelRedemptionKind)) {
    Past::Choose(past.redemptions, step.other, other_request, member);
  }
  if (given.own_content && step.kind == kReverseKind) {
    Past::Choose(step.points % 2 == 0 ? past.awards : past.spendings, step.other, other_request, member);
  }
  const absl::Time then = (given.own_content ? now : kNoon) - absl::Hours(step.hours_ago);
  const int64_t points = step.points;
  Command command;
  switch (step.kind) {
    case kEarnKind:
      command = step.hours_ago == 0 ? EarnCommand(request, member, points)
                                    : EarnedAt(then, request, member, points);
      break;
    case kSpendKind:
      command = CommandFor(request, member, Spend{points, points % 2 == 0 ? order : "", 0});
      break;
    case kPayKind:
      command = CommandFor(request, member, Spend{points, order, points * 155});
      break;
    case kUpKind:
    case kDownKind:
      command = AdjustCommand(request, member, step.kind == kUpKind ? points : -points);
      break;
    case kBuyKind:
    case kImportKind:
      command = PurchaseOfStep(step, member, then);
      break;
    case kReturnKind:
    case kReturnLinesKind:
    case kReturnOfNobodyKind:
      command = ReturnOfStep(step, member, order);
      break;
    case kReverseKind:
      command = ReverseCommand(request, member, other_request, points > 6 ? 0 : points);
      break;
    case kLabelKind:
      command = LabelCommand(request, member, points % 2 == 0 ? "gold" : "plus", then,
                             then + absl::Hours(points * 30));
      break;
    case kVisitKind:
      command = CommandFor(request, member,
                           RecordActivity{{"visit", absl::StrCat("a", step.request), then, "", ""}});
      break;
    case kConfirmKind:
      command = CommandFor(request, points % 2 == 0 ? member : "", ConfirmPurchase{order});
      break;
    case kCancelKind:
      command = CommandFor(request, points % 2 == 0 ? member : "", CancelPurchase{order});
      break;
    case kReserveKind:
      command = CommandFor(request, member,
                           ReservePoints{points, absl::Hours(1 + points * points * 6), order,
                                         points % 2 == 0 ? points * 155 : 0});
      break;
    case kCaptureKind:
      command = CommandFor(request, member, CapturePoints{other_request, points > 6 ? 0 : points});
      break;
    case kReleaseKind:
      command = CommandFor(request, member, ReleasePoints{other_request});
      break;
    case kTransferKind:
      command = CommandFor(request, member, TransferPoints{absl::StrCat("m", step.other % 4), points});
      break;
    case kTierKind:
      command = CommandFor(request, member, SetTier{});
      if (points > 3) {
        std::get<SetTier>(command.action).override_ = Standing::Override{points > 10  ? "platinum"
                                                                         : points > 7 ? "gold"
                                                                         : points > 5 ? "silver"
                                                                                      : "",
                                                                         now + absl::Hours(points * 50)};
      }
      command.reason = command.actor = "clerk";
      break;
    case kRedeemKind:
      command = CommandFor(request, member, RedeemOfStep(step));
      break;
    case kFulfillKind:
      command = CommandFor(request, member, FulfillRedemption{other_request});
      break;
    case kCancelRedemptionKind:
      command = CommandFor(request, member, CancelRedemption{other_request});
      break;
    case kProfileKind:
      command = CommandFor(request, member, ProfileOfStep(step));
      break;
    case kConsentKind:
      command = CommandFor(request, member,
                           SetConsent{points % 2 == 0 ? "email" : "sms", points % 3 == 0 ? "news" : "offers",
                                      points % 5 != 0});
      break;
    case kCloseKind:
      command = CommandFor(request, member, CloseMember{});
      command.reason = command.actor = "clerk";
      break;
    case kMergeKind:
      command = CommandFor(request, member, MergeMembers{absl::StrCat("m", step.other % 5)});
      command.reason = command.actor = "clerk";
      break;
    default:
      command = CommandFor("", member, CatchUp{});
  }
  command.validate_only = given.validate_only;
  past.Add(command);
  return command;
}

inline rc::Gen<int> Hours() {
  return rc::gen::weightedOneOf<int>({{6, rc::gen::just(0)},
                                      {2, rc::gen::inRange(0, 48)},
                                      {2, rc::gen::inRange(0, 24 * 14)},
                                      {1, rc::gen::inRange(0, 24 * 100)}});
}

inline rc::Gen<Step> AnyStep() {
  // What brings points in is frequent, and so are rewards, whose commands are about one another.
  const auto kind = rc::gen::weightedOneOf<int>(
      {{80, From(0, kCloseKind)},
       {1, rc::gen::just<int>(kCloseKind)},
       {8, rc::gen::just<int>(kMergeKind)},
       {40, rc::gen::element<int>(kEarnKind, kBuyKind, kImportKind)},
       {24, rc::gen::element<int>(kRedeemKind, kRedeemKind, kCancelRedemptionKind, kProfileKind)}});
  return rc::gen::build<Step>(
      rc::gen::set(&Step::kind, kind),
      rc::gen::set(&Step::member, rc::gen::map(From(0, 8), [](int x) { return x < 5 ? 0 : x - 4; })),
      rc::gen::set(&Step::request, From(0, 700)), rc::gen::set(&Step::other, From(0, 20)),
      rc::gen::set(&Step::points, From(1, 12)), rc::gen::set(&Step::hours_ago, Hours()),
      rc::gen::set(&Step::clock_hours, rc::gen::weightedOneOf<int>({{5, rc::gen::just(0)},
                                                                    {2, rc::gen::inRange(-2, 30)},
                                                                    {2, rc::gen::inRange(0, 24 * 12)},
                                                                    {1, rc::gen::inRange(0, 24 * 90)}})),
      rc::gen::set(&Step::own_content, rc::gen::map(OneIn(4), [](bool x) { return !x; })),
      rc::gen::set(&Step::validate_only, OneIn(10)));
}

// The steps; in most cases after some by which everybody has points.
inline std::vector<Step> AnyHistory(const rc::Gen<std::vector<Step>>& any_steps) {
  std::vector<Step> steps;
  for (int member = 0; member < 4 && !*OneIn(8); ++member) {
    steps.push_back({.kind = kEarnKind, .member = member, .request = 700 + member, .points = 25});
  }
  for (const Step& step : *any_steps) steps.push_back(step);
  return steps;
}
inline std::vector<Step> AnyHistory() { return AnyHistory(rc::gen::container<std::vector<Step>>(AnyStep())); }

// Accounts have no ids in the model: the other side is known by its sequence.
inline std::string InWords(Entry entry) {
  if (entry.counterpart) entry.counterpart->account_id = 0;
  if (entry.corrected_account != 0) entry.corrected_account = 1;
  std::string text = Describe(entry);
  if (!entry.reward_id.empty()) absl::StrAppend(&text, " reward ", entry.reward_id, " code ", entry.code);
  return text;
}
inline std::string InWords(const absl::StatusOr<Receipt>& answer) {
  if (answer.ok()) return (answer->replayed ? "replayed " : "posted ") + InWords(answer->entry);
  const auto violations = testing::ViolationsOf(answer);
  return "refused: " + (violations.empty() ? ReasonOf(answer)
                                           : violations.front().substr(violations.front().find(' ') + 1));
}
inline std::string InWords(const SimpleLedger::Answer& answer) {
  if (!answer.reason.empty()) return "refused: " + answer.reason;
  return (answer.replayed ? "replayed " : "posted ") + InWords(answer.entry);
}

}  // namespace loyalty::points
