// Random lives of a membership, with a payment provider that knows what really happened to the money, against
// what must always hold.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <set>

#include "services/membership/domain/test_kit.h"

namespace loyalty::membership {
namespace {

// The provider: what each key did to the money, and what it says when asked. Answers may be lost.
class Provider {
 public:
  struct Account {
    Outcome outcome = Outcome::kUnknown;
    int64_t sequence = 0;
    bool refunded = false;
    std::vector<News> told;
  };

  void Set(const std::string& key, Outcome outcome, absl::Time now) {
    Account& account = accounts_[key];
    account.outcome = outcome;
    account.told.push_back({outcome, ++account.sequence, now, key, ""});
  }
  bool Knows(const std::string& key) const { return accounts_.count(key) == 1; }
  Account& Of(const std::string& key) { return accounts_.at(key); }
  std::map<std::string, Account>& all() { return accounts_; }
  int64_t Held(int64_t price) const {
    int64_t held = 0;
    for (const auto& [key, account] : accounts_)
      if (account.outcome == Outcome::kSucceeded && !account.refunded) held += price;
    return held;
  }

 private:
  std::map<std::string, Account> accounts_;
};

class World {
 public:
  explicit World(Plan plan) : life(std::move(plan)) {}

  // Answers the calls that the life has made since the last time. `all_lost`: the provider acts, but nobody
  // hears it.
  void Serve(Outcome verdict, bool all_lost) {
    for (; served_ < life.calls.size(); ++served_) {
      bool lost = all_lost;
      const Life::Call call = life.calls[served_];
      const std::string key = IdempotencyKey("shop", call.invoice, call.attempt);
      if (call.kind == ProviderCall::Kind::kRefund) {
        Provider::Account& account = provider.Of(key);
        account.refunded = account.refunded || account.outcome == Outcome::kSucceeded;
        life.AnswerRefund(call.invoice, call.attempt, lost ? std::nullopt : std::optional(account.refunded));
        continue;
      }
      if (call.kind == ProviderCall::Kind::kCharge) {
        RC_ASSERT(sent_.insert(key).second);  // a key is charged once
      }
      if (!provider.Knows(key) && call.may_charge) provider.Set(key, verdict, life.now);
      lost = lost || !provider.Knows(key);
      life.Answer(call.invoice, call.attempt, lost ? News{} : provider.Of(key).told.back());
    }
  }

  // Something that the provider said once arrives, in no order.
  void Deliver(size_t which) {
    if (provider.all().empty()) return;
    auto account =
        std::next(provider.all().begin(), static_cast<std::ptrdiff_t>(which % provider.all().size()));
    const auto name = ParseIdempotencyKey("shop", account->first);
    const std::vector<News>& told = account->second.told;
    life.Hear(name->invoice_number, name->attempt, told[which / provider.all().size() % told.size()]);
  }

  // What is PENDING at the provider is decided, and told later.
  void Decide(Outcome outcome) {
    for (auto& [key, account] : provider.all())
      if (account.outcome == Outcome::kPending) provider.Set(key, outcome, life.now);
  }

  // What has succeeded is told once more, as something new.
  void Confirm() {
    for (auto& [key, account] : provider.all())
      if (account.outcome == Outcome::kSucceeded) provider.Set(key, account.outcome, life.now);
  }

  // A payer takes the money of a charge back.
  void TakeBack(size_t which) {
    size_t i = 0;
    for (auto& [key, account] : provider.all()) {
      const bool there = account.outcome == Outcome::kSucceeded && !account.refunded;
      if (there && i++ == which % 3) provider.Set(key, Outcome::kDeclined, life.now);
    }
  }

  Life life;
  Provider provider;

