// The ledger as one would write it on a napkin: a list of lots for each member and a map of the ids that were
// used. Shares no code with the real one, and serves tests as its measure.
#pragma once

#include <absl/numeric/int128.h>
#include <absl/strings/str_cat.h>

#include <algorithm>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "services/points/domain/command.h"
#include "services/points/domain/program.h"

namespace loyalty::points {

class SimpleLedger {
 public:
  struct Answer {
    std::string reason;  // why it was refused; empty: it was not
    Entry entry;
    bool replayed = false;
  };
  struct OpenLot {
    absl::Time earned_time;
    int64_t sequence;
    int64_t points;
  };
  struct Member {
    std::vector<OpenLot> lots;
    std::vector<Entry> entries;
    std::map<std::pair<std::string, absl::Time>, absl::Time> labels;  // name and beginning, to the end
    int64_t Balance() const {
      int64_t sum = 0;
      for (const OpenLot& lot : lots) sum += lot.points;
      return sum;
    }
  };

  // Of the program it takes: rate (floored; dollars), rules and enrollment.
  explicit SimpleLedger(const Program& program) : program_(program) {}

  Answer Decide(const Command& command, absl::Time now) {
    const auto* record = std::get_if<RecordPurchase>(&command.action);
    if (!command.request_id.empty() && requests_.count(command.request_id) == 1) {
      return Again(requests_.at(command.request_id), command, "REQUEST_ID_REUSED");
    }
    if (record != nullptr && orders_.count(record->purchase.order_id) == 1) {
      return Again(orders_.at(record->purchase.order_id), command, "ORDER_ID_REUSED");
    }
    const auto* back = std::get_if<RecordReturn>(&command.action);
    if (back != nullptr && returns_.count(back->return_id) == 1) {
      return Again(returns_.at(back->return_id), command, "RETURN_ID_REUSED");
    }
    std::string owner = command.member_id;
    if (owner.empty()) {
      if (orders_.count(back->order_id) == 0) return {"ORDER_NOT_FOUND", {}, false};
      owner = orders_.at(back->order_id).member_id;
    }
    const bool enrolls = record != nullptr || std::holds_alternative<Earn>(command.action) ||
                         std::holds_alternative<SetMemberLabel>(command.action);
    const bool open = program_.enrollment_mode == EnrollmentMode::kOpen;
    if (members_.count(owner) == 0 && !(enrolls && open)) return {"MEMBER_NOT_FOUND", {}, false};
    Member member = MemberOrNew(owner);
    Answer answer = Post(command, now, owner, member);
    if (!answer.reason.empty() || command.validate_only) return answer;
    members_[owner] = member;
    const Used used{Content(command), answer.entry, owner,
                    record != nullptr ? record->purchase.total_minor : 0};
    if (!command.request_id.empty()) requests_[command.request_id] = used;
    if (record != nullptr) orders_[record->purchase.order_id] = used;
    if (back != nullptr) returns_[back->return_id] = used;
    return answer;
  }

  void Enroll(const std::string& member_id) { members_[member_id]; }
  const std::map<std::string, Member>& members() const { return members_; }

 private:
  struct Used {
    std::string content;
    Entry entry;
    std::string member_id;
    int64_t total_minor = 0;
  };

  static Answer Again(const Used& used, const Command& command, const std::string& reason) {
    if (used.content != Content(command)) return {reason, {}, false};
    return {"", used.entry, true};
  }

  Member MemberOrNew(const std::string& id) const {
    const auto found = members_.find(id);
    return found == members_.end() ? Member() : found->second;
  }

  Answer Post(const Command& command, absl::Time now, const std::string& owner, Member& member) const {
    // A clock that goes back stands still for the member.
    Entry entry = Draft(
        command, member.entries.empty() ? now : std::max(now, member.entries.back().recorded_time), member);
    const bool told = command.occurred_time || entry.kind == EntryKind::kPurchase;
    if (told && entry.occurred_time > now + absl::Minutes(5)) return {"TIME_IN_FUTURE", {}, false};
    const int64_t balance = member.Balance();
    if (const auto* back = std::get_if<RecordReturn>(&command.action)) {
      const std::string refused = Return(*back, owner, member, entry);
      if (!refused.empty()) return {refused, {}, false};
    }
    if (const auto* reverse = std::get_if<ReverseEntry>(&command.action)) {
      const std::string refused = Reverse(*reverse, owner, member, entry);
      if (!refused.empty()) return {refused, {}, false};
    }
    if (entry.points < 0 && balance + entry.points < 0) return {"INSUFFICIENT_POINTS", {}, false};
    if (entry.points > 0 && entry.points > std::numeric_limits<int64_t>::max() - balance) {
      return {"POINTS_OVERFLOW", {}, false};
    }
    entry.sequence = static_cast<int64_t>(member.entries.size()) + 1;
    entry.balance_after = balance + entry.points;
    if (entry.points > 0) member.lots.push_back({entry.occurred_time, entry.sequence, entry.points});
    if (entry.points < 0) Take(-entry.points, member, entry);
    if (entry.label) member.labels[{entry.label->label, entry.label->from}] = entry.label->until;
    member.entries.push_back(entry);
    return {"", entry, false};
  }

