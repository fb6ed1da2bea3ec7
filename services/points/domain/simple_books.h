// What SimpleLedger keeps: accounts, what was accepted, and how one command is told from another.
#pragma once

#include <absl/numeric/int128.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "services/points/domain/earning.h"
#include "services/points/domain/reward.h"
#include "services/points/domain/simple_account.h"
#include "services/points/domain/test_kit.h"

namespace loyalty::points {

class SimpleBooks {
 public:
  using Accounts = std::map<std::string, SimpleAccount>;

  // A reward, with its uploaded codes in the order of uploading.
  struct Offer {
    Reward reward;
    std::vector<std::string> codes;
  };

  explicit SimpleBooks(const Program& program, const std::vector<Offer>& offers = {}) : offers_(offers) {
    Change(program, absl::InfinitePast());
  }

  // The program is another from now on, or its rules are in other versions.
  void Change(const Program& program, absl::Time now) {
    now_ = now;
    for (auto& [id, account] : state_.accounts) {
      if (account.merged_into.empty()) SimpleClerk(program_, now_).Leave(program.policies, account);
    }
    program_ = program;
    rules_.insert(rules_.end(), program.rules.begin(), program.rules.end());
  }
  const Accounts& accounts() const { return state_.accounts; }
  const std::vector<Offer>& offers() const { return offers_; }
  // For whom an id stands: itself, or who it was merged into.
  std::string Resolve(const std::string& id) const {
    const auto found = state_.accounts.find(id);
    const bool merged = found != state_.accounts.end() && !found->second.merged_into.empty();
    return merged ? Resolve(found->second.merged_into) : id;
  }
  int64_t PiecesGone(const std::string& reward_id) const {
    return std::count_if(state_.redeemed.begin(), state_.redeemed.end(), [&](const Redeemed& one) {
      return one.reward_id == reward_id && one.state != RedemptionState::kCancelled;
    });
  }
  // In the order of uploading.
  std::vector<std::string> FreeCodes(const Offer& offer) const {
    std::vector<std::string> codes;
    for (const std::string& code : offer.codes) {
      if (!HasCode(code, /*cancelled=*/false)) codes.push_back(code);
    }
    return codes;
  }

 protected:
  struct Used {
    std::string content;
    std::string request_id;
    std::string member_id;
    int64_t sequence = 0;
    Purchase purchase;  // if it is one
  };
  struct Redeemed {
    SimpleAccount::Place place;  // of its entry
    std::string member_id;       // who redeemed it
    std::string reward_id;
    std::string code;
    absl::CivilDay day;
    RedemptionState state = RedemptionState::kPending;
  };
  struct State {
    Accounts accounts;
    std::vector<Redeemed> redeemed;
    std::vector<Used> used;                  // in the order of acceptance
    std::map<std::string, int64_t> budgets;  // what was given, by rule
  };
  struct Case {
    const Command& command;
    SimpleAccount& account;
    const std::optional<Used>& original;
  };
  // What was given back of an order so far.
  struct Back {
    bool any = false;
    int64_t minor = 0;
    std::vector<int64_t> pieces;  // of each line
  };

