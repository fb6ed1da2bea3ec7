#include "cli/import/importer.h"

#include <algorithm>
#include <array>
#include <memory>

#include "absl/strings/str_cat.h"

namespace loyalty::cli {
namespace {

using points::v1::ImportPurchasesRequest;
using points::v1::ImportPurchasesResponse;

constexpr size_t kRowsPerMessage = 250;
constexpr size_t kUnansweredRowsMax = 4000;  // the server reads on only below that
constexpr absl::Duration kTick = absl::Milliseconds(100);
constexpr int kBackoffDoublingsMax = 4;

enum Event { kStarted, kRead, kWritten, kWritesDone, kFinished };

// What the completion queue gives back is a pointer to the event.
std::array<Event, 5> events = {kStarted, kRead, kWritten, kWritesDone, kFinished};
void* Tag(Event event) { return &events[event]; }

bool IsTemporary(grpc::StatusCode code) {
  return code == grpc::StatusCode::UNAVAILABLE || code == grpc::StatusCode::RESOURCE_EXHAUSTED;
}

// Whether a stream that ended so may go well the next time. INTERNAL and UNKNOWN without details come from
// the transport, not from the service.
bool MayPass(const grpc::Status& ended) {
  switch (ended.error_code()) {
    case grpc::StatusCode::UNAVAILABLE:
    case grpc::StatusCode::RESOURCE_EXHAUSTED:
    case grpc::StatusCode::ABORTED:
    case grpc::StatusCode::CANCELLED:
      return true;
    case grpc::StatusCode::INTERNAL:
    case grpc::StatusCode::UNKNOWN:
      return ended.error_details().empty();
    default:
      return false;
  }
}

}  // namespace

// One ImportPurchases call. It is over when nothing of it is outstanding.
struct Importer::Stream {
  grpc::ClientContext context;
  std::unique_ptr<grpc::ClientAsyncReaderWriterInterface<ImportPurchasesRequest, ImportPurchasesResponse>>
      rpc;
  ImportPurchasesResponse response;
  grpc::Status status;
  int outstanding = 0;  // events that are still to come
  bool open = false;    // started, and neither broken nor half-closed
  bool writing = false;
  bool silent = false;  // cancelled because it did not answer
  absl::Time heard_time = absl::Now();
};

Importer::Importer(points::v1::PointsService::StubInterface& stub, const ImportOptions& options,
                   const PurchaseRowParser& parser, CsvReader& csv, RejectedFile& rejected,
                   Progress& progress)
    : stub_(stub),
      options_(options),
      parser_(parser),
      csv_(csv),
      rejected_(rejected),
      progress_(progress),
      window_(kUnansweredRowsMax) {}

Importer::~Importer() {
  queue_.Shutdown();
  void* tag = nullptr;
  bool ok = false;
  while (queue_.Next(&tag, &ok)) {
  }
}

grpc::Status Importer::Run() {
  for (;;) {
    while (!input_done_ && window_.ready() == 0) {
      ReadRows();
      ShowProgress();
    }
    if (window_.empty()) return grpc::Status::OK;
    grpc::Status ended = RunStream();
    if (window_.empty()) continue;
    if (!WorthAnotherTry(ended)) return ended;
    window_.Unsend();
    window_.Release();
    absl::SleepFor(NextBackoff());
  }
}

grpc::Status Importer::RunStream() {
  Stream stream;
  stream.context.set_wait_for_ready(true);  // else a server that is away fails each try at once
  stream.rpc = stub_.PrepareAsyncImportPurchases(&stream.context, &queue_);
  stream.rpc->StartCall(Tag(kStarted));
  stream.outstanding = 1;
  while (stream.outstanding > 0) {
    if (stream.open) {
      ReadRows();
      Send(stream);
    }
    WaitForEvent(stream);
    ShowProgress();
    if (PatienceIsOver()) stream.context.TryCancel();
  }
  if (PatienceIsOver()) return trouble_;
  if (stream.silent) return {grpc::StatusCode::UNAVAILABLE, "the server does not answer"};
  if (stream.status.ok()) return {grpc::StatusCode::UNAVAILABLE, "the server ended the stream"};
  return stream.status;
}

bool Importer::WantsRows() const {
  return !input_done_ && !window_.full() && window_.ready() < kRowsPerMessage;
}

// At most a message's rows at once, so that answers are heard in between.
void Importer::ReadRows() {
  for (size_t i = 0; i < kRowsPerMessage && WantsRows(); ++i) {
    if (!csv_.Next()) {
      input_done_ = true;
      return;
    }
    ++totals_.rows;
    PendingRow& pending = window_.Stage();
    const absl::Status status = csv_.malformed().empty() ? parser_.Parse(csv_.fields(), pending.row)
                                                         : absl::InvalidArgumentError(csv_.malformed());
    if (status.ok()) {
      pending.record.assign(csv_.record().data(), csv_.record().size());
      window_.Add();
    } else {
      Refuse(std::vector<std::string>(csv_.fields().begin(), csv_.fields().end()),
             absl::IsOutOfRange(status) ? "TOO_LONG" : "MALFORMED",
             absl::StrCat("line ", csv_.line(), ": ", status.message()));
    }
  }
}

// Sends the next message, if there is enough for one; ends the sending when every row is done.
void Importer::Send(Stream& stream) {
  if (stream.writing) return;
  if (window_.delayed() > 0 && absl::Now() >= release_time_) window_.Release();
  if (input_done_ && window_.empty()) {
    stream.open = false;
    ++stream.outstanding;
    stream.rpc->WritesDone(Tag(kWritesDone));
    return;
  }
  if (window_.ready() == 0) return;
  const bool more_will_come = !input_done_ && (!window_.full() || window_.sent() > 0);
  if (window_.ready() < kRowsPerMessage && more_will_come) return;

  // The message borrows the rows: Write serializes at once, and the window goes on owning them.
  request_.set_program_id(options_.program_id);
  request_.set_validate_only(options_.validate_only);
  auto& rows = *request_.mutable_rows();
  while (rows.size() < static_cast<int>(kRowsPerMessage)) {
    PendingRow* const pending = window_.TakeReady();
    if (pending == nullptr) break;
    rows.UnsafeArenaAddAllocated(&pending->row);
  }
  if (window_.sent() == static_cast<size_t>(rows.size())) stream.heard_time = absl::Now();
  stream.writing = true;
  ++stream.outstanding;
  stream.rpc->Write(request_, Tag(kWritten));
  while (!rows.empty()) rows.UnsafeArenaReleaseLast();
}

void Importer::WaitForEvent(Stream& stream) {
  const absl::Time now = absl::Now();
  absl::Time wake = now + kTick;
  if (window_.delayed() > 0) wake = std::min(wake, release_time_);
  if (stream.open && WantsRows()) wake = now;
  void* tag = nullptr;
  bool ok = false;
  const auto next = queue_.AsyncNext(&tag, &ok, absl::ToChronoTime(wake));
  if (next == grpc::CompletionQueue::TIMEOUT) {
    if (!stream.silent && absl::Now() - stream.heard_time > options_.answer_timeout &&
        (window_.sent() > 0 || !stream.open)) {
      stream.silent = true;
      stream.context.TryCancel();
    }
    return;
  }
  --stream.outstanding;
  switch (*static_cast<Event*>(tag)) {
    case kStarted:
      OnStarted(stream, ok);
      break;
    case kRead:
      OnRead(stream, ok);
      break;
    case kWritten:
      stream.writing = false;
      if (!ok) stream.open = false;  // the read that is outstanding fails too
      break;
    case kWritesDone:
    case kFinished:
      break;
  }
}

void Importer::OnStarted(Stream& stream, bool ok) {
  stream.open = ok;
  stream.heard_time = absl::Now();
  ++stream.outstanding;
  if (ok) {
    stream.rpc->Read(&stream.response, Tag(kRead));
  } else {
    stream.rpc->Finish(&stream.status, Tag(kFinished));
  }
}

void Importer::OnRead(Stream& stream, bool ok) {
  ++stream.outstanding;
  if (!ok) {
    stream.open = false;
    stream.rpc->Finish(&stream.status, Tag(kFinished));
    return;
  }
  stream.heard_time = absl::Now();
  for (const auto& result : stream.response.results()) OnResult(result);
  stream.rpc->Read(&stream.response, Tag(kRead));
}

void Importer::OnResult(const ImportPurchasesResponse::Result& result) {
  PendingRow* const row = window_.Find(result.order_id());
  if (row == nullptr) return;  // answered before
  if (result.has_recorded()) {
    const auto& recorded = result.recorded();
    ++(recorded.replayed() ? totals_.replayed : totals_.accepted);
    (recorded.replayed() ? totals_.replayed_points : totals_.points) += recorded.points();
  } else {
    const Failure failure = DecodeFailure(result.error());
    if (IsTemporary(failure.code)) return TryAgainLater(*row, failure);
    Refuse(SplitRecord(row->record), failure.reason, FailureSummary(failure));
  }
  window_.Done(*row);
  trouble_since_ = absl::InfiniteFuture();
  backoffs_ = 0;
}

void Importer::TryAgainLater(PendingRow& row, const Failure& failure) {
  NoteTrouble({failure.code, FailureSummary(failure)});
  if (window_.delayed() == 0) release_time_ = absl::Now() + std::max(NextBackoff(), failure.retry_delay);
  window_.Delay(row);
}

bool Importer::WorthAnotherTry(const grpc::Status& ended) {
  if (PatienceIsOver() || !MayPass(ended)) return false;
  NoteTrouble(ended);
  return !PatienceIsOver();
}

void Importer::NoteTrouble(const grpc::Status& trouble) {
  trouble_ = trouble;
  if (trouble_since_ != absl::InfiniteFuture()) return;
  trouble_since_ = absl::Now();
  if (trouble.error_code() == grpc::StatusCode::RESOURCE_EXHAUSTED) return;  // a busy server is no news
  progress_.Note(absl::StrCat(FailureText(DecodeFailure(trouble)), "; trying again for up to ",
                              absl::FormatDuration(options_.retry_for)));
}

bool Importer::PatienceIsOver() const { return absl::Now() - trouble_since_ >= options_.retry_for; }

absl::Duration Importer::NextBackoff() {
  return options_.backoff * (1 << std::min(backoffs_++, kBackoffDoublingsMax));
}

void Importer::Refuse(const std::vector<std::string>& fields, absl::string_view reason,
                      absl::string_view message) {
  ++totals_.refused;
  rejected_.Add(fields, reason, message);
}

// The bytes of the rows that are done: what was read, less the part of the rows that are still under way.
void Importer::ShowProgress() {
  const double share =
      totals_.rows == 0 ? 0 : static_cast<double>(totals_.done()) / static_cast<double>(totals_.rows);
  progress_.Update(totals_.done(), static_cast<int64_t>(static_cast<double>(csv_.bytes()) * share),
                   absl::Now());
}

}  // namespace loyalty::cli
