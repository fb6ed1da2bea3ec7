// What is due is done, in real time and by test clocks, in several services at once.
#include <absl/strings/str_cat.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <set>

#include "common/due/clock_service.h"
#include "common/due/due_runner.h"
#include "common/postgres/values.h"
#include "common/rpc/error.h"
#include "common/status/status.h"
#include "common/testing/fake_points.h"
#include "common/testing/shop.h"

namespace loyalty::due {
namespace {

namespace v1 = admin::v1;
using testing::kTestStart;

constexpr absl::Duration kDay = absl::Hours(24);

// Every reminder comes round after 30 days, and gives its member points.
class Reminders final : public DueWork {
 public:
  Reminders(postgres::Pool& pool, work::Runner& runner) : pool_(pool), runner_(runner) {}

  std::string name() const override { return "reminders"; }

  absl::StatusOr<std::vector<int32_t>> ProgramsDue(absl::Time now, int limit) override {
    std::vector<int32_t> keys;
    const absl::Status status = pool_.Read([&](postgres::Transaction& tx) {
      keys.clear();
      for (const auto& row :
           tx.Exec(testing::kProgramsWithReminders, postgres::FormatTimestamp(now), limit)) {
        keys.push_back(row[0].as<int32_t>());
      }
      return absl::OkStatus();
    });
    if (!status.ok()) return status;
    return keys;
  }

  absl::StatusOr<std::optional<absl::Time>> NextDue(int32_t program_key) override {
    std::optional<absl::Time> next;
    const absl::Status status = pool_.Read([&](postgres::Transaction& tx) {
      const pqxx::result rows = tx.Exec(testing::kNextReminder, program_key);
      if (!rows[0][0].is_null()) next = postgres::ParseTimestamp(rows[0][0].c_str());
      return absl::OkStatus();
    });
    if (!status.ok()) return status;
    return next;
  }

  absl::StatusOr<int64_t> RunDue(int32_t program_key, absl::Time now) override {
    int64_t done = 0;
    const absl::Status status = runner_.Do(program_key, "loyalty-shop", [&](work::Work& work) {
      done = 0;
      EXPECT_EQ(work.now(), now);
      for (const auto& row :
           work.tx().Exec(testing::kTakeReminder, program_key, postgres::FormatTimestamp(work.now()))) {
        const std::string id = row[0].c_str();
        work.tx().Exec(testing::kMoveReminder, program_key, id, postgres::FormatTimestamp(work.now()));
        work.Award({.cause = absl::StrCat("reminder:", id, ":", row[1].c_str()),
                    .part = "it",
                    .member_id = absl::StrCat("m", id),
                    .points = 1,
                    .reason = "reminded"});
        ++done;
      }
      return absl::OkStatus();
    });
    if (!status.ok()) return status;
    return done;
  }

 private:
  postgres::Pool& pool_;
  work::Runner& runner_;
};

rpc::ServiceDefinition Definition() {
  rpc::ServiceDefinition definition = testing::ShopDefinition();
  definition.calls_points = true;
  definition.build = [](rpc::Runtime& runtime) {
    rpc::Parts parts;
    parts.due_works.push_back(std::make_unique<Reminders>(runtime.pool, runtime.work));
    return parts;
  };
  return definition;
}

class DueTest : public ::testing::Test {
 protected:
  void AddReminder(int id, absl::Time due, int32_t key) {
    shop_.Exec(absl::StrCat("INSERT INTO shop.reminder VALUES (", key, ", ", id, ", '",
                            postgres::FormatTimestamp(due), "')"));
  }
  int32_t AddTestProgram(absl::Time time = kTestStart) {
    const int32_t key = shop_.database().AddProgram("trial");
    EXPECT_TRUE(shop_.pool()
                    .Run([&](postgres::Transaction& tx) {
                      platform::CreateTestClock(tx, key, time);
                      return absl::OkStatus();
                    })
                    .ok());
    return key;
  }
  std::unique_ptr<rpc::Server> ServeShop(bool background = false) {
    return shop_.Serve(Definition(), {.points_address = points_.address(), .background = background});
  }

