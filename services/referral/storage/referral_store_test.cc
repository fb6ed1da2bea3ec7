#include "services/referral/storage/referral_store.h"

#include <atomic>
#include <thread>

#include "services/referral/storage/test_store.h"

namespace loyalty::referral {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using State = ReferralState;

// As many threads as the pool has connections, which share the numbers 0 to count - 1.
void AtOnce(int count, const std::function<void(int)>& body) {
  std::atomic<int> next = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 16; ++i) {
    threads.emplace_back([&] {
      for (int n = next++; n < count; n = next++) body(n);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

std::vector<State> HistoryOf(TestStore& store, int64_t id) {
  std::vector<State> states;
  const auto recorded = store.Ask([&](auto& tx) { return ReferralReader(tx, kShop).Get(id); });
  for (const Transition& transition : recorded->history) states.push_back(transition.state);
  return states;
}

TEST(ReferralStore, AClaimAndItsLifeAreKept) {
  Terms terms = ThreeBrackets();
  terms.hold_days = 14;
  terms.milestones = {{1, 1000}};
  TestStore store(terms);
  store.AddCode("anna", "anna-26");
  const auto claim = store.Claim("bert", "anna-26", At(kNoon));
  ASSERT_TRUE(claim.ok()) << claim.status();
  store.Do([&](auto& tx) {
    ReferralStore referrals(tx, kShop);
    Case found = *referrals.LockByFriend("bert");
    referrals.Save(found, RecordSignUp(found, Day(1), At(Day(1))), At(Day(1)));
  });
  EXPECT_TRUE(store.Buy("bert", {"o1", 3000, Day(2)}, At(Day(2))).awards.empty());
  store.Return({"o1", 1000, 3000}, At(Day(3)));
  EXPECT_THAT(store.Ask([](auto& tx) { return ReferralStore(tx, kShop).ListDue(Day(16), 9); }),
              ElementsAre(claim->id));
  store.Do([&](auto& tx) {
    ReferralStore referrals(tx, kShop);
    Case found = *referrals.Lock(claim->id);
    EXPECT_EQ(found.terms, terms);
    const Decision decision = CatchUp(found, At(Day(17)));
    EXPECT_EQ(decision.awards.size(), 3u);
    referrals.Save(found, decision, At(Day(17)));
  });

  const auto recorded = store.Ask([&](auto& tx) { return ReferralReader(tx, kShop).GetByFriend("bert"); });
  const Referral& r = recorded->referral;
  EXPECT_EQ(r.state, State::kRewarded);
  EXPECT_EQ(r.referrer_id, "anna");
  EXPECT_EQ(r.code, "anna-26");
  EXPECT_EQ(r.campaign_version, 1);
  EXPECT_EQ(r.claim_time, kNoon);
  EXPECT_EQ(r.expire_time, Day(30));
  EXPECT_EQ(r.sign_up_time, Day(1));
  EXPECT_EQ(r.qualify_time, Day(2));
  EXPECT_EQ(r.hold_until_time, Day(16));
  EXPECT_EQ(r.reward_time, Day(16));
  EXPECT_EQ(r.ordinal, 1);
  EXPECT_EQ(r.order_id, "o1");
  EXPECT_EQ(r.order_amount_minor, 3000);
  EXPECT_EQ(r.friend_points, 500);
  EXPECT_EQ(r.friend_awarded, 334);
  EXPECT_EQ(r.referrer_points, 100);
  EXPECT_EQ(r.referrer_awarded, 67);
  EXPECT_EQ(r.returned_share, (ReturnedShare{1000, 3000}));
  ASSERT_EQ(recorded->history.size(), 4u);
  EXPECT_EQ(recorded->history[3].sequence, 4);
  EXPECT_EQ(recorded->history[3].state, State::kRewarded);
  EXPECT_EQ(recorded->history[3].reason, StateReason::kHoldEnded);
  EXPECT_EQ(recorded->history[3].time, Day(17));
  EXPECT_EQ(recorded->history[3].actor, "till");

  store.Return({"o1", 3000, 3000}, At(Day(18)));
  EXPECT_THAT(HistoryOf(store, claim->id), ElementsAre(State::kClaimed, State::kQualified, State::kHeld,
                                                       State::kRewarded, State::kReversed));
  const auto standing =
      store.Ask([](auto& tx) { return ReferralReader(tx, kShop).GetReferrer("spring", "anna"); });
  EXPECT_EQ(standing->referrer.promised_points, 0);
  EXPECT_EQ(standing->referrer.qualified, 1);
  EXPECT_THAT(standing->referrer.paying_by_month, IsEmpty());
  EXPECT_EQ(store.database.Exec("SELECT count(fall_time) FROM referral.milestone WHERE program_key = 1"),
            "1");
}

TEST(ReferralStore, ABuyerIsKnownByTheFirstPurchase) {
  TestStore store;
  store.AddCode("anna", "anna-26");
  store.Buy("bert", {"o1", 1, Day(-5)}, At(kNoon));
  store.Buy("bert", {"o2", 1, Day(-9)}, At(kNoon));
  store.Buy("bert", {"o3", 1, Day(-1)}, At(kNoon));
  EXPECT_EQ(store.database.Exec("SELECT first_purchase_time FROM referral.member WHERE program_key = 1"),
            store.database.Exec("SELECT timestamptz '2026-04-22 12:00+00'"));
  EXPECT_THAT(store.Claim("bert", "anna-26", At(kNoon)),
              IsRefused(absl::StatusCode::kFailedPrecondition, "FRIEND_IS_EXISTING_BUYER"));
  EXPECT_TRUE(store.Claim("carl", "anna-26", At(kNoon)).ok());
}

TEST(ReferralStore, TheSchemaRefusesSelfReferralAndASecondClaim) {
  TestStore store;
  store.AddCode("anna", "anna-26");
  ASSERT_TRUE(store.Claim("bert", "anna-26", At(kNoon)).ok());
  const auto insert = [&](const std::string& referrer, const std::string& friend_id) {
    return store.pool.Run([&](postgres::Transaction& tx) {
      Referral claim =
          Claim(ActiveCampaign(ThreeBrackets()), CodeOf("x"), friend_id, false, At(kNoon)).value();
      claim.referrer_id = referrer;
      return ReferralStore(tx, kShop).Insert(claim, At(kNoon)) ? absl::OkStatus()
                                                               : absl::AbortedError("taken");
    });
  };
  EXPECT_TRUE(absl::IsInternal(insert("carl", "carl"))) << "CHECK";
  EXPECT_TRUE(absl::IsAborted(insert("dora", "bert"))) << "UNIQUE";
  EXPECT_TRUE(insert("dora", "carl").ok());
}

TEST(ReferralStore, OfAHundredClaimsOfOneFriendOneWins) {
  TestStore store;
  for (int i = 0; i < 100; ++i) store.AddCode(absl::StrCat("m", i), absl::StrCat("code-", i));
  std::atomic<int> won = 0, refused = 0;
  AtOnce(100, [&](int i) {
    const auto claim = store.Claim("bert", absl::StrCat("code-", i), At(kNoon));
    if (claim.ok()) ++won;
    if (ReasonOf(claim) == "FRIEND_ALREADY_CLAIMED") ++refused;
  });
  EXPECT_EQ(won, 1);
  EXPECT_EQ(refused, 99);
  EXPECT_EQ(store.database.Exec("SELECT sum(claimed) FROM referral.referrer WHERE program_key = 1"), "1");
}

TEST(ReferralStore, OfAHundredPurchasesOfOneFriendOneIsRewarded) {
  TestStore store;
  store.AddCode("anna", "anna-26");
  const auto claim = store.Claim("bert", "anna-26", At(kNoon));
  std::atomic<int> awards = 0;
  AtOnce(100, [&](int i) {
    awards +=
        static_cast<int>(store.Buy("bert", {absl::StrCat("o", i), 5000, Day(1)}, At(Day(1))).awards.size());
  });
  EXPECT_EQ(awards, 2) << "the friend's and the referrer's";
  EXPECT_THAT(HistoryOf(store, claim->id), ElementsAre(State::kClaimed, State::kQualified, State::kRewarded));
}

TEST(ReferralStore, OfManyJobsAtOnceOneRewards) {
  Terms terms = ThreeBrackets();
  terms.hold_days = 14;
  TestStore store(terms);
  store.AddCode("anna", "anna-26");
  const auto claim = store.Claim("bert", "anna-26", At(kNoon));
  store.Buy("bert", {"o1", 5000, Day(1)}, At(Day(1)));
  std::atomic<int> awards = 0;
  AtOnce(32, [&](int) {
    awards += store.Ask([&](postgres::Transaction& tx) {
      ReferralStore referrals(tx, kShop);
      Case found = *referrals.Lock(claim->id);
      const Decision decision = CatchUp(found, At(Day(15)));
      referrals.Save(found, decision, At(Day(15)));
      return static_cast<int>(decision.awards.size());
    });
  });
  EXPECT_EQ(awards, 2);
}

TEST(ReferralStore, FriendsOfOneReferrerAtOnceGetOrdinalsWithoutGapsAndOneMilestone) {
  TestStore store;
  store.AddCode("anna", "anna-26");
  constexpr int kFriends = 60;
  AtOnce(kFriends, [&](int i) { EXPECT_TRUE(store.Claim(absl::StrCat("f", i), "anna-26", At(kNoon)).ok()); });
  std::atomic<int64_t> points = 0;
  AtOnce(kFriends, [&](int i) {
    const Decision bought = store.Buy(absl::StrCat("f", i), {absl::StrCat("o", i), 5000, Day(1)}, At(Day(1)));
    for (const Award& award : bought.awards) points += award.member_id == "anna" ? award.points : 0;
  });
  EXPECT_EQ(points, 3 * 100 + 6 * 200 + (kFriends - 9) * 400 + 1000);
  EXPECT_EQ(store.database.Exec("SELECT count(DISTINCT ordinal) || ' ' || max(ordinal) FROM referral.referral"
                                " WHERE program_key = 1"),
            absl::StrCat(kFriends, " ", kFriends));
}

TEST(ReferralStore, AClaimAndAPurchaseAtOnceNeverMissEachOther) {
  Terms terms = ThreeBrackets();
  terms.minimum_amount_minor = 0;
  TestStore store(terms);
  store.AddCode("anna", "anna-26");
  constexpr int kFriends = 40;
  std::atomic<int> rewarded = 0, refused = 0;
  AtOnce(2 * kFriends, [&](int i) {
    const std::string member = absl::StrCat("f", i / 2);
    if (i % 2 == 0) {
      refused += ReasonOf(store.Claim(member, "anna-26", At(kNoon))) == "FRIEND_IS_EXISTING_BUYER";
    } else {
      rewarded += !store.Buy(member, {absl::StrCat("o", i), 1, kNoon}, At(kNoon)).awards.empty();
    }
  });
  EXPECT_EQ(rewarded + refused, kFriends) << rewarded << " rewarded";
}

TEST(ReferralStore, KnowsWhatIsDueNext) {
  TestStore store;
  store.AddCode("anna", "anna-26");
  const auto next = [&] { return store.Ask([](auto& tx) { return ReferralStore(tx, kShop).NextDue(); }); };
  EXPECT_EQ(next(), std::nullopt);
  const auto first = store.Claim("bert", "anna-26", At(kNoon)),
             second = store.Claim("carl", "anna-26", At(Day(1)));
  EXPECT_EQ(next(), Day(30));
  const auto due = [&](absl::Time now, int limit) {
    return store.Ask([&](auto& tx) { return ReferralStore(tx, kShop).ListDue(now, limit); });
  };
  EXPECT_THAT(due(Day(30) - absl::Microseconds(1), 9), IsEmpty());
  EXPECT_THAT(due(Day(31), 9), ElementsAre(first->id, second->id));
  EXPECT_THAT(due(Day(31), 1), ElementsAre(first->id));
  store.Buy("bert", {"o1", 2000, Day(2)}, At(Day(2)));
  EXPECT_THAT(due(Day(31), 9), ElementsAre(second->id));
}

TEST(ReferralStore, KnowsTheProgramsInWhichSomethingIsDueByTheirOwnClocks) {
  TestStore store;
  const int32_t shop = store.database.AddProgram("shop"), tested = store.database.AddProgram("tested");
  ASSERT_EQ(shop, kShop);
  store.database.Exec(absl::StrCat("INSERT INTO platform.test_clock VALUES (", tested,
                                   ", '2027-01-01T00:00:00Z', '2027-01-01T00:00:00Z')"));
  const auto due = [&](absl::Time now, int limit) {
    return store.Ask([&](auto& tx) { return ProgramsWithDueReferrals(tx, now, limit); });
  };
  store.AddCode("anna", "anna-26");
  ASSERT_TRUE(store.Claim("bert", "anna-26", At(kNoon)).ok());
  store.Do([&](auto& tx) {
    CampaignStore(tx, tested).Insert(ActiveCampaign(ThreeBrackets()));
    Referral claim = *Claim(ActiveCampaign(ThreeBrackets()), CodeOf("anna"), "bert", false, At(kNoon));
    EXPECT_TRUE(ReferralStore(tx, tested).Insert(claim, At(kNoon)));
  });
  EXPECT_THAT(due(Day(30) - absl::Microseconds(1), 9), ElementsAre(tested)) << "it lives in 2027";
  EXPECT_THAT(due(Day(30), 9), ElementsAre(shop, tested));
  EXPECT_THAT(due(Day(30), 1), ElementsAre(shop));
}

TEST(ReferralStore, FindsTheReferralThatAnOrderHasQualified) {
  TestStore store;
  store.AddCode("anna", "anna-26");
  const auto claim = store.Claim("bert", "anna-26", At(kNoon));
  store.Buy("bert", {"o1", 5000, Day(1)}, At(Day(1)));
  const auto find = [&](const std::string& order) {
    return store.Ask([&](auto& tx) { return ReferralStore(tx, kShop).FindByOrder(order); });
  };
  EXPECT_EQ(find("o1"), claim->id);
  EXPECT_EQ(find("o2"), std::nullopt);
}

}  // namespace
}  // namespace loyalty::referral
