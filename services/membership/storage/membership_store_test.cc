#include "services/membership/storage/membership_store.h"

#include <atomic>
#include <thread>

#include "services/membership/storage/test_store.h"

namespace loyalty::membership {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

void InThreads(int count, const std::function<void(int)>& body) {
  std::vector<std::thread> threads;
  for (int i = 0; i < count; ++i) threads.emplace_back(body, i);
  for (std::thread& thread : threads) thread.join();
}

void Pay(MembershipRecord& record) {
  const Invoice& last = record.invoices().back();
  record.ApplyAnswer(last.number, last.charges.back().attempt, Told(Outcome::kSucceeded, 1, kStart), kStart);
}

int64_t PaidMembership(TestStore& store, const std::string& member) {
  EXPECT_TRUE(store.Subscribe(member).ok());
  const int64_t id = store.IdOf(member);
  store.Change(id, Pay);
  return id;
}

TEST(PlanStore, GivesBackWhatWasStoredAndTakesAnIdOnce) {
  TestStore store;
  store.Run([&](postgres::Transaction& tx) {
    const auto plan = LoadPlan(tx, kShop, "prime");
    ASSERT_TRUE(plan.ok()) << plan.status();
    EXPECT_TRUE(SameSettings(*plan, store.plan));
    EXPECT_EQ(plan->create_time, store.plan.create_time);
    EXPECT_FALSE(InsertPlan(tx, kShop, store.plan));
    EXPECT_TRUE(InsertPlan(tx, 2, store.plan)) << "another program";
    EXPECT_THAT(LoadPlan(tx, kShop, "other"), IsRefused(absl::StatusCode::kNotFound, "PLAN_NOT_FOUND"));
  });
}

TEST(PlanStore, ListsInPagesAndArchives) {
  TestStore store;
  store.Run([&](postgres::Transaction& tx) {
    for (const char* id : {"a", "b", "z"}) {
      Plan plan = LifePlan();
      plan.id = id;
      if (*id == 'b') plan.benefits.clear();
      plan.dunning.retry_days.clear();
      ASSERT_TRUE(InsertPlan(tx, kShop, plan));
    }
    EXPECT_TRUE(ArchivePlan(tx, kShop, "b", kStart));
    EXPECT_FALSE(ArchivePlan(tx, kShop, "b", kStart + absl::Hours(1)));
    const auto ids = [&](const char* after, bool archived, int limit) {
      std::vector<std::string> list;
      for (const Plan& plan : ListPlans(tx, kShop, after, archived, limit)) {
        list.push_back(plan.id);
        EXPECT_THAT(plan.benefits, SizeIs(plan.id == "b" ? 0 : 4)) << plan.id;
      }
      return list;
    };
    EXPECT_THAT(ids("", false, 2), ElementsAre("a", "prime"));
    EXPECT_THAT(ids("prime", false, 2), ElementsAre("z"));
    EXPECT_THAT(ids("", true, 9), ElementsAre("a", "b", "prime", "z"));
    EXPECT_EQ(LoadPlan(tx, kShop, "b")->archive_time, kStart) << "the first time counts";
  });
}

TEST(MembershipStore, GivesBackWhatWasStored) {
  TestStore store(TrialPlan());
  EXPECT_THAT(*store.Subscribe("anna"), IsEmpty());
  const int64_t id = store.IdOf("anna");
  const MembershipRecord billed = store.Change(id, [](MembershipRecord& r) { r.CatchUp(At(2026, 2, 14)); });
  EXPECT_THAT(TestStore::Keys(billed), ElementsAre("shop/1/1"));
  store.Change(id, Pay);
  const MembershipRecord cancelled = store.Change(
      id,
      [](MembershipRecord& r) {
        ASSERT_TRUE(r.Cancel(CancelWhen::kPeriodEnd, "clerk", "moved", kStart).ok());
      },
      1);

  const Membership &a = cancelled.membership(), b = store.Get(id);
  EXPECT_EQ(
      std::tie(a.id, a.member_id, a.plan_id, a.state, a.currency_code, a.price_minor, a.payment_method),
      std::tie(b.id, b.member_id, b.plan_id, b.state, b.currency_code, b.price_minor, b.payment_method));
  EXPECT_EQ(
      std::tie(a.create_time, a.start_time, a.anchor_time, a.period_index, a.period_start, a.period_end),
      std::tie(b.create_time, b.start_time, b.anchor_time, b.period_index, b.period_start, b.period_end));
  EXPECT_EQ(
      std::tie(a.trial_end, a.cancel_time, a.cancel_cause, a.cancel_reason, a.dunning_start, a.retries),
      std::tie(b.trial_end, b.cancel_time, b.cancel_cause, b.cancel_reason, b.dunning_start, b.retries));
  EXPECT_EQ(std::tie(a.in_arrears, a.end_time, a.history_count, a.label_count, a.next_due_time),
            std::tie(b.in_arrears, b.end_time, b.history_count, b.label_count, b.next_due_time));
  store.Run([&](postgres::Transaction& tx) {
    const auto history = ListHistory(tx, kShop, id, 10);
    ASSERT_THAT(history, SizeIs(3));
    EXPECT_EQ(history[0].transition, Transition::kCancel);
    EXPECT_EQ(history[0].from, State::kActive);
    EXPECT_EQ(history[0].actor, "clerk");
    EXPECT_EQ(history[0].reason, "moved");
    EXPECT_EQ(history[1].occurred_time, At(2026, 2, 14));
    EXPECT_EQ(history[2].from, std::nullopt);
    const auto invoice = GetInvoice(tx, kShop, 1);
    ASSERT_TRUE(invoice.ok());
    EXPECT_EQ(invoice->state, InvoiceState::kPaid);
    EXPECT_EQ(invoice->lines.at(0).period_start, At(2026, 2, 14));
    EXPECT_EQ(invoice->charges.at(0).news.outcome, Outcome::kSucceeded);
    EXPECT_EQ(invoice->charges.at(0).news.provider_charge_id, "ch_1");
    EXPECT_THAT(GetInvoice(tx, kShop, 2), IsRefused(absl::StatusCode::kNotFound, "INVOICE_NOT_FOUND"));
    EXPECT_THAT(GetMembership(tx, kShop, 99), IsRefused(absl::StatusCode::kNotFound, "MEMBERSHIP_NOT_FOUND"));
    EXPECT_THAT(LoadRecord(tx, 2, Zone(), id),
                IsRefused(absl::StatusCode::kNotFound, "MEMBERSHIP_NOT_FOUND"));
  });
}

TEST(MembershipStore, TwentySubscribeAtOnceAndThereIsOneMembershipAndOneCharge) {
  TestStore store;
  std::atomic<int> made = 0, refused = 0, charges = 0;
  InThreads(20, [&](int) {
    const auto keys = store.Subscribe("anna");
    if (keys.ok()) {
      ++made;
      charges += static_cast<int>(keys->size());
    } else {
      EXPECT_THAT(keys, IsRefused(absl::StatusCode::kAlreadyExists, "ALREADY_SUBSCRIBED"));
      ++refused;
    }
  });
  EXPECT_EQ(made, 1);
  EXPECT_EQ(refused, 19);
  EXPECT_EQ(charges, 1);
  EXPECT_EQ(store.database.Exec("SELECT count(*) FROM membership.charge WHERE program_key > 0"), "1");
}

TEST(MembershipStore, WhatIsOverMakesRoomForANewOneWithoutATrial) {
  TestStore store(TrialPlan());
  ASSERT_TRUE(store.Subscribe("anna").ok());
  const int64_t first = store.IdOf("anna");
  store.Change(first,
               [](MembershipRecord& r) { ASSERT_TRUE(r.Cancel(CancelWhen::kNow, "anna", "", kStart).ok()); });
  EXPECT_THAT(*store.Subscribe("anna"), SizeIs(1));
  EXPECT_NE(store.IdOf("anna"), first);
}

TEST(MembershipStore, InvoiceNumbersHaveNoGapsHoweverManyComeAtOnceOrRollBack) {
  TestStore store;
  InThreads(20, [&](int i) {
    if (i % 3 == 0) {
      EXPECT_EQ(store.pool
                    .Run([&](postgres::Transaction& tx) -> absl::Status {
                      auto record = MembershipRecord::Subscribe(store.plan, Zone(), Anna(), kStart);
                      EXPECT_TRUE(InsertRecord(tx, kShop, *record));
                      return absl::CancelledError();
                    })
                    .code(),
                absl::StatusCode::kCancelled);
    } else {
      EXPECT_TRUE(store.Subscribe(absl::StrCat("m", i)).ok());
    }
  });
  EXPECT_EQ(store.database.Exec("SELECT min(invoice_number) || ' ' || max(invoice_number) || ' ' || count(*)"
                                " FROM membership.invoice WHERE program_key > 0"),
            "1 13 13");
}

TEST(MembershipStore, ThePeriodOfAMembershipCannotBeBilledTwice) {
  TestStore store;
  const int64_t id = PaidMembership(store, "anna");
  std::atomic<int> bills = 0;
  InThreads(8, [&](int) {
    store.Change(id, [&](MembershipRecord& record) {
      record.CatchUp(At(2026, 4, 1));
      bills += static_cast<int>(record.calls().size());
    });
  });
  EXPECT_EQ(bills, 2) << "of 28 February and 31 March";
  EXPECT_EQ(store.database.Exec("SELECT count(*) FROM membership.invoice_line WHERE program_key > 0"), "3");
  const absl::Status twice = store.pool.Run([&](postgres::Transaction& tx) -> absl::Status {
    Membership stale = *GetMembership(tx, kShop, id);
    stale.period_index = 0;
    stale.period_end = At(2026, 2, 28);
    MembershipRecord record(store.plan, Zone(), stale, {});
    record.CatchUp(At(2026, 3, 1));
    SaveRecord(tx, kShop, record);
    return absl::OkStatus();
  });
  EXPECT_FALSE(twice.ok()) << "also the schema refuses it";
}

TEST(MembershipStore, WhatIsDueIsTakenByOneOnly) {
  TestStore store;
  store.Run([&](postgres::Transaction& tx) { EXPECT_EQ(NextDue(tx, kShop), absl::InfiniteFuture()); });
  for (int i = 0; i < 10; ++i) PaidMembership(store, absl::StrCat("m", i));
  const absl::Time due = At(2026, 2, 28);
  store.Run([&](postgres::Transaction& tx) {
    EXPECT_EQ(NextDue(tx, kShop), due);
    EXPECT_EQ(NextDue(tx, 2), absl::InfiniteFuture());
    EXPECT_THAT(*TakeDue(tx, kShop, Zone(), due - absl::Seconds(1), 100), IsEmpty());
    EXPECT_THAT(*TakeDue(tx, 2, Zone(), due, 100), IsEmpty());
    const auto mine = TakeDue(tx, kShop, Zone(), due, 4);
    EXPECT_THAT(*mine, SizeIs(4));
    store.Run([&](postgres::Transaction& other) {
      EXPECT_THAT(*TakeDue(other, kShop, Zone(), due, 100), SizeIs(6)) << "does not wait";
    });
  });
  std::atomic<int> bills = 0;
  InThreads(6, [&](int) {
    store.Run([&](postgres::Transaction& tx) {
      auto records = TakeDue(tx, kShop, Zone(), due, 4);
      ASSERT_TRUE(records.ok());
      for (MembershipRecord& record : *records) {
        record.CatchUp(due);
        bills += static_cast<int>(record.calls().size());
        SaveRecord(tx, kShop, record);
      }
    });
  });
  EXPECT_EQ(bills, 10);
  store.Run(
      [&](postgres::Transaction& tx) { EXPECT_EQ(NextDue(tx, kShop), due + kCallTime) << "the look-ups"; });
}

TEST(MembershipStore, LateNewsOfAnOldInvoiceFindsIt) {
  TestStore store;
  const int64_t id = PaidMembership(store, "anna");
  const MembershipRecord without = store.Change(id, [](MembershipRecord&) {});
  EXPECT_EQ(without.FindInvoice(1), nullptr) << "paid ones are not loaded";
  const MembershipRecord with = store.Change(
      id,
      [](MembershipRecord& r) {
        EXPECT_TRUE(r.ApplyNews(1, 1, Told(Outcome::kDeclined, 2, kStart), kStart));
      },
      1);
  EXPECT_EQ(with.membership().state, State::kGrace);
  EXPECT_EQ(store.Get(id).state, State::kGrace);
}

TEST(MembershipStore, ListsByMemberPlanAndStateInPages) {
  TestStore store;
  for (const char* member : {"anna", "bert", "carl"}) ASSERT_TRUE(store.Subscribe(member).ok());
  store.Change(store.IdOf("bert"), Pay);
  store.Run([&](postgres::Transaction& tx) {
    const auto members = [&](const MembershipFilter& filter, int64_t before, int limit) {
      std::vector<std::string> list;
      for (const Membership& m : ListMemberships(tx, kShop, filter, before, limit))
        list.push_back(m.member_id);
      return list;
    };
    EXPECT_THAT(members({}, kNewest, 9), ElementsAre("carl", "bert", "anna"));
    EXPECT_THAT(members({}, kNewest, 2), ElementsAre("carl", "bert"));
    EXPECT_THAT(members({"", "prime", {State::kActive}}, kNewest, 9), ElementsAre("bert"));
    EXPECT_THAT(members({"anna", "", {}}, kNewest, 9), ElementsAre("anna"));
    EXPECT_THAT(members({"anna", "other", {}}, kNewest, 9), IsEmpty());
    EXPECT_THAT(ListInvoices(tx, kShop, {}, kNewest, 9), SizeIs(3));
    EXPECT_THAT(ListInvoices(tx, kShop, {"bert", {InvoiceState::kPaid}}, kNewest, 9), SizeIs(1));
    EXPECT_THAT(ListInvoices(tx, kShop, {"", {InvoiceState::kOpen}}, 3, 9), SizeIs(1));
  });
}

TEST(BenefitUse, FiftyAtOnceOfAQuotaOfFourAreExactlyFour) {
  TestStore store;
  const int64_t id = PaidMembership(store, "anna");
  std::atomic<int> used = 0, refused = 0;
  InThreads(50, [&](int) {
    store.Run([&](postgres::Transaction& tx) {
      const auto grant = ChooseForUse(FindGrants(tx, kShop, "anna", "lounge"), "lounge", 1, kStart);
      if (grant.ok() && UseQuota(tx, kShop, *grant, 1)) {
        ++used;
      } else {
        ++refused;
      }
    });
  });
  EXPECT_EQ(used, 4);
  EXPECT_EQ(refused, 46);
  store.Run([&](postgres::Transaction& tx) {
    const auto grants = FindGrants(tx, kShop, "anna", "lounge");
    ASSERT_THAT(grants, SizeIs(1));
    EXPECT_EQ(grants[0].membership.id, id);
    EXPECT_EQ(Left(grants[0], kStart), 0);
    EXPECT_THAT(FindGrants(tx, kShop, "anna", "spa"), IsEmpty());
    EXPECT_THAT(FindGrants(tx, kShop, "bert", "lounge"), IsEmpty());
  });
}

TEST(BenefitUse, RefillsWithThePeriodAndTakesAllOrNothing) {
  TestStore store;
  const int64_t id = PaidMembership(store, "anna");
  const auto use = [&](int64_t count) {
    std::optional<int64_t> left;
    store.Run([&](postgres::Transaction& tx) {
      left = UseQuota(tx, kShop, FindGrants(tx, kShop, "anna", "lounge").at(0), count);
    });
    return left;
  };
  EXPECT_EQ(use(5), std::nullopt);
  EXPECT_EQ(use(3), 1);
  EXPECT_EQ(use(2), std::nullopt);
  store.Change(id, [](MembershipRecord& record) { record.CatchUp(At(2026, 2, 28)); });
  EXPECT_EQ(use(4), 0);
}

TEST(BenefitUse, LivingMembershipsAreLockedForTheirMember) {
  TestStore store;
  const int64_t id = PaidMembership(store, "anna");
  store.Run([&](postgres::Transaction& tx) {
    const auto living = LockLiving(tx, kShop, Zone(), "anna");
    ASSERT_TRUE(living.ok());
    ASSERT_THAT(*living, SizeIs(1));
    EXPECT_EQ(living->front().membership().id, id);
    store.Run([&](postgres::Transaction& other) {
      EXPECT_THAT(*TakeDue(other, kShop, Zone(), At(2027, 1, 1), 10), IsEmpty()) << "somebody works on it";
    });
  });
}

}  // namespace
}  // namespace loyalty::membership
