#include "cli/text/progress.h"

#include <sstream>

#include "gtest/gtest.h"

namespace loyalty::cli {
namespace {

constexpr absl::Time kStart = absl::UnixEpoch();

TEST(ProgressText, ShowsRateAndTimeLeftByTheBytesRead) {
  const ProgressState quarter{
      .rows = 12'500, .bytes = 250, .bytes_total = 1000, .elapsed = absl::Milliseconds(500)};
  EXPECT_EQ(ProgressBar(quarter), "[#####---------------]  25%  12,500 rows  25,000 rows/s  0:01 left");
  EXPECT_EQ(ProgressLine(quarter), "12,500 rows, 25%, 25,000 rows/s, 0:01 left");
}

TEST(ProgressText, LeavesOutWhatAPipeDoesNotTell) {
  const ProgressState piped{.rows = 500, .bytes = 250, .elapsed = absl::Seconds(2)};
  EXPECT_EQ(ProgressBar(piped), "500 rows  250 rows/s");
  EXPECT_EQ(ProgressLine(piped), "500 rows, 250 rows/s");
}

TEST(ProgressText, BearsTheFirstMomentAndAFileThatGrew) {
  EXPECT_EQ(ProgressLine({.rows = 0, .bytes = 0, .bytes_total = 1000}), "0 rows, 0 rows/s");
  EXPECT_EQ(ProgressLine({.rows = 10, .bytes = 1200, .bytes_total = 1000, .elapsed = absl::Seconds(1)}),
            "10 rows, 100%, 10 rows/s, 0:00 left");
}

TEST(Progress, RedrawsOneLineOnATerminalTenTimesASecond) {
  std::ostringstream out;
  Progress progress(out, true, 0, kStart);
  progress.Update(1, 10, kStart + absl::Milliseconds(50));
  EXPECT_EQ(out.str(), "");
  progress.Update(100, 10, kStart + absl::Milliseconds(100));
  EXPECT_EQ(out.str(), "\r\033[K100 rows  1,000 rows/s");
  progress.Finish(kStart + absl::Milliseconds(200));
  EXPECT_EQ(out.str(), "\r\033[K100 rows  1,000 rows/s\r\033[K100 rows  500 rows/s\n");
}

TEST(Progress, WritesPlainLinesElsewhereByRowsOrByTime) {
  std::ostringstream out;
  Progress progress(out, false, 0, kStart);
  progress.Update(9'999, 0, kStart + absl::Seconds(1));
  progress.Update(10'000, 0, kStart + absl::Seconds(1));
  progress.Update(10'001, 0, kStart + absl::Seconds(2));
  progress.Update(10'002, 0, kStart + absl::Seconds(3));
  progress.Finish(kStart + absl::Seconds(4));
  EXPECT_EQ(out.str(), "10,000 rows, 10,000 rows/s\n10,002 rows, 3,334 rows/s\n");
}

TEST(Progress, NotesStandOnALineOfTheirOwn) {
  std::ostringstream out;
  Progress progress(out, true, 0, kStart);
  progress.Note("connection lost");
  EXPECT_EQ(out.str(), "\r\033[Kconnection lost\n");
}

}  // namespace
}  // namespace loyalty::cli
