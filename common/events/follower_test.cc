// A service follows the events of points: each takes effect once, in order, whatever happens.
#include "common/events/follower.h"

#include <absl/strings/str_cat.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <thread>
#include <vector>

#include "common/events/follower_service.h"
#include "common/rpc/error.h"
#include "common/status/status.h"
#include "common/testing/fake_points.h"
#include "common/testing/shop.h"
#include "loyalty/events/v1/follower_service.grpc.pb.h"

namespace loyalty::events {
namespace {

// In one text, in the order in which they were written.
constexpr char kEffects[] = "SELECT coalesce(string_agg(text, ' ' ORDER BY number), '') FROM shop.effect";
// Ends the session in the middle of COMMIT: the commit is in doubt, and was not done.
constexpr char kKillCommit[] =
    "CREATE FUNCTION shop.die() RETURNS trigger LANGUAGE plpgsql AS "
    "'BEGIN DELETE FROM shop.fuse; IF FOUND THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF; "
    "RETURN NULL; END'; "
    "CREATE TABLE shop.fuse (x integer); "
    "CREATE CONSTRAINT TRIGGER die AFTER INSERT ON shop.effect DEFERRABLE INITIALLY DEFERRED "
    "FOR EACH ROW EXECUTE FUNCTION shop.die()";

class FollowerTest : public ::testing::Test {
 protected:
  // Writes down what it is told.
  absl::Status Note(work::Work& work, const v1::Event& event) {
    google::protobuf::StringValue text;
    event.payload().UnpackTo(&text);
    if (bad_.contains(text.value())) return bad_.at(text.value());
    work.tx().Exec(testing::kInsertEffect, work.program().key, event.position(), text.value());
    work.Emit(text, {.cause = event.event_id()});
    return absl::OkStatus();
  }
  Followed Points(std::vector<std::string> types = {}) {
    return {.source = "points",
            .channel = grpc::CreateChannel(points_.address(), grpc::InsecureChannelCredentials()),
            .types = std::move(types),
            .handle = [this](work::Work& work, const v1::Event& event) { return Note(work, event); }};
  }
  void Happen(const std::vector<std::string>& texts) {
    for (const std::string& text : texts) points_.Emit("shop", shop_.Text(text));
  }
  std::string Effects() { return shop_.Exec(kEffects); }
  int64_t Run(Follower& follower) {
    const auto done = follower.RunOnce();
    EXPECT_TRUE(done.ok()) << done.status();
    return done.value_or(-1);
  }

  testing::Shop shop_;
  testing::FakePoints points_;
  std::map<std::string, absl::Status> bad_;
  Follower follower_{Points(), shop_.runner(), shop_.pool(), shop_.registry()};
};

TEST_F(FollowerTest, TakesInWhatIsNewInOrderAndNothingTwice) {
  Happen({"a", "b"});
  EXPECT_EQ(Run(follower_), 2);
  EXPECT_EQ(Run(follower_), 0);
  Happen({"c"});
  EXPECT_EQ(Run(follower_), 1);
  EXPECT_EQ(Effects(), "a b c");
  EXPECT_EQ(shop_.Exec("SELECT position FROM shop.followed"), "3");
  EXPECT_EQ(shop_.Exec("SELECT string_agg(cause, ' ' ORDER BY position) FROM shop.outbox"),
            "points/shop/1 points/shop/2 points/shop/3")
      << "what it emits is written in the same transaction";
}

TEST_F(FollowerTest, GoesOnWhereAnotherProcessWas) {
  Happen({"a", "b", "c"});
  EXPECT_EQ(Run(follower_), 3);
  Follower restarted(Points(), shop_.runner(), shop_.pool(), shop_.registry());
  EXPECT_EQ(Run(restarted), 0);
  Happen({"d", "e"});
  EXPECT_EQ(Run(restarted), 2);
  EXPECT_EQ(Run(follower_), 0) << "it still believes to be at the third event, and is put right";
  EXPECT_EQ(Effects(), "a b c d e");
}

TEST_F(FollowerTest, SeveralAtOnceTakeEachEventInOnce) {
  constexpr int kEvents = 600;
  std::atomic<bool> told = false;
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&] {
      Follower follower(Points(), shop_.runner(), shop_.pool(), shop_.registry());
      bool last = false;
      do {
        last = told;
        EXPECT_TRUE(follower.RunOnce().ok());
      } while (!last || shop_.Exec("SELECT position FROM shop.followed") != absl::StrCat(kEvents));
    });
  }
  for (int i = 0; i < kEvents; ++i) Happen({absl::StrCat(i)});
  told = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(shop_.Exec("SELECT count(*) || ' ' || count(DISTINCT position) || ' ' || "
                       "count(*) FILTER (WHERE number < position) FROM shop.effect"),
            absl::StrCat(kEvents, " ", kEvents, " 0"));
  EXPECT_EQ(
      shop_.Exec("SELECT count(*) FROM (SELECT position, lag(position) OVER (ORDER BY number) AS before "
                 "FROM shop.effect) AS e WHERE position < before"),
      "0")
      << "in order";
}

