#include "services/points/service/earn_rule_service.h"

#include <absl/strings/str_cat.h>

#include "common/handler/page.h"
#include "common/handler/request.h"
#include "common/status/status.h"
#include "loyalty/points/v1/event.pb.h"
#include "services/points/domain/validate.h"
#include "services/points/service/convert_rule.h"
#include "services/points/storage/earn_rule_store.h"

namespace loyalty::points {
namespace {

constexpr int kMaxRules = 100;  // of a page

absl::Status RuleNotFound(const std::string& rule_id) {
  return Refuse(absl::StatusCode::kNotFound, reason::kEarnRuleNotFound,
                absl::StrCat("The program has no earn rule ", rule_id, "."), {{"rule_id", rule_id}});
}

absl::Status RuleArchived(const std::string& rule_id) {
  return Refuse(absl::StatusCode::kFailedPrecondition, reason::kEarnRuleArchived,
                absl::StrCat("The earn rule ", rule_id, " is archived. Create another one."),
                {{"rule_id", rule_id}});
}

// The rule of a request that creates or changes one.
template <class Request>
EarnRule CheckedRule(const Request& in, Violations& violations) {
  EarnRule rule = ToRule(in.rule());
  CheckText(violations, "rule.program_id", in.rule().program_id(), kMaxIdBytes, Presence::kRequired);
  CheckChange(in, Presence::kRequired, Presence::kRequired, violations);
  if (in.rule().conditions().has_lines() && in.rule().conditions().lines().ByteSizeLong() == 0) {
    violations.Add("rule.conditions.lines", reason::kFieldRequired,
                   "must name a sku or a category. Leave it out for the whole order.");
  }
  ValidateRule(rule, violations);
  return rule;
}

template <class Request>
work::Mutation MutationOf(const Request& in) {
  work::Mutation mutation = work::MutationOf(in);
  mutation.program_id = in.rule().program_id();
  return mutation;
}

// Puts a new rule in force.
absl::Status Insert(work::Work& work, EarnRule& rule) {
  if (CountEarnRules(work.tx(), work.program().key) >= kMaxRulesInForce) {
    return Refuse(absl::StatusCode::kFailedPrecondition, reason::kTooManyEarnRules,
                  absl::StrCat("The program has ", kMaxRulesInForce, " rules in force. Archive one first."),
                  {{"limit", absl::StrCat(kMaxRulesInForce)}});
  }
  rule.create_time = work.now();
  InsertEarnRule(work.tx(), work.program().key, rule);
  v1::EarnRuleCreated event;
  *event.mutable_rule() = ToProto(rule, work.program().id);
  work.Emit(event);
  return absl::OkStatus();
}

// Puts the wanted content in force, as the version after `rule`, which becomes it.
void Replace(work::Work& work, const EarnRule& wanted, EarnRule& rule) {
  const int32_t version = rule.version + 1;
  rule = wanted;
  rule.version = version;
  rule.create_time = work.now();
  ReplaceEarnRule(work.tx(), work.program().key, rule);
  v1::EarnRuleUpdated event;
  *event.mutable_rule() = ToProto(rule, work.program().id);
  work.Emit(event);
}

}  // namespace

grpc::ServerUnaryReactor* EarnRuleServiceImpl::CreateEarnRule(grpc::CallbackServerContext* context,
                                                              const v1::CreateEarnRuleRequest* request,
                                                              v1::CreateEarnRuleResponse* response) {
  return adapter_.Blocking(context, request, response, [this](rpc::Call& call, const auto& in, auto& out) {
    return Create(call, in, out);
  });
}

grpc::ServerUnaryReactor* EarnRuleServiceImpl::UpdateEarnRule(grpc::CallbackServerContext* context,
                                                              const v1::UpdateEarnRuleRequest* request,
                                                              v1::UpdateEarnRuleResponse* response) {
  return adapter_.Blocking(context, request, response, [this](rpc::Call& call, const auto& in, auto& out) {
    return Update(call, in, out);
  });
}

grpc::ServerUnaryReactor* EarnRuleServiceImpl::GetEarnRule(grpc::CallbackServerContext* context,
                                                           const v1::GetEarnRuleRequest* request,
                                                           v1::GetEarnRuleResponse* response) {
  return adapter_.Blocking(context, request, response,
                           [this](rpc::Call&, const auto& in, auto& out) { return Get(in, out); });
}

grpc::ServerUnaryReactor* EarnRuleServiceImpl::ListEarnRules(grpc::CallbackServerContext* context,
                                                             const v1::ListEarnRulesRequest* request,
                                                             v1::ListEarnRulesResponse* response) {
  return adapter_.Blocking(context, request, response,
                           [this](rpc::Call&, const auto& in, auto& out) { return List(in, out); });
}

grpc::ServerUnaryReactor* EarnRuleServiceImpl::ArchiveEarnRule(grpc::CallbackServerContext* context,
                                                               const v1::ArchiveEarnRuleRequest* request,
                                                               v1::ArchiveEarnRuleResponse* response) {
  return adapter_.Blocking(context, request, response, [this](rpc::Call& call, const auto& in, auto& out) {
    return Archive(call, in, out);
  });
}

absl::Status EarnRuleServiceImpl::Create(rpc::Call& call, const v1::CreateEarnRuleRequest& in,
                                         v1::CreateEarnRuleResponse& out) {
  Violations violations;
  const EarnRule wanted = CheckedRule(in, violations);
  LOYALTY_RETURN_IF_ERROR(violations.ToStatus());
  const work::Mutation mutation = MutationOf(in);
  bool there_before = false;
  const absl::StatusOr<work::Done> done = runner_.Mutate(
      mutation, out, [&](work::Work& work, v1::CreateEarnRuleResponse& answer) -> absl::Status {
        TouchProgram(work.tx(), work.program().key, work.now());
        EarnRule rule = wanted;
        const std::optional<EarnRule> existing = FindEarnRule(work.tx(), work.program().key, wanted.id);
        there_before = existing.has_value();
        if (!existing) {
          LOYALTY_RETURN_IF_ERROR(Insert(work, rule));
        } else if (SameRule(*existing, wanted)) {
          rule = *existing;
        } else {
          return Refuse(absl::StatusCode::kAlreadyExists, reason::kEarnRuleAlreadyExists,
                        absl::StrCat("There is, or was, an earn rule ", wanted.id, " with another content."),
                        {{"rule_id", wanted.id}});
        }
        *answer.mutable_rule() = ToProto(rule, mutation.program_id);
        return absl::OkStatus();
      });
  if (done.ok() && (done->replayed || there_before)) call.SetReplayed();
  return done.status();
}

absl::Status EarnRuleServiceImpl::Update(rpc::Call& call, const v1::UpdateEarnRuleRequest& in,
                                         v1::UpdateEarnRuleResponse& out) {
  Violations violations;
  const EarnRule wanted = CheckedRule(in, violations);
  LOYALTY_RETURN_IF_ERROR(violations.ToStatus());
  const work::Mutation mutation = MutationOf(in);
  return Change(runner_, call, mutation, out,
                [&](work::Work& work, v1::UpdateEarnRuleResponse& answer) -> absl::Status {
                  const int32_t program = work.program().key;
                  TouchProgram(work.tx(), program, work.now());
                  std::optional<EarnRule> rule = FindEarnRule(work.tx(), program, wanted.id);
                  if (!rule) return RuleNotFound(wanted.id);
                  if (rule->archive_time) return RuleArchived(wanted.id);
                  if (!SameRule(*rule, wanted)) Replace(work, wanted, *rule);
                  *answer.mutable_rule() = ToProto(*rule, mutation.program_id);
                  return absl::OkStatus();
                })
      .status();
}

absl::Status EarnRuleServiceImpl::Get(const v1::GetEarnRuleRequest& in, v1::GetEarnRuleResponse& out) {
  Violations violations;
  CheckProgram(in, violations);
  CheckText(violations, "rule_id", in.rule_id(), kMaxIdBytes, Presence::kRequired);
  CheckRange(violations, "version", in.version(), 0, INT32_MAX);
  LOYALTY_RETURN_IF_ERROR(violations.ToStatus());
  return runner_.Read(in.program_id(), [&](work::Work& work) -> absl::Status {
    const std::optional<EarnRule> rule =
        FindEarnRule(work.tx(), work.program().key, in.rule_id(), in.version());
    if (!rule) return RuleNotFound(in.rule_id());
    *out.mutable_rule() = ToProto(*rule, in.program_id());
    return absl::OkStatus();
  });
}

absl::Status EarnRuleServiceImpl::List(const v1::ListEarnRulesRequest& in, v1::ListEarnRulesResponse& out) {
  LOYALTY_RETURN_IF_ERROR(CheckProgram(in));
  const absl::StatusOr<Page> page = PageOf(in, kMaxRules);
  LOYALTY_RETURN_IF_ERROR(page.status());
  return runner_.Read(in.program_id(), [&](work::Work& work) -> absl::Status {
    out.Clear();
    FillPage(
        out, *page,
        points::ListEarnRules(work.tx(), work.program().key, page->cursor, in.include_archived(),
                              page->size + 1),
        [&](const EarnRule& rule) { return AddTo(*out.mutable_rules(), ToProto(rule, in.program_id())); },
        [](const EarnRule& rule) { return rule.id; });
    return absl::OkStatus();
  });
}

absl::Status EarnRuleServiceImpl::Archive(rpc::Call& call, const v1::ArchiveEarnRuleRequest& in,
                                          v1::ArchiveEarnRuleResponse& out) {
  Violations violations;
  CheckChange(in, Presence::kRequired, Presence::kRequired, violations);
  CheckText(violations, "rule_id", in.rule_id(), kMaxIdBytes, Presence::kRequired);
  LOYALTY_RETURN_IF_ERROR(violations.ToStatus());
  return Change(runner_, call, in, out,
                [&](work::Work& work, v1::ArchiveEarnRuleResponse& answer) -> absl::Status {
                  const int32_t program = work.program().key;
                  TouchProgram(work.tx(), program, work.now());
                  std::optional<EarnRule> rule = FindEarnRule(work.tx(), program, in.rule_id());
                  if (!rule) return RuleNotFound(in.rule_id());
                  const bool in_force = !rule->archive_time;
                  if (in_force) {
                    rule->archive_time = work.now();
                    points::ArchiveEarnRule(work.tx(), program, rule->id, *rule->archive_time);
                  }
                  *answer.mutable_rule() = ToProto(*rule, in.program_id());
                  if (in_force) {
                    v1::EarnRuleArchived event;
                    *event.mutable_rule() = answer.rule();
                    work.Emit(event);
                  }
                  return absl::OkStatus();
                });
}

}  // namespace loyalty::points