  testing::Shop shop_;
  testing::FakePoints points_;
};

TEST_F(DueTest, RunDueDoesWhatIsDueAndDeliversItAndNextDueSaysWhatComes) {
  const auto server = ServeShop();
  const auto stub = v1::DueService::NewStub(shop_.ChannelTo(*server));
  AddReminder(1, kTestStart - kDay, shop_.key());
  AddReminder(2, kTestStart, shop_.key());
  AddReminder(3, kTestStart + kDay, shop_.key());
  v1::RunDueRequest run;
  v1::RunDueResponse ran;
  run.set_program_id("shop");
  {
    grpc::ClientContext context;
    ASSERT_TRUE(stub->RunDue(&context, run, &ran).ok());
    EXPECT_EQ(ran.done_count(), 4) << "two reminders, two awards";
  }
  {
    grpc::ClientContext context;
    ASSERT_TRUE(stub->RunDue(&context, run, &ran).ok());
    EXPECT_EQ(ran.done_count(), 0);
  }
  EXPECT_EQ(points_.awards().size(), 2u);
  v1::NextDueRequest next;
  v1::NextDueResponse due;
  next.set_program_id("shop");
  grpc::ClientContext context;
  ASSERT_TRUE(stub->NextDue(&context, next, &due).ok());
  EXPECT_EQ(due.due_time().seconds(), absl::ToUnixSeconds(kTestStart + kDay));
}

TEST_F(DueTest, ATurnFindsTheProgramsEachByItsOwnClock) {
  const int32_t trial = AddTestProgram(kTestStart - 10 * kDay);
  AddReminder(1, kTestStart - kDay, shop_.key());
  AddReminder(2, kTestStart - kDay, trial);  // not yet, there
  std::vector<std::unique_ptr<DueWork>> works;
  works.push_back(std::make_unique<Reminders>(shop_.pool(), shop_.runner()));
  DueRunner runner(shop_.runner(), shop_.clock(), std::move(works), {}, nullptr, shop_.registry());
  EXPECT_EQ(runner.RunTurn(*runner.works()[0]).value(), 1);
  EXPECT_EQ(runner.RunTurn(*runner.works()[0]).value(), 0);
  EXPECT_EQ(shop_.Exec("SELECT cardinality(run_times) FROM shop.reminder WHERE reminder_id = 2"), "0");
}

TEST_F(DueTest, ATurnShowsHowLongWhatIsDueHasWaitedAndATestClockDoesNotCount) {
  const int32_t trial = AddTestProgram(kTestStart + 300 * kDay);
  AddReminder(1, kTestStart - absl::Minutes(3), shop_.key());
  AddReminder(2, kTestStart - absl::Minutes(5), shop_.key());
  AddReminder(3, kTestStart, trial);
  std::vector<std::unique_ptr<DueWork>> works;
  works.push_back(std::make_unique<Reminders>(shop_.pool(), shop_.runner()));
  DueRunner runner(shop_.runner(), shop_.clock(), std::move(works), {}, nullptr, shop_.registry());
  const auto lag = [&] { return testing::Shop::Metric(shop_.registry(), "loyalty_job_lag_seconds"); };
  EXPECT_EQ(lag(), 0);
  EXPECT_EQ(runner.RunTurn(*runner.works()[0]).value(), 2);  // one in each program
  EXPECT_EQ(lag(), 5 * 60);
  EXPECT_EQ(runner.RunTurn(*runner.works()[0]).value(), 2);
  EXPECT_EQ(lag(), 3 * 60);
  while (runner.RunTurn(*runner.works()[0]).value() > 0) {
  }
  EXPECT_EQ(lag(), 0);
}

TEST_F(DueTest, InTheBackgroundItHappensByItself) {
  AddReminder(1, kTestStart, shop_.key());
  const auto server = ServeShop(/*background=*/true);
  while (points_.awards().empty()) absl::SleepFor(absl::Milliseconds(5));
  EXPECT_EQ(points_.awards()[0].member_id(), "m1");
}

// A clock service that moves the clocks of two replicas of the shop.
class ClockTest : public DueTest {
 protected:
  ClockTest() {
    trial_ = AddTestProgram();
    for (int i = 0; i < 2; ++i) shops_.push_back(ServeShop());
    ServeClock({shop_.AddressOf(*shops_[0]), shop_.AddressOf(*shops_[1])});
  }
  void ServeClock(const std::vector<std::string>& due_addresses) {
    rpc::ServiceDefinition definition = testing::ShopDefinition();
    definition.services = {v1::ClockService::service_full_name()};
    definition.build = [](rpc::Runtime& runtime) {
      rpc::Parts parts;
      parts.services.push_back(std::make_unique<ClockServiceImpl>(runtime.adapter, runtime.pool,
                                                                  ConnectDue(runtime.options.due_addresses)));
      return parts;
    };
    clock_server_ = shop_.Serve(definition, {.due_addresses = due_addresses, .background = false});
    stub_ = v1::ClockService::NewStub(shop_.ChannelTo(*clock_server_));
  }
  absl::StatusOr<v1::AdvanceClockResponse> Advance(absl::Time target, const std::string& program = "trial",
                                                   bool validate_only = false) {
    grpc::ClientContext context;
    v1::AdvanceClockRequest request;
    v1::AdvanceClockResponse response;
    request.set_program_id(program);
    request.set_validate_only(validate_only);
    request.mutable_target_time()->set_seconds(absl::ToUnixSeconds(target));
    const absl::Status status = rpc::FromGrpc(stub_->AdvanceClock(&context, request, &response));
    if (!status.ok()) return status;
    return response;
  }
  v1::Clock Get() {
    grpc::ClientContext context;
    v1::GetClockRequest request;
    v1::GetClockResponse response;
    request.set_program_id("trial");
    EXPECT_TRUE(stub_->GetClock(&context, request, &response).ok());
    return response.clock();
  }

