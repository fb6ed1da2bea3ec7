// Redeeming rewards: what it takes, what it hands out, and what taking it back gives back.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/points/domain/story_kit.h"

namespace loyalty::points {
namespace {

Reward RewardOf(std::string id, decltype(Reward::kind) kind, int64_t price = 100) {
  Reward reward;
  reward.display_name = reward.id = std::move(id);
  reward.kind = std::move(kind);
  reward.price_points = price;
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

auto Precondition(const std::string& reason) {
  return IsRefused(absl::StatusCode::kFailedPrecondition, reason);
}

Story ShopWith(Reward reward, const std::vector<std::string>& codes = {}, int64_t points = 1000) {
  Story story;
  story.store.AddReward(std::move(reward), codes);
  story.Do(EarnCommand("e1", "anna", points));
  return story;
}

TEST(Redemptions, TakeThePriceFromTheLotsThatLapseFirst) {
  Story story(ShopWithExpiry({.kind = ExpiryKind::kRolling, .days = 10}));
  story.store.AddReward(RewardOf("mug", FreeProduct{"sku-1"}));
  story.Do(EarnedAt(kNoon - absl::Hours(24), "e1", "anna", 60));
  story.Do(EarnedAt(kNoon, "e2", "anna", 60));
  Command redeem = Redeem("r1", "anna", "mug");
  std::get<RedeemReward>(redeem.action).order_id = "o1";
  const Entry entry = story.Do(redeem);
  EXPECT_EQ(entry.kind, EntryKind::kRedemption);
  EXPECT_EQ(entry.points, -100);
  EXPECT_EQ(entry.reward_id, "mug");
  EXPECT_EQ(entry.order_id, "o1");
  EXPECT_EQ(entry.code, "");
  ASSERT_EQ(entry.lot_uses.size(), 2u);
  EXPECT_EQ(entry.lot_uses[0].lot_sequence, 1);
  EXPECT_EQ(entry.lot_uses[0].points, 60);
  EXPECT_EQ(entry.lot_uses[1].points, 40);
  EXPECT_EQ(story.Of("anna").balance, 20);
  EXPECT_EQ(story.store.RedemptionAt("anna", 3).state, RedemptionState::kPending);
  EXPECT_EQ(story.store.StockUsed("mug"), 1);
}

TEST(Redemptions, CostWhatTheTierPays) {
  Program program = DollarProgram();
  program.policies.tiers.metric = TierMetric::kMoneySpent;
  program.policies.tiers.tiers = {{.id = "gold", .display_name = "Gold", .threshold = 1000}};
  Story story(program);
  Reward mug = RewardOf("mug", FreeProduct{"sku-1"});
  mug.tier_prices = {{"gold", 30}};
  story.store.AddReward(mug);
  story.Do(EarnCommand("e1", "anna", 500));
  EXPECT_EQ(story.Do(Redeem("r1", "anna", "mug")).points, -100);
  story.Do(BoughtAt(kNoon, "p1", "anna", "o1", 1000));
  EXPECT_EQ(story.Do(Redeem("r2", "anna", "mug")).points, -30);
}

TEST(Redemptions, AreCancelledAsIfTheyHadNotBeen) {
  Reward mug = RewardOf("mug", Voucher{});
  mug.stock = 1;
  mug.limit = {1, LimitWindow::kLifetime};
  Story story = ShopWith(mug, {"A"});
  const Account before = story.Of("anna");
  story.Do(Redeem("r1", "anna", "mug"));
  EXPECT_THAT(story.Try(Redeem("r2", "anna", "mug")), Precondition("REWARD_LIMIT_REACHED"));
  story.Do(EarnCommand("e2", "bert", 500));
  EXPECT_THAT(story.Try(Redeem("r3", "bert", "mug")), Precondition("OUT_OF_STOCK"));
  const Entry back = story.Do(Cancel("c1", "anna", "r1"));
  EXPECT_EQ(back.kind, EntryKind::kRestore);
  EXPECT_EQ(back.points, 100);
  EXPECT_EQ(back.corrected_sequence, 2);
  EXPECT_EQ(back.reward_id, "mug");
  EXPECT_EQ(back.code, "A");
  EXPECT_EQ(back.lot_uses.front().points, -100);
  EXPECT_EQ(story.Of("anna").balance, before.balance);
  EXPECT_EQ(story.store.StockUsed("mug"), 0);
  EXPECT_EQ(story.store.FreeCodes("mug"), 1u);
  EXPECT_EQ(story.store.RedemptionAt("anna", 2).state, RedemptionState::kCancelled);
  EXPECT_EQ(story.Do(Redeem("r4", "anna", "mug")).code, "A");
}

TEST(Redemptions, GiveLapsedPointsBackLapsedOrWithTheGrace) {
  for (const int32_t grace : {0, 3}) {
    Program program = ShopWithExpiry({.kind = ExpiryKind::kRolling, .days = 10});
    program.policies.spending.grace_days = grace;
    Story story(program);
    story.store.AddReward(RewardOf("mug", ServiceReward{}));
    story.Do(EarnCommand("e1", "anna", 100));
    story.Do(Redeem("r1", "anna", "mug"));
    story.now = At(2026, 6, 1, 12);
    EXPECT_EQ(story.Do(Cancel("c1", "anna", "r1")).points, 100);
    EXPECT_EQ(story.Of("anna").balance, grace == 0 ? 0 : 100);
    story.CatchUpAt(At(2026, 6, 5), "anna");
    EXPECT_EQ(story.Of("anna").balance, 0);
  }
}

TEST(Redemptions, AreFulfilledOnceAndThenStand) {
  Story story = ShopWith(RewardOf("mug", FreeProduct{"sku-1"}));
  story.Do(Redeem("r1", "anna", "mug"));
  const Entry done = story.Do(Fulfill("f1", "anna", "r1"));
  EXPECT_EQ(done.kind, EntryKind::kFulfillment);
  EXPECT_EQ(done.points, 0);
  EXPECT_EQ(done.corrected_sequence, 2);
  EXPECT_EQ(done.reward_id, "mug");
  for (const Command& again : {Fulfill("f2", "anna", "r1"), Cancel("c1", "anna", "r1")}) {
    const auto answer = story.Try(again);
    EXPECT_THAT(answer, Precondition("REDEMPTION_NOT_PENDING"));
    EXPECT_EQ(MetadataOf(answer).at("state"), "FULFILLED");
  }
  EXPECT_TRUE(story.Do(Fulfill("f1", "anna", "r1")).sequence == done.sequence) << "a replay";
}

TEST(Redemptions, ThatAreCancelledStayIt) {
  Story story = ShopWith(RewardOf("mug", FreeProduct{"sku-1"}));
  story.Do(Redeem("r1", "anna", "mug"));
  story.Do(Cancel("c1", "anna", "r1"));
  for (const Command& again : {Fulfill("f1", "anna", "r1"), Cancel("c2", "anna", "r1")}) {
    const auto answer = story.Try(again);
    EXPECT_THAT(answer, Precondition("REDEMPTION_NOT_PENDING"));
    EXPECT_EQ(MetadataOf(answer).at("state"), "CANCELLED");
  }
  EXPECT_EQ(story.Of("anna").balance, 1000);
}

TEST(Redemptions, HandOutUploadedCodesByTheirNumberAndNoneTwice) {
  Story story = ShopWith(RewardOf("card", Voucher{}, 10), {"C", "A", "B"});
  EXPECT_EQ(story.Do(Redeem("r1", "anna", "card")).code, "C");
  EXPECT_EQ(story.Do(Redeem("r2", "anna", "card")).code, "A");
  story.Do(Cancel("c1", "anna", "r1"));
  EXPECT_EQ(story.Do(Redeem("r3", "anna", "card")).code, "C");
  EXPECT_EQ(story.Do(Redeem("r4", "anna", "card")).code, "B");
  const auto none = story.Try(Redeem("r5", "anna", "card"));
  EXPECT_THAT(none, Precondition("NO_CODE_LEFT"));
  EXPECT_EQ(MetadataOf(none).at("reward_id"), "card");
  EXPECT_EQ(story.Of("anna").balance, 970);
}

TEST(Redemptions, OfOneBatchAreDecidedAsOneByOne) {
  const std::vector<Command> commands = {Redeem("r1", "anna", "card"), Redeem("r2", "anna", "card"),
                                         Cancel("c1", "anna", "r1"),   Redeem("r3", "anna", "card"),
                                         Fulfill("f1", "anna", "r2"),  Cancel("c2", "anna", "r2"),
                                         Redeem("r4", "anna", "card"), Redeem("r1", "anna", "card")};
  Reward card = RewardOf("card", Voucher{}, 10);
  card.stock = 2;
  std::vector<std::string> alone, together;
  Story one = ShopWith(card, {"A", "B", "C"});
  for (const Command& command : commands) alone.push_back(Describe(one.store.Apply(command)));
  Story all = ShopWith(card, {"A", "B", "C"});
  for (const auto& answer : all.store.Apply(commands)) together.push_back(Describe(answer));
  EXPECT_EQ(together, alone);
  EXPECT_EQ(all.store.Imbalance(), "");
  EXPECT_EQ(all.store.StockUsed("card"), one.store.StockUsed("card"));
  EXPECT_EQ(all.store.FreeCodes("card"), one.store.FreeCodes("card"));
}

TEST(Redemptions, HandOutTheCodeThatWasMadeUnlessSomebodyHasIt) {
  Story story = ShopWith(RewardOf("card", Voucher{true, "X-", 8}, 10));
  EXPECT_EQ(story.Do(Redeem("r1", "anna", "card", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")).code, "X-AAAAAAAA");
  EXPECT_THAT(story.Try(Redeem("r2", "anna", "card", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")),
              IsRefused(absl::StatusCode::kAborted, "CONFLICT"));
  story.Do(Cancel("c1", "anna", "r1"));
  EXPECT_THAT(story.Try(Redeem("r2", "anna", "card", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")),
              IsRefused(absl::StatusCode::kAborted, "CONFLICT"))
      << "somebody has seen it";
  EXPECT_EQ(story.Do(Redeem("r2", "anna", "card", "BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB")).code, "X-BBBBBBBB");
  const auto replay = story.Try(Redeem("r2", "anna", "card", "CCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCC"));
  ASSERT_TRUE(replay.ok());
  EXPECT_TRUE(replay->replayed);
  EXPECT_EQ(replay->entry.code, "X-BBBBBBBB") << "another candidate is no other content";
}

TEST(Redemptions, AreLimitedByMemberAndLocalDay) {
  Reward mug = RewardOf("mug", ServiceReward{}, 10);
  mug.limit = {1, LimitWindow::kDay};
  Story story = ShopWith(mug);
  story.now = At(2026, 5, 1, 23, 59);
  story.Do(Redeem("r1", "anna", "mug"));
  EXPECT_THAT(story.Try(Redeem("r2", "anna", "mug")), Precondition("REWARD_LIMIT_REACHED"));
  story.now = At(2026, 5, 2);
  story.Do(Redeem("r2", "anna", "mug"));
  story.Do(Cancel("c1", "anna", "r1"));
  EXPECT_THAT(story.Try(Redeem("r3", "anna", "mug")), Precondition("REWARD_LIMIT_REACHED"))
      << "yesterday's is free again, not today's";
  story.Do(Cancel("c2", "anna", "r2"));
  story.Do(Redeem("r3", "anna", "mug"));
}

TEST(Redemptions, CountWhereTheyCountedAlsoIfTheLimitChanges) {
  Reward mug = RewardOf("mug", ServiceReward{}, 10);
  mug.limit = {2, LimitWindow::kDay};
  Story story = ShopWith(mug);
  story.Do(Redeem("r1", "anna", "mug"));
  mug.limit = {1, LimitWindow::kMonth};
  story.store.AddReward(mug);
  story.Do(Redeem("r2", "anna", "mug"));
  story.Do(Cancel("c1", "anna", "r1"));
  EXPECT_THAT(story.Try(Redeem("r3", "anna", "mug")), Precondition("REWARD_LIMIT_REACHED"));
}

TEST(Redemptions, OfADonationArriveAtTheCharityAndStand) {
  Story story = ShopWith(RewardOf("gift", DonationReward{"unicef"}, 100));
  story.Do(EarnCommand("e2", "unicef", 1));
  const Entry given = story.Do(Redeem("r1", "anna", "gift"));
  EXPECT_EQ(given.points, -100);
  const Entry arrived = story.store.Last("unicef");
  EXPECT_EQ(arrived.kind, EntryKind::kDonation);
  EXPECT_EQ(arrived.points, 100);
  EXPECT_EQ(arrived.reward_id, "gift");
  EXPECT_EQ(arrived.rule_id, "");
  EXPECT_EQ(arrived.counterpart->sequence, given.sequence);
  EXPECT_EQ(story.store.RedemptionAt("anna", given.sequence).state, RedemptionState::kFulfilled);
  EXPECT_THAT(story.Try(Cancel("c1", "anna", "r1")), Precondition("REDEMPTION_NOT_PENDING"));
}

TEST(Redemptions, OfADonationNeedACharityThatIsAnotherMemberWithRoom) {
  Story story = ShopWith(RewardOf("gift", DonationReward{"unicef"}, 100));
  const auto nobody = story.Try(Redeem("r1", "anna", "gift"));
  EXPECT_THAT(nobody, IsRefused(absl::StatusCode::kNotFound, "MEMBER_NOT_FOUND"));
  EXPECT_EQ(MetadataOf(nobody).at("member_id"), "unicef");
  story.Do(EarnCommand("e2", "unicef", INT64_MAX - 99));
  EXPECT_THAT(story.Try(Redeem("r1", "anna", "gift")),
              IsRefused(absl::StatusCode::kOutOfRange, "POINTS_OVERFLOW"));
  EXPECT_THAT(story.Try(Redeem("r1", "unicef", "gift")),
              IsRefused(absl::StatusCode::kNotFound, "MEMBER_NOT_FOUND"));
  EXPECT_EQ(story.Of("anna").balance, 1000);
  EXPECT_EQ(story.store.StockUsed("gift"), 0);
}

TEST(Redemptions, AreRefusedWithTheReason) {
  Story story = ShopWith(RewardOf("mug", ServiceReward{}, 1001));
  EXPECT_THAT(story.Try(Redeem("r1", "anna", "cup")),
              IsRefused(absl::StatusCode::kNotFound, "REWARD_NOT_FOUND"));
  EXPECT_THAT(story.Try(Redeem("r1", "bert", "mug")),
              IsRefused(absl::StatusCode::kNotFound, "MEMBER_NOT_FOUND"));
  const auto poor = story.Try(Redeem("r1", "anna", "mug"));
  EXPECT_THAT(poor, Precondition("INSUFFICIENT_POINTS"));
  EXPECT_EQ(MetadataOf(poor).at("asked"), "1001");
  for (const std::string& named : {std::string("e1"), std::string("nothing")}) {
    EXPECT_THAT(story.Try(Cancel("c1", "anna", named)),
                IsRefused(absl::StatusCode::kNotFound, "REDEMPTION_NOT_FOUND"));
  }
  story.Do(EarnCommand("e2", "anna", 1));
  story.Do(EarnCommand("e3", "bert", 1));
  story.Do(Redeem("r1", "anna", "mug"));
  EXPECT_THAT(story.Try(Cancel("c1", "bert", "r1")),
              IsRefused(absl::StatusCode::kNotFound, "REDEMPTION_NOT_FOUND"));
  EXPECT_THAT(story.Try(ReverseCommand("v1", "anna", "r1")), Precondition("ENTRY_NOT_REVERSIBLE"));
}

TEST(Redemptions, ThatAreOnlyTriedLeaveEverythingAsItWas) {
  Reward card = RewardOf("card", Voucher{}, 10);
  card.limit = {2, LimitWindow::kLifetime};
  Story story = ShopWith(card, {"A", "B"});
  story.Do(Redeem("r1", "anna", "card"));
  const auto before = story.store.EntriesOf("anna");
  EXPECT_EQ(story.Do(ValidateOnly(Redeem("r2", "anna", "card"))).code, "");
  story.Do(ValidateOnly(Fulfill("f1", "anna", "r1")));
  story.Do(ValidateOnly(Cancel("c1", "anna", "r1")));
  const std::vector<Command> batch = {ValidateOnly(Cancel("c1", "anna", "r1")),
                                      ValidateOnly(Redeem("r2", "anna", "card")),
                                      Redeem("r3", "anna", "card")};
  EXPECT_EQ(story.store.Apply(batch).back()->entry.code, "B");
  EXPECT_EQ(story.store.EntriesOf("anna").size(), before.size() + 1);
  EXPECT_EQ(story.store.RedemptionAt("anna", 2).state, RedemptionState::kPending);
  EXPECT_EQ(story.store.StockUsed("card"), 2);
  EXPECT_EQ(story.store.FreeCodes("card"), 0u);
}

TEST(Redemptions, AreRepeatedWithTheFirstAnswer) {
  Reward mug = RewardOf("mug", ServiceReward{}, 10);
  mug.stock = 1;
  Story story = ShopWith(mug);
  const Entry first = story.Do(Redeem("r1", "anna", "mug"));
  const auto again = story.Try(Redeem("r1", "anna", "mug"));
  ASSERT_TRUE(again.ok());
  EXPECT_TRUE(again->replayed);
  EXPECT_EQ(Describe(again->entry), Describe(first));
  EXPECT_THAT(story.Try(Redeem("r1", "anna", "cup")),
              IsRefused(absl::StatusCode::kAlreadyExists, "REQUEST_ID_REUSED"));
}

TEST(Redemptions, OfAMemberWhoWasMergedGoOnWithTheOneWhoStays) {
  Story story = ShopWith(RewardOf("card", Voucher{}, 10), {"A", "B"});
  story.Do(Redeem("r1", "anna", "card"));
  story.Do(Redeem("r2", "anna", "card"));
  story.Do(EarnCommand("e2", "bert", 1));
  story.Do(CommandFor("m", "bert", MergeMembers{"anna"}));
  const int64_t before = story.store.OwnAccountOf("anna").id;
  const Entry done = story.Do(Fulfill("f1", "anna", "r1"));
  EXPECT_EQ(done.kind, EntryKind::kFulfillment);
  EXPECT_EQ(done.corrected_account, before);
  EXPECT_EQ(done.corrected_sequence, 2);
  const Entry back = story.Do(Cancel("c2", "bert", "r2"));
  EXPECT_EQ(back.points, 10);
  EXPECT_EQ(back.corrected_account, before);
  EXPECT_EQ(back.code, "B");
  EXPECT_EQ(story.Of("bert").balance, 991);
  EXPECT_EQ(story.store.StockUsed("card"), 1);
  EXPECT_EQ(story.store.FreeCodes("card"), 1u);
  EXPECT_THAT(story.Try(Cancel("c3", "bert", "r2")), Precondition("REDEMPTION_NOT_PENDING"));
}

TEST(Redemptions, OfAMemberWhoLeftAreStillHandedOverOrTakenBack) {
  Story story = ShopWith(RewardOf("mug", FreeProduct{"sku-1"}));
  story.Do(Redeem("r1", "anna", "mug"));
  story.Do(Redeem("r2", "anna", "mug"));
  story.Do(CommandFor("leave", "anna", CloseMember{}));
  EXPECT_THAT(story.Try(Redeem("r3", "anna", "mug")), Precondition("MEMBER_CLOSED"));
  EXPECT_EQ(story.Do(Fulfill("f1", "anna", "r1")).kind, EntryKind::kFulfillment);
  EXPECT_EQ(story.Do(Cancel("c2", "anna", "r2")).points, 100);
  EXPECT_EQ(story.Of("anna").balance, 0) << "and given up";
  EXPECT_EQ(story.store.EntriesOf("anna").back().kind, EntryKind::kForfeit);
  EXPECT_EQ(story.store.StockUsed("mug"), 1);
}

}  // namespace
}  // namespace loyalty::points
