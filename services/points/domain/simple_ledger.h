// The ledger as one would write it on a napkin: looks at everything anew for each command, and knows no
// batches, no storage and no due times. Shares no code with the real one but what earns points (earning.h),
// the tiers (tier.h), which have models of their own, and how two standings become one (MergeStandings); it
// serves tests as its measure.
#pragma once

#include <absl/numeric/int128.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "services/points/domain/simple_rewards.h"

namespace loyalty::points {

class SimpleLedger : public SimpleRewards {
 public:
  struct Answer {
    std::string reason;  // why it was refused; empty: it was not
    Entry entry;
    bool replayed = false;
  };

  using SimpleRewards::SimpleRewards;

  Answer Decide(const Command& command, absl::Time now) {
    if (const Used* used = Known(command)) {
      if (used->content == Content(command)) return {"", EntryAt(*used), true};
      if (!command.request_id.empty() && used->request_id == command.request_id)
        return {"REQUEST_ID_REUSED", {}, false};
      if (Is<RecordReturn>(command)) return {"RETURN_ID_REUSED", {}, false};
      return {Is<RecordActivity>(command) ? "ACTIVITY_ID_REUSED" : "ORDER_ID_REUSED", {}, false};
    }
    const std::optional<Used> original = OriginalOf(command);
    if (command.member_id.empty() && !original) return {NotFound(command), {}, false};
    const std::string owner = Resolve(command.member_id.empty() ? original->member_id : command.member_id);
    const bool enrolls = Is<RecordPurchase>(command) || Is<RecordActivity>(command) || Is<Earn>(command) ||
                         Is<SetMemberLabel>(command);
    const bool is_new = state_.accounts.count(owner) == 0;
    if (is_new && !(enrolls && program_.enrollment_mode == EnrollmentMode::kOpen)) {
      return {"MEMBER_NOT_FOUND", {}, false};
    }
    if (NamesAnother(command) && (!original || Resolve(original->member_id) != owner))
      return {NotFound(command), {}, false};
    if (TimeOf(command) > now + absl::Minutes(5)) return {"TIME_IN_FUTURE", {}, false};

    now_ = now;
    const size_t entries = is_new ? 0 : state_.accounts[owner].entries.size();
    if (!is_new) Walk(state_.accounts[owner]);
    const State before = state_;
    SimpleAccount& account = state_.accounts[owner];
    if (is_new) {
      account.id = owner;
      account.number = static_cast<int64_t>(state_.accounts.size());
      account.expiry_changes = program_.policies.expiry_changes.size();
      SimpleClerk(program_, now).Enroll(account);
    }
    const Case scene{command, account, original};
    if (Is<CatchUp>(command))
      return {"", account.entries.size() > entries ? account.entries.back() : Entry(), false};
    if ((account.closed && !IsLate(command)) || NamesOneWhoLeft(command)) {
      state_ = before;
      return {"MEMBER_CLOSED", {}, false};
    }
    Answer answer;
    answer.reason =
        std::visit([&](const auto& action) { return Do(scene, action, answer.entry); }, command.action);
    if (!answer.reason.empty() || command.validate_only) {
      state_ = before;
      return answer;
    }
    state_.used.push_back(
        {Content(command), command.request_id, owner, answer.entry.sequence,
         Is<RecordPurchase>(command) ? std::get<RecordPurchase>(command.action).purchase : Purchase()});
    Walk(account);
    return answer;
  }

 private:
  using SimpleMembers::Do;
  using SimpleRewards::Do;

  // Awards. Each returns why it is refused, or nothing and the main entry.

  std::string Do(const Case& scene, const Earn& earn, Entry& main) const {
    Entry entry = Draft(scene, EntryKind::kEarn);
    entry.cause = earn.cause;
    scene.account.Bring({earn.points, entry.occurred_time, ExpiryOf(entry.occurred_time)}, now_, entry);
    main = scene.account.Post(std::move(entry), now_);
    Count(scene.account, {.points = earn.points}, main);
    return "";
  }