  template <class Action>
  static bool Is(const Command& command) {
    return std::holds_alternative<Action>(command.action);
  }
  static int64_t Share(int64_t value, int64_t part, int64_t whole) {
    return whole == 0 ? 0 : static_cast<int64_t>(absl::int128(value) * part / whole);
  }
  void Walk(SimpleAccount& account) const { SimpleClerk(program_, now_).Walk(account); }
  const Entry& EntryAt(const Used& used) const {
    return state_.accounts.at(used.member_id).entries.at(static_cast<size_t>(used.sequence - 1));
  }
  const SimpleAccount& AccountAt(const SimpleAccount::Place& place) const {
    const auto found = std::find_if(state_.accounts.begin(), state_.accounts.end(),
                                    [&](const auto& one) { return one.second.number == place.first; });
    return found->second;
  }
  const Entry& EntryAt(const SimpleAccount::Place& place) const {
    return AccountAt(place).entries.at(static_cast<size_t>(place.second - 1));
  }
  SimpleAccount::Place PlaceOf(const Used& used) const {
    return {state_.accounts.at(used.member_id).number, used.sequence};
  }
  // What entries of a kind took (below zero), or gave back, of another entry; those of all accounts, as the
  // one that has the points may be another today.
  int64_t Corrected(const SimpleAccount::Place& place, EntryKind kind) const {
    int64_t sum = 0;
    for (const auto& [id, account] : state_.accounts) {
      for (const Entry& e : account.entries) {
        if (e.kind == kind && account.Corrects(e) == place) sum += e.points + e.pending + e.held - e.debt;
      }
    }
    return sum;
  }
  static void Name(const SimpleAccount& account, const SimpleAccount::Place& place, Entry& entry) {
    entry.corrected_account = place.first == account.number ? 0 : place.first;
    entry.corrected_sequence = place.second;
  }
  bool HasCode(const std::string& code, bool cancelled) const {
    return std::any_of(state_.redeemed.begin(), state_.redeemed.end(), [&](const Redeemed& one) {
      return one.code == code && (cancelled || one.state != RedemptionState::kCancelled);
    });
  }

  // Ids.

