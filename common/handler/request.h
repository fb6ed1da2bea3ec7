// What handlers make of every request: checks of who asks for what, and changes that happen once.
#pragma once

#include "common/rpc/adapter.h"
#include "common/validate/check.h"
#include "common/work/work.h"

namespace loyalty {

template <class Request>
void CheckProgram(const Request& in, Violations& violations) {
  CheckText(violations, "program_id", in.program_id(), kMaxIdBytes, Presence::kRequired);
  if constexpr (requires { in.page_size(); }) {  // of a list, as PageOf
    if (in.page_size() < 0) violations.Add("page_size", "NEGATIVE", "must be 0 or more.");
  }
}
// Of a request that says nothing else.
template <class Request>
absl::Status CheckProgram(const Request& in) {
  Violations violations;
  CheckProgram(in, violations);
  return violations.ToStatus();
}

// Who changes what: program_id (of a request that has it), request_id and actor.
template <class Request>
void CheckChange(const Request& in, Presence request_id, Presence actor, Violations& violations) {
  if constexpr (requires { in.program_id(); }) CheckProgram(in, violations);
  CheckText(violations, "request_id", in.request_id(), kMaxRequestIdBytes, request_id);
  CheckText(violations, "actor", in.actor(), kMaxNameBytes, actor);
}

// Runs a change once for its request id (work::Runner::Mutate), and tells the caller if it was done before.
// Body: absl::Status(work::Work&, Response&).
template <class Response, class Body>
absl::StatusOr<work::Done> Change(work::Runner& runner, rpc::Call& call, const work::Mutation& mutation,
                                  Response& out, Body body) {
  absl::StatusOr<work::Done> done = runner.Mutate(mutation, out, std::move(body));
  if (done.ok() && done->replayed) call.SetReplayed();
  return done;
}
template <class Request, class Response, class Body>
absl::Status Change(work::Runner& runner, rpc::Call& call, const Request& in, Response& out, Body body) {
  return Change(runner, call, work::MutationOf(in), out, std::move(body)).status();
}

}  // namespace loyalty
