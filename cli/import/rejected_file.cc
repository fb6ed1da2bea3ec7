#include "cli/import/rejected_file.h"

#include <cstdio>

#include "absl/strings/str_cat.h"
#include "cli/import/csv_reader.h"
#include "cli/import/purchase_row.h"

namespace loyalty::cli {

RejectedFile::RejectedFile(std::string path, std::vector<std::string> header)
    : path_(std::move(path)), header_(std::move(header)) {
  std::remove(path_.c_str());
}

void RejectedFile::Add(const std::vector<std::string>& fields, absl::string_view reason,
                       absl::string_view message) {
  if (!file_.is_open()) {
    file_.open(path_, std::ios::binary | std::ios::trunc);
    Write(header_, "reason", "message");
  }
  Write(fields, reason, message);
}

void RejectedFile::Write(const std::vector<std::string>& fields, absl::string_view reason,
                         absl::string_view message) {
  for (size_t i = 0; i < header_.size(); ++i) {
    if (!IsOutcomeColumn(header_[i])) file_ << (i < fields.size() ? CsvField(fields[i]) : "") << ',';
  }
  file_ << CsvField(reason) << ',' << CsvField(message) << '\n';
  failed_ = failed_ || !file_;
}

absl::Status RejectedFile::Close() {
  if (file_.is_open()) file_.close();
  if (!failed_ && file_) return absl::OkStatus();
  return absl::UnavailableError(absl::StrCat("cannot write the refused rows to ", path_));
}

}  // namespace loyalty::cli