  template <class Test>
  const Used* Find(Test test) const {
    for (const Used& used : state_.used) {
      if (test(used, EntryAt(used))) return &used;
    }
    return nullptr;
  }
  const Used* FindOrder(const std::string& id) const {
    return Find(
        [&](const Used&, const Entry& e) { return e.kind == EntryKind::kPurchase && e.order_id == id; });
  }
  const Used* FindRequest(const std::string& id) const {
    return Find([&](const Used& used, const Entry&) { return !id.empty() && used.request_id == id; });
  }
  const Used* Known(const Command& command) const {
    if (const Used* used = FindRequest(command.request_id)) return used;
    if (const auto* record = std::get_if<RecordPurchase>(&command.action))
      return FindOrder(record->purchase.order_id);
    if (const auto* back = std::get_if<RecordReturn>(&command.action)) {
      return Find([&](const Used&, const Entry& e) { return e.return_id == back->return_id; });
    }
    if (const auto* record = std::get_if<RecordActivity>(&command.action)) {
      return Find([&](const Used&, const Entry& e) {
        return e.kind == EntryKind::kActivity && e.activity_id == record->activity.activity_id;
      });
    }
    return nullptr;
  }
  static bool NamesOrder(const Command& command) {
    return Is<RecordReturn>(command) || Is<ConfirmPurchase>(command) || Is<CancelPurchase>(command);
  }
  static bool NamesAnother(const Command& command) {
    return NamesOrder(command) || Is<ReverseEntry>(command) || Is<CapturePoints>(command) ||
           Is<ReleasePoints>(command) || EndsRedemption(command);
  }
  static bool EndsRedemption(const Command& command) {
    return Is<FulfillRedemption>(command) || Is<CancelRedemption>(command);
  }
  // What may still come in for who has left.
  static bool IsLate(const Command& command) {
    return Is<RecordReturn>(command) || Is<CancelPurchase>(command) || EndsRedemption(command);
  }
  static std::string NotFound(const Command& command) {
    if (EndsRedemption(command)) return "REDEMPTION_NOT_FOUND";
    return NamesOrder(command) ? "ORDER_NOT_FOUND" : "ENTRY_NOT_FOUND";
  }
  std::optional<Used> OriginalOf(const Command& command) const {
    const Used* found = nullptr;
    if (const auto* a = std::get_if<RecordReturn>(&command.action)) found = FindOrder(a->order_id);
    if (const auto* a = std::get_if<ConfirmPurchase>(&command.action)) found = FindOrder(a->order_id);
    if (const auto* a = std::get_if<CancelPurchase>(&command.action)) found = FindOrder(a->order_id);
    if (const auto* a = std::get_if<ReverseEntry>(&command.action))
      found = FindRequest(a->reversed_request_id);
    if (const auto* a = std::get_if<CapturePoints>(&command.action)) found = FindRequest(a->hold_request_id);
    if (const auto* a = std::get_if<ReleasePoints>(&command.action)) found = FindRequest(a->hold_request_id);
    if (const auto* a = std::get_if<FulfillRedemption>(&command.action))
      found = FindRequest(a->redemption_request_id);
    if (const auto* a = std::get_if<CancelRedemption>(&command.action))
      found = FindRequest(a->redemption_request_id);
    return found == nullptr ? std::optional<Used>() : *found;
  }
  static absl::Time TimeOf(const Command& command) {
    if (const auto* a = std::get_if<RecordPurchase>(&command.action)) return a->purchase.purchase_time;
    if (const auto* a = std::get_if<RecordActivity>(&command.action)) return a->activity.time;
    return command.occurred_time.value_or(absl::InfinitePast());
  }
  // All that tells one command from another, in words.
  static std::string Content(const Command& c) {
    const bool by_its_own_id = Is<RecordPurchase>(c) || Is<RecordReturn>(c) || Is<RecordActivity>(c);
    return absl::StrCat(c.action.index(), "|", c.member_id, "|", c.reason, "|", by_its_own_id ? "" : c.actor,
                        "|", c.channel, "|", c.location, "|",
                        c.occurred_time ? absl::FormatTime(*c.occurred_time) : "", "|",
                        std::visit([](const auto& action) { return Words(action); }, c.action));
  }
  static std::string Words(const Earn& a) { return absl::StrCat(a.points, "|", a.cause); }
  static std::string Words(const Spend& a) {
    return absl::StrCat(a.points, "|", a.order_id, "|", a.order_total_minor);
  }
  static std::string Words(const Adjust& a) { return absl::StrCat(a.points); }
  static std::string Words(const RecordPurchase& a) {
    std::string text =
        absl::StrCat(a.purchase.order_id, "|", absl::FormatTime(a.purchase.purchase_time), "|",
                     a.purchase.total_minor, "|", a.purchase.channel, "|", a.purchase.location);
    for (const PurchaseLine& line : a.purchase.lines) {
      absl::StrAppend(&text, "|", line.sku, ",", line.category, ",", line.quantity, ",", line.amount_minor);
    }
    for (const std::string& label : a.purchase.labels) absl::StrAppend(&text, "|+", label);
    return text;
  }
  static std::string Words(const RecordActivity& a) {
    return absl::StrCat(a.activity.type, "|", a.activity.activity_id, "|", absl::FormatTime(a.activity.time));
  }
  static std::string Words(const ReverseEntry& a) {
    return absl::StrCat(a.reversed_request_id, "|", a.points);
  }
  static std::string Words(const RecordReturn& a) {
    std::string text = absl::StrCat(a.order_id, "|", a.return_id, "|", a.amount_minor);
    for (const ReturnedLine& line : a.lines) absl::StrAppend(&text, "|", line.line, "x", line.quantity);
    return text;
  }
  static std::string Words(const SetMemberLabel& a) {
    return absl::StrCat(a.label.label, "|", absl::FormatTime(a.label.from), "|",
                        absl::FormatTime(a.label.until));
  }
  static std::string Words(const ConfirmPurchase& a) { return a.order_id; }
  static std::string Words(const CancelPurchase& a) { return a.order_id; }
  static std::string Words(const ReservePoints& a) {
    return absl::StrCat(a.points, "|", absl::FormatDuration(a.time_to_live), "|", a.order_id, "|",
                        a.order_total_minor);
  }
  static std::string Words(const CapturePoints& a) { return absl::StrCat(a.hold_request_id, "|", a.points); }
  static std::string Words(const ReleasePoints& a) { return a.hold_request_id; }
  static std::string Words(const TransferPoints& a) { return absl::StrCat(a.to_member_id, "|", a.points); }
  static std::string Words(const SetTier& a) {
    return a.override_ ? absl::StrCat("to ", a.override_->tier_id, "|", absl::FormatTime(a.override_->until))
                       : "";
  }
  static std::string Words(const CatchUp&) { return ""; }
  static std::string Words(const RedeemReward& a) {
    return absl::StrCat(a.reward_id, "|", a.order_id, "|", a.order_total_minor);
  }
  static std::string Words(const FulfillRedemption& a) { return a.redemption_request_id; }
  static std::string Words(const CancelRedemption& a) { return a.redemption_request_id; }
  static std::string Words(const UpdateProfile& a) {
    std::string text;
    const Profile& p = a.profile;
    if (a.birthday) absl::StrAppend(&text, "|born ", p.birthday.month, "-", p.birthday.day);
    if (a.segment) absl::StrAppend(&text, "|segment ", p.segment);
    if (a.referrer) absl::StrAppend(&text, "|by ", p.referrer_member_id);
    if (!a.attributes) return text;
    absl::StrAppend(&text, "|attributes");
    for (const auto& [name, value] : p.attributes) {
      const auto* number = std::get_if<int64_t>(&value);
      const std::string said = number == nullptr ? std::get<std::string>(value) : absl::StrCat(*number);
      absl::StrAppend(&text, "|", name, "=", value.index(), said);
    }
    return text;
  }
  static std::string Words(const SetConsent& a) {
    return absl::StrCat(a.channel, "|", a.purpose, "|", a.granted);
  }
  static std::string Words(const CloseMember&) { return ""; }
  static std::string Words(const MergeMembers& a) { return a.from_member_id; }

