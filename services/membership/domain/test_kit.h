// What the tests of memberships share: plans, refusals to compare with, and one membership's life in memory.
#pragma once

#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "common/testing/refused.h"
#include "services/membership/domain/membership_record.h"
#include "services/membership/domain/reason.h"

namespace loyalty::membership {

inline absl::TimeZone Zone(const char* name = "Europe/Rome") {
  absl::TimeZone zone;
  if (!absl::LoadTimeZone(name, &zone)) ADD_FAILURE() << "no zone " << name;
  return zone;
}

// In Rome.
inline absl::Time At(int year, int month, int day, int hour = 10) {
  return absl::FromCivil(absl::CivilSecond(year, month, day, hour, 0, 0), Zone());
}
inline const absl::Time kStart = At(2026, 1, 31);

// 9.90 euros a month, four visits to the lounge, points twice, 500 points for joining; retries on days 1, 3,
// 5, 7.
inline Plan MonthlyPlan() {
  Plan plan;
  plan.id = "prime";
  plan.display_name = "Prime";
  plan.billing = {BillingKind::kMonthly, 1};
  plan.prices = {{"EUR", 990}, {"USD", 1090}};
  plan.benefits = {{"shipping", BenefitKind::kFlag},
                   {"lounge", BenefitKind::kQuota, 4},
                   {"double", BenefitKind::kPointsMultiplier, 0, 2, 1},
                   {"welcome", BenefitKind::kSignUpPoints, 0, 0, 0, 500}};
  plan.dunning = {{1, 3, 5, 7}, false, AfterDunning::kExpire};
  plan.create_time = kStart - absl::Hours(1);
  return plan;
}
inline Plan TrialPlan() {
  Plan plan = MonthlyPlan();
  plan.trial_days = 14;
  return plan;
}
inline Plan LifePlan() {
  Plan plan = MonthlyPlan();
  plan.billing = {BillingKind::kOneTime, 0};
  return plan;
}

inline SubscribeCommand Anna() { return {"anna", "EUR", "card-1", "web"}; }

inline News Told(Outcome outcome, int64_t sequence = 0, absl::Time time = kStart) {
  return {outcome, sequence, time, "ch_1", outcome == Outcome::kDeclined ? "no_funds" : ""};
}

using testing::IsRefused;
using testing::ReasonOf;

// Keeps one membership as storage would: each decision gets a record with only what LoadRecord loads, and
// what it changed is kept.
class Life {
 public:
  explicit Life(Plan plan = MonthlyPlan(), SubscribeCommand command = Anna(), absl::Time now = kStart)
      : plan(std::move(plan)), now(now) {
    auto record = MembershipRecord::Subscribe(this->plan, zone, command, now);
    if (!record.ok()) {
      ADD_FAILURE() << record.status();
      return;
    }
    record->SetId(1);
    Keep(*record);
  }

  MembershipRecord Load(int64_t also = 0) const {
    std::vector<Invoice> some;
    for (const Invoice& invoice : invoices) {
      bool wanted = invoice.number == also || invoice.state == InvoiceState::kOpen ||
                    invoice.state == InvoiceState::kUncollectible;
      for (const Charge& charge : invoice.charges)
        wanted = wanted || charge.next_due_time != absl::InfiniteFuture();
      if (wanted) some.push_back(invoice);
    }
    return {plan, zone, m, some};
  }

  void Keep(MembershipRecord& record) {
    m = record.membership();
    for (size_t i = 0; i < record.invoices().size(); ++i) {
      if (record.invoices()[i].number == 0) {
        record.SetInvoiceNumber(i, static_cast<int64_t>(invoices.size()) + 1);
        invoices.emplace_back();
      }
      Invoice kept = record.invoices()[i];
      kept.changed = false;
      for (Charge& charge : kept.charges) charge.fresh = charge.changed = false;
      invoices[static_cast<size_t>(kept.number) - 1] = kept;
    }
    history.insert(history.end(), record.history().begin(), record.history().end());
    for (const ProviderCall& call : record.calls())
      calls.push_back({call.kind, record.invoices()[call.invoice].number, call.attempt,
                       call.kind != ProviderCall::Kind::kLook || record.MayCharge(call)});
    if (record.label_change()) label = record.label_change();
    sign_up_points += record.sign_up_points();
  }

  // Moves the clock and does what is due, as the job would.
  void GoTo(absl::Time time) {
    now = time;
    MembershipRecord record = Load();
    record.CatchUp(now);
    Keep(record);
  }
  // From due time to due time, as a job that never sleeps would.
  void LiveUntil(absl::Time time) {
    while (m.next_due_time <= time) GoTo(std::max(now, m.next_due_time));
    GoTo(time);
  }
  absl::Status Decide(const std::function<absl::Status(MembershipRecord&)>& decide) {
    MembershipRecord record = Load();
    record.CatchUp(now);
    const absl::Status status = decide(record);
    if (status.ok()) Keep(record);
    return status;
  }
  absl::Status Cancel(CancelWhen when) {
    return Decide([&](MembershipRecord& record) { return record.Cancel(when, "anna", "moved", now); });
  }
  absl::Status Undo() {
    return Decide([&](MembershipRecord& record) { return record.UndoCancellation("anna", now); });
  }
  bool Hear(int64_t invoice, int attempt, const News& news) {
    MembershipRecord record = Load(invoice);
    const bool changed = record.ApplyNews(invoice, attempt, news, now);
    Keep(record);
    return changed;
  }
  void Answer(int64_t invoice, int attempt, const News& news) {
    MembershipRecord record = Load(invoice);
    record.ApplyAnswer(invoice, attempt, news, now);
    Keep(record);
  }
  void AnswerRefund(int64_t invoice, int attempt, std::optional<bool> done) {
    MembershipRecord record = Load(invoice);
    record.ApplyRefund(invoice, attempt, done, now);
    Keep(record);
  }
  // Answers the newest charge of the newest invoice.
  void AnswerLast(Outcome outcome) {
    const Invoice& last = invoices.back();
    Answer(last.number, last.charges.back().attempt, Told(outcome, 0, now));
  }

  bool Benefits() const { return HasBenefits(m, plan, now); }
  Charge& LastCharge() { return invoices.back().charges.back(); }
  // "SUBSCRIBE" and so on by their numbers, with the states: "1:1 2:3".
  std::string Path() const {
    return absl::StrJoin(history, " ", [](std::string* out, const HistoryEntry& entry) {
      absl::StrAppend(out, static_cast<int>(entry.transition), ":", std::string(Name(entry.to)));
    });
  }

  struct Call {
    ProviderCall::Kind kind;
    int64_t invoice;
    int attempt;
    bool may_charge = true;  // of kLook
    bool operator==(const Call&) const = default;
  };

  Plan plan;
  absl::TimeZone zone = Zone();
  absl::Time now;
  Membership m;
  std::vector<Invoice> invoices;  // number n at n - 1
  std::vector<HistoryEntry> history;
  std::vector<Call> calls;  // all, in their order
  std::optional<LabelSpan> label;
  int64_t sign_up_points = 0;
};

}  // namespace loyalty::membership
