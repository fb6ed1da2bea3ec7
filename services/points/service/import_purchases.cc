#include "services/points/service/import_purchases.h"

#include <array>
#include <utility>

#include "common/handler/request.h"
#include "common/rpc/error.h"
#include "common/status/status.h"
#include "services/points/domain/validate.h"
#include "services/points/service/convert.h"

namespace loyalty::points {
namespace {

constexpr int kMaxRows = 1'000;           // in a message
constexpr size_t kMaxUnanswered = 4'000;  // in a stream
constexpr int kMaxResults = 500;          // in a message, which fits 4 MiB if all are errors
constexpr int kMaxUnread = 100'000;       // that wait for a client who does not read

}  // namespace

ImportStream* ImportStream::Start(const rpc::Method& method, grpc::CallbackServerContext& context,
                                  PostingCommitter& committer, Clock& clock) {
  std::shared_ptr<ImportStream> stream(new ImportStream(method, context, committer, clock));
  stream->self_ = stream;
  absl::MutexLock lock(&stream->mutex_);
  stream->Advance();
  return stream.get();
}

void ImportStream::OnReadDone(bool ok) {
  const absl::Status status = ok ? CheckRequest() : absl::OkStatus();
  const bool good = ok && status.ok();
  {
    absl::MutexLock lock(&mutex_);
    if (good) {
      unanswered_ += static_cast<size_t>(request_.rows_size());
    } else {
      reading_ended_ = true;
      failure_ = status;
    }
  }
  if (good) SubmitRows();
  absl::MutexLock lock(&mutex_);
  read_pending_ = false;
  Advance();
}

absl::Status ImportStream::CheckRequest() {
  Violations violations;
  if (program_id_.empty()) {
    CheckProgram(request_, violations);
    program_id_ = request_.program_id();
    call_.SetProgram(program_id_);
  } else if (!request_.program_id().empty() && request_.program_id() != program_id_) {
    violations.Add("program_id", reason::kMalformed, "must be the same in all messages of a stream.");
  }
  CheckCount(violations, "rows", static_cast<size_t>(request_.rows_size()), kMaxRows);
  return violations.ToStatus();
}

void ImportStream::SubmitRows() {
  for (const auto& row : request_.rows()) Submit(row);
}

void ImportStream::Submit(const v1::ImportPurchasesRequest::Row& row) {
  Command command = ToCommand(row);
  command.validate_only = request_.validate_only();
  Violations violations;
  ValidateCommand(command, Presence::kOptional, violations);
  if (!violations.empty()) {
    CheckNotAhead(command, clock_.Now(), violations);  // what is right but for its time is for the ledger
    return Answer(row.purchase().order_id(), violations.ToStatus());
  }
  committer_.Submit(ImportLane(program_id_, row.member_id()), std::move(command), call_.deadline(),
                    [self = self_, order_id = row.purchase().order_id()](
                        const absl::StatusOr<Receipt>& receipt) { self->Answer(order_id, receipt); });
}

void ImportStream::Answer(const std::string& order_id, const absl::StatusOr<Receipt>& receipt) {
  absl::MutexLock lock(&mutex_);
  auto& result = *answered_.add_results();
  result.set_order_id(order_id);
  if (receipt.ok()) {
    auto& recorded = *result.mutable_recorded();
    recorded.set_points(receipt->entry.Net());
    recorded.set_balance_after(receipt->entry.balance_after);
    recorded.set_sequence(receipt->entry.sequence);
    recorded.set_replayed(receipt->replayed);
  } else {
    *result.mutable_error() = rpc::ToWire(receipt.status(), call_.domain());
  }
  --unanswered_;
  Advance();
}

void ImportStream::OnWriteDone(bool ok) {
  absl::MutexLock lock(&mutex_);
  write_pending_ = false;
  if (!ok) client_gone_ = true;
  Advance();
}

void ImportStream::TakeAnswers() {
  writing_.Clear();
  if (answered_.results_size() <= kMaxResults) return writing_.Swap(&answered_);
  std::array<v1::ImportPurchasesResponse::Result*, kMaxResults> first;
  answered_.mutable_results()->ExtractSubrange(0, kMaxResults, first.data());
  for (v1::ImportPurchasesResponse::Result* result : first) writing_.mutable_results()->AddAllocated(result);
}

void ImportStream::Advance() {
  if (finished_) return;
  if (client_gone_) answered_.Clear();
  if (!write_pending_ && answered_.results_size() > 0) {
    write_pending_ = true;
    TakeAnswers();
    StartWrite(&writing_);
  }
  const bool room = unanswered_ < kMaxUnanswered && answered_.results_size() < kMaxUnread;
  if (!read_pending_ && !reading_ended_ && !client_gone_ && room) {
    read_pending_ = true;
    StartRead(&request_);
  }
  const bool reading = read_pending_ || (!reading_ended_ && !client_gone_);
  if (!reading && !write_pending_ && unanswered_ == 0) {
    finished_ = true;
    Finish(call_.End(failure_));
  }
}

}  // namespace loyalty::points