  // Entries.

  Entry Draft(const Case& scene, EntryKind kind) const {
    Entry entry;
    entry.kind = kind;
    const auto& entries = scene.account.entries;
    // A clock that goes back stands still for the member.
    entry.occurred_time = scene.command.occurred_time.value_or(
        entries.empty() ? now_ : std::max(now_, entries.back().recorded_time));
    entry.request_id = scene.command.request_id;
    entry.reason = scene.command.reason;
    entry.actor = scene.command.actor;
    entry.channel = scene.command.channel;
    entry.location = scene.command.location;
    return entry;
  }
  static Entry Also(const Entry& main, EntryKind kind) {
    Entry entry;
    entry.kind = kind;
    entry.occurred_time = main.occurred_time;
    entry.order_id = main.order_id;
    entry.actor = main.actor;
    entry.cause = main.cause;
    return entry;
  }
  absl::Time ExpiryOf(absl::Time earned) const {
    return ExpireTime(program_.policies.expiry, earned, program_.zone);
  }
  void Count(SimpleAccount& account, const Progress& progress, const Entry& main) const {
    if (program_.policies.tiers.tiers.empty()) return;
    account.counted.insert(main.sequence);
    const std::string before = account.standing.tier_id;
    const TierScene scene = SimpleClerk(program_, now_).SceneOf(account);
    AddProgress(scene, progress, main.occurred_time, now_, account.standing);
    PostTier(account, before, main);
  }
  // What the entry that stands there had counted counts no more, if it did.
  void Uncount(SimpleAccount& account, const Progress& progress, const SimpleAccount::Place& place,
               const Entry& main) const {
    const bool counted = AccountAt(place).counted.count(place.second) == 1;
    if (program_.policies.tiers.tiers.empty() || !counted) return;
    const std::string before = account.standing.tier_id;
    const Entry& award = EntryAt(place);
    TakeProgress(SimpleClerk(program_, now_).SceneOf(account), progress, award.occurred_time,
                 award.recorded_time, now_, account.standing);
    PostTier(account, before, main);
  }
  void PostTier(SimpleAccount& account, const std::string& before, const Entry& main) const {
    if (account.standing.tier_id == before) return;
    Entry entry = Also(main, EntryKind::kTier);
    entry.tier = TierChange{before, account.standing.tier_id};
    account.Post(std::move(entry), now_);
  }

