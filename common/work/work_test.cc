// The unit of work on a real PostgreSQL, with a table of the test's own.
#include "common/work/work.h"

#include <absl/strings/str_cat.h>
#include <google/protobuf/wrappers.pb.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "common/postgres/errors.h"
#include "common/status/status.h"
#include "common/testing/test_database.h"
#include "common/work/schema.h"
#include "loyalty/rpc/v1/status.pb.h"

namespace loyalty::work {
namespace {

constexpr postgres::Statement kInsert{"insert_note", "INSERT INTO note (text) VALUES ($1)"};
const std::vector<postgres::Migration> kMigrations = {
    {1, "note", "CREATE TABLE note (id bigint GENERATED ALWAYS AS IDENTITY, text text)"}};
const absl::Time kNoon = absl::FromUnixSeconds(1'780'000'000);

using google::protobuf::StringValue;

class WorkTest : public ::testing::Test {
 protected:
  WorkTest() { database_.AddProgram("shop"); }

  Mutation Asks(const std::string& request_id, const std::string& text, const std::string& program = "shop") {
    StringValue content;
    content.set_value(text);
    return {program, request_id, "clerk", ContentOf(content), false};
  }

  // Notes `text`, emits it, and answers it with the count of its runs.
  absl::StatusOr<Done> Note(const Mutation& mutation, const std::string& text, StringValue& out) {
    return runner_.Mutate(mutation, out, [&](Work& work, StringValue& answer) -> absl::Status {
      work.tx().Exec(kInsert, text);
      StringValue event;
      event.set_value(text);
      work.Emit(event, {.member_id = "anna", .cause = "note"});
      answer.set_value(absl::StrCat(text, " ", ++runs_));
      return absl::OkStatus();
    });
  }

  std::string Notes() { return database_.Exec("SELECT count(*) FROM test.note"); }
  std::string Positions() {
    return database_.Exec(
        "SELECT coalesce(string_agg(position::text, ' ' ORDER BY position), '') FROM test.outbox");
  }

  testing::TestDatabase database_{"test", kMigrations};
  ManualClock clock_{kNoon};
  metrics::Registry registry_;
  postgres::Pool pool_{
      {.url = database_.url(), .size = 8, .statements = StatementsWith({kInsert}), .schema = "test"},
      registry_};
  Runner runner_{pool_, clock_};
  std::atomic<int> runs_ = 0;
};

TEST_F(WorkTest, ChangesEventsAndAnswerAreOneTransaction) {
  StringValue out;
  const auto done = Note(Asks("r1", "tea"), "tea", out);
  ASSERT_TRUE(done.ok()) << done.status();
  EXPECT_FALSE(done->replayed);
  EXPECT_EQ(out.value(), "tea 1");
  EXPECT_EQ(Notes(), "1");
  EXPECT_EQ(database_.Exec("SELECT concat_ws(' ', position, type, member_id, cause, actor) FROM test.outbox"),
            "1 google.protobuf.StringValue anna note clerk");
  EXPECT_EQ(database_.Exec("SELECT extract(epoch FROM recorded_time)::bigint FROM test.outbox"),
            "1780000000");
}

TEST_F(WorkTest, TheSameRequestGetsTheSameAnswerAndDoesNothing) {
  StringValue first, second;
  ASSERT_TRUE(Note(Asks("r1", "tea"), "tea", first).ok());
  const auto again = Note(Asks("r1", "tea"), "tea", second);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_TRUE(again->replayed);
  EXPECT_EQ(second.value(), first.value());
  EXPECT_EQ(Notes(), "1");
  EXPECT_EQ(Positions(), "1");
}

TEST_F(WorkTest, AnotherRequestUnderTheSameIdIsRefused) {
  StringValue out;
  ASSERT_TRUE(Note(Asks("r1", "tea"), "tea", out).ok());
  const auto other = Note(Asks("r1", "milk"), "milk", out);
  EXPECT_EQ(other.status().code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(RefusalOf(other.status())->reason, "REQUEST_ID_REUSED");
  EXPECT_EQ(Notes(), "1");
}

TEST_F(WorkTest, TheSameIdInAnotherProgramIsAnotherRequest) {
  database_.AddProgram("cafe");
  StringValue out;
  ASSERT_TRUE(Note(Asks("r1", "tea"), "tea", out).ok());
  ASSERT_TRUE(Note(Asks("r1", "tea", "cafe"), "tea", out).ok());
  EXPECT_EQ(Notes(), "2");
  EXPECT_EQ(Positions(), "1 1");
}

TEST_F(WorkTest, WhatIsRefusedWritesNothingAndLeavesTheIdFree) {
  StringValue out;
  const auto refused = runner_.Mutate(Asks("r1", "tea"), out, [&](Work& work, StringValue&) {
    work.tx().Exec(kInsert, "tea");
    work.Emit(StringValue());
    return absl::FailedPreconditionError("no");
  });
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(Notes(), "0");
  EXPECT_EQ(Positions(), "");
  EXPECT_TRUE(Note(Asks("r1", "milk"), "milk", out).ok());
}

TEST_F(WorkTest, ARefusalThatTheSameCallBroughtAboutIsItsAnswer) {
  StringValue first, second;
  const auto done = runner_.Mutate(Asks("r1", "tea"), second, [&](Work&, StringValue&) -> absl::Status {
    EXPECT_TRUE(Note(Asks("r1", "tea"), "tea", first).ok());  // the other one is quicker
    return absl::FailedPreconditionError("there is tea already");
  });
  ASSERT_TRUE(done.ok()) << done.status();
  EXPECT_TRUE(done->replayed);
  EXPECT_EQ(second.value(), first.value());
  EXPECT_EQ(Notes(), "1");
}

TEST_F(WorkTest, ValidateOnlyDecidesAnswersAndWritesNothing) {
  StringValue out;
  Mutation mutation = Asks("r1", "tea");
  mutation.validate_only = true;
  ASSERT_TRUE(Note(mutation, "tea", out).ok());
  EXPECT_EQ(out.value(), "tea 1");
  EXPECT_EQ(Notes(), "0");
  EXPECT_EQ(Positions(), "");
}

TEST_F(WorkTest, AnUnknownProgramIsNotFound) {
  StringValue out;
  const auto done = Note(Asks("r1", "tea", "nowhere"), "tea", out);
  EXPECT_EQ(RefusalOf(done.status())->reason, "PROGRAM_NOT_FOUND");
}

TEST_F(WorkTest, OfManyAtOnceWithOneIdOneRuns) {
  std::atomic<int> replayed = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      StringValue out;
      const auto done = Note(Asks("r1", "tea"), "tea", out);
      ASSERT_TRUE(done.ok()) << done.status();
      if (done->replayed) ++replayed;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(replayed, 7);
  EXPECT_EQ(Notes(), "1");
}

TEST_F(WorkTest, PositionsHaveNoGapsWhateverFails) {
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 8; ++thread) {
    threads.emplace_back([&, thread] {
      for (int i = 0; i < 20; ++i) {
        const absl::Status status = runner_.Do("shop", "job", [&](Work& work) -> absl::Status {
          for (int event = 0; event <= i % 3; ++event) work.Emit(StringValue());
          return (thread + i) % 4 == 0 ? absl::AbortedError("not this one") : absl::OkStatus();
        });
        EXPECT_TRUE(status.ok() || absl::IsAborted(status)) << status;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(database_.Exec("SELECT count(*) = max(position) AND max(position) = (SELECT last_position FROM"
                           " test.event_head) FROM test.outbox"),
            "t");
}

TEST_F(WorkTest, AProgramWithATestClockLivesInItsOwnTime) {
  database_.Exec(
      "INSERT INTO platform.test_clock SELECT program_key, '2031-02-03Z', '2031-02-03Z' FROM "
      "platform.program");
  absl::Time seen;
  ASSERT_TRUE(runner_
                  .Do("shop", "job",
                      [&](Work& work) {
                        seen = work.now();
                        return absl::OkStatus();
                      })
                  .ok());
  EXPECT_EQ(seen, absl::FromCivil(absl::CivilDay(2031, 2, 3), absl::UTCTimeZone()));
}

TEST(ContentOf, TellsRequestsApartByWhatTheyAsk) {
  using loyalty::rpc::v1::BadRequest;
  BadRequest a, b, c;
  a.add_field_violations()->set_field("ab");
  b.add_field_violations()->set_description("ab");
  c.add_field_violations()->set_field("a");
  c.add_field_violations()->set_field("b");
  EXPECT_EQ(ContentOf(a), ContentOf(BadRequest(a)));
  EXPECT_NE(ContentOf(a), ContentOf(b));
  EXPECT_NE(ContentOf(a), ContentOf(c));
  EXPECT_NE(ContentOf(BadRequest()), ContentOf(loyalty::rpc::v1::RetryInfo()));
}

}  // namespace
}  // namespace loyalty::work