  // Why not; empty: it is done. What was taken and returned before is added up from the member's entries.
  std::string Return(const RecordReturn& back, const std::string& owner, const Member& member,
                     Entry& entry) const {
    const auto order = orders_.find(back.order_id);
    if (order == orders_.end() || order->second.member_id != owner) return "ORDER_NOT_FOUND";
    const Entry& bought = order->second.entry;
    int64_t returned = 0, taken = 0;
    for (const Entry& e : member.entries) {
      if (e.kind != EntryKind::kReturn || e.order_id != back.order_id) continue;
      returned += e.returned_minor;
      taken += -e.points;
    }
    const int64_t total = order->second.total_minor;
    if (returned == total || back.amount_minor > total - returned) return "RETURN_EXCEEDS_ORDER";
    entry.kind = EntryKind::kReturn;
    entry.order_id = back.order_id;
    entry.return_id = back.return_id;
    entry.returned_minor = back.amount_minor == 0 ? total - returned : back.amount_minor;
    const auto in_all =
        static_cast<int64_t>(absl::int128(bought.points) * (returned + entry.returned_minor) / total);
    TakeBack(in_all - taken, bought, member, entry);
    return "";
  }

  std::string Reverse(const ReverseEntry& reverse, const std::string& owner, const Member& member,
                      Entry& entry) const {
    const auto found = requests_.find(reverse.reversed_request_id);
    if (found == requests_.end() || found->second.member_id != owner) return "ENTRY_NOT_FOUND";
    const Entry& award = found->second.entry;
    if (award.kind != EntryKind::kEarn) return "ENTRY_NOT_REVERSIBLE";
    int64_t left = award.points;
    for (const Entry& e : member.entries) {
      if (e.kind == EntryKind::kReversal && e.corrected_sequence == award.sequence) left += e.points;
    }
    if (left == 0 || reverse.points > left) return "REVERSAL_EXCEEDS_ENTRY";
    entry.kind = EntryKind::kReversal;
    entry.cause = award.cause;
    TakeBack(reverse.points == 0 ? left : reverse.points, award, member, entry);
    return "";
  }

  static void TakeBack(int64_t due, const Entry& from, const Member& member, Entry& entry) {
    entry.points = -std::min(due, member.Balance());
    entry.shortfall = due + entry.points;
    entry.corrected_sequence = from.sequence;
  }

  // Point by point: of the corrected entry, if there is one and something of it is left, else of the oldest.
  static void Take(int64_t points, Member& member, Entry& entry) {
    std::map<std::pair<absl::Time, int64_t>, int64_t> uses;
    while (points > 0) {
      const auto next =
          std::min_element(member.lots.begin(), member.lots.end(), [&](const OpenLot& a, const OpenLot& b) {
            const bool own_a = a.sequence == entry.corrected_sequence,
                       own_b = b.sequence == entry.corrected_sequence;
            if (own_a != own_b) return own_a;
            return a.earned_time != b.earned_time ? a.earned_time < b.earned_time : a.sequence < b.sequence;
          });
      const int64_t part = std::min(points, next->points);
      uses[{next->earned_time, next->sequence}] += part;
      points -= part;
      next->points -= part;
      if (next->points == 0) member.lots.erase(next);
    }
    for (const auto& [lot, part] : uses) entry.lot_uses.push_back({lot.second, part, lot.first});
  }

  // What one rule adds, floored.
  static int64_t Extra(const EarnRule& rule, absl::int128 base_numerator, absl::int128 base_denominator) {
    const auto& factor = std::get<Multiplier>(rule.effect);
    return static_cast<int64_t>(base_numerator * (factor.numerator - factor.denominator) /
                                (base_denominator * factor.denominator));
  }

  static bool Carries(const Member& member, const std::string& label, absl::Time time) {
    bool carries = label.empty();
    for (const auto& [key, until] : member.labels) {
      carries = carries || (key.first == label && key.second <= time && time < until);
    }
    return carries;
  }

