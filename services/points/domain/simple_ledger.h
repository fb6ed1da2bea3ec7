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
    int64_t Balance() const {
      int64_t sum = 0;
      for (const OpenLot& lot : lots) sum += lot.points;
      return sum;
    }
  };

  // Of the program it takes: rate (floored; dollars) and enrollment.
  explicit SimpleLedger(const Program& program) : program_(program) {}

  Answer Decide(const Command& command, absl::Time now) {
    const auto* record = std::get_if<RecordPurchase>(&command.action);
    if (!command.request_id.empty() && requests_.count(command.request_id) == 1) {
      return Again(requests_.at(command.request_id), command, "REQUEST_ID_REUSED");
    }
    if (record != nullptr && orders_.count(record->purchase.order_id) == 1) {
      return Again(orders_.at(record->purchase.order_id), command, "ORDER_ID_REUSED");
    }
    const bool enrolls = record != nullptr || std::holds_alternative<Earn>(command.action);
    const bool open = program_.enrollment_mode == EnrollmentMode::kOpen;
    if (members_.count(command.member_id) == 0 && !(enrolls && open)) return {"MEMBER_NOT_FOUND", {}, false};
    Member member = MemberOrNew(command.member_id);
    Answer answer = Post(command, now, member);
    if (!answer.reason.empty() || command.validate_only) return answer;
    members_[command.member_id] = member;
    if (!command.request_id.empty()) requests_[command.request_id] = {Content(command), answer.entry};
    if (record != nullptr) orders_[record->purchase.order_id] = {Content(command), answer.entry};
    return answer;
  }

  void Enroll(const std::string& member_id) { members_[member_id]; }
  const std::map<std::string, Member>& members() const { return members_; }

 private:
  struct Used {
    std::string content;
    Entry entry;
  };

  static Answer Again(const Used& used, const Command& command, const std::string& reason) {
    if (used.content != Content(command)) return {reason, {}, false};
    return {"", used.entry, true};
  }

  Member MemberOrNew(const std::string& id) const {
    const auto found = members_.find(id);
    return found == members_.end() ? Member() : found->second;
  }

  Answer Post(const Command& command, absl::Time now, Member& member) const {
    // A clock that goes back stands still for the member.
    Entry entry =
        Draft(command, member.entries.empty() ? now : std::max(now, member.entries.back().recorded_time));
    const int64_t balance = member.Balance();
    if (entry.points < 0 && balance + entry.points < 0) return {"INSUFFICIENT_POINTS", {}, false};
    if (entry.points > 0 && entry.points > std::numeric_limits<int64_t>::max() - balance) {
      return {"POINTS_OVERFLOW", {}, false};
    }
    entry.sequence = static_cast<int64_t>(member.entries.size()) + 1;
    entry.balance_after = balance + entry.points;
    if (entry.points > 0) member.lots.push_back({entry.occurred_time, entry.sequence, entry.points});
    if (entry.points < 0) Take(-entry.points, member, entry);
    member.entries.push_back(entry);
    return {"", entry, false};
  }

  static void Take(int64_t points, Member& member, Entry& entry) {
    while (points > 0) {
      const auto oldest =
          std::min_element(member.lots.begin(), member.lots.end(), [](const OpenLot& a, const OpenLot& b) {
            return a.earned_time != b.earned_time ? a.earned_time < b.earned_time : a.sequence < b.sequence;
          });
      const int64_t part = std::min(points, oldest->points);
      entry.lot_uses.push_back({oldest->sequence, part, oldest->earned_time});
      points -= part;
      oldest->points -= part;
      if (oldest->points == 0) member.lots.erase(oldest);
    }
  }

  // The entry as far as it follows from the command alone.
  Entry Draft(const Command& command, absl::Time now) const {
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
    } else if (const auto* spend = std::get_if<Spend>(&command.action)) {
      entry.kind = EntryKind::kSpend;
      entry.points = -spend->points;
      entry.order_id = spend->order_id;
    } else if (const auto* adjust = std::get_if<Adjust>(&command.action)) {
      entry.kind = EntryKind::kAdjust;
      entry.points = adjust->points;
    } else {
      const Purchase& purchase = std::get<RecordPurchase>(command.action).purchase;
      const EarnRate& rate = program_.base_earn_rate;
      entry.kind = EntryKind::kPurchase;
      entry.points =
          static_cast<int64_t>(absl::int128(purchase.total_minor) * rate.points / 100 / rate.per_major_units);
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
    if (const auto* earn = std::get_if<Earn>(&c.action)) absl::StrAppend(&text, "|", earn->points);
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
  std::map<std::string, Used> requests_, orders_;
};

}  // namespace loyalty::points
