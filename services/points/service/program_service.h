// loyalty.points.v1.ProgramService.
#pragma once

#include <cstdint>
#include <functional>
#include <utility>

#include "common/clock/clock.h"
#include "common/rpc/adapter.h"
#include "common/work/work.h"
#include "loyalty/points/v1/program_service.grpc.pb.h"
#include "services/points/domain/program.h"

namespace loyalty::points {

class ProgramServiceImpl final : public v1::ProgramService::CallbackService {
 public:
  // Posts what is due in a program, or a part of it.
  using PostDue = std::function<absl::Status(int32_t program_key, absl::Time now)>;

  ProgramServiceImpl(rpc::Adapter& adapter, postgres::Pool& pool, work::Runner& runner, Clock& clock,
                     PostDue post_due)
      : adapter_(adapter), pool_(pool), runner_(runner), clock_(clock), post_due_(std::move(post_due)) {}

  grpc::ServerUnaryReactor* CreateProgram(grpc::CallbackServerContext* context,
                                          const v1::CreateProgramRequest* request,
                                          v1::CreateProgramResponse* response) override;
  grpc::ServerUnaryReactor* GetProgram(grpc::CallbackServerContext* context,
                                       const v1::GetProgramRequest* request,
                                       v1::GetProgramResponse* response) override;
  grpc::ServerUnaryReactor* UpdateProgram(grpc::CallbackServerContext* context,
                                          const v1::UpdateProgramRequest* request,
                                          v1::UpdateProgramResponse* response) override;
  grpc::ServerUnaryReactor* ListPrograms(grpc::CallbackServerContext* context,
                                         const v1::ListProgramsRequest* request,
                                         v1::ListProgramsResponse* response) override;

 private:
  absl::Status Create(rpc::Call& call, const v1::CreateProgramRequest& in, v1::CreateProgramResponse& out);
  absl::Status Get(const v1::GetProgramRequest& in, v1::GetProgramResponse& out);
  absl::Status Update(rpc::Call& call, const v1::UpdateProgramRequest& in, v1::UpdateProgramResponse& out);
  absl::Status UpdateOnce(rpc::Call& call, const v1::UpdateProgramRequest& in, const Program& wanted,
                          Program& changed, v1::UpdateProgramResponse& out);
  absl::Status List(const v1::ListProgramsRequest& in, v1::ListProgramsResponse& out);

  rpc::Adapter& adapter_;
  postgres::Pool& pool_;
  work::Runner& runner_;
  Clock& clock_;
  const PostDue post_due_;
};

}  // namespace loyalty::points
