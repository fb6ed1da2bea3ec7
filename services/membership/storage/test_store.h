// A membership database of a test's own, with one plan in program 1, in Rome.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "common/postgres/pool.h"
#include "common/testing/test_database.h"
#include "membership_sql.h"
#include "services/membership/domain/test_kit.h"
#include "services/membership/storage/invoice_store.h"
#include "services/membership/storage/membership_store.h"
#include "services/membership/storage/plan_store.h"

namespace loyalty::membership {

inline constexpr int32_t kShop = 1;

struct TestStore {
  explicit TestStore(Plan the_plan = MonthlyPlan()) : plan(std::move(the_plan)) {
    Run([&](postgres::Transaction& tx) { EXPECT_TRUE(InsertPlan(tx, kShop, plan)); });
  }

  // A transaction that has to go through.
  void Run(const std::function<void(postgres::Transaction&)>& body) {
    const absl::Status status = pool.Run([&](postgres::Transaction& tx) {
      body(tx);
      return absl::OkStatus();
    });
    if (!status.ok()) ADD_FAILURE() << status;
  }

  // As a handler does it: looks, makes one or charges again, stores. The calls to make, or why not.
  absl::StatusOr<std::vector<std::string>> Subscribe(const std::string& member, absl::Time now = kStart) {
    std::vector<std::string> keys;
    const absl::Status status = pool.Run([&](postgres::Transaction& tx) -> absl::Status {
      keys.clear();
      SubscribeCommand command = Anna();
      command.member_id = member;
      Subscription found = FindSubscription(tx, kShop, member, plan.id);
      if (!found.living) {
        command.had_plan_before = found.any;
        auto record = MembershipRecord::Subscribe(plan, Zone(), command, now);
        LOYALTY_RETURN_IF_ERROR(record.status());
        if (InsertRecord(tx, kShop, *record)) {
          keys = Keys(*record);
          return absl::OkStatus();
        }
        found = FindSubscription(tx, kShop, member, plan.id);
      }
      auto record = LoadRecord(tx, kShop, Zone(), *found.living);
      LOYALTY_RETURN_IF_ERROR(record.status());
      record->CatchUp(now);
      LOYALTY_RETURN_IF_ERROR(record->SubscribeAgain(command, now));
      SaveRecord(tx, kShop, *record);
      keys = Keys(*record);
      return absl::OkStatus();
    });
    if (!status.ok()) return status;
    return keys;
  }

  // Loads, lets `decide` work, stores; then what was loaded and decided.
  MembershipRecord Change(int64_t id, const std::function<void(MembershipRecord&)>& decide,
                          int64_t invoice = 0) {
    std::optional<MembershipRecord> kept;
    Run([&](postgres::Transaction& tx) {
      auto record = LoadRecord(tx, kShop, Zone(), id, invoice);
      ASSERT_TRUE(record.ok()) << record.status();
      decide(*record);
      SaveRecord(tx, kShop, *record);
      kept = *std::move(record);
    });
    return *kept;
  }

  int64_t IdOf(const std::string& member) {
    int64_t id = 0;
    Run([&](postgres::Transaction& tx) {
      id = FindSubscription(tx, kShop, member, plan.id).living.value_or(0);
    });
    return id;
  }
  Membership Get(int64_t id) {
    Membership m;
    Run([&](postgres::Transaction& tx) { m = *GetMembership(tx, kShop, id); });
    return m;
  }

  static std::vector<std::string> Keys(const MembershipRecord& record) {
    std::vector<std::string> keys;
    for (const ProviderCall& call : record.calls())
      keys.push_back(IdempotencyKey("shop", record.invoices()[call.invoice].number, call.attempt));
    return keys;
  }

  Plan plan;
  testing::TestDatabase database{"membership", sql::Migrations()};
  metrics::Registry registry;
  postgres::Pool pool{{.url = database.url(), .size = 8, .statements = sql::Statements()}, registry};
};

}  // namespace loyalty::membership
