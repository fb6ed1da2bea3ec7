// The rows that an import refused, as CSV that can be corrected and imported again.
#pragma once

#include <fstream>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace loyalty::cli {

class RejectedFile {
 public:
  // Removes what an earlier run left at `path`. The file is made with the first row: the columns of `header`,
  // then `reason` and `message`.
  RejectedFile(std::string path, std::vector<std::string> header);

  // A row with too few fields is filled up; of one with too many, only the first stay in place.
  void Add(const std::vector<std::string>& fields, absl::string_view reason, absl::string_view message);

  // Whether everything could be written.
  absl::Status Close();

  const std::string& path() const { return path_; }

 private:
  void Write(const std::vector<std::string>& fields, absl::string_view reason, absl::string_view message);

  const std::string path_;
  const std::vector<std::string> header_;
  std::ofstream file_;
  bool failed_ = false;
};

}  // namespace loyalty::cli