  std::string Do(const Case& scene, const RecordPurchase& record, Entry& main) {
    const Purchase& purchase = record.purchase;
    if (!purchase.currency_code.empty() && purchase.currency_code != program_.currency_code) {
      return "CURRENCY_MISMATCH";
    }
    Entry entry = Draft(scene, EntryKind::kPurchase);
    entry.order_id = purchase.order_id;
    entry.rule_id = "base";
    entry.occurred_time = purchase.purchase_time;
    entry.channel = purchase.channel;
    entry.location = purchase.location;
    return Deed(scene, purchase, {0, purchase.total_minor, 1}, std::move(entry), main);
  }

  std::string Do(const Case& scene, const RecordActivity& record, Entry& main) {
    Entry entry = Draft(scene, EntryKind::kActivity);
    entry.activity_type = record.activity.type;
    entry.activity_id = record.activity.activity_id;
    entry.occurred_time = record.activity.time;
    entry.channel = record.activity.channel;
    entry.location = record.activity.location;
    return Deed(scene, record.activity, {}, std::move(entry), main);
  }

  template <class Thing>
  std::string Deed(const Case& scene, const Thing& thing, Progress progress, Entry entry, Entry& main) {
    SimpleAccount& account = scene.account;
    const auto budget_left = [this](const EarnRule& rule) {
      return std::max<int64_t>(0, rule.limits.budget - state_.budgets[rule.id]);
    };
    // Who is a member by now, not by this deed; whoever is asked for is brought up to date.
    const auto is_member = [this](const std::string& id) {
      SimpleAccount* charity = Other(id);
      if (charity != nullptr) Walk(*charity);
      return charity != nullptr;
    };
    const Tier* tier = FindTier(program_.policies.tiers, account.standing.tier_id);
    const EarnFacts facts{account.labels, account.profile, tier,     account.Purchases(),
                          account.uses,   budget_left,     is_member};
    const absl::StatusOr<Earned> earned = EarnedBy(program_, thing, facts);
    if (!earned.ok()) return "POINTS_OVERFLOW";
    const auto bring = [&](int64_t points, absl::Time mature) {
      const NewLot lot{points, entry.occurred_time, ExpiryOf(entry.occurred_time), mature};
      if (points > 0) account.Bring(lot, now_, entry);
    };
    // One lot for all awards that mature at the same time; the base alone names no award.
    std::map<absl::Time, int64_t> lots;
    if (earned->awards.empty()) lots[absl::InfinitePast()] = earned->points;
    for (const Award& award : earned->awards)
      lots[MatureTime(award.maturity, entry.occurred_time)] += award.points;
    for (const auto& [mature, points] : lots) bring(points, mature);
    entry.awards = earned->awards;
    entry.considered = earned->considered;
    CountRules(account, entry, entry.awards, 1);
    main = account.Post(std::move(entry), now_);
    progress.points = earned->points;
    Count(account, progress, main);
    for (const Donated& donated : earned->donations) Donate(donated, main);
    return "";
  }
  static absl::Time MatureTime(const Maturity& maturity, absl::Time time) {
    if (maturity.kind == MaturityKind::kDays) return time + absl::Hours(24) * maturity.days;
    return maturity.kind == MaturityKind::kAtOnce ? absl::InfinitePast() : absl::InfiniteFuture();
  }
  void Donate(const Donated& donated, const Entry& main) {
    SimpleAccount* charity = Other(donated.charity_id);
    Walk(*charity);
    if (donated.points == 0) return;
    Entry entry = Also(main, EntryKind::kDonation);
    entry.rule_id = donated.rule_id;
    entry.counterpart = Counterpart{0, main.sequence};
    charity->Bring({.points = donated.points, .earned_time = main.occurred_time}, now_, entry);
    charity->Post(std::move(entry), now_);
    if (LimitsThen(rules_, main)[donated.rule_id].budget > 0)
      state_.budgets[donated.rule_id] += donated.points;
    Walk(*charity);
  }
  // What rules gave for a deed counts against the limits that they had then.
  void CountRules(SimpleAccount& account, const Entry& deed, const std::vector<Award>& awards, int sign) {
    RuleLimits limits = LimitsThen(rules_, deed);
    for (const Award& award : awards) {
      if (limits.count(award.rule_id) == 1 && limits[award.rule_id].budget > 0)
        state_.budgets[award.rule_id] += sign * award.points;
    }
    CountUses(limits, awards, LocalDay(deed.occurred_time, program_.zone), sign, account.uses);
  }

