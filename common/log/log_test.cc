#include "common/log/log.h"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_split.h>
#include <absl/time/clock.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

namespace loyalty::log {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// What `write` sends to standard error, line by line. Without `flush`: what is there when `write` returns.
std::vector<std::string> LinesOf(const std::function<void()>& write, bool flush = true) {
  ::testing::internal::CaptureStderr();
  write();
  if (flush) Flush();
  return absl::StrSplit(::testing::internal::GetCapturedStderr(), '\n', absl::SkipEmpty());
}

TEST(Log, ALineIsOneJsonObjectWithTimeSeverityMessageAndFields) {
  const absl::Time before = absl::Now();
  const auto lines = LinesOf([] {
    Info("serving", {{"address", "127.0.0.1:50051"}, {"service", "points"}});
  });
  ASSERT_THAT(lines, SizeIs(1));
  const json line = json::parse(lines[0]);
  EXPECT_EQ(line.size(), 5);
  EXPECT_EQ(line.at("severity"), "INFO");
  EXPECT_EQ(line.at("message"), "serving");
  EXPECT_EQ(line.at("address"), "127.0.0.1:50051");
  EXPECT_EQ(line.at("service"), "points");
  absl::Time time;
  std::string error;
  ASSERT_TRUE(absl::ParseTime(absl::RFC3339_full, line.at("time").get<std::string>(), &time, &error))
      << error;
  EXPECT_GE(time, before - absl::Microseconds(1));
  EXPECT_LE(time, absl::Now());
}

TEST(Log, AFieldWithoutAValueIsLeftOut) {
  const auto lines = LinesOf([] { Info("call", {{"trace_id", ""}, {"code", "OK"}}); });
  const json line = json::parse(lines.at(0));
  EXPECT_FALSE(line.contains("trace_id"));
  EXPECT_EQ(line.at("code"), "OK");
}

TEST(Log, QuotesBackslashesAndControlCharactersAreEscaped) {
  const std::string nasty = std::string("say \"hi\" \\ new\nline\ttab \x01 ") + '\0' + " end";
  const auto lines = LinesOf([&] { Info(nasty, {{"quoted", nasty}}); });
  ASSERT_THAT(lines, SizeIs(1));
  EXPECT_THAT(lines[0], HasSubstr(R"(say \"hi\" \\ new\nline\ttab \u0001 \u0000 end)"));
  EXPECT_EQ(json::parse(lines[0]).at("quoted"), nasty);
}

RC_GTEST_PROP(Log, AnyAsciiTextStaysOneLineAndComesBackAsItWas, ()) {
  const auto text = *rc::gen::container<std::string>(rc::gen::inRange<char>(0, 127));
  const auto lines = LinesOf([&] { Info(text, {{"field", absl::StrCat("x", text)}}); });
  RC_ASSERT(lines.size() == 1u);
  RC_ASSERT(json::parse(lines[0]).at("message") == text);
  RC_ASSERT(json::parse(lines[0]).at("field") == absl::StrCat("x", text));
}

TEST(Log, TextBeyondAsciiStaysUtf8) {
  const auto lines = LinesOf([] { Info("Café für Ωμέγα"); });
  EXPECT_EQ(json::parse(lines.at(0)).at("message"), "Café für Ωμέγα");
}

// An error message of a library, cut in the middle of a character, must not make the line unreadable for a
// parser.
TEST(Log, BytesThatAreNotUtf8LeaveTheLineReadable) {
  const auto lines = LinesOf([] { Error("cut: \xc3", {{"error", "\xff\xfe"}}); });
  ASSERT_THAT(lines, SizeIs(1));
  EXPECT_TRUE(json::accept(lines[0])) << lines[0];
}

TEST(Log, WarningsAndErrorsAreWrittenAtOnceWithWhatCameBefore) {
  const auto lines = LinesOf(
      [] {
        Info("first");
        Warning("second");
        Error("third");
      },
      /*flush=*/false);
  ASSERT_THAT(lines, SizeIs(3));
  EXPECT_EQ(json::parse(lines[0]).at("message"), "first");
  EXPECT_EQ(json::parse(lines[1]).at("severity"), "WARNING");
  EXPECT_EQ(json::parse(lines[2]).at("severity"), "ERROR");
}

TEST(Log, FlushWithNothingCollectedWritesNothing) {
  EXPECT_THAT(LinesOf([] { Flush(); }), IsEmpty());
}

TEST(Log, LinesOfManyThreadsStayWholeAndNoneIsLost) {
  constexpr int kThreads = 8, kEach = 2'000;  // more than the buffer holds
  const auto lines = LinesOf([] {
    std::vector<std::thread> threads;
    for (int thread = 0; thread < kThreads; ++thread) {
      threads.emplace_back([thread] {
        for (int i = 0; i < kEach; ++i) Info("line", {{"number", absl::StrCat(thread * kEach + i)}});
      });
    }
    for (std::thread& thread : threads) thread.join();
  });
  ASSERT_THAT(lines, SizeIs(kThreads * kEach));
  std::vector<int> seen(kThreads * kEach);
  for (const std::string& line : lines) {
    ++seen.at(static_cast<size_t>(std::stoi(json::parse(line).at("number").get<std::string>())));
  }
  EXPECT_THAT(seen, ::testing::Each(1));
}

}  // namespace
}  // namespace loyalty::log
