// What is owed to points arrives once: while points is away, when it refuses, when a process dies in between.
#include "common/delivery/deliverer.h"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <thread>
#include <vector>

#include "common/rpc/error.h"
#include "common/status/status.h"
#include "common/testing/shop.h"

namespace loyalty::delivery {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using work::Delivery;

// Points, as far as deliveries know it: does each request id once.
class FakeCalls final : public PointsCalls {
 public:
  struct State {
    absl::Mutex mutex;
    std::vector<std::string> done;  // member and what, in order
    std::set<std::string> request_ids;
    std::map<std::string, absl::Status> answers;  // by member
    int calls = 0;
  };
  explicit FakeCalls(State& state) : state_(state) {}

  void Send(const Delivery& delivery, absl::Duration, Done done) override {
    absl::Status answer;
    {
      absl::MutexLock lock(&state_.mutex);
      ++state_.calls;
      const auto it = state_.answers.find(delivery.member_id);
      if (it != state_.answers.end()) answer = it->second;
      if (answer.ok() && state_.request_ids.insert(delivery.request_id).second) {
        const std::string what = delivery.kind == work::DeliveryKind::kLabel ? delivery.label
                                 : delivery.kind == work::DeliveryKind::kReversal
                                     ? absl::StrCat("-", delivery.points)
                                     : absl::StrCat(delivery.points);
        state_.done.push_back(absl::StrCat(delivery.member_id, " ", what));
        EXPECT_EQ(delivery.kind == work::DeliveryKind::kReversal, !delivery.reversed_request_id.empty());
      }
    }
    done(answer);
  }

 private:
  State& state_;
};

class DelivererTest : public ::testing::Test {
 protected:
  std::unique_ptr<Deliverer> MakeDeliverer() {
    return std::make_unique<Deliverer>(shop_.pool(), shop_.runner(), shop_.clock(),
                                       std::make_unique<FakeCalls>(points_), shop_.registry());
  }
  void Award(const std::string& member, int64_t points = 100) {
    shop_.Do([&](work::Work& work) {
      work.Award({.cause = "deed", .part = "it", .member_id = member, .points = points, .reason = "a deed"});
    });
  }
  void TakeBack(const std::string& cause, const std::string& member, int64_t points) {
    shop_.Do([&](work::Work& work) {
      work.TakeBack(
          {.cause = cause, .part = "it", .points = points, .reason = "undone", .of = {"deed", "it", member}});
    });
  }
  int64_t Run(Deliverer& deliverer) {
    const auto ended = deliverer.RunOnce();
    EXPECT_TRUE(ended.ok()) << ended.status();
    return ended.value_or(-1);
  }
  int64_t Run() { return Run(*deliverer_); }
  // States in order of the ids: 1 pending, 2 delivered, 3 refused, 4 cancelled.
  std::string States() {
    return shop_.Exec(
        "SELECT coalesce(string_agg(state::text, ' ' ORDER BY delivery_id), '') FROM shop.delivery");
  }
  void Away() { points_.answers["anna"] = absl::UnavailableError("away"); }