  int32_t trial_ = 0;
  std::vector<std::unique_ptr<rpc::Server>> shops_;
  std::unique_ptr<rpc::Server> clock_server_;
  std::unique_ptr<v1::ClockService::Stub> stub_;
};

TEST_F(ClockTest, AYearPassesStepByStepEachAtItsTime) {
  AddReminder(1, kTestStart + kDay, trial_);
  AddReminder(2, kTestStart + 2 * kDay, trial_);
  AddReminder(3, kTestStart + 2 * kDay, trial_);
  const absl::Time target = kTestStart + 365 * kDay;
  const auto answer = Advance(target);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->clock().clock_time().seconds(), absl::ToUnixSeconds(target));
  EXPECT_EQ(answer->step_count(), 26);
  EXPECT_EQ(answer->done_count(), 2 * 39) << "a reminder and an award each";
  EXPECT_EQ(points_.awards().size(), 39u);
  EXPECT_EQ(shop_.Exec(absl::StrCat(
                "SELECT bool_and(run_time = '", postgres::FormatTimestamp(kTestStart + kDay),
                "'::timestamptz + (number - 1) * interval '30 days') FROM shop.reminder, "
                "unnest(run_times) WITH ORDINALITY AS t (run_time, number) WHERE reminder_id = 1")),
            "t");
  EXPECT_EQ(points_.awards()[0].occurred_time().seconds(), absl::ToUnixSeconds(kTestStart + kDay));
  EXPECT_EQ(shop_.clock().Now(), kTestStart) << "the others' time stands where it was";
}

TEST_F(ClockTest, AnAdvanceThatCannotGoOnIsResumed) {
  AddReminder(1, kTestStart + kDay, trial_);
  points_.AnswerWith([](const std::string&) { return grpc::Status(grpc::StatusCode::UNAVAILABLE, "away"); });
  const absl::Time target = kTestStart + 40 * kDay;
  EXPECT_TRUE(absl::IsUnavailable(Advance(target).status()));
  EXPECT_EQ(Get().clock_time().seconds(), absl::ToUnixSeconds(kTestStart + kDay));
  EXPECT_EQ(Get().target_time().seconds(), absl::ToUnixSeconds(target));
  points_.AnswerWith(nullptr);
  const auto answer = Advance(target);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(points_.awards().size(), 2u);
  EXPECT_EQ(Get().clock_time().seconds(), absl::ToUnixSeconds(target));
  EXPECT_TRUE(Advance(target).ok()) << "there already";
  EXPECT_EQ(points_.awards().size(), 2u);
}

TEST_F(ClockTest, BackgroundJobsOnTheWayDoNoHarm) {
  shops_.push_back(ServeShop(/*background=*/true));
  for (int i = 0; i < 20; ++i) AddReminder(i, kTestStart + i * absl::Hours(1), trial_);
  ASSERT_TRUE(Advance(kTestStart + 100 * kDay).ok());
  EXPECT_EQ(points_.awards().size(), 20u * 4);
  EXPECT_EQ(shop_.Exec("SELECT count(*) FROM shop.delivery WHERE state <> 2"), "0");
}

// A service whose follower takes something in just before it is asked for it: it brings something about that
// is due sooner than what the service has just named.
class BusyService final : public v1::DueService::Service {
 public:
  explicit BusyService(const testing::Shop& shop) : shop_(shop) {}