TEST_F(FollowerTest, ACommitInDoubtIsLookedAtAgain) {
  shop_.Exec(kKillCommit);
  Happen({"a", "b"});
  shop_.Exec("INSERT INTO shop.fuse VALUES (1)");
  EXPECT_FALSE(follower_.RunOnce().ok());
  EXPECT_EQ(Effects(), "");
  shop_.Exec("DELETE FROM shop.fuse");
  EXPECT_EQ(Run(follower_), 2);
  EXPECT_EQ(Effects(), "a b");
}

TEST_F(FollowerTest, APoisonEventIsSetAsideAfterFiveAttemptsAndHoldsUpNobody) {
  shop_.database().AddProgram("cafe");
  bad_["b"] = absl::InternalError("password=secret");
  Happen({"a", "b", "c"});
  points_.Emit("cafe", shop_.Text("x"));
  EXPECT_EQ(Run(follower_), 2) << "a, and x of the other program";
  for (int attempt = 2; attempt < Follower::kAttempts; ++attempt) EXPECT_EQ(Run(follower_), 0);
  EXPECT_EQ(Effects(), "x a");
  EXPECT_EQ(shop_.Metric(shop_.registry(), "loyalty_follower_lag_events"), 2);
  EXPECT_EQ(Run(follower_), 2) << "b is set aside, c taken in";
  EXPECT_EQ(Effects(), "x a c");
  EXPECT_EQ(shop_.Metric(shop_.registry(), "loyalty_follower_set_aside_total"), 1);
  EXPECT_EQ(shop_.Exec("SELECT position || ' ' || attempts || ' ' || error FROM shop.set_aside"),
            "2 5 INTERNAL: see the server's log");
}

TEST_F(FollowerTest, AFailingStatementIsTheEventsFault) {
  Happen({"a"});
  shop_.Exec("ALTER TABLE shop.effect ADD CHECK (text <> 'b')");
  Happen({"b", "c"});
  const auto done = follower_.Drain("shop");
  ASSERT_TRUE(done.ok()) << done.status();
  EXPECT_EQ(*done, 3);
  EXPECT_EQ(Effects(), "a c");
  EXPECT_EQ(shop_.Exec("SELECT position FROM shop.set_aside"), "2");
}

TEST_F(FollowerTest, WhatWillPassIsWaitedForAndNotCounted) {
  bad_["a"] = absl::UnavailableError("not now");
  Happen({"a"});
  for (int i = 0; i < 2 * Follower::kAttempts; ++i)
    EXPECT_TRUE(absl::IsUnavailable(follower_.RunOnce().status()));
  bad_.clear();
  EXPECT_EQ(Run(follower_), 1);
  EXPECT_EQ(shop_.Exec("SELECT count(*) FROM shop.set_aside"), "0");
}

