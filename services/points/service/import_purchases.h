// The stream of PointsService.ImportPurchases: reads purchases, feeds them to the committer, and answers
// each.
#pragma once

#include <absl/synchronization/mutex.h>

#include <memory>
#include <string>

#include "common/clock/clock.h"
#include "common/rpc/adapter.h"
#include "loyalty/points/v1/points_service.pb.h"
#include "services/points/service/posting_committer.h"

namespace loyalty::points {

class ImportStream final
    : public grpc::ServerBidiReactor<v1::ImportPurchasesRequest, v1::ImportPurchasesResponse> {
 public:
  // The stream lives until gRPC is done with it and its last purchase is answered.
  static ImportStream* Start(const rpc::Method& method, grpc::CallbackServerContext& context,
                             PostingCommitter& committer, Clock& clock);

  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnDone() override { self_.reset(); }

 private:
  ImportStream(const rpc::Method& method, grpc::CallbackServerContext& context, PostingCommitter& committer,
               Clock& clock)
      : call_(method, context, "", ""), committer_(committer), clock_(clock) {}

  absl::Status CheckRequest();
  void SubmitRows();
  void Submit(const v1::ImportPurchasesRequest::Row& row);
  void Answer(const std::string& order_id, const absl::StatusOr<Receipt>& receipt);

  // Puts the next answers into `writing_`.
  void TakeAnswers() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Begins whatever can begin now: a read, a write, the end.
  void Advance() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  rpc::Call call_;
  PostingCommitter& committer_;
  Clock& clock_;
  std::shared_ptr<ImportStream> self_;

  // Only the read that is under way touches these.
  v1::ImportPurchasesRequest request_;
  std::string program_id_;

  absl::Mutex mutex_;
  v1::ImportPurchasesResponse writing_ ABSL_GUARDED_BY(mutex_);   // on its way
  v1::ImportPurchasesResponse answered_ ABSL_GUARDED_BY(mutex_);  // goes next
  size_t unanswered_ ABSL_GUARDED_BY(mutex_) = 0;                 // rows that the committer has
  bool read_pending_ ABSL_GUARDED_BY(mutex_) = false;
  bool write_pending_ ABSL_GUARDED_BY(mutex_) = false;
  bool reading_ended_ ABSL_GUARDED_BY(mutex_) = false;  // the client sends no more, or sent nonsense
  bool client_gone_ ABSL_GUARDED_BY(mutex_) = false;
  bool finished_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Status failure_ ABSL_GUARDED_BY(mutex_);  // what the stream ends with
};

}  // namespace loyalty::points