  // Use.

  // Whether points, beside those that were used for the order or are held for it, may pay so much of it.
  template <class Use>
  std::string Payment(const Case& scene, const Use& use) const {
    const SpendingPolicy& policy = program_.policies.spending;
    if (policy.worth_minor == 0 || use.order_total_minor == 0) return "";
    if (use.order_total_minor < policy.minimum_order_minor) return "ORDER_TOO_SMALL";
    int64_t points = use.points;
    for (const SimpleAccount::Place& place : PaymentsFor(scene.account, use.order_id)) {
      const Entry e = EntryAt(place);
      points += -(e.points + e.held) - Corrected(place, EntryKind::kRestore);
    }
    for (const SimpleAccount::Aside& aside : scene.account.asides) {
      const bool is_for_order = std::any_of(aside.was.begin(), aside.was.end(), [&](const auto& place) {
        return !use.order_id.empty() && EntryAt(place).order_id == use.order_id;
      });
      if (is_for_order) points += SimpleAccount::Sum(aside.uses);
    }
    const int64_t most = Share(use.order_total_minor, policy.largest_share_percent, 100);
    return Share(points, policy.worth_minor, policy.points) > most ? "SHARE_TOO_LARGE" : "";
  }
  // Where the entries stand that used points for an order, of all who are one person with the member.
  std::vector<SimpleAccount::Place> PaymentsFor(const SimpleAccount& member, const std::string& order) const {
    std::vector<SimpleAccount::Place> payments;
    for (const auto& [id, account] : state_.accounts) {
      if (Resolve(id) != member.id || order.empty()) continue;
      for (const Entry& e : account.entries) {
        const bool spending = e.kind == EntryKind::kSpend || e.kind == EntryKind::kCapture;
        if (spending && e.order_id == order) payments.emplace_back(account.number, e.sequence);
      }
    }
    return payments;
  }

  std::string Do(const Case& scene, const Spend& spend, Entry& main) const {
    const SpendingPolicy& policy = program_.policies.spending;
    if (spend.points > scene.account.Balance()) return "INSUFFICIENT_POINTS";
    if (std::string refused = Payment(scene, spend); !refused.empty()) return refused;
    Entry entry = Draft(scene, EntryKind::kSpend);
    if (policy.worth_minor > 0 && spend.order_total_minor > 0)
      entry.paid_minor = Share(spend.points, policy.worth_minor, policy.points);
    entry.order_id = spend.order_id;
    scene.account.Take(spend.points, {}, entry);
    main = scene.account.Post(std::move(entry), now_);
    return "";
  }

  std::string Do(const Case& scene, const Adjust& adjust, Entry& main) const {
    Entry entry = Draft(scene, EntryKind::kAdjust);
    if (-adjust.points > scene.account.Balance()) return "INSUFFICIENT_POINTS";
    if (adjust.points < 0) scene.account.Take(-adjust.points, {}, entry);
    if (adjust.points > 0) {
      scene.account.Bring({adjust.points, entry.occurred_time, ExpiryOf(entry.occurred_time)}, now_, entry);
    }
    main = scene.account.Post(std::move(entry), now_);
    return "";
  }

  std::string Do(const Case& scene, const ReservePoints& reserve, Entry& main) const {
    if (reserve.points > scene.account.Balance()) return "INSUFFICIENT_POINTS";
    if (std::string refused = Payment(scene, reserve); !refused.empty()) return refused;
    Entry entry = Draft(scene, EntryKind::kHold);
    entry.order_id = reserve.order_id;
    entry.hold_until = now_ + reserve.time_to_live;
    entry.held = reserve.points;
    scene.account.Take(reserve.points, {}, entry);
    main = scene.account.Post(std::move(entry), now_);
    scene.account.asides.push_back(
        {main.sequence, main.hold_until, main.lot_uses, {{scene.account.number, main.sequence}}});
    return "";
  }

