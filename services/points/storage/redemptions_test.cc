// Redemptions on PostgreSQL: what a batch reads and writes is what the ledger holds afterwards.
#include <absl/strings/str_cat.h>
#include <gmock/gmock.h>

#include "services/points/storage/ledger_verifier.h"
#include "services/points/storage/reward_store.h"
#include "services/points/storage/test_store.h"

namespace loyalty::points {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Reward RewardOf(std::string id, decltype(Reward::kind) kind, int64_t price = 10) {
  Reward reward;
  reward.display_name = reward.id = std::move(id);
  reward.kind = std::move(kind);
  reward.price_points = price;
  reward.create_time = reward.update_time = kNoon;
  return reward;
}
Command Redeem(std::string request, std::string member, std::string reward, std::string random = "") {
  return CommandFor(std::move(request), std::move(member),
                    RedeemReward{std::move(reward), "", 0, std::move(random)});
}
Command Cancel(std::string request, std::string member, std::string redemption) {
  return CommandFor(std::move(request), std::move(member), CancelRedemption{std::move(redemption)});
}
Command Fulfill(std::string request, std::string member, std::string redemption) {
  return CommandFor(std::move(request), std::move(member), FulfillRedemption{std::move(redemption)});
}

class Redemptions : public ::testing::Test {
 protected:
  std::vector<std::string> Codes(const std::vector<absl::StatusOr<Receipt>>& answers) {
    std::vector<std::string> codes;
    for (const auto& answer : answers) codes.push_back(answer.ok() ? answer->entry.code : ReasonOf(answer));
    return codes;
  }
  std::string States() {
    return store_.Rows("SELECT sequence, state, code FROM points.redemption WHERE program_key > 0");
  }
  int64_t StockUsed(const std::string& reward) {
    return std::stoll(store_.database.Exec(
        "SELECT used FROM points.counter WHERE program_key > 0 AND name = 'stock:" + reward + "'"));
  }
  void ExpectClean() {
    const auto report = VerifyLedger(store_.pool, "shop", store_.clock.Now());
    ASSERT_TRUE(report.ok()) << report.status();
    for (const auto& difference : report->differences) ADD_FAILURE() << difference.description;
  }