  // The entry as far as it follows from the command alone.
  Entry Draft(const Command& command, absl::Time now, const Member& member) const {
    Entry entry;
    entry.occurred_time = command.occurred_time.value_or(now);
    entry.recorded_time = now;
    entry.request_id = command.request_id;
    entry.reason = command.reason;
    entry.actor = command.actor;
    entry.channel = command.channel;
    entry.location = command.location;
    if (const auto* earn = std::get_if<Earn>(&command.action)) {
      entry.kind = EntryKind::kEarn;
      entry.points = earn->points;
      entry.cause = earn->cause;
    } else if (const auto* spend = std::get_if<Spend>(&command.action)) {
      entry.kind = EntryKind::kSpend;
      entry.points = -spend->points;
      entry.order_id = spend->order_id;
    } else if (const auto* adjust = std::get_if<Adjust>(&command.action)) {
      entry.kind = EntryKind::kAdjust;
      entry.points = adjust->points;
    } else if (const auto* set = std::get_if<SetMemberLabel>(&command.action)) {
      entry.kind = EntryKind::kLabel;
      entry.label = set->label;
    } else if (const auto* record = std::get_if<RecordPurchase>(&command.action)) {
      const Purchase& purchase = record->purchase;
      const EarnRate& rate = program_.base_earn_rate;
      entry.kind = EntryKind::kPurchase;
      entry.points =
          static_cast<int64_t>(absl::int128(purchase.total_minor) * rate.points / 100 / rate.per_major_units);
      for (const EarnRule& rule : program_.rules) {
        if (!Carries(member, rule.conditions.member_label, purchase.purchase_time)) continue;
        const int64_t extra = Extra(rule, absl::int128(purchase.total_minor) * rate.points,
                                    absl::int128(100) * rate.per_major_units);
        if (entry.awards.empty()) entry.awards.push_back({"base", entry.points});
        entry.awards.push_back({rule.id, extra});
      }
      if (!entry.awards.empty()) entry.points = 0;
      for (const Award& award : entry.awards) entry.points += award.points;
      entry.occurred_time = purchase.purchase_time;
      entry.order_id = purchase.order_id;
      entry.rule_id = "base";
      entry.channel = purchase.channel;
      entry.location = purchase.location;
    }
    return entry;
  }

  // All that tells one command from another, in words.
  static std::string Content(const Command& c) {
    std::string text =
        absl::StrCat(c.action.index(), "|", c.member_id, "|", c.reason, "|", c.actor, "|", c.channel, "|",
                     c.location, "|", c.occurred_time ? absl::FormatTime(*c.occurred_time) : "none");
    if (const auto* earn = std::get_if<Earn>(&c.action)) {
      absl::StrAppend(&text, "|", earn->points, "|", earn->cause);
    }
    if (const auto* reverse = std::get_if<ReverseEntry>(&c.action)) {
      absl::StrAppend(&text, "|", reverse->reversed_request_id, "|", reverse->points);
    }
    if (const auto* back = std::get_if<RecordReturn>(&c.action)) {
      absl::StrAppend(&text, "|", back->order_id, "|", back->return_id, "|", back->amount_minor);
    }
    if (const auto* set = std::get_if<SetMemberLabel>(&c.action)) {
      absl::StrAppend(&text, "|", set->label.label, "|", absl::FormatTime(set->label.from), "|",
                      absl::FormatTime(set->label.until));
    }
    if (const auto* spend = std::get_if<Spend>(&c.action)) {
      absl::StrAppend(&text, "|", spend->points, "|", spend->order_id);
    }
    if (const auto* adjust = std::get_if<Adjust>(&c.action)) absl::StrAppend(&text, "|", adjust->points);
    if (const auto* record = std::get_if<RecordPurchase>(&c.action)) {
      const Purchase& p = record->purchase;
      absl::StrAppend(&text, "|", p.order_id, "|", absl::FormatTime(p.purchase_time), "|", p.currency_code,
                      "|", p.total_minor, "|", p.channel, "|", p.location);
      for (const PurchaseLine& line : p.lines) {
        absl::StrAppend(&text, "|line ", line.sku, "|", line.category, "|", line.quantity, "|",
                        line.amount_minor);
      }
      for (const std::string& label : p.labels) absl::StrAppend(&text, "|label ", label);
    }
    return text;
  }

  const Program program_;
  std::map<std::string, Member> members_;
  std::map<std::string, Used> requests_, orders_, returns_;
};

}  // namespace loyalty::points