  // Ends the hold: of its points `captured` are spent (0: all; below 0: none), the rest comes back.
  std::string EndHold(const Case& scene, EntryKind kind, int64_t captured, Entry& main) const {
    auto& asides = scene.account.asides;
    const auto aside = std::find_if(asides.begin(), asides.end(), [&](const SimpleAccount::Aside& one) {
      return one.was.count(PlaceOf(*scene.original)) == 1;
    });
    if (aside == asides.end()) return "HOLD_NOT_OPEN";
    const int64_t held = SimpleAccount::Sum(aside->uses);
    if (captured > held) return "CAPTURE_EXCEEDS_HOLD";
    const int64_t rest = captured == 0 ? 0 : held - std::max<int64_t>(captured, 0);
    Entry entry = Draft(scene, kind);
    entry.order_id = EntryAt(*scene.original).order_id;
    entry.corrected_sequence = aside->sequence;
    entry.held = -held;
    scene.account.ComeBack(SplitAtEnd(aside->uses, rest).second, now_, absl::InfinitePast(), entry);
    asides.erase(aside);
    main = scene.account.Post(std::move(entry), now_);
    return "";
  }
  std::string Do(const Case& scene, const CapturePoints& capture, Entry& main) const {
    return EndHold(scene, EntryKind::kCapture, capture.points, main);
  }
  std::string Do(const Case& scene, const ReleasePoints&, Entry& main) const {
    return EndHold(scene, EntryKind::kRelease, -1, main);
  }

  std::string Do(const Case& scene, const TransferPoints& transfer, Entry& main) {
    const TransferPolicy& policy = program_.policies.transfers;
    SimpleAccount* receiver = Other(transfer.to_member_id);
    if (receiver == nullptr || receiver == &scene.account) return "MEMBER_NOT_FOUND";
    Walk(*receiver);
    if (!policy.allowed) return "TRANSFERS_NOT_ALLOWED";
    int64_t today = transfer.points;
    for (const auto& [day, points] : scene.account.sent) {
      if (day == LocalDay(now_, program_.zone)) today += points;
    }
    if (policy.most_points > 0 && transfer.points > policy.most_points) return "TRANSFER_LIMIT";
    if (policy.most_points_day > 0 && today > policy.most_points_day) return "TRANSFER_LIMIT";
    const int64_t fee = (transfer.points * policy.fee_percent + 99) / 100;
    if (transfer.points + fee > scene.account.Balance()) return "INSUFFICIENT_POINTS";
    Entry out = Draft(scene, EntryKind::kTransferOut);
    out.counterpart = Counterpart{0, static_cast<int64_t>(receiver->entries.size()) + 1};
    scene.account.Take(transfer.points, {}, out);
    main = scene.account.Post(std::move(out), now_);
    scene.account.sent.emplace_back(LocalDay(now_, program_.zone), transfer.points);
    Entry in = Also(main, EntryKind::kTransferIn);
    in.reason = main.reason;
    in.counterpart = Counterpart{0, main.sequence};
    for (const LotUse& use : main.lot_uses) {
      receiver->Bring({use.points, use.earned_time, use.expire_time}, now_, in);
    }
    receiver->Post(std::move(in), now_);
    if (fee == 0) return "";
    Entry paid = Also(main, EntryKind::kFee);
    paid.corrected_sequence = main.sequence;
    scene.account.Take(fee, {}, paid);
    scene.account.Post(std::move(paid), now_);
    return "";
  }

  // Corrections.

