// loyalty verify
#include <memory>

#include "absl/strings/str_cat.h"
#include "cli/commands/nouns.h"
#include "cli/commands/session.h"
#include "cli/text/output.h"
#include "loyalty/points/v1/ledger_service.grpc.pb.h"

namespace loyalty::cli {
namespace {

using points::v1::LedgerService;
using points::v1::VerifyLedgerRequest;
using points::v1::VerifyLedgerResponse;

// A ledger of a million members takes minutes.
constexpr double kPatienceSeconds = 1800;

void Print(const VerifyLedgerResponse& ledger, std::ostream& out) {
  Table table({Table::Align::kLeft, Table::Align::kRight});
  // What many programs never have.
  const auto add_some = [&table](const char* name, int64_t points) {
    if (points != 0) table.Add({name, Thousands(points)});
  };
  table.Add({"members", Thousands(ledger.member_count())});
  table.Add({"entries", Thousands(ledger.entry_count())});
  table.Add({"purchases", Thousands(ledger.purchase_count())});
  table.Add({"points issued", Thousands(ledger.issued_points())});
  table.Add({"points spent", Thousands(ledger.spent_points())});
  table.Add({"points adjusted up", Thousands(ledger.adjusted_up_points())});
  table.Add({"points adjusted down", Thousands(ledger.adjusted_down_points())});
  table.Add({"points reversed", Thousands(ledger.reversed_points())});
  table.Add({"points returned", Thousands(ledger.clawed_back_points())});
  add_some("points expired", ledger.expired_points());
  add_some("points restored", ledger.restored_points());
  add_some("points sent", ledger.transferred_out_points());
  add_some("points received", ledger.transferred_in_points());
  add_some("points paid as fees", ledger.fee_points());
  add_some("points given up", ledger.forfeited_points());
  add_some("points pending", ledger.pending_points());
  add_some("points held", ledger.held_points());
  add_some("points owed", ledger.debt_points());
  table.Add({"points available", Thousands(ledger.available_points())});
  table.Print(out);
  for (const auto& difference : ledger.differences()) {
    const std::string who =
        difference.member_id().empty() ? "" : absl::StrCat(" of ", difference.member_id());
    out << difference.invariant() << who << ": " << difference.description() << '\n';
  }
  out << (ledger.differences().empty() ? "clean"
                                       : Counted(ledger.differences_size(), "difference", "differences"))
      << '\n';
}

int Verify(const Session& session, const VerifyLedgerRequest& request) {
  const auto stub = LedgerService::NewStub(session.Connect());
  const auto reply = session.Call(*stub, &LedgerService::Stub::VerifyLedger, request);
  if (!reply.status.ok()) return session.Fail(reply.status);
  if (session.json) {
    session.out << Json(reply.response);
  } else {
    Print(reply.response, session.out);
  }
  return reply.response.differences().empty() ? kOk : kFailed;
}

}  // namespace

void AddVerifyCommand(CLI::App& app, Session& session) {
  CLI::App& verify = AddCommand(app, "verify", "Recompute every invariant of a program's ledger", session);
  const auto request = std::make_shared<VerifyLedgerRequest>();
  verify.add_option("--program", *request->mutable_program_id(), "The program")->required();
  CLI::Option& timeout = *verify.get_option("--timeout")->default_str(absl::StrCat(kPatienceSeconds));
  verify.callback([&session, &timeout, request] {
    if (timeout.empty()) session.timeout_seconds = kPatienceSeconds;
    session.exit_code = Verify(session, *request);
  });
}

}  // namespace loyalty::cli
