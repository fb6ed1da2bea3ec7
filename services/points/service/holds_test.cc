// Points that are set aside, as a caller sees them.
#include "services/points/service/test_client.h"

namespace loyalty::points {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

class Holds : public ServerTest {
 protected:
  void SetUp() override {
    ServerTest::SetUp();
    Made(&Points::Earn,
         "member_id: 'anna', request_id: 'e1', points: 100, occurred_time: '2026-05-01T10:00:00Z'");
  }
  auto Reserve(const std::string& request, int points, const std::string& more = "") {
    return Call(&Points::ReservePoints, absl::StrCat("member_id: 'anna', request_id: '", request,
                                                     "', points: ", points, ", time_to_live: '600s'", more));
  }
  auto Capture(const std::string& request, const std::string& hold, int points = 0,
               const std::string& more = "") {
    return Call(&Points::CapturePoints,
                absl::StrCat("member_id: 'anna', request_id: '", request, "', hold_request_id: '", hold,
                             "', points: ", points, more));
  }
  auto Release(const std::string& request, const std::string& hold, const std::string& more = "") {
    return Call(&Points::ReleasePoints, absl::StrCat("member_id: 'anna', request_id: '", request,
                                                     "', hold_request_id: '", hold, "'", more));
  }
};

TEST_F(Holds, AHoldSetsPointsAsideAndACaptureSpendsAPartOfThem) {
  const auto held =
      Reserve("h1", 60, ", order_id: 'o1', reason: 'basket', actor: 'till 4', channel: 'store'");
  ASSERT_THAT(held, IsOk());
  EXPECT_THAT(
      held->entry(),
      IsMessage(Parse<v1::Entry>(
          "member_id: 'anna', sequence: 2, kind: 'ENTRY_KIND_HOLD', points: -60, held_points: 60, "
          "balance_after: 40, "
          "occurred_time: '2026-05-01T12:00:00Z', recorded_time: '2026-05-01T12:00:00Z', request_id: 'h1', "
          "order_id: 'o1', reason: 'basket', actor: 'till 4', channel: 'store', "
          "hold_until_time: '2026-05-01T12:10:00Z', "
          "lot_uses: [{lot_sequence: 1, points: 60, earned_time: '2026-05-01T10:00:00Z'}]")));
  EXPECT_THAT(Newest("anna"), IsMessage(held->entry()));
  ExpectBalance("anna", "available_points: 40, held_points: 60");
  ExpectCleanLedger();

  const auto captured = Capture("c1", "h1", 25);
  ASSERT_THAT(captured, IsOk());
  EXPECT_THAT(
      captured->entry(),
      IsMessage(Parse<v1::Entry>(
          "member_id: 'anna', sequence: 3, kind: 'ENTRY_KIND_CAPTURE', points: 35, held_points: -60, "
          "balance_after: 75, occurred_time: '2026-05-01T12:00:00Z', recorded_time: '2026-05-01T12:00:00Z', "
          "request_id: 'c1', order_id: 'o1', corrected_sequence: 2, "
          "lot_uses: [{lot_sequence: 1, points: -35, earned_time: '2026-05-01T10:00:00Z'}]")));
  EXPECT_THAT(Newest("anna"), IsMessage(captured->entry()));
  ExpectBalance("anna", "available_points: 75");
  EXPECT_EQ(Call(&Ledgers::VerifyLedger, "")->spent_points(), 25);
  ExpectCleanLedger();
}

TEST_F(Holds, ACaptureIsASpendingThatCanBeReversed) {
  Reserve("h1", 60);
  Capture("c1", "h1", 25);
  const auto back =
      Call(&Points::ReverseEntry, "member_id: 'anna', request_id: 'u1', reversed_request_id: 'c1'");
  ASSERT_THAT(back, IsOk());
  EXPECT_EQ(back->entry().kind(), v1::ENTRY_KIND_RESTORE);
  EXPECT_EQ(back->entry().points(), 25);
  EXPECT_EQ(back->entry().corrected_sequence(), 3);
  EXPECT_EQ(Balance("anna"), 100);
  ExpectCleanLedger();
}

TEST_F(Holds, AReleaseMakesThePointsSpendableAgain) {
  Reserve("h1", 60, ", order_id: 'o1'");
  const auto released = Release("r1", "h1", ", reason: 'left', actor: 'till 4'");
  ASSERT_THAT(released, IsOk());
  EXPECT_EQ(released->entry().kind(), v1::ENTRY_KIND_RELEASE);
  EXPECT_EQ(released->entry().points(), 60);
  EXPECT_EQ(released->entry().held_points(), -60);
  EXPECT_EQ(released->entry().order_id(), "o1");
  EXPECT_EQ(released->entry().reason(), "left");
  EXPECT_THAT(Newest("anna"), IsMessage(released->entry()));
  ExpectBalance("anna", "available_points: 100");
  ExpectCleanLedger();
}

TEST_F(Holds, WhenTheTimeIsOverTheHoldIsReleasedByItself) {
  Reserve("h1", 60);
  server_.clock().Advance(absl::Minutes(10) - absl::Seconds(1));
  ExpectBalance("anna", "available_points: 40, held_points: 60");
  server_.clock().Advance(absl::Seconds(1));
  ExpectBalance("anna", "available_points: 100");
  const auto late = Capture("c1", "h1");
  EXPECT_THAT(late, Refused(StatusCode::FAILED_PRECONDITION, "HOLD_NOT_OPEN"));
  EXPECT_THAT(late.error.metadata, ElementsAre(Pair("request_id", "h1")));
  Made(&Points::Spend, "member_id: 'anna', request_id: 's1', points: 100");
  const auto page = Call(&Points::ListEntries, "member_id: 'anna', kinds: ['ENTRY_KIND_RELEASE']");
  ASSERT_EQ(page->entries_size(), 1);
  EXPECT_EQ(page->entries(0).occurred_time().seconds(), absl::ToUnixSeconds(testing::kTestStart) + 600);
  EXPECT_EQ(page->entries(0).request_id(), "");
  ExpectCleanLedger();
}

TEST_F(Holds, WhatLapsesWhileItIsHeldStaysUsableForTheHold) {
  SetPolicy("expiry", "{rolling_days: 1}");
  Made(&Points::Earn, "member_id: 'bert', request_id: 'e2', points: 100");
  Made(&Points::ReservePoints,
       "member_id: 'bert', request_id: 'h1', points: 60, time_to_live: '864000s', order_id: 'o1'");
  server_.clock().Advance(absl::Hours(24 * 3));
  ExpectBalance("bert", "held_points: 60");
  const auto captured =
      Call(&Points::CapturePoints, "member_id: 'bert', request_id: 'c1', hold_request_id: 'h1', points: 50");
  ASSERT_THAT(captured, IsOk());
  ExpectBalance("bert", "available_points: 0");
  EXPECT_EQ(Call(&Ledgers::VerifyLedger, "")->expired_points(), 50)
      << "40 that were not held, 10 that came back";
  ExpectCleanLedger();
}

TEST_F(Holds, WhatCannotBeIsRefused) {
  const auto more = Reserve("h1", 101);
  EXPECT_THAT(more, Refused(StatusCode::FAILED_PRECONDITION, "INSUFFICIENT_POINTS"));
  EXPECT_THAT(more.error.metadata, UnorderedElementsAre(Pair("balance", "100"), Pair("asked", "101")));
  Made(&Points::EnrollMember, "member_id: 'bert'");
  ASSERT_THAT(Reserve("h1", 60), IsOk());
  const auto too_many = Capture("c1", "h1", 61);
  EXPECT_THAT(too_many, Refused(StatusCode::FAILED_PRECONDITION, "CAPTURE_EXCEEDS_HOLD"));
  EXPECT_THAT(too_many.error.metadata, UnorderedElementsAre(Pair("held", "60"), Pair("asked", "61")));
  for (const std::string other : {", member_id: 'bert'", ", hold_request_id: 'nothing'"}) {
    EXPECT_THAT(Capture("c2", "h1", 1, other), Refused(StatusCode::NOT_FOUND, "ENTRY_NOT_FOUND"));
    EXPECT_THAT(Release("c2", "h1", other), Refused(StatusCode::NOT_FOUND, "ENTRY_NOT_FOUND"));
  }
  EXPECT_THAT(Reserve("h2", 1, ", member_id: 'carl'"), Refused(StatusCode::NOT_FOUND, "MEMBER_NOT_FOUND"));
  EXPECT_THAT(Reserve("h2", 1, ", program_id: 'nowhere'"),
              Refused(StatusCode::NOT_FOUND, "PROGRAM_NOT_FOUND"));
  EXPECT_THAT(Capture("c3", "e1"), Refused(StatusCode::FAILED_PRECONDITION, "HOLD_NOT_OPEN")) << "no hold";
  ASSERT_THAT(Capture("c4", "h1"), IsOk());
  EXPECT_THAT(Capture("c5", "h1"), Refused(StatusCode::FAILED_PRECONDITION, "HOLD_NOT_OPEN"));
  EXPECT_THAT(Release("c5", "h1"), Refused(StatusCode::FAILED_PRECONDITION, "HOLD_NOT_OPEN"));
  ExpectBalance("anna", "available_points: 40");
  ExpectCleanLedger();
}

TEST_F(Holds, ATrialWritesNothing) {
  ASSERT_THAT(Reserve("h1", 60), IsOk());
  const std::string before = Written(), trial = ", validate_only: true";
  EXPECT_EQ(Reserve("h2", 40, trial)->entry().balance_after(), 0);
  EXPECT_EQ(Capture("c1", "h1", 10, trial)->entry().points(), 50);
  EXPECT_EQ(Release("r1", "h1", trial)->entry().points(), 60);
  EXPECT_THAT(Capture("c1", "h1", 61, trial),
              Refused(StatusCode::FAILED_PRECONDITION, "CAPTURE_EXCEEDS_HOLD"));
  EXPECT_EQ(Written(), before);
  EXPECT_THAT(Capture("c1", "h1", 10), IsOk());
}

TEST_F(Holds, ARepeatedRequestGetsTheOriginalAnswer) {
  const auto held = Reserve("h1", 60);
  const auto captured = Capture("c1", "h1", 10);
  const auto held_again = Reserve("h1", 60, ", time_to_live: '600.9s'");  // whole seconds count
  EXPECT_THAT(held_again, IsReplayed());
  EXPECT_THAT(*held_again, IsMessage(*held));
  const auto captured_again = Capture("c1", "h1", 10);
  EXPECT_THAT(captured_again, IsReplayed());
  EXPECT_THAT(*captured_again, IsMessage(*captured));
  EXPECT_THAT(Reserve("h1", 60, ", time_to_live: '601s'"),
              Refused(StatusCode::ALREADY_EXISTS, "REQUEST_ID_REUSED"));
  EXPECT_THAT(Capture("c1", "h1", 11), Refused(StatusCode::ALREADY_EXISTS, "REQUEST_ID_REUSED"));
  EXPECT_THAT(Release("c1", "h1"), Refused(StatusCode::ALREADY_EXISTS, "REQUEST_ID_REUSED"));
  ASSERT_THAT(Reserve("h2", 60), IsOk());
  const auto released = Release("r1", "h2");
  const auto released_again = Release("r1", "h2");
  EXPECT_THAT(released_again, IsReplayed());
  EXPECT_THAT(*released_again, IsMessage(*released));
}

}  // namespace
}  // namespace loyalty::points
