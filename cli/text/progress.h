// How far an import is: a bar that redraws itself on a terminal, lines elsewhere. The clock is an argument.
#pragma once

#include <cstdint>
#include <ostream>
#include <string>

#include "absl/time/time.h"

namespace loyalty::cli {

struct ProgressState {
  int64_t rows = 0;
  int64_t bytes = 0;
  int64_t bytes_total = 0;  // 0: not known
  absl::Duration elapsed;
};

// "[#####---------------]  25%  12,500 rows  31,250 rows/s  0:01 left"
std::string ProgressBar(const ProgressState& state);
// "12,500 rows, 25%, 31,250 rows/s, 0:01 left"
std::string ProgressLine(const ProgressState& state);

class Progress {
 public:
  // Writes to `out`: a bar when it is a terminal, else a line for every 10,000 rows or 2 seconds.
  Progress(std::ostream& out, bool terminal, int64_t bytes_total, absl::Time start);

  // Draws if it is time to.
  void Update(int64_t rows, int64_t bytes, absl::Time now);
  // Draws the last state; later output begins on a line of its own.
  void Finish(absl::Time now);
  // Prints a line of text without breaking the bar.
  void Note(absl::string_view text);

 private:
  void Draw(absl::Time now);

  std::ostream& out_;
  const bool terminal_;
  const absl::Time start_;
  ProgressState state_;
  absl::Time drawn_time_;
  int64_t drawn_rows_ = 0;
};

}  // namespace loyalty::cli
