#include "services/points/service/program_service.h"

#include <absl/strings/str_cat.h>

#include "common/rpc/page_token.h"
#include "common/status/status.h"
#include "services/points/domain/validate.h"
#include "services/points/service/convert.h"

namespace loyalty::points {
namespace {

constexpr int kDefaultPageSize = 50;
constexpr int kMaxPageSize = 100;

// Copies the fields that the mask names from one program to the other.
void ApplyMask(const google::protobuf::FieldMask& mask, const Program& from, Program& to,
               Violations& violations) {
  if (mask.paths().empty())
    violations.Add("update_mask", reason::kFieldRequired, "must name at least one field.");
  for (const std::string& path : mask.paths()) {
    if (path == "display_name") {
      to.display_name = from.display_name;
    } else if (path == "points_name") {
      to.points_singular = from.points_singular;
      to.points_plural = from.points_plural;
    } else if (path == "base_earn_rate") {
      to.base_earn_rate = from.base_earn_rate;
    } else if (path == "rounding_mode") {
      to.rounding_mode = from.rounding_mode;
    } else if (path == "enrollment_mode") {
      to.enrollment_mode = from.enrollment_mode;
    } else {
      violations.Add("update_mask", reason::kUpdateMaskInvalid,
                     absl::StrCat("'", path, "' is not a field that can change."));
    }
  }
}

}  // namespace

grpc::ServerUnaryReactor* ProgramServiceImpl::CreateProgram(grpc::CallbackServerContext* context,
                                                            const v1::CreateProgramRequest* request,
                                                            v1::CreateProgramResponse* response) {
  return adapter_.Blocking(context, request, response, [this](rpc::Call& call, const auto& in, auto& out) {
    return Create(call, in, out);
  });
}

grpc::ServerUnaryReactor* ProgramServiceImpl::GetProgram(grpc::CallbackServerContext* context,
                                                         const v1::GetProgramRequest* request,
                                                         v1::GetProgramResponse* response) {
  return adapter_.Blocking(context, request, response, [this](rpc::Call&, const auto& in, auto& out) {
    Violations violations;
    CheckText(violations, "program_id", in.program_id(), kMaxIdBytes, Presence::kRequired);
    LOYALTY_RETURN_IF_ERROR(violations.ToStatus());
    const absl::StatusOr<Program> program = store_.Get(in.program_id());
    if (program.ok()) *out.mutable_program() = ToProto(*program);
    return program.status();
  });
}

grpc::ServerUnaryReactor* ProgramServiceImpl::UpdateProgram(grpc::CallbackServerContext* context,
                                                            const v1::UpdateProgramRequest* request,
                                                            v1::UpdateProgramResponse* response) {
  return adapter_.Blocking(context, request, response,
                           [this](rpc::Call&, const auto& in, auto& out) { return Update(in, out); });
}

grpc::ServerUnaryReactor* ProgramServiceImpl::ListPrograms(grpc::CallbackServerContext* context,
                                                           const v1::ListProgramsRequest* request,
                                                           v1::ListProgramsResponse* response) {
  return adapter_.Blocking(context, request, response,
                           [this](rpc::Call&, const auto& in, auto& out) { return List(in, out); });
}

absl::Status ProgramServiceImpl::Create(rpc::Call& call, const v1::CreateProgramRequest& in,
                                        v1::CreateProgramResponse& out) {
  Violations violations;
  CheckText(violations, "request_id", in.request_id(), kMaxRequestIdBytes, Presence::kOptional);
  Program program = ToProgram(in.program(), violations);
  ValidateProgram(program, violations);
  LOYALTY_RETURN_IF_ERROR(violations.ToStatus());
  program.create_time = program.update_time = clock_.Now();
  const absl::Status created = in.validate_only() ? store_.CheckFree(program.id) : store_.Create(program);
  if (absl::IsAlreadyExists(created)) {
    const absl::StatusOr<Program> existing = store_.Get(program.id);
    LOYALTY_RETURN_IF_ERROR(existing.status());
    if (!SameSettings(*existing, program)) return created;
    call.SetReplayed();
    program = *existing;
  } else if (!created.ok()) {
    return created;
  }
  *out.mutable_program() = ToProto(program);
  return absl::OkStatus();
}

absl::Status ProgramServiceImpl::Update(const v1::UpdateProgramRequest& in, v1::UpdateProgramResponse& out) {
  Violations violations;
  CheckText(violations, "request_id", in.request_id(), kMaxRequestIdBytes, Presence::kOptional);
  CheckText(violations, "program.program_id", in.program().program_id(), kMaxIdBytes, Presence::kRequired);
  const Program wanted = ToProgram(in.program(), violations);
  Program ignored;
  ApplyMask(in.update_mask(), wanted, ignored, violations);
  LOYALTY_RETURN_IF_ERROR(violations.ToStatus());
  const auto change = [&](Program& program) -> absl::Status {
    Violations changed;
    ApplyMask(in.update_mask(), wanted, program, changed);
    ValidateProgram(program, changed);
    program.update_time = clock_.Now();
    return changed.ToStatus();
  };
  absl::StatusOr<Program> program;
  if (in.validate_only()) {
    program = store_.Get(in.program().program_id());
    LOYALTY_RETURN_IF_ERROR(program.status());
    LOYALTY_RETURN_IF_ERROR(change(*program));
  } else {
    program = store_.Update(in.program().program_id(), change);
    LOYALTY_RETURN_IF_ERROR(program.status());
  }
  *out.mutable_program() = ToProto(*program);
  return absl::OkStatus();
}

absl::Status ProgramServiceImpl::List(const v1::ListProgramsRequest& in, v1::ListProgramsResponse& out) {
  const Digest filter = Fingerprint().Add("ListPrograms").Finish();
  const absl::StatusOr<int> size = rpc::PageSize(in.page_size(), kDefaultPageSize, kMaxPageSize);
  LOYALTY_RETURN_IF_ERROR(size.status());
  std::string after;
  if (!in.page_token().empty()) {
    absl::StatusOr<std::string> cursor = rpc::ReadPageToken(filter, in.page_token());
    LOYALTY_RETURN_IF_ERROR(cursor.status());
    after = *std::move(cursor);
  }
  // One more than asked tells whether there is a next page.
  const absl::StatusOr<std::vector<Program>> programs = store_.List(after, *size + 1);
  LOYALTY_RETURN_IF_ERROR(programs.status());
  for (const Program& program : *programs) {
    if (out.programs_size() == *size) {
      out.set_next_page_token(rpc::MakePageToken(filter, out.programs(*size - 1).program_id()));
      break;
    }
    *out.add_programs() = ToProto(program);
  }
  return absl::OkStatus();
}

}  // namespace loyalty::points
