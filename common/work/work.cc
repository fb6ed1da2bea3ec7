#include "common/work/work.h"

#include <absl/strings/str_cat.h>
#include <absl/time/clock.h>

#include <algorithm>

#include "common/postgres/errors.h"
#include "common/postgres/values.h"
#include "common/status/status.h"
#include "work_sql.h"

namespace loyalty::work {
namespace {

constexpr int kResolveAttempts = 6;  // of a commit in doubt: about 3 s in all
constexpr char kRollback[] = "decided, and nothing written";

bool IsRollback(const absl::Status& status) {
  return absl::IsCancelled(status) && status.message() == kRollback;
}

// True if the request id is known: `out` is the answer that it got.
absl::StatusOr<bool> Replay(Work& work, const Mutation& mutation, google::protobuf::Message& out) {
  const pqxx::result rows = work.tx().Exec(sql::kFindRequest, work.program().key, mutation.request_id);
  if (rows.empty()) return false;
  if (DigestFromHex(rows[0][0].c_str()) != mutation.content) {
    return Refuse(absl::StatusCode::kAlreadyExists, "REQUEST_ID_REUSED",
                  "The request id was used for another request. Use a new one for each thing you ask for.",
                  {{"request_id", mutation.request_id}});
  }
  const pqxx::binarystring answer(rows[0][1]);
  if (!out.ParseFromArray(answer.data(), static_cast<int>(answer.size()))) {
    return absl::InternalError("A stored answer cannot be read.");
  }
  return true;
}

void Keep(Work& work, const Mutation& mutation, const google::protobuf::Message& out) {
  const std::string answer = out.SerializeAsString();
  work.tx().Exec(sql::kInsertRequest, work.program().key, mutation.request_id, ToHex(mutation.content),
                 pqxx::binarystring(answer), postgres::FormatTimestamp(work.now()));
}

}  // namespace

void Work::Emit(const google::protobuf::Message& payload, EventFacts facts) {
  if (facts.actor.empty()) facts.actor = actor_;
  if (!facts.occurred_time) facts.occurred_time = now_;
  events_.push_back({payload.GetDescriptor()->full_name(), payload.SerializeAsString(), std::move(facts)});
}

absl::Status Runner::MutateOnce(const Mutation& mutation, google::protobuf::Message& out,
                                const std::function<absl::Status(Work&)>& body, bool& replayed) {
  const absl::Status status = pool_.Run([&](postgres::Transaction& tx) -> absl::Status {
    replayed = false;
    auto program = platform::FindProgram(tx, mutation.program_id);
    LOYALTY_RETURN_IF_ERROR(program.status());
    const absl::Time now = program->Now(clock_);
    Work work(tx, *std::move(program), now, mutation.actor);
    if (!mutation.request_id.empty()) {
      const absl::StatusOr<bool> known = Replay(work, mutation, out);
      LOYALTY_RETURN_IF_ERROR(known.status());
      if ((replayed = *known)) return absl::OkStatus();
    }
    LOYALTY_RETURN_IF_ERROR(body(work));
    if (mutation.validate_only) return absl::CancelledError(kRollback);
    if (!mutation.request_id.empty()) Keep(work, mutation, out);
    AppendEvents(tx, work.program().key, work.events(), now);
    return absl::OkStatus();
  });
  return IsRollback(status) ? absl::OkStatus() : status;
}

absl::StatusOr<Done> Runner::MutateMessage(const Mutation& mutation, google::protobuf::Message& out,
                                           const std::function<absl::Status(Work&)>& body) {
  Done done;
  absl::Status status = MutateOnce(mutation, out, body, done.replayed);
  // Somebody else wrote the same thing first: a second look finds it.
  if (postgres::IsUniqueViolation(status)) status = MutateOnce(mutation, out, body, done.replayed);
  bool in_doubt = false;
  for (int attempt = 0; attempt < kResolveAttempts && !mutation.request_id.empty(); ++attempt) {
    in_doubt = in_doubt || postgres::IsInDoubt(status);
    if (!in_doubt || !(postgres::IsInDoubt(status) || absl::IsUnavailable(status))) break;
    absl::SleepFor(absl::Milliseconds(50) * (1 << attempt));
    status = MutateOnce(mutation, out, body, done.replayed);
  }
  if (postgres::IsInDoubt(status) || (in_doubt && absl::IsUnavailable(status))) {
    return Refuse(absl::StatusCode::kUnavailable, "UNAVAILABLE",
                  "The database went away during the commit. Try again with the same request id: it takes "
                  "effect once.");
  }
  if (!status.ok()) return status;
  return done;
}

template <class Id>
absl::Status Runner::DoFor(const Id& id, const std::string& actor,
                           const std::function<absl::Status(Work&)>& body) {
  return pool_.Run([&](postgres::Transaction& tx) -> absl::Status {
    auto program = platform::FindProgram(tx, id);
    LOYALTY_RETURN_IF_ERROR(program.status());
    const absl::Time now = program->Now(clock_);
    Work work(tx, *std::move(program), now, actor);
    LOYALTY_RETURN_IF_ERROR(body(work));
    AppendEvents(tx, work.program().key, work.events(), now);
    return absl::OkStatus();
  });
}

absl::Status Runner::Do(const std::string& program_id, const std::string& actor,
                        const std::function<absl::Status(Work&)>& body) {
  return DoFor(program_id, actor, body);
}

absl::Status Runner::Do(int32_t program_key, const std::string& actor,
                        const std::function<absl::Status(Work&)>& body) {
  return DoFor(program_key, actor, body);
}

absl::Status Runner::Read(const std::string& program_id, const std::function<absl::Status(Work&)>& body) {
  return pool_.Read([&](postgres::Transaction& tx) -> absl::Status {
    auto program = platform::FindProgram(tx, program_id);
    LOYALTY_RETURN_IF_ERROR(program.status());
    const absl::Time now = program->Now(clock_);
    Work work(tx, *std::move(program), now, "");
    return body(work);
  });
}

}  // namespace loyalty::work
