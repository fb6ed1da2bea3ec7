#include "services/points/domain/command.h"

#include <gtest/gtest.h>

#include <functional>
#include <set>

#include "services/points/domain/test_kit.h"

namespace loyalty::points {
namespace {

// A command in which nothing is empty.
Command FullPurchase() {
  Command command = PurchaseCommand("request-1", "anna", "order-1", 300);
  command.actor = "till 4";
  command.reason = "bought";
  Purchase& purchase = PurchaseOf(command);
  purchase.currency_code = "USD";
  purchase.lines = {{"sku-1", "tea", 1, 100}, {"sku-2", "cups", 2, 200}};
  purchase.channel = "store";
  purchase.location = "Rome";
  purchase.labels = {"gift", "sale"};
  return command;
}

Command FullEarn() {
  Command command = EarnedAt(kNoon, "request-1", "anna", 100);
  command.reason = "birthday";
  command.actor = "job";
  command.channel = "app";
  command.location = "Rome";
  return command;
}

Command Changed(Command command, const std::function<void(Command&)>& change) {
  change(command);
  return command;
}

TEST(Content, DoesNotDependOnTheRequestId) {
  for (const Command& command : {FullPurchase(), FullEarn(), SpendCommand("request-1", "anna", 5),
                                 AdjustCommand("request-1", "anna", 5)}) {
    EXPECT_EQ(ContentOf(command),
              ContentOf(Changed(command, [](Command& c) { c.request_id = "request-2"; })));
    EXPECT_EQ(ContentOf(command), ContentOf(Changed(command, [](Command& c) { c.request_id = ""; })));
  }
}

TEST(Content, IsTheSameForATrialAndForTheRealThing) {
  EXPECT_EQ(ContentOf(FullEarn()), ContentOf(ValidateOnly(FullEarn())));
  EXPECT_EQ(ContentOf(FullPurchase()), ContentOf(ValidateOnly(FullPurchase())));
}

TEST(Content, IsAlwaysTheSameForTheSameCommand) {
  EXPECT_EQ(ContentOf(FullPurchase()), ContentOf(FullPurchase()));
  EXPECT_EQ(ContentOf(FullEarn()), ContentOf(FullEarn()));
}

TEST(Content, OfAnEarningChangesWithEverythingElse) {
  const std::function<void(Command&)> changes[] = {
      [](Command&) {},
      [](Command& c) { c.member_id = "bert"; },
      [](Command& c) { c.occurred_time = kNoon + absl::Microseconds(1); },
      [](Command& c) { c.occurred_time = std::nullopt; },
      [](Command& c) { c.reason = "Birthday"; },
      [](Command& c) { c.actor = "clerk"; },
      [](Command& c) { c.channel = "web"; },
      [](Command& c) { c.location = "Milan"; },
      [](Command& c) { c.action = Earn{101}; },
      [](Command& c) {
        c.action = Spend{100, ""};
      },
      [](Command& c) {
        c.action = Spend{101, ""};
      },
      [](Command& c) {
        c.action = Spend{100, "order"};
      },
      [](Command& c) { c.action = Adjust{100}; },
      [](Command& c) { c.action = Adjust{-100}; },
      [](Command& c) { c.action = RecordPurchase{}; },
  };
  std::set<Digest> contents;
  for (const auto& change : changes) contents.insert(ContentOf(Changed(FullEarn(), change)));
  EXPECT_EQ(contents.size(), std::size(changes));
}

TEST(Content, OfAPurchaseChangesWithEverythingElse) {
  const std::function<void(Purchase&)> changes[] = {
      [](Purchase&) {},
      [](Purchase& p) { p.order_id = "order-2"; },
      [](Purchase& p) { p.purchase_time += absl::Microseconds(1); },
      [](Purchase& p) { p.total_minor = 301; },
      [](Purchase& p) { p.channel = "web"; },
      [](Purchase& p) { p.location = "Milan"; },
      [](Purchase& p) { p.labels = {"gift"}; },
      [](Purchase& p) {
        p.labels = {"sale", "gift"};
      },
      [](Purchase& p) { p.labels = {"giftsale"}; },
      [](Purchase& p) { p.labels = {}; },
      [](Purchase& p) { p.lines.pop_back(); },
      [](Purchase& p) { p.lines = {}; },
      [](Purchase& p) { std::swap(p.lines[0], p.lines[1]); },
      [](Purchase& p) { p.lines[1].sku = "sku-3"; },
      [](Purchase& p) { p.lines[1].category = "mugs"; },
      [](Purchase& p) { p.lines[1].quantity = 3; },
      [](Purchase& p) { p.lines[1].amount_minor = 201; },
  };
  std::set<Digest> contents;
  for (const auto& change : changes) {
    contents.insert(ContentOf(Changed(FullPurchase(), [&](Command& c) { change(PurchaseOf(c)); })));
  }
  EXPECT_EQ(contents.size(), std::size(changes));
}

TEST(Content, OfEachKindChangesWithAllThatItSays) {
  const auto content = [](auto action) { return ContentOf(CommandFor("r", "anna", std::move(action))); };
  const Digest contents[] = {content(Spend{5, "o1", 0}),
                             content(Spend{5, "o1", 900}),
                             content(Spend{5, "o1", 901}),
                             content(ReservePoints{5, absl::Minutes(5), ""}),
                             content(ReservePoints{6, absl::Minutes(5), ""}),
                             content(ReservePoints{5, absl::Minutes(6), ""}),
                             content(ReservePoints{5, absl::Minutes(5), "o1"}),
                             content(CapturePoints{"h", 0}),
                             content(CapturePoints{"h", 1}),
                             content(CapturePoints{"i", 0}),
                             content(ReleasePoints{"h"}),
                             content(ReleasePoints{"i"}),
                             content(TransferPoints{"bert", 5}),
                             content(TransferPoints{"carl", 5}),
                             content(TransferPoints{"bert", 6}),
                             content(ConfirmPurchase{"o1"}),
                             content(ConfirmPurchase{"o2"}),
                             content(CancelPurchase{"o1"}),
                             content(CancelPurchase{"o2"}),
                             content(SetTier{}),
                             content(SetTier{Standing::Override{"gold", kNoon}}),
                             content(SetTier{Standing::Override{"", kNoon}}),
                             content(SetTier{Standing::Override{"gold", kNoon + absl::Seconds(1)}}),
                             content(RecordActivity{{"visit", "a1", kNoon, "", ""}}),
                             content(RecordActivity{{"review", "a1", kNoon, "", ""}}),
                             content(RecordActivity{{"visit", "a2", kNoon, "", ""}}),
                             content(RecordReturn{"o1", "b1", 0, {}}),
                             content(RecordReturn{"o1", "b1", 5, {}}),
                             content(RecordReturn{"o1", "b1", 0, {{0, 1}}}),
                             content(RecordReturn{"o1", "b1", 0, {{0, 2}}}),
                             content(RecordReturn{"o1", "b1", 0, {{1, 1}}}),
                             content(RecordReturn{"o1", "b1", 0, {{0, 1}, {1, 1}}})};
  EXPECT_EQ(std::set<Digest>(std::begin(contents), std::end(contents)).size(), std::size(contents));
}

TEST(Content, NeighbouringTextsDoNotRunTogether) {
  const auto with = [](const std::string& reason, const std::string& actor, const std::string& channel) {
    return ContentOf(Changed(FullEarn(), [&](Command& c) {
      c.reason = reason;
      c.actor = actor;
      c.channel = channel;
    }));
  };
  const std::set<Digest> contents = {with("ab", "c", ""), with("a", "bc", ""), with("abc", "", ""),
                                     with("", "abc", ""), with("", "", "abc"), with("ab", "", "c")};
  EXPECT_EQ(contents.size(), 6u);
}

TEST(Content, ALabelIsNotALine) {
  const auto labelled = Changed(FullPurchase(), [](Command& c) { PurchaseOf(c).lines = {}; });
  const auto lined = Changed(FullPurchase(), [](Command& c) {
    PurchaseOf(c).labels = {};
    PurchaseOf(c).lines = {{"gift", "sale", 1, 300}};
  });
  EXPECT_NE(ContentOf(labelled), ContentOf(lined));
}

}  // namespace
}  // namespace loyalty::points
