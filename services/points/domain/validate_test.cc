#include "services/points/domain/validate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <limits>

#include "services/points/domain/test_kit.h"

namespace loyalty::points {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

using Change = std::function<void(Command&)>;
using PurchaseChange = std::function<void(Purchase&)>;
using Fault = std::pair<std::string, std::string>;  // field and reason

constexpr int64_t kMax = std::numeric_limits<int64_t>::max();

std::vector<Fault> Faults(const Command& command, Presence request_id = Presence::kRequired) {
  Violations violations;
  ValidateCommand(command, request_id, violations);
  CheckNotAhead(command, kNoon, violations);
  const absl::Status status = violations.ToStatus();
  std::vector<Fault> faults;
  if (const auto refusal = RefusalOf(status)) {
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    for (const Violation& violation : refusal->violations) {
      EXPECT_NE(violation.description, "") << violation.field;
      faults.emplace_back(violation.field, violation.reason);
    }
  }
  return faults;
}

std::vector<Fault> EarnFaults(const Change& change) {
  Command command = EarnCommand("request", "anna", 10);
  change(command);
  return Faults(command);
}

std::vector<Fault> PurchaseFaults(const PurchaseChange& change) {
  Command command = PurchaseCommand("request", "anna", "order", 300);
  PurchaseOf(command).lines = {{"tea", "drinks", 1, 100}, {"cup", "china", 2, 200}};
  change(PurchaseOf(command));
  return Faults(command);
}

std::string Bytes(size_t count) { return std::string(count, 'x'); }

TEST(Validate, AWellFormedCommandOfEachKindIsAccepted) {
  EXPECT_THAT(Faults(EarnCommand("request", "anna", 1)), IsEmpty());
  EXPECT_THAT(Faults(SpendCommand("request", "anna", 1)), IsEmpty());
  EXPECT_THAT(Faults(AdjustCommand("request", "anna", -1)), IsEmpty());
  EXPECT_THAT(Faults(PurchaseCommand("request", "anna", "order", 0)), IsEmpty());
}

TEST(Validate, EveryLimitIsReachedBeforeItIsPassed) {
  const Change accepted[] = {
      [](Command& c) { c.request_id = Bytes(64); },
      [](Command& c) { c.member_id = Bytes(100); },
      [](Command& c) { c.member_id = "ü🎁 with blanks, 'quotes' and {braces}"; },
      [](Command& c) { c.reason = Bytes(200); },
      [](Command& c) { c.actor = Bytes(100); },
      [](Command& c) { c.channel = Bytes(100); },
      [](Command& c) { c.location = Bytes(100); },
      [](Command& c) { c.occurred_time = kNoon + absl::Minutes(5); },
      [](Command& c) { c.occurred_time = absl::FromCivil(absl::CivilYear(1900), absl::UTCTimeZone()); },
      [](Command& c) { c.action = Earn{kMax}; },
      [](Command& c) {
        c.action = Spend{kMax, Bytes(100)};
      },
  };
  for (size_t i = 0; i < std::size(accepted); ++i) EXPECT_THAT(EarnFaults(accepted[i]), IsEmpty()) << i;
}

TEST(Validate, EveryFaultOfACommandHasItsFieldAndReason) {
  struct Case {
    Change change;
    const char* field;
    const char* reason;
  };
  const Case cases[] = {
      {[](Command& c) { c.request_id = ""; }, "request_id", "FIELD_REQUIRED"},
      {[](Command& c) { c.request_id = Bytes(65); }, "request_id", "TOO_LONG"},
      {[](Command& c) { c.request_id = "audience:day:1"; }, "request_id", "MALFORMED"},
      {[](Command& c) { c.request_id = "a\nb"; }, "request_id", "MALFORMED"},
      {[](Command& c) { c.member_id = ""; }, "member_id", "FIELD_REQUIRED"},
      {[](Command& c) { c.member_id = Bytes(101); }, "member_id", "TOO_LONG"},
      {[](Command& c) { c.member_id = std::string("a\0b", 3); }, "member_id", "MALFORMED"},
      {[](Command& c) { c.reason = Bytes(201); }, "reason", "TOO_LONG"},
      {[](Command& c) { c.reason = "a\x01"; }, "reason", "MALFORMED"},
      {[](Command& c) { c.actor = Bytes(101); }, "actor", "TOO_LONG"},
      {[](Command& c) { c.channel = Bytes(101); }, "channel", "TOO_LONG"},
      {[](Command& c) { c.location = Bytes(101); }, "location", "TOO_LONG"},
      {[](Command& c) { c.location = "a\tb"; }, "location", "MALFORMED"},
      {[](Command& c) { c.occurred_time = kNoon + absl::Minutes(5) + absl::Microseconds(1); },
       "occurred_time", "TIME_IN_FUTURE"},
      {[](Command& c) { c.occurred_time = absl::InfinitePast(); }, "occurred_time", "TIME_OUT_OF_RANGE"},
      {[](Command& c) {
         c.occurred_time =
             absl::FromCivil(absl::CivilYear(1900), absl::UTCTimeZone()) - absl::Microseconds(1);
       },
       "occurred_time", "TIME_OUT_OF_RANGE"},
      {[](Command& c) { c.action = Earn{0}; }, "points", "NOT_POSITIVE"},
      {[](Command& c) { c.action = Earn{-1}; }, "points", "NOT_POSITIVE"},
      {[](Command& c) {
         c.action = Spend{0, ""};
       },
       "points", "NOT_POSITIVE"},
      {[](Command& c) {
         c.action = Spend{-kMax - 1, ""};
       },
       "points", "NOT_POSITIVE"},
      {[](Command& c) {
         c.action = Spend{1, Bytes(101)};
       },
       "order_id", "TOO_LONG"},
  };
  for (const Case& c : cases) EXPECT_THAT(EarnFaults(c.change), ElementsAre(Pair(c.field, c.reason)));
}

TEST(Validate, AnAdjustmentNeedsAChangeAReasonAndSomebodyWhoMadeIt) {
  Command command = AdjustCommand("request", "anna", 0);
  EXPECT_THAT(Faults(command), ElementsAre(Pair("points", "ZERO")));
  command.reason = "";
  command.actor = "";
  EXPECT_THAT(Faults(command), UnorderedElementsAre(Pair("points", "ZERO"), Pair("reason", "FIELD_REQUIRED"),
                                                    Pair("actor", "FIELD_REQUIRED")));
}

TEST(Validate, ANumberThatCannotBeTurnedAroundIsNoAdjustment) {
  EXPECT_THAT(Faults(AdjustCommand("request", "anna", -kMax)), IsEmpty());
  const auto faults = Faults(AdjustCommand("request", "anna", -kMax - 1));
  ASSERT_EQ(faults.size(), 1u);
  EXPECT_EQ(faults[0].first, "points");
}

TEST(Validate, APurchaseReachesEveryLimitBeforeItIsPassed) {
  const PurchaseChange accepted[] = {
      [](Purchase& p) { p.order_id = Bytes(100); },
      [](Purchase& p) { p.purchase_time = kNoon + absl::Minutes(5); },
      [](Purchase& p) { p.purchase_time = absl::FromCivil(absl::CivilYear(1900), absl::UTCTimeZone()); },
      [](Purchase& p) { p.lines = {}; },
      [](Purchase& p) {
        p.lines.resize(200, {"", "", 1, 0});
      },
      [](Purchase& p) { p.lines[0].sku = p.lines[1].category = Bytes(100); },
      [](Purchase& p) { p.lines[0].quantity = 1'000'000'000; },
      [](Purchase& p) {
        p.lines.push_back({"free gift", "", 1, 0});
      },
      [](Purchase& p) { p.channel = p.location = Bytes(100); },
      [](Purchase& p) { p.labels.resize(20, Bytes(100)); },
      [](Purchase& p) {
        p.lines = {{"a", "", 1, kMax - 1}, {"b", "", 1, 1}};
        p.total_minor = kMax;
      },
  };
  for (size_t i = 0; i < std::size(accepted); ++i) EXPECT_THAT(PurchaseFaults(accepted[i]), IsEmpty()) << i;
}

TEST(Validate, EveryFaultOfAPurchaseHasItsFieldAndReason) {
  struct Case {
    PurchaseChange change;
    const char* field;
    const char* reason;
  };
  const Case cases[] = {
      {[](Purchase& p) { p.order_id = ""; }, "purchase.order_id", "FIELD_REQUIRED"},
      {[](Purchase& p) { p.order_id = Bytes(101); }, "purchase.order_id", "TOO_LONG"},
      {[](Purchase& p) { p.order_id = "a\rb"; }, "purchase.order_id", "MALFORMED"},
      {[](Purchase& p) { p.purchase_time = kNoon + absl::Minutes(5) + absl::Microseconds(1); },
       "purchase.purchase_time", "TIME_IN_FUTURE"},
      {[](Purchase& p) { p.purchase_time = absl::InfinitePast(); }, "purchase.purchase_time",
       "FIELD_REQUIRED"},
      {[](Purchase& p) { p.purchase_time = absl::InfiniteFuture(); }, "purchase.purchase_time",
       "TIME_OUT_OF_RANGE"},
      {[](Purchase& p) { p.total_minor = 299; }, "purchase.total_minor", "TOTAL_MISMATCH"},
      {[](Purchase& p) { p.lines[0].quantity = 0; }, "purchase.lines[0].quantity", "NOT_POSITIVE"},
      {[](Purchase& p) { p.lines[1].quantity = -1; }, "purchase.lines[1].quantity", "NOT_POSITIVE"},
      {[](Purchase& p) { p.lines[0].sku = Bytes(101); }, "purchase.lines[0].sku", "TOO_LONG"},
      {[](Purchase& p) { p.lines[1].category = Bytes(101); }, "purchase.lines[1].category", "TOO_LONG"},
      {[](Purchase& p) { p.lines[1].category = "a\x7f"; }, "purchase.lines[1].category", "MALFORMED"},
      {[](Purchase& p) {
         p.lines.resize(201, {"", "", 1, 0});
       },
       "purchase.lines", "TOO_MANY"},
      {[](Purchase& p) { p.channel = Bytes(101); }, "purchase.channel", "TOO_LONG"},
      {[](Purchase& p) { p.location = Bytes(101); }, "purchase.location", "TOO_LONG"},
      {[](Purchase& p) { p.labels.resize(21, "gift"); }, "purchase.labels", "TOO_MANY"},
      {[](Purchase& p) {
         p.labels = {"gift", Bytes(101)};
       },
       "purchase.labels[1]", "TOO_LONG"},
  };
  for (const Case& c : cases) EXPECT_THAT(PurchaseFaults(c.change), ElementsAre(Pair(c.field, c.reason)));
}

TEST(Validate, NegativeAmountsAreToldAtTheirField) {
  EXPECT_THAT(PurchaseFaults([](Purchase& p) {
                p.lines = {};
                p.total_minor = -1;
              }),
              ElementsAre(Pair("purchase.total_minor", "NEGATIVE")));
  EXPECT_THAT(PurchaseFaults([](Purchase& p) { p.lines[1].amount_minor = -1; }),
              ::testing::Contains(Pair("purchase.lines[1].amount_minor", "NEGATIVE")));
}

TEST(Validate, AQuantityAboveItsLimitIsRefusedAtItsLine) {
  const auto faults = PurchaseFaults([](Purchase& p) { p.lines[1].quantity = kMaxQuantity + 1; });
  ASSERT_EQ(faults.size(), 1u);
  EXPECT_EQ(faults[0].first, "purchase.lines[1].quantity");
}

TEST(Validate, LinesThatNoNumberHoldsAreNotTheTotal) {
  for (const int64_t total : {kMax, int64_t{0}, int64_t{-2}}) {
    EXPECT_THAT(PurchaseFaults([&](Purchase& p) {
                  p.lines = {{"a", "", 1, kMax}, {"b", "", 1, kMax}};
                  p.total_minor = total;
                }),
                ::testing::Contains(Pair("purchase.total_minor", total < 0 ? "NEGATIVE" : "TOTAL_MISMATCH")));
  }
}

TEST(Validate, ATimeWithoutEndIsRefusedAtItsField) {
  const auto faults = PurchaseFaults([](Purchase& p) { p.purchase_time = absl::InfiniteFuture(); });
  ASSERT_EQ(faults.size(), 1u);
  EXPECT_EQ(faults[0].first, "purchase.purchase_time");
}

TEST(Validate, WhatTakesBackNamesWhatItTakesBackFrom) {
  EXPECT_THAT(Faults(ReturnCommand("r", "", "o1", "b1")), IsEmpty()) << "the order says whose it is";
  EXPECT_THAT(Faults(ReturnCommand("r", "", "", "", -1)),
              UnorderedElementsAre(Pair("order_id", "FIELD_REQUIRED"), Pair("return_id", "FIELD_REQUIRED"),
                                   Pair("amount_minor", "NEGATIVE")));
  Command early = ReturnCommand("r", "", "o1", "b1");
  early.occurred_time = kNoon + absl::Hours(1);
  EXPECT_THAT(Faults(early), ElementsAre(Pair("return_time", "TIME_IN_FUTURE")));
  EXPECT_THAT(Faults(ReverseCommand("r", "", Bytes(65), -1)),
              UnorderedElementsAre(Pair("member_id", "FIELD_REQUIRED"),
                                   Pair("reversed_request_id", "TOO_LONG"), Pair("points", "NEGATIVE")));
}

TEST(Validate, ALabelHasANameABeginningAndAnEndThatIsNotBefore) {
  const absl::Time year_1899 = absl::FromCivil(absl::CivilYear(1899), absl::UTCTimeZone());
  EXPECT_THAT(Faults(LabelCommand("r", "anna", "plus", kNoon + absl::Hours(9999))), IsEmpty());
  EXPECT_THAT(Faults(LabelCommand("r", "anna", "plus", kNoon, kNoon)), IsEmpty());
  EXPECT_THAT(Faults(LabelCommand("r", "anna", "", absl::InfinitePast())),
              UnorderedElementsAre(Pair("label", "FIELD_REQUIRED"), Pair("from_time", "FIELD_REQUIRED")));
  EXPECT_THAT(Faults(LabelCommand("r", "anna", "plus", kNoon, kNoon - absl::Microseconds(1))),
              ElementsAre(Pair("until_time", "TIME_ORDER")));
  EXPECT_THAT(
      Faults(LabelCommand("r", "anna", "plus", year_1899, absl::InfinitePast())),
      UnorderedElementsAre(Pair("from_time", "TIME_OUT_OF_RANGE"), Pair("until_time", "TIME_OUT_OF_RANGE")));
}

TEST(Validate, ACauseIsLimited) {
  EXPECT_THAT(EarnFaults([](Command& c) { std::get<Earn>(c.action).cause = Bytes(100); }), IsEmpty());
  EXPECT_THAT(EarnFaults([](Command& c) { std::get<Earn>(c.action).cause = Bytes(101); }),
              ElementsAre(Pair("cause", "TOO_LONG")));
}

TEST(Validate, OnlyAnImportedPurchaseNeedsNoRequestId) {
  const Command imported = PurchaseCommand("", "anna", "order", 300);
  EXPECT_THAT(Faults(imported, Presence::kOptional), IsEmpty());
  EXPECT_THAT(Faults(imported, Presence::kRequired), ElementsAre(Pair("request_id", "FIELD_REQUIRED")));
  EXPECT_THAT(Faults(PurchaseCommand(Bytes(65), "anna", "order", 300), Presence::kOptional),
              ElementsAre(Pair("request_id", "TOO_LONG")));
}

TEST(Validate, EverythingThatIsWrongIsToldAtOnce) {
  Command command = PurchaseCommand("", "", "", 7);
  command.actor = Bytes(101);
  Purchase& purchase = PurchaseOf(command);
  purchase.purchase_time = kNoon + absl::Hours(1);
  purchase.lines = {{Bytes(101), "", 0, 8}};
  purchase.labels = {"\n"};
  EXPECT_THAT(Faults(command),
              UnorderedElementsAre(
                  Pair("member_id", "FIELD_REQUIRED"), Pair("request_id", "FIELD_REQUIRED"),
                  Pair("actor", "TOO_LONG"), Pair("purchase.order_id", "FIELD_REQUIRED"),
                  Pair("purchase.purchase_time", "TIME_IN_FUTURE"), Pair("purchase.lines[0].sku", "TOO_LONG"),
                  Pair("purchase.lines[0].quantity", "NOT_POSITIVE"), Pair("purchase.labels[0]", "MALFORMED"),
                  Pair("purchase.total_minor", "TOTAL_MISMATCH")));
}

}  // namespace
}  // namespace loyalty::points