  testing::Shop shop_;
  FakeCalls::State points_;
  std::unique_ptr<Deliverer> deliverer_ = MakeDeliverer();
};

TEST_F(DelivererTest, AnAwardIsDeliveredOnceHoweverOftenItIsNoted) {
  Award("anna");
  Award("anna", 7);
  Award("ben");
  EXPECT_EQ(Run(), 2);
  EXPECT_EQ(Run(), 0);
  EXPECT_THAT(points_.done, ::testing::UnorderedElementsAre("anna 100", "ben 100"));
  EXPECT_EQ(points_.calls, 2);
  EXPECT_EQ(States(), "2 2");
  EXPECT_EQ(shop_.Metric(shop_.registry(), "loyalty_delivery_delivered_total"), 2);
}

TEST_F(DelivererTest, ItsRequestIdIsDerivedFromProgramCausePartAndMember) {
  Award("anna");
  const std::string id = shop_.Exec("SELECT request_id FROM shop.delivery");
  EXPECT_EQ(id, work::DeliveryRequestId("shop", "shop", {"deed", "it", "anna"}));
  EXPECT_EQ(id.substr(0, 5), "shop-");
  EXPECT_LE(id.size(), 64u);
  EXPECT_NE(id, work::DeliveryRequestId("shop", "cafe", {"deed", "it", "anna"}));
}

TEST_F(DelivererTest, NothingIsOwedIfTheTransactionFails) {
  const absl::Status status = shop_.runner().Do("shop", "clerk", [](work::Work& work) {
    work.Award({.cause = "deed", .part = "it", .member_id = "anna", .points = 1, .reason = "a deed"});
    return absl::AbortedError("no");
  });
  EXPECT_FALSE(status.ok());
  EXPECT_EQ(States(), "");
}

TEST_F(DelivererTest, WhilePointsIsAwayItIsTriedLessAndLessOftenAndThenOnce) {
  Away();
  Award("anna");
  absl::Duration last_wait;
  for (int attempt = 1; attempt <= 12; ++attempt) {
    EXPECT_EQ(Run(), 0);
    EXPECT_EQ(points_.calls, attempt);
    const absl::Duration wait = absl::Milliseconds(
        std::stoll(shop_.Exec(absl::StrCat("SELECT (extract(epoch FROM next_attempt_time) * 1000)::bigint - ",
                                           absl::ToUnixMillis(shop_.clock().Now()), " FROM shop.delivery"))));
    EXPECT_GE(wait, Backoff(attempt, 0) - absl::Milliseconds(1));
    EXPECT_LE(wait, Backoff(attempt, 1));
    shop_.clock().Advance(wait / 2 - absl::Milliseconds(1));
    EXPECT_EQ(Run(), 0);
    EXPECT_EQ(points_.calls, attempt) << "too early";
    shop_.clock().Advance(wait / 2 +
                          absl::Seconds(5));  // with the pause after a batch that did not reach points
  }
  EXPECT_EQ(shop_.Exec("SELECT state || ' ' || attempts || ' ' || refusal_reason FROM shop.delivery"),
            "1 12 UNAVAILABLE");
  EXPECT_EQ(deliverer_->Measure(), absl::OkStatus());
  EXPECT_EQ(shop_.Metric(shop_.registry(), "loyalty_delivery_pending"), 1);
  EXPECT_GT(shop_.Metric(shop_.registry(), "loyalty_delivery_oldest_pending_seconds"), 600);
  points_.answers.clear();
  EXPECT_EQ(Run(), 1);
  EXPECT_THAT(points_.done, ElementsAre("anna 100"));
  EXPECT_EQ(deliverer_->Measure(), absl::OkStatus());
  EXPECT_EQ(shop_.Metric(shop_.registry(), "loyalty_delivery_oldest_pending_seconds"), 0);
}

TEST_F(DelivererTest, ARefusalIsKeptCountedAndHoldsUpNobody) {
  points_.answers["anna"] =
      Refuse(absl::StatusCode::kNotFound, "MEMBER_NOT_FOUND", "There is no member anna.");
  Award("anna");
  Award("ben");
  EXPECT_EQ(Run(), 2);
  shop_.clock().Advance(absl::Hours(1));
  EXPECT_EQ(Run(), 0);
  EXPECT_EQ(States(), "3 2");
  EXPECT_EQ(shop_.Exec("SELECT refusal_reason || ': ' || refusal_message FROM shop.delivery WHERE state = 3"),
            "MEMBER_NOT_FOUND: There is no member anna.");
  EXPECT_EQ(shop_.Metric(shop_.registry(), "loyalty_delivery_refused_total"), 1);
}

TEST_F(DelivererTest, WhoDiesBetweenClaimAndRecordLeavesItToSomebodyElseAMinuteLater) {
  Award("anna");
  const absl::Time now = shop_.clock().Now();
  std::vector<Delivery> claimed;
  EXPECT_TRUE(shop_.pool()
                  .Run([&](postgres::Transaction& tx) {
                    claimed = work::ClaimDeliveries(tx, now, now + absl::Minutes(1), 100);
                    return absl::OkStatus();
                  })
                  .ok());
  ASSERT_EQ(claimed.size(), 1u);
  FakeCalls(points_).Send(claimed[0], absl::Seconds(1), [](const absl::Status&) {});  // and nothing recorded
  EXPECT_EQ(Run(), 0) << "it is claimed";
  shop_.clock().Advance(absl::Minutes(1));
  EXPECT_EQ(Run(), 1);
  EXPECT_EQ(points_.calls, 2);
  EXPECT_THAT(points_.done, ElementsAre("anna 100"));
  EXPECT_EQ(States(), "2");
}

TEST_F(DelivererTest, SeveralAtOnceSendEachOnce) {
  constexpr int kAwards = 500;
  shop_.Do([&](work::Work& work) {
    for (int i = 0; i < kAwards; ++i) {
      work.Award({.cause = "deed",
                  .part = "it",
                  .member_id = absl::StrCat("m", i),
                  .points = 1,
                  .reason = "a deed"});
    }
  });
  std::atomic<int64_t> ended = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&] {
      const auto deliverer = MakeDeliverer();
      while (const int64_t some = Run(*deliverer)) ended += some;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(ended, kAwards);
  EXPECT_EQ(points_.calls, kAwards);
}

TEST_F(DelivererTest, DrainWaitsForNoBackoffAndSaysWhatKeepsIt) {
  Away();
  Award("anna");
  EXPECT_EQ(Run(), 0);
  EXPECT_TRUE(absl::IsUnavailable(deliverer_->Drain("shop").status()));
  points_.answers.clear();
  EXPECT_EQ(deliverer_->Drain("shop").value(), 1);
  EXPECT_EQ(deliverer_->Drain("shop").value(), 0);
}

TEST_F(DelivererTest, AnUnsentAwardThatIsWhollyTakenBackIsCancelled) {
  Award("anna", 100);
  TakeBack("return:1", "anna", 30);
  TakeBack("return:1", "anna", 30);  // once
  EXPECT_EQ(States(), "1 1");
  TakeBack("return:2", "anna", 70);
  EXPECT_EQ(States(), "4 4");
  EXPECT_EQ(Run(), 0);
  EXPECT_THAT(points_.done, IsEmpty());
  TakeBack("return:3", "nobody", 5);
  EXPECT_EQ(States(), "4 4");
}

TEST_F(DelivererTest, AReversalFollowsTheAwardOnceItHasArrived) {
  Away();
  Award("anna", 100);
  EXPECT_EQ(Run(), 0);
  TakeBack("return:1", "anna", 100);  // it was sent once, and may have arrived
  EXPECT_EQ(States(), "1 1");
  points_.answers.clear();
  shop_.clock().Advance(absl::Minutes(1));
  EXPECT_EQ(Run(), 1) << "the award";
  EXPECT_EQ(Run(), 1) << "the reversal";
  EXPECT_THAT(points_.done, ElementsAre("anna 100", "anna -100"));

  Award("ben", 50);
  EXPECT_EQ(Run(), 1);
  TakeBack("return:1", "ben", 20);
  EXPECT_EQ(Run(), 1);
  EXPECT_EQ(points_.done.back(), "ben -20");
}

TEST_F(DelivererTest, TheReversalOfARefusedAwardIsCancelledAndComesBackWithIt) {
  points_.answers["anna"] = Refuse(absl::StatusCode::kFailedPrecondition, "MEMBER_CLOSED", "closed");
  Award("anna", 100);
  EXPECT_EQ(Run(), 1);
  TakeBack("return:1", "anna", 40);
  EXPECT_EQ(Run(), 1);
  EXPECT_EQ(States(), "3 4");
  EXPECT_EQ(points_.calls, 1) << "there was nothing to take back";
}

TEST_F(DelivererTest, LabelsOfANameArriveInTheOrderInWhichTheyWereNoted) {
  const auto set = [&](const std::string& cause, const std::string& label) {
    shop_.Do([&](work::Work& work) {
      work.SetLabel({.cause = cause,
                     .part = "it",
                     .member_id = "anna",
                     .label = label,
                     .from = work.now(),
                     .until = work.now() + absl::Hours(1),
                     .reason = "plan"});
    });
  };
  Away();
  set("1", "gold");
  EXPECT_EQ(Run(), 0);
  shop_.clock().Advance(absl::Seconds(2));
  set("2", "gold");
  set("3", "silver");
  points_.answers.clear();
  while (shop_.Exec("SELECT count(*) FROM shop.delivery WHERE state = 1") != "0") {
    Run();
    shop_.clock().Advance(absl::Milliseconds(100));
  }
  EXPECT_THAT(points_.done.size(), 3u);
  EXPECT_EQ(shop_.Exec("SELECT bool_and(a.end_time <= b.end_time) FROM shop.delivery a, shop.delivery b "
                       "WHERE a.label = b.label AND a.delivery_id < b.delivery_id"),
            "t");
  const auto gold = std::count(points_.done.begin(), points_.done.end(), "anna gold");
  EXPECT_EQ(gold, 2);
}

TEST(Backoff, DoublesFromASecondToFiveMinutesAndHalfOfItIsChance) {
  EXPECT_EQ(Backoff(1, 0), absl::Milliseconds(500));
  EXPECT_EQ(Backoff(2, 0), absl::Seconds(1));
  EXPECT_EQ(Backoff(5, 0.5), absl::Seconds(12));
  EXPECT_EQ(Backoff(9, 0), absl::Seconds(128));
  EXPECT_EQ(Backoff(10, 0), absl::Seconds(150));
  EXPECT_EQ(Backoff(1'000'000, 0), absl::Seconds(150));
  EXPECT_LE(Backoff(1'000'000, 0.999), absl::Minutes(5));
}

TEST(IsRefusal, IsWhatPointsWillNeverDo) {
  using absl::StatusCode;
  for (const auto& [code, reason] :
       std::vector<std::pair<StatusCode, std::string>>{{StatusCode::kInvalidArgument, "TOO_LONG"},
                                                       {StatusCode::kNotFound, "MEMBER_NOT_FOUND"},
                                                       {StatusCode::kNotFound, "PROGRAM_NOT_FOUND"},
                                                       {StatusCode::kAlreadyExists, "REQUEST_ID_REUSED"},
                                                       {StatusCode::kOutOfRange, "POINTS_OVERFLOW"},
                                                       {StatusCode::kFailedPrecondition, "ANY"}}) {
    EXPECT_TRUE(IsRefusal(Refuse(code, reason, ""))) << reason;
  }
  for (const auto& [code, reason] :
       std::vector<std::pair<StatusCode, std::string>>{{StatusCode::kNotFound, ""},
                                                       {StatusCode::kAlreadyExists, "OTHER"},
                                                       {StatusCode::kUnavailable, "UNAVAILABLE"},
                                                       {StatusCode::kInternal, "INTERNAL"},
                                                       {StatusCode::kUnimplemented, ""},
                                                       {StatusCode::kPermissionDenied, ""},
                                                       {StatusCode::kUnauthenticated, ""},
                                                       {StatusCode::kAborted, "CONFLICT"},
                                                       {StatusCode::kDeadlineExceeded, ""},
                                                       {StatusCode::kResourceExhausted, "QUEUE_FULL"}}) {
    EXPECT_FALSE(IsRefusal(Refuse(code, reason, ""))) << code;
  }
}

}  // namespace
}  // namespace loyalty::delivery