 private:
  std::set<std::string> sent_;
  size_t served_ = 0;
};

void CheckBooks(const Life& life) {
  std::set<int64_t> periods;
  int64_t billed = 0, open = 0, paid = 0;
  for (const Invoice& invoice : life.invoices) {
    RC_ASSERT(periods.insert(invoice.lines[0].period_index).second);  // never a period billed twice
    RC_ASSERT(invoice.lines[0].amount_minor == invoice.total_minor);
    int kept = 0, flying = 0;
    for (const Charge& charge : invoice.charges) {
      kept += charge.news.outcome == Outcome::kSucceeded && charge.refund == RefundState::kNone ? 1 : 0;
      flying += InFlight(charge) ? 1 : 0;
    }
    RC_ASSERT(flying <= 1);  // never charged again while nobody knows
    RC_ASSERT(kept == (invoice.state == InvoiceState::kPaid ? 1 : 0));
    paid += kept * invoice.total_minor;
    if (invoice.state != InvoiceState::kVoid) billed += invoice.total_minor;
    if (invoice.state == InvoiceState::kOpen || invoice.state == InvoiceState::kUncollectible)
      open += invoice.total_minor;
  }
  RC_ASSERT(billed == paid + open);
  if (periods.empty()) return;
  RC_ASSERT(*periods.rbegin() - *periods.begin() + 1 == static_cast<int64_t>(periods.size()));
}

void CheckRights(const Life& life) {
  const Invoice* current = nullptr;
  for (const Invoice& invoice : life.invoices) {
    const InvoiceLine& line = invoice.lines[0];
    if (line.period_start <= life.now && life.now < line.period_end) current = &invoice;
  }
  const bool paid = current != nullptr && current->state == InvoiceState::kPaid;
  const bool ended_by_hand =
      !life.history.empty() && life.history.back().transition == Transition::kTerminate;
  // Never without what was paid for, unless the member ended it, or owes for another period.
  RC_ASSERT(!paid || life.Benefits() || ended_by_hand || life.m.in_arrears);
  // Nor is money kept for a period that was lost before it came.
  for (const Invoice& invoice : life.invoices) {
    const bool lost = life.m.state == State::kExpired && invoice.lines[0].period_end > life.m.end_time;
    const bool late = invoice.state == InvoiceState::kPaid && invoice.paid_time > life.m.end_time;
    RC_ASSERT(!(lost && late));
  }
  // Never for nothing.
  const bool flying = current != nullptr && InFlight(*current);
  const bool grace =
      life.m.in_arrears && life.plan.dunning.benefits_in_grace && (Renews(life.plan) || current != nullptr);
  const bool granted = paid || flying || life.m.period_index < 0 || grace;
  RC_ASSERT(!life.Benefits() || granted);
}

void CheckHistory(const Life& life) {
  std::optional<State> state;
  int64_t sequence = 0;
  for (const HistoryEntry& entry : life.history) {
    RC_ASSERT(entry.sequence == ++sequence);
    RC_ASSERT(entry.from == state);
    RC_ASSERT(Allowed(entry.from, entry.transition, entry.to));
    state = entry.to;
  }
  RC_ASSERT(state == life.m.state);
  RC_ASSERT(life.m.history_count == sequence);
}

Plan AnyPlan() {
  Plan plan = MonthlyPlan();
  const int kind = *rc::gen::inRange(0, 5);
  if (kind == 1) plan.billing = {BillingKind::kYearly, 1};
  if (kind == 2) plan.billing = {BillingKind::kOneTime, 2};
  if (kind == 3) plan.billing = {BillingKind::kOneTime, 0};
  if (*rc::gen::inRange(0, 3) == 2) plan.trial_days = 10;
  if (*rc::gen::inRange(0, 4) == 3) plan.dunning.retry_days.clear();
  plan.dunning.benefits_in_grace = *rc::gen::arbitrary<bool>();
  plan.dunning.after = *rc::gen::element(AfterDunning::kCancel, AfterDunning::kExpire);
  return plan;
}

void LivesAreRight() {
  World world(AnyPlan());
  Life& life = world.life;
  const auto steps = *rc::gen::container<std::vector<std::pair<int, int>>>(
      rc::gen::pair(rc::gen::inRange(0, 12), rc::gen::inRange(0, 1000)));
  for (const auto& [what, number] : steps) {
    const Outcome verdict = static_cast<Outcome>(1 + number % 4);
    switch (what) {
      case 0:
      case 1:
        life.GoTo(life.now + absl::Hours(number));
        break;
      case 2:
        life.LiveUntil(life.now + absl::Hours(number));
        break;
      case 3:
      case 4:
        world.Serve(Outcome::kSucceeded, number % 3 == 0);
        break;
      case 5:
      case 6:
        world.Serve(verdict, number % 2 == 0);
        break;
      case 7:
        world.Deliver(static_cast<size_t>(number));
        break;
      case 8:
        if (number % 5 == 0) world.TakeBack(static_cast<size_t>(number));
        if (number % 7 == 0) world.Confirm();
        world.Decide(number % 3 == 0 ? Outcome::kDeclined : Outcome::kSucceeded);
        break;
      case 9:
        (void)life.Cancel(number % 3 == 0 ? CancelWhen::kNow : CancelWhen::kPeriodEnd);
        break;
      case 10:
        (void)life.Undo();
        break;
      default:
        (void)life.Decide([&](MembershipRecord& record) { return record.SubscribeAgain(Anna(), life.now); });
    }
    life.GoTo(life.now);
    CheckBooks(life);
    CheckRights(life);
    CheckHistory(life);
  }
  // In the end the provider is well, and everybody has told everything: it holds what the invoices say.
  (void)life.Cancel(CancelWhen::kNow);
  for (int i = 0; i < 60; ++i) {
    world.Decide(Outcome::kSucceeded);
    world.Serve(Outcome::kSucceeded, false);
    for (size_t n = 0; n < world.provider.all().size() * 8; ++n) world.Deliver(n);
    life.GoTo(life.now + absl::Hours(24));
  }
  CheckBooks(life);
  int64_t paid = 0;
  for (const Invoice& invoice : life.invoices)
    paid += invoice.state == InvoiceState::kPaid ? invoice.total_minor : 0;
  RC_ASSERT(world.provider.Held(life.m.price_minor) == paid);
}

TEST(MembershipProperty, NothingIsBilledTwiceNothingPaidIsLostAndTheBooksAddUp) {
  rc::detail::TestMetadata metadata;
  metadata.id = metadata.description = "MembershipProperty/LivesAreRight";
  rc::detail::TestParams params = rc::detail::configuration().testParams;
  params.maxSuccess = std::max(params.maxSuccess, 500);
  const rc::detail::TestResult result = rc::detail::checkTestable(LivesAreRight, metadata, params);
  std::ostringstream text;
  rc::detail::printResultMessage(result, text);
  EXPECT_TRUE(result.is<rc::detail::SuccessResult>()) << text.str();
}

}  // namespace
}  // namespace loyalty::membership
