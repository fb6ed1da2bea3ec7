#include "cli/text/progress.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "cli/text/output.h"

namespace loyalty::cli {
namespace {

constexpr absl::string_view kClearLine = "\r\033[K";
constexpr int kBarWidth = 20;
constexpr absl::Duration kBarInterval = absl::Milliseconds(100);
constexpr absl::Duration kLineInterval = absl::Seconds(2);
constexpr int64_t kLineRows = 10'000;

std::string Rate(const ProgressState& state) {
  const double seconds = std::max(absl::ToDoubleSeconds(state.elapsed), 0.001);
  return absl::StrCat(Thousands(static_cast<int64_t>(static_cast<double>(state.rows) / seconds)), " rows/s");
}

// 0 to 1; a file may grow while it is read.
double Share(const ProgressState& state) {
  return std::min(1.0, static_cast<double>(state.bytes) / static_cast<double>(state.bytes_total));
}

std::string Percent(const ProgressState& state) {
  return absl::StrFormat("%d%%", static_cast<int>(100 * Share(state)));
}

std::string TimeLeft(const ProgressState& state) {
  const int64_t seconds = absl::ToInt64Seconds(state.elapsed * (1 / Share(state) - 1));
  return absl::StrFormat("%d:%02d left", seconds / 60, seconds % 60);
}

bool ShareKnown(const ProgressState& state) { return state.bytes_total > 0 && state.bytes > 0; }

}  // namespace

std::string ProgressBar(const ProgressState& state) {
  std::string counts = absl::StrCat(Thousands(state.rows), " rows  ", Rate(state));
  if (!ShareKnown(state)) return counts;
  const int filled = static_cast<int>(kBarWidth * Share(state));
  return absl::StrCat("[", std::string(filled, '#'), std::string(kBarWidth - filled, '-'), "] ",
                      absl::StrFormat("%4s", Percent(state)), "  ", counts, "  ", TimeLeft(state));
}

std::string ProgressLine(const ProgressState& state) {
  const std::string rows = absl::StrCat(Thousands(state.rows), " rows, ");
  if (!ShareKnown(state)) return absl::StrCat(rows, Rate(state));
  return absl::StrCat(rows, Percent(state), ", ", Rate(state), ", ", TimeLeft(state));
}

Progress::Progress(std::ostream& out, bool terminal, int64_t bytes_total, absl::Time start)
    : out_(out), terminal_(terminal), start_(start), state_{.bytes_total = bytes_total}, drawn_time_(start) {}

void Progress::Update(int64_t rows, int64_t bytes, absl::Time now) {
  state_.rows = rows;
  state_.bytes = bytes;
  const bool due = terminal_ ? now - drawn_time_ >= kBarInterval
                             : now - drawn_time_ >= kLineInterval || rows - drawn_rows_ >= kLineRows;
  if (due) Draw(now);
}

void Progress::Finish(absl::Time now) {
  if (!terminal_) return;
  Draw(now);
  out_ << std::endl;
}

void Progress::Note(absl::string_view text) { out_ << (terminal_ ? kClearLine : "") << text << std::endl; }

void Progress::Draw(absl::Time now) {
  state_.elapsed = now - start_;
  drawn_time_ = now;
  drawn_rows_ = state_.rows;
  if (terminal_) {
    out_ << kClearLine << ProgressBar(state_) << std::flush;
  } else {
    out_ << ProgressLine(state_) << std::endl;
  }
}

}  // namespace loyalty::cli
