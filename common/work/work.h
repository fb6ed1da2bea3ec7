// A unit of work: one transaction in which a service changes its state, notes the events that tell it, and
// the calls to points that it owes. All of it happens, or nothing.
//
//   work::Runner runner(pool, clock);
//   MyResponse out;
//   absl::StatusOr<work::Done> done = runner.Mutate(
//       work::MutationOf(request), out, [&](work::Work& work, MyResponse& out) -> absl::Status {
//         … storage functions on work.tx(), at work.now() …
//         work.Emit(event, {.member_id = …, .cause = …});
//         return absl::OkStatus();
//       });
//   if (done.ok() && done->replayed) call.SetReplayed();
//
// The body may run more than once (see postgres::Pool::Run), and so must build its results anew each time.
#pragma once

#include <absl/status/statusor.h>
#include <absl/time/time.h>
#include <google/protobuf/message.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "common/clock/clock.h"
#include "common/platform/program.h"
#include "common/postgres/pool.h"
#include "common/status/fingerprint.h"
#include "common/work/deliveries.h"
#include "common/work/outbox.h"

namespace loyalty::work {

class Work {
 public:
  // `real_now`: the time outside of test clocks.
  Work(postgres::Transaction& tx, platform::Program program, absl::Time now, absl::Time real_now,
       std::string actor, const std::string& service)
      : tx_(tx),
        program_(std::move(program)),
        now_(now),
        real_now_(real_now),
        actor_(std::move(actor)),
        service_(service) {}

  postgres::Transaction& tx() { return tx_; }
  const platform::Program& program() const { return program_; }
  absl::Time now() const { return now_; }            // the program's clock
  absl::Time real_now() const { return real_now_; }  // for back-off and retention
  const std::string& actor() const { return actor_; }

  // An event, written at the end of the transaction, after those that were emitted before. Where `facts` name
  // no actor or time, they are the work's.
  void Emit(const google::protobuf::Message& payload, EventFacts facts = {});

  const std::vector<NewEvent>& events() const { return events_; }

  // What points is to do: it is sent after the commit, tried until it is answered, and takes effect once
  // (common/delivery). A second one with the same cause, part and member changes nothing. Return the id of
  // the delivery.
  int64_t Award(const AwardFacts& facts);
  int64_t SetLabel(const LabelFacts& facts);
  // Takes back points of an award: while nothing of it was sent, and all of it is taken back, it is
  // cancelled; else a reversal follows it, once it has arrived. Nothing, if there is no such award. How much
  // is to be taken back in all is for the caller to reckon.
  void TakeBack(const TakeBackFacts& facts);

 private:
  Delivery NewDelivery(DeliveryKind kind, DeliveryKey key) const;

  postgres::Transaction& tx_;
  const platform::Program program_;
  const absl::Time now_;
  const absl::Time real_now_;
  const std::string actor_;
  const std::string& service_;
  std::vector<NewEvent> events_;
};

// What asks for a change.
struct Mutation {
  std::string program_id;
  std::string request_id;  // empty: the change is not kept for a replay
  std::string actor;
  Digest content;  // what was asked, but for the request id
  bool validate_only = false;
};

// Fingerprint of all fields of a request that are set, but request_id and validate_only; of their values, not
// of their bytes on the wire.
Digest ContentOf(const google::protobuf::Message& request);

template <class Request>
Mutation MutationOf(const Request& request) {
  Mutation mutation;
  if constexpr (requires { request.program_id(); }) mutation.program_id = request.program_id();
  if constexpr (requires { request.actor(); }) mutation.actor = request.actor();
  mutation.request_id = request.request_id();
  mutation.content = ContentOf(request);
  mutation.validate_only = request.validate_only();
  return mutation;
}

struct Done {
  bool replayed = false;  // the answer is that of an earlier call with the same request id
};

class Runner {
 public:
  // `service`: whose deliveries and events they are. `appended` counts the events.
  Runner(postgres::Pool& pool, Clock& clock, std::string service = "test",
         metrics::Counter* appended = nullptr)
      : pool_(pool), clock_(clock), service_(std::move(service)), appended_(appended) {}

  const std::string& service() const { return service_; }

  // The program and what time it is in it. PROGRAM_NOT_FOUND.
  struct ProgramNow {
    platform::Program program;
    absl::Time now;
  };
  absl::StatusOr<ProgramNow> Find(const std::string& program_id);
  absl::StatusOr<ProgramNow> Find(int32_t program_key);

  // Runs `body` once for a request id, and keeps its answer for 90 days: the same id with the same content
  // gets it again; with another content it is ALREADY_EXISTS, reason REQUEST_ID_REUSED. With validate_only,
  // everything is decided and nothing kept. A commit in doubt is looked up by the request id before this
  // returns. Errors: PROGRAM_NOT_FOUND, what the body returns (then nothing is written), and those of
  // common/postgres/errors.h.
  template <class Response, class Body>
  absl::StatusOr<Done> Mutate(const Mutation& mutation, Response& out, Body body) {
    return MutateMessage(mutation, out, [&](Work& work) {
      out.Clear();
      return body(work, out);
    });
  }

  // For work that nobody asked for by a request: jobs and followers. It must be safe to repeat: after a
  // commit in doubt (errors.h: kUnknown) the caller runs it again.
  absl::Status Do(const std::string& program_id, const std::string& actor,
                  const std::function<absl::Status(Work&)>& body);
  absl::Status Do(int32_t program_key, const std::string& actor,
                  const std::function<absl::Status(Work&)>& body);

  // Forgets up to `limit` answers that are older than 90 days. Returns how many it found.
  absl::StatusOr<int64_t> PurgeRequests(int limit);

  // Reads outside a transaction, a statement at a time. Emits nothing.
  absl::Status Read(const std::string& program_id, const std::function<absl::Status(Work&)>& body);

 private:
  absl::StatusOr<Done> MutateMessage(const Mutation& mutation, google::protobuf::Message& out,
                                     const std::function<absl::Status(Work&)>& body);
  absl::Status MutateOnce(const Mutation& mutation, google::protobuf::Message& out,
                          const std::function<absl::Status(Work&)>& body, bool& replayed);
  Work Begin(postgres::Transaction& tx, platform::Program program, std::string actor);
  void Count(size_t events);
  template <class Id>
  absl::StatusOr<ProgramNow> FindFor(const Id& program);
  template <class Id>
  absl::Status DoFor(const Id& program, const std::string& actor,
                     const std::function<absl::Status(Work&)>& body);

  postgres::Pool& pool_;
  Clock& clock_;
  const std::string service_;
  metrics::Counter* const appended_;
};

}  // namespace loyalty::work