  // What was given back of orders.

  Back BackSoFar(const Used& order) const {
    Back back;
    back.pieces.resize(order.purchase.lines.size());
    for (const auto& [id, account] : state_.accounts) {
      for (const Entry& e : account.entries) {
        if (e.kind != EntryKind::kReturn || account.Corrects(e) != PlaceOf(order)) continue;
        back.any = true;
        back.minor += e.returned_minor;
        for (const ReturnedLine& line : e.returned_lines)
          back.pieces.at(static_cast<size_t>(line.line)) += line.quantity;
      }
    }
    return back;
  }
  static int64_t MinorOfPieces(const Purchase& order, const Back& back) {
    int64_t minor = 0;
    for (size_t i = 0; i < order.lines.size(); ++i) {
      minor += Share(order.lines[i].amount_minor, back.pieces[i], order.lines[i].quantity);
    }
    return minor;
  }
  static bool AllBack(const Purchase& order, const Back& back) {
    if (back.minor < order.total_minor) return false;
    if (back.minor > MinorOfPieces(order, back)) return true;
    for (size_t i = 0; i < order.lines.size(); ++i) {
      if (back.pieces[i] < order.lines[i].quantity) return false;
    }
    return back.any || !order.lines.empty();
  }
  static std::vector<Award> AwardsOf(const Entry& bought) {
    if (!bought.awards.empty()) return bought.awards;
    return {Award{"base", bought.points + bought.pending - bought.debt}};
  }
  // By largest remainder over the amounts of the lines.
  static std::vector<int64_t> SharesOf(const Award& award, const Purchase& order) {
    if (!award.lines.empty()) return award.lines;
    std::vector<int64_t> shares, rests;
    int64_t left = award.points;
    for (const PurchaseLine& line : order.lines) {
      shares.push_back(Share(award.points, line.amount_minor, order.total_minor));
      rests.push_back(order.total_minor == 0 ? 0 : award.points * line.amount_minor % order.total_minor);
      left -= shares.back();
    }
    if (order.total_minor == 0) {
      if (!shares.empty()) shares[0] = award.points;
      return shares;
    }
    for (; left > 0 && !shares.empty(); --left) {
      const auto most = std::max_element(rests.begin(), rests.end());
      ++shares[static_cast<size_t>(most - rests.begin())];
      *most = -1;
    }
    return shares;
  }
  static int64_t GoneWith(const Back& back, const Purchase& order, const Entry& bought) {
    const int64_t points = bought.points + bought.pending - bought.debt;
    if (AllBack(order, back)) return points;
    int64_t gone = Share(points, back.minor - MinorOfPieces(order, back), order.total_minor);
    for (size_t i = 0; i < order.lines.size(); ++i) {
      int64_t share = 0;
      for (const Award& award : AwardsOf(bought)) share += SharesOf(award, order)[i];
      gone += Share(share, back.pieces[i], order.lines[i].quantity);
    }
    return std::min(gone, points);
  }

  static int64_t GoneOf(const Award& award, const Back& back, const Purchase& order) {
    if (AllBack(order, back)) return award.points;
    const std::vector<int64_t> shares = SharesOf(award, order);
    int64_t gone = Share(award.points, back.minor - MinorOfPieces(order, back), order.total_minor);
    for (size_t i = 0; i < order.lines.size(); ++i)
      gone += Share(shares[i], back.pieces[i], order.lines[i].quantity);
    return std::min(gone, award.points);
  }

  Program program_;
  std::vector<EarnRule> rules_;  // in all versions that were
  const std::vector<Offer> offers_;
  State state_;
  absl::Time now_;
};

}  // namespace loyalty::points
