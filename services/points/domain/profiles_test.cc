// What is known of a member, and members who leave.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/points/domain/story_kit.h"

namespace loyalty::points {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

Command Update(std::string request, UpdateProfile update) {
  return CommandFor(std::move(request), "anna", std::move(update));
}
Command Agree(std::string request, std::string purpose, bool granted = true) {
  return CommandFor(std::move(request), "anna", SetConsent{"email", std::move(purpose), granted});
}
Command Close(std::string request, std::string member = "anna") {
  Command command = CommandFor(std::move(request), std::move(member), CloseMember{});
  command.reason = "asked for it";
  command.actor = "clerk";
  return command;
}
auto IsClosed() { return IsRefused(absl::StatusCode::kFailedPrecondition, "MEMBER_CLOSED"); }

TEST(Profiles, ChangeInWhatIsNamedAndTheLedgerSaysOnlyThat) {
  Story story;
  story.Do(EarnCommand("r1", "anna", 10));
  Profile wanted;
  wanted.birthday = {5, 17};
  wanted.segment = "vip";
  wanted.attributes = {{"shoe size", int64_t{38}}, {"newsletter", true}};
  const Entry entry =
      story.Do(Update("r2", {.profile = wanted, .birthday = true, .segment = true, .attributes = true}));
  EXPECT_EQ(entry.kind, EntryKind::kProfile);
  EXPECT_EQ(entry.points, 0);
  EXPECT_EQ(*story.Of("anna").profile, wanted);
  Profile next;
  next.attributes = {{"newsletter", false}};
  next.segment = "not named, so it does not count";
  story.Do(Update("r3", {.profile = next, .birthday = true, .attributes = true}));
  const Profile& profile = *story.Of("anna").profile;
  EXPECT_EQ(profile.birthday, Birthday()) << "it is not known any more";
  EXPECT_EQ(profile.segment, "vip");
  EXPECT_THAT(profile.attributes, ElementsAre(Pair("newsletter", Attribute(false))));
}

TEST(Profiles, AreWhatRulesAskFor) {
  EarnRule rule = FixedRule("vips", 7);
  rule.conditions.segment = "vip";
  Story story(ShopWithRules({rule}));
  EXPECT_EQ(story.Do(BoughtAt(kNoon, "r1", "anna", "o1", 1000)).points, 10);
  Profile vip;
  vip.segment = "vip";
  story.Do(Update("r2", {.profile = vip, .segment = true}));
  EXPECT_EQ(story.Do(BoughtAt(kNoon, "r3", "anna", "o2", 1000)).points, 17);
}

TEST(Profiles, OfStrangersThereAreNone) {
  Story story;
  EXPECT_THAT(story.Try(Update("r1", {.segment = true})),
              IsRefused(absl::StatusCode::kNotFound, "MEMBER_NOT_FOUND"));
  EXPECT_FALSE(story.store.HasMember("anna"));
}

TEST(Profiles, OnlyTriedStayAsTheyWere) {
  Story story;
  story.Do(EarnCommand("r1", "anna", 10));
  Profile vip;
  vip.segment = "vip";
  EXPECT_EQ(story.Do(ValidateOnly(Update("r2", {.profile = vip, .segment = true}))).sequence, 2);
  EXPECT_EQ(story.Of("anna").profile, nullptr);
  EXPECT_EQ(story.store.EntryCount(), 1u);
}

TEST(Consents, AreGivenAndTakenBackByChannelAndPurpose) {
  Story story;
  story.Do(EarnCommand("r1", "anna", 10));
  story.Do(Agree("r2", "marketing"));
  story.Do(Agree("r3", "surveys"));
  story.now += absl::Hours(1);
  story.Do(Agree("r4", "marketing", false));
  EXPECT_THAT(story.Of("anna").profile->consents,
              ElementsAre(Consent{"email", "marketing", false, kNoon + absl::Hours(1)},
                          Consent{"email", "surveys", true, kNoon}));
  EXPECT_EQ(story.store.Last("anna").kind, EntryKind::kProfile);
}

TEST(Consents, AreLimited) {
  Story story;
  story.Do(EarnCommand("r1", "anna", 10));
  for (size_t i = 0; i < kMaxConsents; ++i) story.Do(Agree(absl::StrCat("c", i), absl::StrCat("p", i)));
  EXPECT_THAT(story.Try(Agree("r2", "one more")),
              IsRefused(absl::StatusCode::kFailedPrecondition, "TOO_MANY_CONSENTS"));
  story.Do(Agree("r3", "p7", false));
}

// Anna has 10 points, 20 pending ones of an order, holds 5, and has spent 3 on the order.
Story Leaving(ClosurePolicy closure) {
  Program program = ShopWithRules({FixedRule("gift", 20, {MaturityKind::kConfirmation, 0})});
  program.policies.closure = closure;
  Story story(program);
  story.Do(BoughtAt(kNoon, "r1", "anna", "o1", 1800));
  Command paid = SpendCommand("r2", "anna", 3);
  std::get<Spend>(paid.action).order_id = "o1";
  story.Do(paid);
  story.Do(CommandFor("hold", "anna", ReservePoints{5, absl::Hours(1), ""}));
  return story;
}

TEST(Closing, ForfeitsAllPointsAtOnce) {
  Story story = Leaving(ClosurePolicy::kForfeit);
  const Entry closed = story.Do(Close("r9"));
  EXPECT_EQ(closed.kind, EntryKind::kForfeit);
  EXPECT_EQ(closed.points, -10);
  EXPECT_EQ(closed.pending, -20);
  EXPECT_EQ(closed.held, -5);
  EXPECT_EQ(closed.request_id, "r9");
  const Account& anna = story.Of("anna");
  EXPECT_EQ(anna.balance + anna.pending + anna.held, 0);
  EXPECT_EQ(anna.close_time, kNoon);
  EXPECT_THAT(story.CatchUpAt(At(2027, 1, 1), "anna"), IsEmpty()) << "the hold does not end once more";
}

TEST(Closing, KeepsThePointsIfThePolicySaysSo) {
  Story story = Leaving(ClosurePolicy::kKeep);
  const Entry closed = story.Do(Close("r9"));
  EXPECT_EQ(closed.kind, EntryKind::kForfeit);
  EXPECT_EQ(closed.Net(), 0);
  EXPECT_EQ(story.Of("anna").balance, 10);
  EXPECT_THAT(story.Try(SpendCommand("r10", "anna", 1)), IsClosed());
  EXPECT_EQ(story.CatchUpAt(kNoon + absl::Hours(1), "anna").front().kind, EntryKind::kRelease);
}

TEST(Closing, RefusesEverythingAfterItButRepeatsAndReturns) {
  Story story = Leaving(ClosurePolicy::kForfeit);
  story.store.program().policies.transfers.allowed = true;
  story.Do(EarnCommand("r3", "bert", 10));
  story.Do(Close("r9"));
  const size_t entries = story.store.EntryCount();
  EXPECT_THAT(story.Try(EarnCommand("r10", "anna", 1)), IsClosed());
  EXPECT_THAT(story.Try(BoughtAt(kNoon, "r10", "anna", "o2", 100)), IsClosed());
  EXPECT_THAT(story.Try(Update("r10", {.segment = true})), IsClosed());
  EXPECT_THAT(story.Try(Close("r10")), IsClosed());
  EXPECT_THAT(story.Try(CommandFor("r10", "anna", CapturePoints{"hold", 0})), IsClosed());
  EXPECT_THAT(story.Try(CommandFor("r10", "", ConfirmPurchase{"o1"})), IsClosed());
  EXPECT_THAT(story.Try(CommandFor("r10", "bert", TransferPoints{"anna", 1})), IsClosed());
  const auto refused = story.Try(ReverseCommand("r10", "anna", "r2"));
  EXPECT_THAT(MetadataOf(refused), UnorderedElementsAre(Pair("member_id", "anna"),
                                                        Pair("close_time", "2026-05-01T12:00:00+00:00")));
  EXPECT_TRUE(story.Try(Close("r9"))->replayed);
  EXPECT_TRUE(story.Try(BoughtAt(kNoon, "r1", "anna", "o1", 1800))->replayed);
  EXPECT_EQ(story.store.EntryCount(), entries);
}

TEST(Closing, AReturnAfterItTakesWhatIsLeftAndGivesUpWhatComesBack) {
  Story story = Leaving(ClosurePolicy::kForfeit);
  story.Do(Close("r9"));
  const Entry back = story.Do(ReturnCommand("r10", "", "o1", "b1"));
  EXPECT_EQ(back.points, 0);
  EXPECT_EQ(back.shortfall, 38);
  const auto entries = story.store.EntriesOf("anna");
  ASSERT_GE(entries.size(), 3u);
  const Entry& restored = entries[entries.size() - 3];
  EXPECT_EQ(restored.kind, EntryKind::kRestore);
  EXPECT_EQ(restored.points, 3);
  EXPECT_EQ(entries[entries.size() - 2].kind, EntryKind::kForfeit);
  EXPECT_EQ(entries[entries.size() - 2].points, -3);
  EXPECT_EQ(story.Of("anna").balance, 0);
}

TEST(Closing, WhatIsOwedStaysOwed) {
  Program program;
  program = DollarProgram();
  program.policies.returns = ReturnPolicy::kAllowNegative;
  Story story(program);
  story.Do(BoughtAt(kNoon, "r1", "anna", "o1", 1000));
  story.Do(SpendCommand("r2", "anna", 10));
  story.Do(ReturnCommand("r3", "anna", "o1", "b1"));
  EXPECT_EQ(story.Do(Close("r4")).debt, 0);
  EXPECT_EQ(story.Of("anna").debt, 10);
}

TEST(Closing, ACharityThatIsClosedGetsNothing) {
  EarnRule rule = FixedRule("give", 0);
  rule.effect = Donation{"unicef", 5, 0, 1};
  Story story(ShopWithRules({rule}));
  story.Do(EarnCommand("r1", "unicef", 1));
  story.Do(Close("r2", "unicef"));
  EXPECT_EQ(story.Do(BoughtAt(kNoon, "r3", "anna", "o1", 1000)).points, 10);
  EXPECT_EQ(story.Of("unicef").balance, 0);
}

}  // namespace
}  // namespace loyalty::points
