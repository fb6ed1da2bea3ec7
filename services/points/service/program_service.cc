#include "services/points/service/program_service.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <iterator>

#include "common/handler/page.h"
#include "common/handler/request.h"
#include "common/platform/program_clock.h"
#include "common/status/status.h"
#include "common/work/outbox.h"
#include "loyalty/points/v1/event.pb.h"
#include "services/points/domain/validate.h"
#include "services/points/service/convert.h"
#include "services/points/storage/program_store.h"

namespace loyalty::points {
namespace {

constexpr int kMaxPrograms = 100;  // of a page
// For what is due by the policies so far; less than a server takes to go.
constexpr absl::Duration kPatience = absl::Seconds(8);

// What can change, and how it is copied from one program to another.
struct Field {
  absl::string_view path;
  void (*copy)(const Program& from, Program& to);
};
constexpr Field kFields[] = {
    {"display_name", [](const Program& from, Program& to) { to.display_name = from.display_name; }},
    {"points_name",
     [](const Program& from, Program& to) {
       to.points_singular = from.points_singular;
       to.points_plural = from.points_plural;
     }},
    {"base_earn_rate", [](const Program& from, Program& to) { to.base_earn_rate = from.base_earn_rate; }},
    {"rounding_mode", [](const Program& from, Program& to) { to.rounding_mode = from.rounding_mode; }},
    {"enrollment_mode", [](const Program& from, Program& to) { to.enrollment_mode = from.enrollment_mode; }},
    {"policies.expiry", [](const Program& from, Program& to) { to.policies.expiry = from.policies.expiry; }},
    {"policies.returns",
     [](const Program& from, Program& to) { to.policies.returns = from.policies.returns; }},
    {"policies.spending",
     [](const Program& from, Program& to) { to.policies.spending = from.policies.spending; }},
    {"policies.tiers", [](const Program& from, Program& to) { to.policies.tiers = from.policies.tiers; }},
    {"policies.transfers",
     [](const Program& from, Program& to) { to.policies.transfers = from.policies.transfers; }},
    {"policies.closure",
     [](const Program& from, Program& to) { to.policies.closure = from.policies.closure; }},
    {"policies.celebrations",
     [](const Program& from, Program& to) { to.policies.celebrations = from.policies.celebrations; }},
};

// Copies the fields that the mask names from one program to the other.
void ApplyMask(const google::protobuf::FieldMask& mask, const Program& from, Program& to,
               Violations& violations) {
  if (mask.paths().empty())
    violations.Add("update_mask", reason::kFieldRequired, "must name at least one field.");
  for (const std::string& path : mask.paths()) {
    const Field* field = std::find_if(std::begin(kFields), std::end(kFields),
                                      [&path](const Field& one) { return one.path == path; });
    if (field != std::end(kFields)) {
      field->copy(from, to);
    } else {
      violations.Add("update_mask", reason::kUpdateMaskInvalid,
                     absl::StrCat("'", path, "' is not a field that can change."));
    }
  }
}

// When the program begins: now, or where its test clock does.
absl::Time CreateTime(const v1::CreateProgramRequest& in, absl::Time now, Violations& violations) {
  if (!in.has_test_clock_start_time()) return now;
  constexpr char kField[] = "test_clock_start_time";
  const absl::Time start = ToTime(in.test_clock_start_time());
  if (!in.test_clock())
    violations.Add(kField, reason::kMalformed, "is only for a program with a test clock.");
  CheckTime(violations, kField, start);
  return start;
}

absl::Status Taken(const std::string& program_id) {
  return Refuse(absl::StatusCode::kAlreadyExists, reason::kProgramAlreadyExists,
                absl::StrCat("There is a program ", program_id, " with other settings."),
                {{"program_id", program_id}});
}

v1::ExpiryEffect ToProto(const ExpiryPreview& preview) {
  v1::ExpiryEffect out;
  out.set_changed_points(preview.changed_points());
  out.set_lapsing_points(preview.lapsing_points());
  for (const auto& [month, points] : preview.months()) {
    v1::ExpiryEffect::Month& one = *out.add_months();
    one.set_month(absl::FormatCivilTime(month));
    one.set_points_before(points.points_before);
    one.set_points_after(points.points_after);
  }
  return out;
}

// Writes the program with its clock and its first event. False if the id is taken.
bool Insert(postgres::Transaction& tx, const Program& program, const std::string& actor) {
  const std::optional<int32_t> key = InsertProgram(tx, program);
  if (!key) return false;
  if (program.test_time) platform::CreateTestClock(tx, *key, *program.test_time);
  v1::ProgramCreated event;
  *event.mutable_program() = ToProto(program);
  work::AppendEvents(tx, *key,
                     {{event.GetDescriptor()->full_name(), event.SerializeAsString(), {.actor = actor}}},
                     program.create_time);
  return true;
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
  return adapter_.Blocking(context, request, response,
                           [this](rpc::Call&, const auto& in, auto& out) { return Get(in, out); });
}

grpc::ServerUnaryReactor* ProgramServiceImpl::UpdateProgram(grpc::CallbackServerContext* context,
                                                            const v1::UpdateProgramRequest* request,
                                                            v1::UpdateProgramResponse* response) {
  return adapter_.Blocking(context, request, response, [this](rpc::Call& call, const auto& in, auto& out) {
    return Update(call, in, out);
  });
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
  CheckChange(in, Presence::kOptional, Presence::kOptional, violations);
  Program program = ToProgram(in.program(), violations);
  ValidateProgram(program, violations);
  program.create_time = program.update_time = CreateTime(in, clock_.Now(), violations);
  LOYALTY_RETURN_IF_ERROR(violations.ToStatus());
  if (in.test_clock()) program.test_time = program.create_time;
  bool created = false;
  absl::StatusOr<Program> found;
  LOYALTY_RETURN_IF_ERROR(pool_.Run([&](postgres::Transaction& tx) -> absl::Status {
    found = LoadProgram(tx, program.id);
    created = absl::IsNotFound(found.status()) && (in.validate_only() || Insert(tx, program, in.actor()));
    if (created) return absl::OkStatus();
    if (absl::IsNotFound(found.status())) found = LoadProgram(tx, program.id);  // somebody else was first
    return found.status();
  }));
  if (!created) {
    const bool same_start = !in.has_test_clock_start_time() || found->create_time == program.create_time;
    if (!SameSettings(*found, program) || !same_start) return Taken(program.id);
    call.SetReplayed();
    program = *found;
  }
  *out.mutable_program() = ToProto(program);
  return absl::OkStatus();
}

absl::Status ProgramServiceImpl::Get(const v1::GetProgramRequest& in, v1::GetProgramResponse& out) {
  LOYALTY_RETURN_IF_ERROR(CheckProgram(in));
  return pool_.Read([&](postgres::Transaction& tx) {
    const absl::StatusOr<Program> program = LoadProgram(tx, in.program_id());
    if (program.ok()) *out.mutable_program() = ToProto(*program);
    return program.status();
  });
}

absl::Status ProgramServiceImpl::Update(rpc::Call& call, const v1::UpdateProgramRequest& in,
                                        v1::UpdateProgramResponse& out) {
  Violations violations;
  CheckChange(in, Presence::kOptional, Presence::kOptional, violations);
  CheckText(violations, "program.program_id", in.program().program_id(), kMaxIdBytes, Presence::kRequired);
  const Program wanted = ToProgram(in.program(), violations);
  Program ignored;
  ApplyMask(in.update_mask(), wanted, ignored, violations);
  const auto& paths = in.update_mask().paths();
  const bool apply = in.apply_expiry_to_existing();
  if (apply && std::find(paths.begin(), paths.end(), "policies.expiry") == paths.end()) {
    violations.Add("apply_expiry_to_existing", reason::kMalformed,
                   "needs policies.expiry in update_mask, with the policy that shall hold.");
  }
  LOYALTY_RETURN_IF_ERROR(violations.ToStatus());
  const absl::Time end = std::min(call.deadline() - absl::Seconds(1), absl::Now() + kPatience);
  for (;;) {
    Program changed;
    const absl::Status status = UpdateOnce(call, in, wanted, changed, out);
    if (!IsBehind(status) || absl::Now() >= end) return status;
    // What is due by the policies so far is posted by these.
    LOYALTY_RETURN_IF_ERROR(post_due_(changed.key, changed.update_time));
  }
}

absl::Status ProgramServiceImpl::UpdateOnce(rpc::Call& call, const v1::UpdateProgramRequest& in,
                                            const Program& wanted, Program& changed,
                                            v1::UpdateProgramResponse& out) {
  work::Mutation mutation = work::MutationOf(in);
  mutation.program_id = in.program().program_id();
  const auto change = [&](Program& program) -> absl::Status {
    // Nobody who was enrolled while this waited was so after the change.
    const absl::Time now = std::max(program.test_time.value_or(clock_.Now()), LastChange(program));
    Violations bad;
    const ExpiryPolicy before = program.policies.expiry;
    ApplyMask(in.update_mask(), wanted, program, bad);
    ValidateProgram(program, bad);
    program.update_time = now;
    changed = program;
    LOYALTY_RETURN_IF_ERROR(bad.ToStatus());
    if (in.apply_expiry_to_existing()) return ApplyExpiryToExisting(now, program);
    BeginInactivity(before, now, program.policies.expiry);
    return absl::OkStatus();
  };
  return Change(runner_, call, mutation, out,
                [&](work::Work& work, v1::UpdateProgramResponse& answer) -> absl::Status {
                  const absl::StatusOr<Program> program =
                      points::UpdateProgram(work.tx(), mutation.program_id, change);
                  LOYALTY_RETURN_IF_ERROR(program.status());
                  *answer.mutable_program() = ToProto(*program);
                  if (in.apply_expiry_to_existing()) {
                    *answer.mutable_expiry_effect() =
                        ToProto(PreviewExpiry(work.tx(), *program, changed.update_time));
                  }
                  v1::ProgramUpdated event;
                  *event.mutable_program() = answer.program();
                  work.Emit(event);
                  return absl::OkStatus();
                })
      .status();
}

absl::Status ProgramServiceImpl::List(const v1::ListProgramsRequest& in, v1::ListProgramsResponse& out) {
  const absl::StatusOr<Page> page = PageOf(in, kMaxPrograms);
  LOYALTY_RETURN_IF_ERROR(page.status());
  std::vector<Program> programs;
  LOYALTY_RETURN_IF_ERROR(pool_.Read([&](postgres::Transaction& tx) {
    programs = points::ListPrograms(tx, page->cursor, page->size + 1);
    return absl::OkStatus();
  }));
  FillPage(
      out, *page, programs,
      [&](const Program& program) { return AddTo(*out.mutable_programs(), ToProto(program)); },
      [](const Program& program) { return program.id; });
  return absl::OkStatus();
}

}  // namespace loyalty::points