  TestStore store_;
  const int32_t kKey = 1;
};

TEST_F(Redemptions, AreKeptWithTheirCodesAndStates) {
  store_.Offer(RewardOf("card", Voucher{}), {"C", "A", "B"});
  store_.Seed({EarnCommand("e1", "anna", 100)});
  EXPECT_THAT(Codes(store_.Apply({Redeem("r1", "anna", "card"), Redeem("r2", "anna", "card")})),
              ElementsAre("C", "A"));
  EXPECT_TRUE(store_.Apply(Fulfill("f1", "anna", "r1")).ok());
  EXPECT_TRUE(store_.Apply(Cancel("c1", "anna", "r2")).ok());
  EXPECT_EQ(States(), "(2,2,C)\n(3,3,A)");
  EXPECT_EQ(StockUsed("card"), 1);
  EXPECT_THAT(Codes(store_.Apply({Redeem("r3", "anna", "card"), Redeem("r4", "anna", "card"),
                                  Redeem("r5", "anna", "card")})),
              ElementsAre("A", "B", "NO_CODE_LEFT"));
  ExpectClean();
}

TEST_F(Redemptions, OfOneBatchAreWrittenAsTheyEnd) {
  Reward card = RewardOf("card", Voucher{});
  card.stock = 2;
  store_.Offer(card, {"A", "B"});
  store_.Seed({EarnCommand("e1", "anna", 100), EarnCommand("e2", "bert", 100)});
  const auto answers =
      store_.Apply({Redeem("r1", "anna", "card"), Cancel("c1", "anna", "r1"), Redeem("r2", "bert", "card"),
                    Fulfill("f1", "bert", "r2"), Redeem("r3", "anna", "card"), Redeem("r4", "anna", "card")});
  EXPECT_THAT(Codes(answers), ElementsAre("A", "A", "A", "A", "B", "OUT_OF_STOCK"));
  EXPECT_EQ(StockUsed("card"), 2);
  ExpectClean();
}

TEST_F(Redemptions, GiveTheVeryLotsBack) {
  store_.Offer(RewardOf("mug", ServiceReward{}, 15));
  store_.Seed({EarnedAt(kNoon - absl::Hours(2), "e1", "anna", 10), EarnedAt(kNoon, "e2", "anna", 10)});
  const std::string lots = "SELECT sequence, remaining FROM points.lot WHERE program_key > 0";
  const std::string before = store_.Rows(lots);
  ASSERT_TRUE(store_.Apply(Redeem("r1", "anna", "mug")).ok());
  EXPECT_EQ(store_.Rows(lots), "(2,5)");
  ASSERT_TRUE(store_.Apply(Cancel("c1", "anna", "r1")).ok());
  EXPECT_EQ(store_.Rows(lots), before);
  ExpectClean();
}

TEST_F(Redemptions, MakeCodesThatNobodyHas) {
  store_.Offer(RewardOf("card", Voucher{true, "X-", 8}));
  store_.Seed({EarnCommand("e1", "anna", 100)});
  const std::string a(32, 'A'), b(32, 'B');
  EXPECT_THAT(Codes(store_.Apply({Redeem("r1", "anna", "card", a), Redeem("r2", "anna", "card", a),
                                  Redeem("r3", "anna", "card", b)})),
              ElementsAre("X-AAAAAAAA", "CONFLICT", "X-BBBBBBBB"));
  EXPECT_THAT(Codes({store_.Apply(Redeem("r2", "anna", "card", b))}), ElementsAre("CONFLICT"));
  EXPECT_TRUE(store_.Apply(Cancel("c1", "anna", "r1")).ok());
  EXPECT_THAT(Codes({store_.Apply(Redeem("r2", "anna", "card", a))}), ElementsAre("CONFLICT"));
  ExpectClean();
}

TEST_F(Redemptions, OfDonationsReachTheCharity) {
  store_.Offer(RewardOf("gift", DonationReward{"unicef"}, 40));
  store_.Seed({EarnCommand("e1", "anna", 100)});
  EXPECT_EQ(ReasonOf(store_.Apply(Redeem("r1", "anna", "gift"))), "MEMBER_NOT_FOUND");
  store_.EnrollMember("unicef");
  ASSERT_TRUE(store_.Apply(Redeem("r1", "anna", "gift")).ok());
  ASSERT_TRUE(store_.Apply(Redeem("r2", "anna", "gift")).ok());
  EXPECT_EQ(ReasonOf(store_.Apply(Cancel("c1", "anna", "r1"))), "REDEMPTION_NOT_PENDING");
  const absl::Status read = store_.pool.Read([&](postgres::Transaction& tx) {
    const auto sums = SumDonations(tx, kKey, "unicef", absl::InfinitePast(), absl::InfiniteFuture());
    EXPECT_EQ(sums->size(), 1u);
    EXPECT_EQ(sums->front().reward_id, "gift");
    EXPECT_EQ(sums->front().points, 80);
    EXPECT_EQ(sums->front().donations, 2);
    return absl::OkStatus();
  });
  EXPECT_TRUE(read.ok()) << read;
  ExpectClean();
}

TEST_F(Redemptions, ThatAreOnlyTriedWriteNothing) {
  store_.Offer(RewardOf("card", Voucher{}), {"A"});
  store_.Seed({EarnCommand("e1", "anna", 100), Redeem("r1", "anna", "card")});
  const std::string all = "SELECT * FROM points.entry WHERE program_key > 0";
  const std::string before = store_.Rows(all) + States();
  EXPECT_TRUE(store_.Apply(ValidateOnly(Cancel("c1", "anna", "r1"))).ok());
  EXPECT_TRUE(store_.Apply(ValidateOnly(Fulfill("f1", "anna", "r1"))).ok());
  EXPECT_EQ(store_.Rows(all) + States(), before);
  EXPECT_EQ(StockUsed("card"), 1);
}

TEST_F(Redemptions, TakeNoMoreStatementsForMoreCommands) {
  std::vector<std::string> codes;
  for (int i = 0; i < 60; ++i) codes.push_back("c" + std::to_string(i));
  store_.Offer(RewardOf("card", Voucher{}, 1), codes);
  store_.Seed({EarnCommand("e1", "anna", 100)});
  ASSERT_TRUE(store_.Apply(Redeem("r", "anna", "card")).ok());
  const auto statements_of = [&](const std::vector<Command>& commands) {
    const uint64_t before = store_.Statements();
    for (const auto& answer : store_.Apply(commands)) EXPECT_TRUE(answer.ok()) << answer.status();
    return store_.Statements() - before;
  };
  const uint64_t one = statements_of({Redeem("s", "anna", "card"), Cancel("t", "anna", "s")});
  std::vector<Command> many;
  for (int i = 0; i < 25; ++i) {
    const std::string n = std::to_string(i);
    many.push_back(Redeem("s" + n, "anna", "card"));
    many.push_back(Cancel("t" + n, "anna", "s" + n));
  }
  EXPECT_EQ(statements_of(many), one);
  EXPECT_LE(one, 24u) << "as posting_store.h promises";
}

TEST_F(Redemptions, ThatDoNotAddUpAreFound) {
  store_.Offer(RewardOf("card", Voucher{}), {"A", "B"});
  store_.Seed({EarnCommand("e1", "anna", 100), Redeem("r1", "anna", "card"), Redeem("r2", "anna", "card")});
  ExpectClean();
  const auto found_after = [&](const std::string& change) {
    store_.database.Exec(change);
    std::vector<std::string> found;
    const auto report = VerifyLedger(store_.pool, "shop", store_.clock.Now());
    for (const auto& difference : report->differences) found.push_back(difference.invariant);
    return found;
  };
  EXPECT_THAT(found_after("UPDATE points.redemption SET state = 2 WHERE program_key > 0 AND sequence = 2"),
              ElementsAre("redemption"));
  store_.database.Exec("UPDATE points.redemption SET state = 1 WHERE program_key > 0");
  EXPECT_THAT(found_after("UPDATE points.counter SET used = 1 WHERE program_key > 0"), ElementsAre("stock"));
  store_.database.Exec("UPDATE points.counter SET used = 2 WHERE program_key > 0");
  EXPECT_THAT(
      found_after(
          "UPDATE points.reward_code SET account_id = NULL, sequence = NULL WHERE program_key > 0 AND "
          "code = 'A'"),
      ElementsAre("code"));
  EXPECT_THAT(
      found_after("UPDATE points.reward_code SET account_id = (SELECT account_id FROM points.member WHERE "
                  "program_key > 0), sequence = 2 WHERE program_key > 0 AND "
                  "code = 'A'"),
      IsEmpty());
}

TEST_F(Redemptions, OfWhoWasMergedAreListedWithThoseOfWhoStays) {
  store_.Offer(RewardOf("mug", FreeProduct{"mug-1"}));
  store_.Seed({EarnCommand("e1", "anna", 100), EarnCommand("e2", "bert", 100), Redeem("r1", "anna", "mug"),
               Redeem("r2", "bert", "mug")});
  Command merge = CommandFor("m", "bert", MergeMembers{"anna"});
  merge.reason = merge.actor = "clerk";
  store_.Seed({merge, Redeem("r3", "anna", "mug")});
  const absl::Status done = store_.pool.Run([&](postgres::Transaction& tx) {
    for (const std::string member : {"anna", "bert"}) {
      std::vector<std::string> told;
      const auto listed = ListRedemptions(tx, kKey, member, INT64_MAX, 10);
      for (const RedemptionView& one : *listed)
        told.push_back(absl::StrCat(one.request_id, " of ", one.member_id));
      EXPECT_THAT(told, ElementsAre("r3 of bert", "r2 of bert", "r1 of anna")) << member;
      const auto first = ListRedemptions(tx, kKey, member, INT64_MAX, 2);
      const auto rest = ListRedemptions(tx, kKey, member, first->back().position, 2);
      EXPECT_THAT(*rest, ::testing::SizeIs(1));
    }
    EXPECT_FALSE(ListRedemptions(tx, kKey, "nobody", INT64_MAX, 10).has_value());
    return absl::OkStatus();
  });
  EXPECT_EQ(done, absl::OkStatus());
}

TEST_F(Redemptions, OfACharityThatWasMergedAreInOneStatement) {
  store_.Offer(RewardOf("whale", DonationReward{"wwf"}));
  store_.Seed({EarnCommand("e1", "anna", 100), EarnCommand("e2", "wwf", 1), EarnCommand("e3", "unicef", 1),
               Redeem("r1", "anna", "whale")});
  Command merge = CommandFor("m", "unicef", MergeMembers{"wwf"});
  merge.reason = merge.actor = "clerk";
  store_.Seed({merge, Redeem("r2", "anna", "whale")});
  const absl::Status told = store_.pool.Run([&](postgres::Transaction& tx) {
    for (const std::string charity : {"wwf", "unicef"}) {
      const auto sums = SumDonations(tx, kKey, charity, absl::InfinitePast(), absl::InfiniteFuture());
      if (!sums || sums->size() != 1) {
        ADD_FAILURE() << charity;
        continue;
      }
      EXPECT_EQ(sums->front().points, 20) << charity;
      EXPECT_EQ(sums->front().donations, 2) << charity;
    }
    return absl::OkStatus();
  });
  EXPECT_EQ(told, absl::OkStatus());
}

}  // namespace
}  // namespace loyalty::points