TEST_F(FollowerTest, OtherTypesArePassedOver) {
  Follower picky(Points({"google.protobuf.StringValue"}), shop_.runner(), shop_.pool(), shop_.registry());
  points_.Emit("shop", google::protobuf::Int64Value());
  Happen({"a"});
  points_.Emit("shop", google::protobuf::Int64Value());
  EXPECT_EQ(picky.Drain("shop").value(), 1);
  EXPECT_EQ(Effects(), "a");
  EXPECT_EQ(shop_.Exec("SELECT position FROM shop.followed"), "3");
}

TEST_F(FollowerTest, AProgramThatIsNotHereIsPassedOver) {
  points_.Emit("elsewhere", shop_.Text("x"));
  EXPECT_EQ(Run(follower_), 0);
}

TEST_F(FollowerTest, ASourceThatIsAwayIsUnavailable) {
  Followed nobody = Points();
  nobody.channel = grpc::CreateChannel("127.0.0.1:1", grpc::InsecureChannelCredentials());
  Follower follower(std::move(nobody), shop_.runner(), shop_.pool(), shop_.registry());
  EXPECT_TRUE(absl::IsUnavailable(follower.RunOnce().status()));
  EXPECT_TRUE(absl::IsUnavailable(follower.Drain("shop").status()));
}

// What was set aside, over the wire.
class SetAsideTest : public FollowerTest {
 protected:
  SetAsideTest() {
    bad_["b"] = Refuse(absl::StatusCode::kFailedPrecondition, "NO_CAMPAIGN", "There is no campaign.");
    rpc::ServiceDefinition definition = testing::ShopDefinition();
    definition.calls_points = true;
    definition.build = [this](rpc::Runtime&) {
      rpc::Parts parts;
      parts.followers.push_back(Points());
      return parts;
    };
    server_ = shop_.Serve(definition, {.points_address = points_.address(), .background = false});
    stub_ = v1::FollowerService::NewStub(shop_.ChannelTo(*server_));
    Happen({"a", "b"});
    EXPECT_EQ(follower_.Drain("shop").value(), 2);
  }
  v1::ListSetAsideEventsResponse List() {
    grpc::ClientContext context;
    v1::ListSetAsideEventsRequest request;
    v1::ListSetAsideEventsResponse response;
    request.set_program_id("shop");
    EXPECT_TRUE(stub_->ListSetAsideEvents(&context, request, &response).ok());
    return response;
  }
  absl::Status Retry(int64_t position, bool validate_only = false) {
    grpc::ClientContext context;
    v1::RetrySetAsideEventRequest request;
    v1::RetrySetAsideEventResponse response;
    request.set_program_id("shop");
    request.set_source("points");
    request.set_position(position);
    request.set_validate_only(validate_only);
    return rpc::FromGrpc(stub_->RetrySetAsideEvent(&context, request, &response));
  }

  std::unique_ptr<rpc::Server> server_;
  std::unique_ptr<v1::FollowerService::Stub> stub_;
};

TEST_F(SetAsideTest, IsListedWithItsErrorAndTakenInWhenItsCauseIsDealtWith) {
  auto list = List();
  ASSERT_EQ(list.events_size(), 1);
  EXPECT_EQ(list.events(0).source(), "points");
  EXPECT_EQ(list.events(0).event().event_id(), "points/shop/2");
  EXPECT_EQ(list.events(0).error(), "NO_CAMPAIGN: There is no campaign.");
  EXPECT_EQ(list.events(0).attempts(), 5);

  const absl::Status again = Retry(2);
  EXPECT_EQ(again.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(RefusalOf(again)->reason, "EVENT_FAILED");
  EXPECT_EQ(List().events(0).attempts(), 6);

  bad_.clear();
  EXPECT_TRUE(Retry(2, /*validate_only=*/true).ok());
  EXPECT_EQ(Effects(), "a");
  EXPECT_TRUE(Retry(2).ok());
  EXPECT_EQ(Effects(), "a b");
  EXPECT_EQ(List().events_size(), 0);
  EXPECT_EQ(RefusalOf(Retry(2))->reason, "SET_ASIDE_EVENT_NOT_FOUND");
}

}  // namespace
}  // namespace loyalty::events
