// A trial answers as the real thing would, and leaves everything as it was.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/points/domain/story_kit.h"

namespace loyalty::points {
namespace {

// A shop with a bit of everything, and a member who can do everything.
Story Everything() {
  Program program = ShopWithRules(
      {FixedRule("gift", 10, {MaturityKind::kConfirmation, 0}), FixedRule("give", 1), FixedRule("visit", 5)});
  program.rules[0].limits = {.per_member_month = 1000, .budget = 1000};
  program.rules[1].effect = Donation{"unicef", 3, 0, 1};
  program.rules[1].limits.budget = 100;
  program.rules[2].conditions.activity_type = "visit";
  program.rules[2].limits = {.per_member_day = 100, .budget = 50};
  Policies& policies = program.policies;
  policies.returns = ReturnPolicy::kAllowNegative;
  policies.transfers = {.allowed = true, .most_points_day = 100, .fee_percent = 10};
  policies.tiers = {.metric = TierMetric::kPointsEarned, .tiers = {{.id = "silver", .threshold = 100}}};
  Story story(program);
  story.Do(EarnCommand("e1", "unicef", 1));
  story.Do(EarnCommand("e2", "bert", 1));
  story.Do(EarnCommand("earned", "anna", 95));
  story.Do(BoughtAt(kNoon, "e4", "anna", "o1", 1000));
  story.Do(CommandFor("spent", "anna", Spend{20, "o1", 0}));
  story.Do(CommandFor("hold", "anna", ReservePoints{10, absl::Hours(9), "o1"}));
  return story;
}

std::string StateOf(const Story& story) {
  std::string text;
  for (const char* id : {"anna", "bert", "unicef"}) {
    const Account& account = story.Of(id);
    absl::StrAppend(&text, id, ": ", account.balance, "/", account.pending, "/", account.held, "/",
                    account.debt, " ", account.purchases, " ", story.TierOf(id), " labels ",
                    LabelsOf(account).size(), "\n");
    for (const RuleUse& use : points::StateOf(account).uses.all()) {
      absl::StrAppend(&text, "  used ", use.rule_id, " ", use.points, "\n");
    }
    absl::StrAppend(&text, absl::StrJoin(InWords(story.store.EntriesOf(id)), "\n"), "\n");
  }
  for (const char* rule : {"gift", "give", "visit"})
    absl::StrAppend(&text, rule, " ", story.store.Budget(rule), "\n");
  return text;
}

std::vector<Command> EveryKind() {
  return {EarnCommand("r", "anna", 50),
          SpendCommand("r", "anna", 60),
          AdjustCommand("r", "anna", 7),
          AdjustCommand("r", "anna", -7),
          BoughtAt(kNoon, "r", "anna", "o2", 9000),
          ReverseCommand("r", "anna", "earned"),
          ReverseCommand("r", "anna", "spent", 7),
          ReturnCommand("r", "", "o1", "b1", 700),
          ReturnCommand("r", "", "o1", "b1"),
          LabelCommand("r", "anna", "vip", kNoon),
          CommandFor("r", "anna", RecordActivity{{"visit", "a1", kNoon, "", ""}}),
          CommandFor("r", "", ConfirmPurchase{"o1"}),
          CommandFor("r", "anna", CancelPurchase{"o1"}),
          CommandFor("r", "anna", ReservePoints{30, absl::Hours(1), ""}),
          CommandFor("r", "anna", CapturePoints{"hold", 4}),
          CommandFor("r", "anna", ReleasePoints{"hold"}),
          CommandFor("r", "anna", TransferPoints{"bert", 30}),
          CommandFor("r", "anna", SetTier{Standing::Override{"silver", kNoon + absl::Hours(1)}})};
}

TEST(ValidateOnly, AnswersAsTheRealThingAndLeavesEverythingAsItWas) {
  for (const Command& command : EveryKind()) {
    SCOPED_TRACE(command.action.index());
    Story story = Everything();
    const std::string before = StateOf(story);
    const Entry trial = story.Do(ValidateOnly(command));
    EXPECT_EQ(StateOf(story), before);
    const auto real = story.Try(command);
    ASSERT_TRUE(real.ok()) << real.status();
    EXPECT_FALSE(real->replayed);
    EXPECT_EQ(Describe(real->entry), Describe(trial));
    EXPECT_NE(StateOf(story), before);
  }
}

TEST(ValidateOnly, InABatchTheNextCommandKnowsNothingOfIt) {
  for (const Command& command : EveryKind()) {
    SCOPED_TRACE(command.action.index());
    Story with = Everything(), without = Everything();
    const auto answers = with.store.Apply({ValidateOnly(command), command}, kNoon);
    const auto expected = without.store.Apply(command, kNoon);
    EXPECT_EQ(Describe(answers[0]), Describe(expected));
    EXPECT_EQ(Describe(answers[1]), Describe(expected));
    EXPECT_EQ(StateOf(with), StateOf(without));
    EXPECT_EQ(with.store.Imbalance(), "");
  }
}

TEST(ValidateOnly, WhatWasDueIsPostedAllTheSame) {
  Story story = Everything();
  story.now = kNoon + absl::Hours(10);
  story.Do(ValidateOnly(SpendCommand("r", "anna", 1)));
  EXPECT_EQ(story.store.Last("anna").kind, EntryKind::kRelease);
}

}  // namespace
}  // namespace loyalty::points
