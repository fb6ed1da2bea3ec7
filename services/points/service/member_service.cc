#include "services/points/service/member_service.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <iterator>

#include "common/handler/request.h"
#include "common/status/status.h"
#include "services/points/domain/validate.h"
#include "services/points/service/convert_entry.h"
#include "services/points/service/convert_member.h"

namespace loyalty::points {
namespace {

// The fields of a profile that can change.
struct Field {
  absl::string_view path;
  bool UpdateProfile::*wanted;
};
constexpr Field kFields[] = {{"birthday", &UpdateProfile::birthday},
                             {"segment", &UpdateProfile::segment},
                             {"referrer_member_id", &UpdateProfile::referrer},
                             {"attributes", &UpdateProfile::attributes}};

// Who asks for what: all that the requests have in common but the member.
template <class Request>
Command CommandOf(const Request& in) {
  Command command;
  command.request_id = in.request_id();
  command.validate_only = in.validate_only();
  command.actor = in.actor();
  if constexpr (requires { in.member_id(); }) command.member_id = in.member_id();
  if constexpr (requires { in.reason(); }) command.reason = in.reason();
  return command;
}

Command ToCommand(const v1::UpdateMemberRequest& in, Violations& violations) {
  Command command = CommandOf(in);
  UpdateProfile update;
  update.profile = ToProfile(in.profile(), violations);
  if (in.update_mask().paths().empty()) {
    violations.Add("update_mask", reason::kFieldRequired, "must name at least one field.");
  }
  for (const std::string& path : in.update_mask().paths()) {
    const Field* field = std::find_if(std::begin(kFields), std::end(kFields),
                                      [&path](const Field& one) { return one.path == path; });
    if (field != std::end(kFields)) {
      update.*(field->wanted) = true;
    } else {
      violations.Add("update_mask", reason::kUpdateMaskInvalid,
                     absl::StrCat("'", path, "' is not a field that can change."));
    }
  }
  command.action = std::move(update);
  return command;
}

Command ToCommand(const v1::SetConsentRequest& in, Violations&) {
  Command command = CommandOf(in);
  command.action = SetConsent{in.channel(), in.purpose(), in.granted()};
  return command;
}

Command ToCommand(const v1::CloseMemberRequest& in, Violations&) {
  Command command = CommandOf(in);
  command.action = CloseMember{};
  return command;
}

Command ToCommand(const v1::MergeMembersRequest& in, Violations&) {
  Command command = CommandOf(in);
  command.member_id = in.into_member_id();
  command.action = MergeMembers{in.from_member_id()};
  return command;
}

}  // namespace

template <class Request, class Response>
grpc::ServerUnaryReactor* MemberServiceImpl::Post(Context* context, const Request* request,
                                                  Response* response) {
  return adapter_.Async(context, request, response,
                        [this](rpc::Call& call, const Request& in, Response& out, rpc::Adapter::Done done) {
                          Violations violations;
                          CheckProgram(in, violations);
                          Command command = ToCommand(in, violations);
                          ValidateCommand(command, Presence::kRequired, violations);
                          if (!violations.empty()) return done(violations.ToStatus());
                          std::string member_id = command.member_id;
                          committer_.Submit(CallLane(in.program_id()), std::move(command), call.deadline(),
                                            [&call, &out, member_id = std::move(member_id),
                                             done = std::move(done)](const absl::StatusOr<Receipt>& receipt) {
                                              if (receipt.ok()) {
                                                *out.mutable_entry() = ToProto(receipt->entry, member_id);
                                                if (receipt->replayed) call.SetReplayed();
                                              }
                                              done(receipt.status());
                                            });
                        });
}

MemberServiceImpl::Unary* MemberServiceImpl::UpdateMember(Context* context,
                                                          const v1::UpdateMemberRequest* request,
                                                          v1::UpdateMemberResponse* response) {
  return Post(context, request, response);
}

MemberServiceImpl::Unary* MemberServiceImpl::SetConsent(Context* context,
                                                        const v1::SetConsentRequest* request,
                                                        v1::SetConsentResponse* response) {
  return Post(context, request, response);
}

MemberServiceImpl::Unary* MemberServiceImpl::CloseMember(Context* context,
                                                         const v1::CloseMemberRequest* request,
                                                         v1::CloseMemberResponse* response) {
  return Post(context, request, response);
}

MemberServiceImpl::Unary* MemberServiceImpl::MergeMembers(Context* context,
                                                          const v1::MergeMembersRequest* request,
                                                          v1::MergeMembersResponse* response) {
  return Post(context, request, response);
}

MemberServiceImpl::Unary* MemberServiceImpl::GetConsents(Context* context,
                                                         const v1::GetConsentsRequest* request,
                                                         v1::GetConsentsResponse* response) {
  return adapter_.Blocking(context, request, response, [this](rpc::Call&, const auto& in, auto& out) {
    Violations violations;
    CheckProgram(in, violations);
    CheckText(violations, "member_id", in.member_id(), kMaxIdBytes, Presence::kRequired);
    LOYALTY_RETURN_IF_ERROR(violations.ToStatus());
    const absl::StatusOr<std::vector<Consent>> consents =
        members_.ConsentsOf(in.program_id(), in.member_id());
    LOYALTY_RETURN_IF_ERROR(consents.status());
    for (const Consent& consent : *consents) *out.add_consents() = ToProto(consent);
    return absl::OkStatus();
  });
}

}  // namespace loyalty::points