  // The pending points of the entry first, then its own that can be spent, then what the policy says.
  void TakeBack(const Case& scene, int64_t due, Entry& entry) const {
    SimpleAccount& account = scene.account;
    const SimpleAccount::Place own = PlaceOf(*scene.original);
    Name(account, own, entry);
    for (SimpleAccount::Waiting& one : account.waiting) {
      if (!account.IsOf(own, one.pile.sequence, one.pile.part)) continue;
      const int64_t part = std::min(due, one.pile.points);
      if (part == 0) continue;
      one.pile.points -= part;
      due -= part;
      entry.pending -= part;
      entry.lot_uses.push_back({one.pile.sequence, part, one.pile.earned, one.pile.expire, one.pile.part});
    }
    std::erase_if(account.waiting, [](const SimpleAccount::Waiting& one) { return one.pile.points == 0; });
    int64_t reach = 0;
    for (const SimpleAccount::Pile& pile : account.piles) {
      const bool reached = account.IsOf(own, pile.sequence, pile.part) ||
                           program_.policies.returns != ReturnPolicy::kPendingOnly;
      if (reached) reach += pile.points;
    }
    const int64_t taken = std::min(due, reach);
    account.Take(taken, own, entry);
    if (program_.policies.returns == ReturnPolicy::kAllowNegative) {
      entry.debt += due - taken;
      account.debt += due - taken;
    } else {
      entry.shortfall = due - taken;
    }
  }

  std::string Do(const Case& scene, const ReverseEntry& reverse, Entry& main) {
    SimpleAccount& account = scene.account;
    const Entry original = EntryAt(*scene.original);
    const bool spending = original.kind == EntryKind::kSpend || original.kind == EntryKind::kCapture;
    const bool award = original.kind == EntryKind::kEarn || original.kind == EntryKind::kActivity;
    if (!spending && !award) return "ENTRY_NOT_REVERSIBLE";
    int64_t left = original.points + original.pending + original.held - original.debt;
    const SimpleAccount::Place place = PlaceOf(*scene.original);
    left = spending ? -left - Corrected(place, EntryKind::kRestore)
                    : left + Corrected(place, EntryKind::kReversal);
    if (left == 0 || reverse.points > left) return "REVERSAL_EXCEEDS_ENTRY";
    const int64_t points = reverse.points == 0 ? left : reverse.points;
    Entry entry = Draft(scene, EntryKind::kReversal);
    entry.cause = original.cause;
    if (spending) {
      entry.order_id = original.order_id;
      main = Restore(account, place, points, std::move(entry));
      return "";
    }
    const int64_t before = -Corrected(place, EntryKind::kReversal);
    TakeBack(scene, points, entry);
    main = account.Post(std::move(entry), now_);
    UndoAwards(account, original, before, -Corrected(place, EntryKind::kReversal));
    Uncount(account, {.points = main.debt - main.points - main.pending}, place, main);
    return "";
  }

  std::string Do(const Case& scene, const RecordReturn& record, Entry& main) {
    return Return(scene, record, main);
  }
  std::string Do(const Case& scene, const CancelPurchase& cancel, Entry& main) {
    return Return(scene, {cancel.order_id, "", 0, {}}, main);
  }

