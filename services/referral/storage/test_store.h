// A referral database of a test's own, with two programs' keys to work in and a campaign, "spring", in the
// first.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "common/postgres/pool.h"
#include "common/testing/test_database.h"
#include "referral_sql.h"
#include "services/referral/domain/test_kit.h"
#include "services/referral/storage/campaign_store.h"
#include "services/referral/storage/code_store.h"
#include "services/referral/storage/referral_reader.h"
#include "services/referral/storage/referral_store.h"

namespace loyalty::referral {

inline constexpr int32_t kShop = 1;
inline constexpr int32_t kOtherShop = 2;

struct TestStore {
  explicit TestStore(const Terms& terms = ThreeBrackets()) {
    Do([&](postgres::Transaction& tx) {
      EXPECT_TRUE(CampaignStore(tx, kShop).Insert(ActiveCampaign(terms)));
    });
  }

  // One transaction, which has to go through.
  template <class Body>
  void Do(Body body) {
    const absl::Status status = pool.Run([&](postgres::Transaction& tx) {
      body(tx);
      return absl::OkStatus();
    });
    EXPECT_TRUE(status.ok()) << status;
  }
  // The same, for its result.
  template <class Body>
  auto Ask(Body body) {
    decltype(body(std::declval<postgres::Transaction&>())) result{};
    Do([&](postgres::Transaction& tx) { result = body(tx); });
    return result;
  }

  // A chosen code of a member, for tests that need to know it.
  void AddCode(const std::string& member, const std::string& code, const std::string& campaign = "spring") {
    Do([&](postgres::Transaction& tx) {
      const auto added = CodeStore(tx, kShop).AddVanity({code, CodeKind::kVanity, campaign, member, kNoon});
      EXPECT_TRUE(added.ok()) << added.status();
    });
  }

  // What the service does for ClaimReferral, all in one transaction.
  absl::StatusOr<Referral> Claim(const std::string& friend_id, const std::string& code,
                                 const Context& context) {
    absl::StatusOr<Referral> claim;
    const absl::Status status = pool.Run([&](postgres::Transaction& tx) -> absl::Status {
      const auto found = CodeStore(tx, kShop).LookUp(code);
      if (!found) return CodeNotFound(code);
      ReferralStore store(tx, kShop);
      const bool has_bought = store.LockBuyer(friend_id);
      if (const auto standing = ReferralReader(tx, kShop).GetByFriend(friend_id)) {
        return FriendAlreadyClaimed(standing->referral);
      }
      claim = referral::Claim(found->campaign, found->code, friend_id, has_bought, context);
      LOYALTY_RETURN_IF_ERROR(claim.status());
      EXPECT_TRUE(store.Insert(*claim, context));
      return absl::OkStatus();
    });
    if (!status.ok()) return status;
    return claim;
  }

  // What the service does for a purchase of the event stream.
  Decision Buy(const std::string& member_id, const Purchase& purchase, const Context& context) {
    return Ask([&](postgres::Transaction& tx) -> Decision {
      ReferralStore store(tx, kShop);
      store.NotePurchase(member_id, purchase.time);
      std::optional<Case> found = store.LockByFriend(member_id);
      if (!found) return {};
      const Decision decision = RecordPurchase(*found, purchase, context);
      store.Save(*found, decision, context);
      return decision;
    });
  }
  // And for a return.
  Decision Return(const ReturnedOrder& order, const Context& context) {
    return Ask([&](postgres::Transaction& tx) -> Decision {
      ReferralStore store(tx, kShop);
      std::optional<Case> found = store.LockByOrder(order.order_id);
      if (!found) return {};
      const Decision decision = RecordReturn(*found, order, context);
      store.Save(*found, decision, context);
      return decision;
    });
  }

  testing::TestDatabase database{"referral", sql::Migrations()};
  metrics::Registry registry;
  postgres::Pool pool{{.url = database.url(), .size = 16, .statements = sql::Statements()}, registry};
};

}  // namespace loyalty::referral
