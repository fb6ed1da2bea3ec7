// loyalty.admin.v1.ClockService: moves a test clock through all four services. Served by points.
#pragma once

#include <absl/status/statusor.h>
#include <absl/synchronization/mutex.h>
#include <absl/time/time.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/platform/program_clock.h"
#include "common/postgres/pool.h"
#include "common/rpc/adapter.h"
#include "loyalty/admin/v1/clock_service.grpc.pb.h"
#include "loyalty/admin/v1/due_service.grpc.pb.h"

namespace loyalty::due {

using DueStub = std::unique_ptr<admin::v1::DueService::StubInterface>;

// One for each host:port.
std::vector<DueStub> ConnectDue(const std::vector<std::string>& addresses);

class ClockServiceImpl final : public admin::v1::ClockService::CallbackService {
 public:
  // `services`: the DueServices of all services, this one's own included. An advance holds one thread of the
  // executor while its own DueService needs another.
  ClockServiceImpl(rpc::Adapter& adapter, postgres::Pool& pool, std::vector<DueStub> services)
      : adapter_(adapter), pool_(pool), services_(std::move(services)) {}

  grpc::ServerUnaryReactor* GetClock(grpc::CallbackServerContext* context,
                                     const admin::v1::GetClockRequest* request,
                                     admin::v1::GetClockResponse* response) override;
  grpc::ServerUnaryReactor* AdvanceClock(grpc::CallbackServerContext* context,
                                         const admin::v1::AdvanceClockRequest* request,
                                         admin::v1::AdvanceClockResponse* response) override;

 private:
  struct Found {
    int32_t program_key = 0;
    platform::TestClock clock;
  };
  absl::StatusOr<Found> Find(const std::string& program_id);
  absl::Status Advance(absl::Time deadline, const admin::v1::AdvanceClockRequest& in,
                       admin::v1::AdvanceClockResponse& out);
  // Has everything done that is due at the clock's time. Returns when something is due next.
  absl::StatusOr<std::optional<absl::Time>> Settle(const std::string& program_id, absl::Time clock,
                                                   absl::Time deadline, int64_t& done);
  absl::StatusOr<std::optional<absl::Time>> NextDue(const std::string& program_id, absl::Time deadline);
  absl::StatusOr<int64_t> RunDue(const std::string& program_id, absl::Time deadline);
  absl::Status Move(int32_t program_key, absl::Time time);

  rpc::Adapter& adapter_;
  postgres::Pool& pool_;
  const std::vector<DueStub> services_;
  absl::Mutex advancing_;
};

}  // namespace loyalty::due