  std::string Return(const Case& scene, const RecordReturn& record, Entry& main) {
    SimpleAccount& account = scene.account;
    const Entry bought = EntryAt(*scene.original);
    const Purchase& order = scene.original->purchase;
    const Back before = BackSoFar(*scene.original);
    const bool was_back = AllBack(order, before);
    Back after = before;
    Entry entry = Draft(scene, EntryKind::kReturn);
    entry.order_id = record.order_id;
    entry.return_id = record.return_id;
    const int64_t left = order.total_minor - before.minor;
    if (!record.lines.empty()) {
      for (const ReturnedLine& line : record.lines) {
        const auto i = static_cast<size_t>(line.line);
        if (i >= order.lines.size()) return "TOO_LARGE";
        after.pieces[i] += line.quantity;
        if (after.pieces[i] > order.lines[i].quantity) return "RETURN_EXCEEDS_ORDER";
      }
      entry.returned_lines = record.lines;
      entry.returned_minor = MinorOfPieces(order, after) - MinorOfPieces(order, before);
    } else if (left > 0) {
      entry.returned_minor = record.amount_minor == 0 ? left : record.amount_minor;
    } else {
      const bool nothing = order.lines.empty() && !Is<CancelPurchase>(scene.command);
      if (record.amount_minor > 0 || nothing || was_back) return "RETURN_EXCEEDS_ORDER";
      for (size_t i = 0; i < order.lines.size(); ++i) {
        const int64_t pieces = order.lines[i].quantity - before.pieces[i];
        if (pieces > 0) entry.returned_lines.push_back({static_cast<int64_t>(i), pieces});
        after.pieces[i] = order.lines[i].quantity;
      }
    }
    if (entry.returned_minor > left) return "RETURN_EXCEEDS_ORDER";
    after.any = true;
    after.minor += entry.returned_minor;
    const bool whole = AllBack(order, after) && !was_back;
    GiveBackSpent(scene, order, after, entry);
    const int64_t gone = GoneWith(after, order, bought), gone_before = GoneWith(before, order, bought);
    TakeBack(scene, std::max<int64_t>(0, gone + Corrected(PlaceOf(*scene.original), EntryKind::kReturn)),
             entry);
    if (whole) account.given_back.push_back(record.order_id);
    main = account.Post(std::move(entry), now_);
    std::vector<Award> undone = AwardsOf(bought);
    for (Award& award : undone) award.points = GoneOf(award, after, order) - GoneOf(award, before, order);
    CountRules(account, bought, undone, -1);
    Uncount(account, {gone - gone_before, main.returned_minor, whole ? 1 : 0}, PlaceOf(*scene.original),
            main);
    return "";
  }
  // Of each award goes as much as of the points of all.
  void UndoAwards(SimpleAccount& account, const Entry& deed, int64_t before, int64_t gone) {
    std::vector<Award> undone = AwardsOf(deed);
    const int64_t points = deed.points + deed.pending - deed.debt;
    for (Award& award : undone)
      award.points = Share(award.points, gone, points) - Share(award.points, before, points);
    CountRules(account, deed, undone, -1);
  }
  // Points that paid for the order come back as it is given back, whoever paid of those who are one person
  // now; in the order of their sequences.
  void GiveBackSpent(const Case& scene, const Purchase& order, const Back& after, const Entry& main) {
    std::vector<SimpleAccount::Place> payments = PaymentsFor(scene.account, order.order_id);
    // Of two with the same sequence the member's own comes before that of who was merged in.
    std::sort(payments.begin(), payments.end(), [&](const auto& a, const auto& b) {
      return std::tuple(a.second, a.first != scene.account.number, a.first) <
             std::tuple(b.second, b.first != scene.account.number, b.first);
    });
    for (const SimpleAccount::Place& place : payments) {
      const Entry e = EntryAt(place);
      const int64_t spent = -(e.points + e.held);
      const int64_t in_all = AllBack(order, after) ? spent : Share(spent, after.minor, order.total_minor);
      const int64_t points = in_all - Corrected(place, EntryKind::kRestore);
      if (points > 0) Restore(scene.account, place, points, Also(main, EntryKind::kRestore));
      if (points > 0) Walk(scene.account);
    }
  }

  std::string Do(const Case& scene, const ConfirmPurchase& confirm, Entry& main) const {
    Entry entry = Draft(scene, EntryKind::kMaturity);
    entry.order_id = confirm.order_id;
    Name(scene.account, PlaceOf(*scene.original), entry);
    auto& waiting = scene.account.waiting;
    for (size_t i = 0; i < waiting.size();) {
      const SimpleAccount::Pile& pile = waiting[i].pile;
      if (scene.account.IsOf(PlaceOf(*scene.original), pile.sequence, pile.part)) {
        scene.account.MatureOne(i, entry);
      } else {
        ++i;
      }
    }
    main = scene.account.Post(std::move(entry), now_);
    return "";
  }

  std::string Do(const Case&, const CatchUp&, Entry&) const { return ""; }
};

}  // namespace loyalty::points
