// Sends the rows of a CSV file through ImportPurchases, and sees to it that each gets its answer: rows that
// the server cannot take now are sent again, and so is all that was unanswered when a stream breaks. Needs
// the same memory for any file, and one thread: the caller's.
#pragma once

#include <cstdint>
#include <ostream>
#include <string>

#include "absl/time/time.h"
#include "cli/import/csv_reader.h"
#include "cli/import/import_window.h"
#include "cli/import/purchase_row.h"
#include "cli/import/rejected_file.h"
#include "cli/text/error_text.h"
#include "cli/text/progress.h"
#include "grpcpp/grpcpp.h"
#include "loyalty/points/v1/points_service.grpc.pb.h"

namespace loyalty::cli {

struct ImportOptions {
  std::string program_id;
  bool validate_only = false;  // nothing is recorded
  // How long to go on without any row getting done, while the server is away or takes no rows.
  absl::Duration retry_for = absl::Seconds(30);
  // How long a stream may be silent while rows are unanswered, before it counts as broken.
  absl::Duration answer_timeout = absl::Seconds(30);
  // The wait before the first try again; doubled with each further one, up to 16 times as long.
  absl::Duration backoff = absl::Milliseconds(100);
};

struct ImportTotals {
  int64_t rows = 0;      // read
  int64_t accepted = 0;  // recorded by this import
  int64_t replayed = 0;  // recorded before, with the same content
  int64_t refused = 0;
  int64_t points = 0;           // of the accepted
  int64_t replayed_points = 0;  // of the replayed

  int64_t done() const { return accepted + replayed + refused; }
};

class Importer {
 public:
  // All of the arguments outlive it. `csv` stands behind the header line that `parser` was made from.
  Importer(points::v1::PointsService::StubInterface& stub, const ImportOptions& options,
           const PurchaseRowParser& parser, CsvReader& csv, RejectedFile& rejected, Progress& progress);
  ~Importer();

  // Returns OK when every row is done, be it refused; else why the rest is not. Call once.
  grpc::Status Run();

  const ImportTotals& totals() const { return totals_; }

 private:
  struct Stream;

  grpc::Status RunStream();
  void ReadRows();
  bool WantsRows() const;
  void Send(Stream& stream);
  void WaitForEvent(Stream& stream);
  void OnStarted(Stream& stream, bool ok);
  void OnRead(Stream& stream, bool ok);
  void OnResult(const points::v1::ImportPurchasesResponse::Result& result);
  void TryAgainLater(PendingRow& row, const Failure& failure);
  void Refuse(const std::vector<std::string>& fields, absl::string_view reason, absl::string_view message);
  bool WorthAnotherTry(const grpc::Status& ended);
  void NoteTrouble(const grpc::Status& trouble);
  bool PatienceIsOver() const;
  absl::Duration NextBackoff();
  void ShowProgress();

  points::v1::PointsService::StubInterface& stub_;
  const ImportOptions options_;
  const PurchaseRowParser& parser_;
  CsvReader& csv_;
  RejectedFile& rejected_;
  Progress& progress_;

  grpc::CompletionQueue queue_;
  ImportWindow window_;
  ImportTotals totals_;
  points::v1::ImportPurchasesRequest request_;
  bool input_done_ = false;
  absl::Time release_time_;                            // of the delayed rows
  absl::Time trouble_since_ = absl::InfiniteFuture();  // no row got done since then, and something is wrong
  int backoffs_ = 0;                                   // since then
  grpc::Status trouble_;                               // what is wrong
};

}  // namespace loyalty::cli