  grpc::Status NextDue(grpc::ServerContext*, const v1::NextDueRequest*,
                       v1::NextDueResponse* response) override {
    if (!due_.empty()) response->mutable_due_time()->set_seconds(absl::ToUnixSeconds(*due_.begin()));
    return grpc::Status::OK;
  }
  grpc::Status RunDue(grpc::ServerContext*, const v1::RunDueRequest*, v1::RunDueResponse* response) override {
    const absl::Time now =
        postgres::ParseTimestamp(shop_.Exec("SELECT clock_time FROM platform.test_clock").c_str());
    for (; !due_.empty() && *due_.begin() <= now; due_.erase(due_.begin())) {
      ran_.push_back(absl::StrCat(absl::FormatDuration(*due_.begin() - kTestStart), " at ",
                                  absl::FormatDuration(now - kTestStart)));
      response->set_done_count(response->done_count() + 1);
    }
    if (!taken_in_) due_.insert(kTestStart + absl::Hours(1));
    taken_in_ = true;
    return grpc::Status::OK;
  }

  const std::vector<std::string>& ran() const { return ran_; }

 private:
  const testing::Shop& shop_;
  std::set<absl::Time> due_ = {kTestStart + absl::Hours(9)};
  bool taken_in_ = false;
  std::vector<std::string> ran_;
};

TEST_F(ClockTest, WhatAFollowerBringsAboutMeanwhileHappensAtItsTime) {
  BusyService busy(shop_);
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&busy);
  const auto server = builder.BuildAndStart();
  ServeClock({absl::StrCat("127.0.0.1:", port)});
  ASSERT_TRUE(Advance(kTestStart + kDay).ok());
  EXPECT_THAT(busy.ran(), ::testing::ElementsAre("1h at 1h", "9h at 9h"));
  server->Shutdown();
}

TEST_F(ClockTest, WhatIsRefused) {
  EXPECT_EQ(RefusalOf(Advance(kTestStart + kDay, "shop").status())->reason, "NO_TEST_CLOCK");
  EXPECT_EQ(RefusalOf(Advance(kTestStart + kDay, "nowhere").status())->reason, "PROGRAM_NOT_FOUND");
  const absl::Status back = Advance(kTestStart - kDay).status();
  EXPECT_EQ(back.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(RefusalOf(back)->reason, "TIME_OUT_OF_RANGE");
  EXPECT_EQ(RefusalOf(Advance(kTestStart + 366 * 11 * kDay).status())->reason, "TIME_OUT_OF_RANGE");
  EXPECT_TRUE(Advance(kTestStart + kDay, "trial", /*validate_only=*/true).ok());
  EXPECT_EQ(Get().clock_time().seconds(), absl::ToUnixSeconds(kTestStart));
}

}  // namespace
}  // namespace loyalty::due
